/** The phantom properties by which types of @waggle/kernel say what they are; see packages/kernel/src/symbols.ts. */
import type ts from "typescript";

/** The type of a phantom property, without the undefined of its question mark; null when the type does not have it. */
export function phantomOf(
  checker: ts.TypeChecker,
  type: ts.Type,
  key: string,
  node: ts.Node,
): ts.Type | null {
  const symbol = checker
    .getPropertiesOfType(type)
    .find((property) => String(property.escapedName).startsWith(`__@${key}@`));
  if (symbol === undefined) return null;
  return checker.getNonNullableType(checker.getTypeOfSymbolAtLocation(symbol, node));
}

/** The text of a phantom property whose type is a string literal. */
export function phantomText(
  checker: ts.TypeChecker,
  type: ts.Type,
  key: string,
  node: ts.Node,
): string | null {
  const found = phantomOf(checker, type, key, node);
  return found?.isStringLiteral() === true ? found.value : null;
}

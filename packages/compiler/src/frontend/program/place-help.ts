/** Advice that the syntax and the types around an error give. */
import { nearest } from "@waggle/object";
import ts from "#typescript";
import type { ErrorPlace } from "./error-place.js";

/** The check for null that a value wants, by its name when it has one. */
export function checkFirst(node: ts.Node): string {
  const given =
    ts.isVariableDeclaration(node.parent) && node.parent.name === node ? node.parent.initializer : node;
  const name = given !== undefined && ts.isIdentifier(given) ? given.text : "x";
  return `check it first: if (${name} === null) return …`;
}

/** Whether an expression has the type Ref<…>, which refers to a number. */
export function isReferenceToNumber(node: ts.Node, checker: ts.TypeChecker): boolean {
  // A variable that is assigned has the type of what it is given at that place.
  const symbol = ts.isIdentifier(node) ? checker.getSymbolAtLocation(node) : undefined;
  const type = symbol === undefined ? checker.getTypeAtLocation(node) : checker.getTypeOfSymbol(symbol);
  return /^Ref</.test(checker.typeToString(checker.getNonNullableType(type)));
}

/** How what is no index becomes one. */
export function indexHelp(given: string, node: ts.Node, checker: ts.TypeChecker): string | null {
  if (/^(?:bigint|[ui]64)$/.test(given)) return "convert it: u32(…)";
  if (/\bnull$/.test(checker.typeToString(checker.getTypeAtLocation(node)))) return checkFirst(node);
  if (/^Ref</.test(given)) return "the number is .value";
  return given === "undefined" ? "give it a value where it is declared" : null;
}

/** The labels around a jump that leads nowhere. */
export function labelHelp(node: ts.Node): string | null {
  const labels: string[] = [];
  const jump = ts.findAncestor(node, ts.isBreakOrContinueStatement);
  for (let at = node; !ts.isFunctionLike(at) && !ts.isSourceFile(at); at = at.parent) {
    if (!ts.isLabeledStatement(at)) continue;
    if (jump?.kind === ts.SyntaxKind.BreakStatement || ts.isIterationStatement(at.statement, true))
      labels.push(at.label.text);
  }
  const near = jump?.label === undefined ? null : nearest(jump.label.text, labels);
  if (near !== null) return `did you mean ${near}?`;
  return labels.length === 0
    ? "a label stands before a loop around this: next: for (…)"
    : `there is ${labels.join(", ")}`;
}

/** What a call takes, by the names of its parameters. */
export function signatureHelp(node: ts.Node, checker: ts.TypeChecker): string | null {
  const call = ts.findAncestor(node, (at) => ts.isCallExpression(at) || ts.isNewExpression(at));
  const signature = call === undefined ? undefined : checker.getResolvedSignature(call);
  if (call === undefined || signature === undefined) return null;
  const name = call.expression.getText().split(".").at(-1);
  const parameters = signature.getParameters().map((parameter) => {
    const { valueDeclaration } = parameter;
    const isOptional =
      valueDeclaration !== undefined &&
      ts.isParameter(valueDeclaration) &&
      checker.isOptionalParameter(valueDeclaration);
    return `${parameter.name.replace(/^_/, "")}${isOptional ? "?" : ""}`;
  });
  return `write ${ts.isNewExpression(call) ? "new " : ""}${name}(${parameters.join(", ")})`;
}

/** The field or option that is meant by a name, or those that there are. */
export function fieldHelp(name: string, { node, checker }: ErrorPlace): string | null {
  const literal = ts.findAncestor(node, ts.isObjectLiteralExpression);
  const type = literal === undefined ? undefined : checker.getContextualType(literal);
  if (type === undefined) return null;
  const names = checker
    .getPropertiesOfType(checker.getNonNullableType(type))
    .map((property) => property.name)
    .filter((property) => !property.startsWith("__@"));
  // Of names that short, each is near to all others.
  const near = name.length < 3 ? null : nearest(name, names);
  if (near !== null) return `did you mean ${near}?`;
  return names.length === 0 || names.length > 12 ? null : `there is ${names.join(", ")}`;
}

/** Whether a parameter is one of a method with decorators. */
export const isDecoratedParameter = (node: ts.Node): boolean => {
  const method = ts.findAncestor(node, ts.isMethodDeclaration);
  return method?.modifiers?.some((modifier) => ts.isDecorator(modifier)) === true;
};

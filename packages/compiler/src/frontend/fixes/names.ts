/** Fixes of names that nothing answers to: the nearest one that exists, or the import of the right one. */
import { nearest } from "@waggle/object";
import ts from "#typescript";
import type { Fix } from "../../diagnostics/diagnostic.js";
import { kernelExports } from "../program/kernel-exports.js";
import type { FixContext } from "./context.js";
import { around, fix, nodeAt, replace } from "./context.js";
import { importEdits } from "./imports.js";

const replaceName = (context: FixContext, name: string, node: ts.Node = context.node): Fix[] =>
  fix(`Write ${name}`, replace(context, node, name));

/** The name that TypeScript or the help suggests. */
export function suggestedName(context: FixContext, name: string): Fix[] {
  return replaceName(context, name);
}

/** A name that is not in scope: imported when @waggle/kernel has it, and the nearest in scope or there. */
export function unknownName(context: FixContext): Fix[] {
  const { checker } = context;
  const node = ts.isTypeReferenceNode(context.node) ? context.node.typeName : context.node;
  if (!ts.isIdentifier(node)) return [];
  const isType = ts.isTypeReferenceNode(node.parent) || ts.isTypeQueryNode(node.parent);
  const exported = kernelExports(context.program, context.kernelSources);
  const own = exported.get(node.text);
  const bring = (name: string, module: string) =>
    importEdits(context, name, isType ? "type" : "value", module);
  // `Math.min` is a function of its own here.
  const whole = ts.isPropertyAccessExpression(node.parent) && node.parent.name === node ? node.parent : null;
  if (own !== undefined && whole !== null)
    return fix(
      `Write ${node.text} and import it`,
      replace(context, whole, node.text),
      bring(node.text, own.module),
    );
  if (own !== undefined) return fix(`Import ${node.text} from ${own.module}`, bring(node.text, own.module));
  const meaning = isType ? ts.SymbolFlags.Type : ts.SymbolFlags.Value;
  const scope = checker
    .getSymbolsInScope(node, meaning | ts.SymbolFlags.Alias)
    // What JavaScript has of its own is no kernel code.
    .filter(({ declarations }) => declarations?.some((at) => !at.getSourceFile().isDeclarationFile) === true)
    .map(({ name }) => name);
  const close = nearest(node.text, scope);
  if (close !== null)
    return fix(
      `Write ${close}`,
      places(context, node).map((place) => replace(context, place, close)),
    );
  const far = nearest(node.text, exported.keys());
  const module = far === null ? undefined : exported.get(far)?.module;
  return far === null || module === undefined
    ? []
    : fix(
        `Write ${far} and import it`,
        places(context, node).map((place) => replace(context, place, far)),
        bring(far, module),
      );
}

/** Where a wrong name stands: at the node, and where it is not reported again. */
const places = ({ source, diagnostic }: FixContext, node: ts.Node): ts.Node[] => [
  node,
  ...(diagnostic.repeats ?? []).map((repeat) => nodeAt(source, repeat)),
];

/** A member that the type has not. */
export function unknownMember(context: FixContext): Fix[] {
  const { node, checker } = context;
  const access = around(node, ts.isPropertyAccessExpression);
  if (access === null || access.name !== node) return [];
  const type = checker.getNonNullableType(checker.getTypeAtLocation(access.expression));
  const close = nearest(
    access.name.text,
    checker
      .getPropertiesOfType(type)
      .map(({ name }) => name)
      .filter((name) => !name.startsWith("__@")),
  );
  return close === null ? [] : replaceName(context, close);
}

/** A name that a module does not export. */
export function unknownExport(context: FixContext): Fix[] {
  const { node, checker } = context;
  const declaration = around(node, ts.isImportDeclaration);
  const specifier = around(node, ts.isImportSpecifier);
  const module = declaration === null ? undefined : checker.getSymbolAtLocation(declaration.moduleSpecifier);
  if (module === undefined || specifier === null) return [];
  const name = specifier.propertyName ?? specifier.name;
  const close = nearest(
    name.text,
    checker.getExportsOfModule(module).map((symbol) => symbol.name),
  );
  if (close === null || !ts.isIdentifier(name)) return [];
  // What the file calls it stays as it is used.
  const text = specifier.propertyName === undefined ? `${close} as ${name.text}` : close;
  return fix(`Import ${close}`, replace(context, name, text));
}

/** A value that was imported as a type. */
export function importAsValue(context: FixContext, name: string): Fix[] {
  const { source } = context;
  for (const statement of source.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
    const names = statement.importClause?.namedBindings;
    if (names === undefined || !ts.isNamedImports(names)) continue;
    if (!names.elements.some((element) => element.name.text === name)) continue;
    return fix(
      `Import ${name} as a value`,
      importEdits(context, name, "value", statement.moduleSpecifier.text),
    );
  }
  return [];
}

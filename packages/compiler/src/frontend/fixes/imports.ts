/** Makes a name of @waggle/kernel known to a file, as a value or as a type. */
import ts from "#typescript";
import type { Edit } from "../../diagnostics/diagnostic.js";
import { kernelModule } from "../program/kernel-exports.js";
import type { FixContext } from "./context.js";
import { insert, remove } from "./context.js";

interface NamedImport {
  readonly declaration: ts.ImportDeclaration;
  readonly clause: ts.ImportClause;
  readonly names: ts.NamedImports;
}

const isTypeClause = (clause: ts.ImportClause): boolean => clause.phaseModifier === ts.SyntaxKind.TypeKeyword;

function namedImports(source: ts.SourceFile, module: string): NamedImport[] {
  return source.statements.flatMap((declaration) => {
    if (!ts.isImportDeclaration(declaration) || !ts.isStringLiteral(declaration.moduleSpecifier)) return [];
    const clause = declaration.importClause;
    const names = clause?.namedBindings;
    if (declaration.moduleSpecifier.text !== module || clause === undefined) return [];
    return names !== undefined && ts.isNamedImports(names) ? [{ declaration, clause, names }] : [];
  });
}

/** What must be changed so that `name` can be used as a value, or at least as a type; nothing when it can already. */
export function importEdits(
  context: FixContext,
  name: string,
  use: "value" | "type",
  module: string = kernelModule,
): readonly Edit[] {
  const { source } = context;
  const imports = namedImports(source, module);
  for (const found of imports) {
    const element = found.names.elements.find((item) => item.name.text === name);
    if (element === undefined) continue;
    if (use === "type" || !(element.isTypeOnly || isTypeClause(found.clause))) return [];
    if (element.isTypeOnly && !isTypeClause(found.clause))
      return [remove(context, element.getStart(source), element.name.getStart(source))];
    return [...removeName(context, found, element), ...addName(context, imports, name, use, module)];
  }
  return addName(context, imports, name, use, module);
}

function addName(
  context: FixContext,
  imports: readonly NamedImport[],
  name: string,
  use: "value" | "type",
  module: string,
): Edit[] {
  const { source } = context;
  const types = imports.find(({ clause }) => isTypeClause(clause));
  const values = imports.find(({ clause }) => !isTypeClause(clause));
  const host = use === "type" ? (types ?? values) : values;
  const last = host?.names.elements.at(-1);
  if (host !== undefined && last !== undefined) {
    const prefix = use === "type" && host === values ? "type " : "";
    return [insert(context, last.getEnd(), `, ${prefix}${name}`)];
  }
  const line = `import ${use === "type" ? "type " : ""}{ ${name} } from "${module}";${newLine(source)}`;
  const first =
    source.statements.find((statement) => ts.isImportDeclaration(statement)) ?? source.statements[0];
  return [insert(context, first?.getStart(source) ?? 0, line)];
}

/** Takes a name out of an import; the whole import when it was the only one. */
function removeName(
  context: FixContext,
  { declaration, names }: NamedImport,
  element: ts.ImportSpecifier,
): Edit[] {
  const { source } = context;
  const { elements } = names;
  const index = elements.indexOf(element);
  const [previous, next] = [elements[index - 1], elements[index + 1]];
  if (next !== undefined) return [remove(context, element.getStart(source), next.getStart(source))];
  if (previous !== undefined) return [remove(context, previous.getEnd(), element.getEnd())];
  const rest = /^\r?\n/.exec(source.text.slice(declaration.getEnd()))?.[0].length ?? 0;
  return [remove(context, declaration.getStart(source), declaration.getEnd() + rest)];
}

/** How the file ends its lines. */
export function newLine(source: ts.SourceFile): string {
  return source.text.includes("\r\n") ? "\r\n" : "\n";
}

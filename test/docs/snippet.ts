import { fileURLToPath } from "node:url";
import ts from "typescript";

const kernel = fileURLToPath(new URL("../../packages/kernel/src/", import.meta.url));

interface Export {
  readonly module: string;
  readonly isType: boolean;
}

function readExports(): ReadonlyMap<string, Export> {
  const modules = { "@waggle/kernel": `${kernel}index.ts`, "@waggle/kernel/net": `${kernel}net/index.ts` };
  const program = ts.createProgram(Object.values(modules), {
    module: ts.ModuleKind.NodeNext,
    noLib: true,
    types: [],
  });
  const checker = program.getTypeChecker();
  const found = new Map<string, Export>();
  for (const [module, file] of Object.entries(modules)) {
    const source = program.getSourceFile(file);
    const symbol = source === undefined ? undefined : checker.getSymbolAtLocation(source);
    if (symbol === undefined) throw new Error(`${file} exports nothing`);
    for (const item of checker.getExportsOfModule(symbol)) {
      const target = item.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(item) : item;
      found.set(item.name, { module, isType: (target.flags & ts.SymbolFlags.Value) === 0 });
    }
  }
  return found;
}

let exported: ReadonlyMap<string, Export> | null = null;

/** The imports of @waggle/kernel that a text needs, without those that it has. */
function importsFor(text: string): string {
  exported ??= readExports();
  const source = ts.createSourceFile("snippet.ts", text, ts.ScriptTarget.ES2022, true);
  const used = new Set<string>();
  const declared = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) {
      const { parent } = node;
      const isName = "name" in parent && parent.name === node;
      const isMember = ts.isPropertyAccessExpression(parent) || ts.isPropertyAssignment(parent);
      if (!isName || ts.isShorthandPropertyAssignment(parent)) used.add(node.text);
      else if (!isMember && !ts.isPropertySignature(parent) && !ts.isClassElement(parent))
        declared.add(node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return [...exported]
    .filter(([name]) => used.has(name) && !declared.has(name))
    .map(([name, { module, isType }]) => `import ${isType ? "type " : ""}{ ${name} } from "${module}";`)
    .join(" ");
}

const isOutside = (node: ts.Statement): boolean =>
  ts.isInterfaceDeclaration(node) ||
  ts.isTypeAliasDeclaration(node) ||
  ts.isEnumDeclaration(node) ||
  ts.isFunctionDeclaration(node) ||
  ts.isModuleDeclaration(node) ||
  ts.isImportDeclaration(node);

/**
 * A block of a page as a kernel file: a class stays as it is, members get a class around them, and statements a program.
 * A line `// ---` ends what stands at the top of the file. What is imported from @waggle/kernel need not be said.
 */
export function kernelFile(text: string): string {
  const [before, rest] = text.includes("\n// ---\n") ? text.split("\n// ---\n") : [null, text];
  const inner = rest ?? "";
  const shape = ts.createSourceFile("block.ts", inner, ts.ScriptTarget.ES2022, true);
  if (shape.statements.some(ts.isClassDeclaration)) return `${importsFor(text)}\n${text}`;
  const outside =
    before ??
    shape.statements
      .filter(isOutside)
      .map((node) => node.getFullText())
      .join("");
  const isMembers = /^\s*(\/\/[^\n]*\s*)*(@[a-z]+|static|private static)\b/.test(inner);
  const body =
    before === null && !isMembers
      ? shape.statements
          .filter((node) => !isOutside(node))
          .map((node) => node.getFullText())
          .join("")
      : inner;
  const run = (statements: string): string =>
    `  @xdp()\n  static run(ctx: XdpContext): XdpAction {\n${statements}\n    return XdpAction.Pass;\n  }\n`;
  const members = isMembers ? `${body}${/@[a-z]+\(/.test(body) ? "" : run("")}` : run(body);
  const file = `${outside}\nexport class Example {\n${members}\n}\n`;
  return `${importsFor(file)}\n${file}`;
}

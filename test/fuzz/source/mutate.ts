/** Changes of a source: of its syntax tree mostly, of its characters now and then. */
import ts from "typescript";
import type { Random } from "../shared/random.js";

/** One change; null where the source has nothing to change so. */
type Mutation = (tree: Tree, random: Random) => string | null;

/** A source with its nodes. */
interface Tree {
  readonly text: string;
  readonly nodes: readonly ts.Node[];
  /** Of another source, to take parts from. */
  readonly donor: readonly ts.Node[];
}

/** The nodes of a source below its root. */
export function nodesOf(text: string): readonly ts.Node[] {
  const source = ts.createSourceFile("seed.ts", text, ts.ScriptTarget.ES2022, true);
  const nodes: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    nodes.push(node);
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(source, visit);
  return nodes;
}

/** A source with one to three changes, mostly one: what is wrong in many ways is refused early. */
export function mutate(text: string, donor: string, random: Random): string {
  let current = text;
  for (let left = 1 + Math.min(random.below(3), random.below(3)); left > 0; left -= 1) {
    const tree = { text: current, nodes: nodesOf(current), donor: nodesOf(donor) };
    for (let tries = 0; tries < 8; tries += 1) {
      const changed = random.weighted(mutations).run(tree, random);
      if (changed === null || changed === current) continue;
      current = changed;
      break;
    }
  }
  return current;
}

const numbers = [
  "0",
  "1",
  "-1",
  "2",
  "3",
  "7",
  "8",
  "31",
  "32",
  "33",
  "63",
  "64",
  "127",
  "128",
  "255",
  "256",
  "511",
  "512",
  "513",
  "1500",
  "4096",
  "65535",
  "65536",
  "0x7fffffff",
  "0x80000000",
  "0xffffffff",
  "4294967296",
  "1.5",
  "1e21",
  "NaN",
  "0n",
  "1n",
  "-1n",
  "8n",
  "255n",
  "4294967296n",
  "0x7fffffffffffffffn",
  "0x8000000000000000n",
  "0xffffffffffffffffn",
  "18446744073709551616n",
  "true",
  "false",
  "null",
  "undefined",
  '""',
  '"text"',
  "`a`",
  "{}",
  "[]",
  "this",
  "XdpAction.Pass",
  "ctx",
];
const types = [
  "u8",
  "u16",
  "u32",
  "u64",
  "i8",
  "i16",
  "i32",
  "i64",
  "be16",
  "be32",
  "be64",
  "boolean",
  "number",
  "bigint",
  "string",
  "void",
  "never",
  "any",
  "unknown",
  "null",
  "u32 | null",
  "u8 | u16",
  "CString<16>",
  "FixedArray<u8, 4>",
  "FixedArray<u64, 600>",
  "Ref<u64>",
  "XdpContext",
  "UserPtr",
  "{ a: u32; b: u64 }",
  "() => void",
  "[u32, u32]",
  "5",
];
const operators = [
  "+",
  "-",
  "*",
  "/",
  "%",
  "&",
  "|",
  "^",
  "<<",
  ">>",
  ">>>",
  "<",
  "<=",
  ">",
  ">=",
  "===",
  "!==",
  "==",
  "&&",
  "||",
  "??",
  "=",
  "+=",
  "-=",
  "*=",
  "/=",
  "%=",
  "&=",
  "|=",
  "^=",
  "<<=",
  ">>=",
  ">>>=",
  "**",
  ",",
  "in",
  "instanceof",
  "??=",
  "&&=",
  "||=",
];
const expressionFrames = [
  "(#)",
  "!#",
  "-#",
  "~#",
  "+#",
  "(# ? # : #)",
  "(# ?? 0)",
  "(# && #)",
  "(# || #)",
  "u8(#)",
  "u16(#)",
  "u32(#)",
  "u64(#)",
  "i32(#)",
  "i64(#)",
  "be16(#)",
  "[#]",
  "{ a: # }",
  "(() => #)()",
  "(#, #)",
  "# + 1",
  "# + 1n",
  "# - 1",
  "# & 7",
  "# % 16",
  "# << 3",
  "#[0]",
  "#[#]",
  "#.value",
  "#?.value",
  "#!",
  "(# as u8)",
  "(# as any)",
  "typeof #",
  "await #",
  "new #()",
  "#++",
  "--#",
  "(# === null)",
  "copyOf(#)",
  "...#",
  "String(#)",
];
const statementFrames = [
  "{ # }",
  "if (ctx.length > 4) { # }",
  "if (ctx.length > 4) { # } else { # }",
  "for (let n = 0; n < 4; n++) { # }",
  "for (let n: u32 = 0; n < ctx.length; n += 1) { # }",
  "while (true) { # break; }",
  "while (ctx.length > 4) { # }",
  "do { # } while (false);",
  "switch (ctx.length) { case 1: # break; default: # }",
  "outer: { # break outer; }",
  "loop(4, () => { # });",
  "for (const n of range(8)) { # }",
  "try { # } catch { }",
  "function inner() { # }",
  "const inner = () => { # }; inner();",
  "for (const n of [1, 2, 3]) { # }",
  "return #",
  "# #",
];
const modifiers = ["static", "readonly", "async", "export", "private", "abstract", "declare", "const"];
const snippets = [
  "(",
  ")",
  "{",
  "}",
  "[",
  "]",
  "<",
  ">",
  ";",
  ",",
  ".",
  ":",
  "?",
  "=",
  "=>",
  "@",
  "`",
  '"',
  "'",
  "/*",
  "//",
  "${",
  "\\",
  "#",
  "\0",
  "é",
  "😀",
  "let ",
  "const ",
  "if (",
  "return ",
  "class ",
  "static ",
  "new ",
  "null",
  "await ",
  "yield ",
  "0x",
  "1e",
  "n",
  "\n",
  "...",
  "?.",
  "??",
];

const bigNumbers = numbers.filter((text) => /^-?\w+n$/.test(text));
const smallNumbers = numbers.filter((text) => /^-?(?:0x)?[0-9a-f]+$/.test(text));
const mixing = ["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"];
const comparing = ["<", "<=", ">", ">=", "===", "!=="];

const splice = (text: string, node: ts.Node, by: string): string =>
  text.slice(0, node.getStart()) + by + text.slice(node.getEnd());

const ofKind = (nodes: readonly ts.Node[], is: (node: ts.Node) => boolean): ts.Node[] => nodes.filter(is);

/** An expression that stands where a value does: not the name of a property or a declaration. */
function isValue(node: ts.Node): boolean {
  if (!ts.isExpression(node)) return false;
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) return false;
  if (ts.isExpressionWithTypeArguments(node) || ts.isDecorator(parent)) return false;
  return !("name" in parent && parent.name === node);
}

const isDeletable = (node: ts.Node): boolean =>
  ts.isStatement(node) ||
  ts.isClassElement(node) ||
  ts.isTypeElement(node) ||
  ts.isDecorator(node) ||
  ts.isModifier(node) ||
  ts.isParameter(node) ||
  ts.isPropertyAssignment(node) ||
  ts.isImportSpecifier(node) ||
  ts.isVariableDeclaration(node) ||
  ts.isCaseOrDefaultClause(node) ||
  (ts.isExpression(node) && ts.isCallExpression(node.parent) && node.parent.expression !== node);

const isUnit = (node: ts.Node): boolean =>
  ts.isStatement(node) || ts.isClassElement(node) || ts.isTypeElement(node);

const isInnerStatement = (node: ts.Node): boolean =>
  ts.isStatement(node) && !ts.isBlock(node) && node.parent.kind !== ts.SyntaxKind.SourceFile;

function choose(nodes: readonly ts.Node[], is: (node: ts.Node) => boolean, random: Random): ts.Node | null {
  const found = ofKind(nodes, is);
  return found.length === 0 ? null : random.pick(found);
}

/** Exchanges two nodes that do not contain each other. */
function swap(is: (node: ts.Node) => boolean): Mutation {
  return ({ text, nodes }, random) => {
    const [a, b] = [choose(nodes, is, random), choose(nodes, is, random)].sort(
      (one, other) => (one?.pos ?? 0) - (other?.pos ?? 0),
    );
    if (a == null || b == null || a.getEnd() > b.getStart()) return null;
    return (
      text.slice(0, a.getStart()) +
      b.getText() +
      text.slice(a.getEnd(), b.getStart()) +
      a.getText() +
      text.slice(b.getEnd())
    );
  };
}

/** Puts one of the texts in place of a node. */
function replaceBy(is: (node: ts.Node) => boolean, texts: readonly string[]): Mutation {
  return ({ text, nodes }, random) => {
    const node = choose(nodes, is, random);
    return node === null ? null : splice(text, node, random.pick(texts));
  };
}

/** Puts a node in place of another; `where` says from which source. */
function replaceByOther(is: (node: ts.Node) => boolean, where: "nodes" | "donor"): Mutation {
  return (tree, random) => {
    const [node, other] = [choose(tree.nodes, is, random), choose(tree[where], is, random)];
    return node === null || other === null ? null : splice(tree.text, node, other.getText());
  };
}

/** Puts a text around a node, which stands for each `#` of it. */
function wrap(is: (node: ts.Node) => boolean, frames: readonly string[]): Mutation {
  return ({ text, nodes }, random) => {
    const node = choose(nodes, is, random);
    if (node === null) return null;
    const inner = node.getText();
    return splice(
      text,
      node,
      random.pick(frames).replaceAll("#", () => inner),
    );
  };
}

/** Puts a node, of this source or another, behind a node of its kind. */
function insert(is: (node: ts.Node) => boolean, where: "nodes" | "donor", isMoved: boolean): Mutation {
  return (tree, random) => {
    const [node, place] = [choose(tree[where], is, random), choose(tree.nodes, is, random)];
    if (node === null || place === null) return null;
    const [inner, at] = [node.getText(), place.getEnd()];
    const added = `${tree.text.slice(0, at)}\n${inner}\n${tree.text.slice(at)}`;
    if (!isMoved || (node.getStart() < at && node.getEnd() >= at)) return isMoved ? null : added;
    const shift = node.getStart() >= at ? inner.length + 2 : 0;
    return added.slice(0, node.getStart() + shift) + added.slice(node.getEnd() + shift);
  };
}

const remove: Mutation = ({ text, nodes }, random) => {
  const node = choose(nodes, isDeletable, random);
  if (node === null) return null;
  const end = text[node.getEnd()] === "," ? node.getEnd() + 1 : node.getEnd();
  return text.slice(0, node.getStart()) + text.slice(end);
};

const modify: Mutation = ({ text, nodes }, random) => {
  const node = choose(nodes, isUnit, random);
  if (node === null) return null;
  return `${text.slice(0, node.getStart())}${random.pick(modifiers)} ${text.slice(node.getStart())}`;
};

const callDifferently: Mutation = ({ text, nodes }, random) => {
  const node = choose(nodes, ts.isCallExpression, random);
  if (node === null || !ts.isCallExpression(node)) return null;
  const given = node.arguments.map((argument) => argument.getText());
  const extra = random.chance(1, 2) ? [random.pick(numbers)] : given.slice(-1);
  return splice(text, node, `${node.expression.getText()}(${[...given, ...extra].join(", ")})`);
};

const breakCharacters: Mutation = ({ text }, random) => {
  const at = random.below(text.length);
  const length = random.below(4);
  const kept = random.chance(1, 3) ? text.slice(at, at + length) + text.slice(at, at + length) : "";
  return text.slice(0, at) + (kept === "" ? random.pick(snippets) : kept) + text.slice(at + length);
};

const truncate: Mutation = ({ text }, random) => text.slice(0, random.below(text.length));

const isLiteral = (node: ts.Node): boolean =>
  (ts.isLiteralExpression(node) && !ts.isImportDeclaration(node.parent)) ||
  node.kind === ts.SyntaxKind.TrueKeyword ||
  node.kind === ts.SyntaxKind.FalseKeyword ||
  node.kind === ts.SyntaxKind.NullKeyword;
const isOperator = (node: ts.Node): boolean =>
  ts.isBinaryExpression(node.parent) && node.parent.operatorToken === node;

/** An operator among some, each of which may mostly stand for another. */
const isOneOf =
  (texts: readonly string[]) =>
  (node: ts.Node): boolean =>
    isOperator(node) && texts.includes(node.getText());

const mutations: readonly { readonly weight: number; readonly run: Mutation }[] = [
  { weight: 6, run: swap(isValue) },
  { weight: 2, run: swap(ts.isTypeNode) },
  { weight: 3, run: swap(isUnit) },
  { weight: 5, run: swap(ts.isIdentifier) },
  { weight: 6, run: replaceByOther(isValue, "nodes") },
  { weight: 2, run: replaceByOther(isValue, "donor") },
  { weight: 4, run: replaceByOther(ts.isIdentifier, "nodes") },
  { weight: 3, run: replaceByOther(ts.isTypeNode, "nodes") },
  { weight: 5, run: replaceBy(ts.isTypeNode, types) },
  { weight: 4, run: replaceBy(isLiteral, numbers) },
  { weight: 8, run: replaceBy(ts.isNumericLiteral, smallNumbers) },
  { weight: 5, run: replaceBy(ts.isBigIntLiteral, bigNumbers) },
  { weight: 5, run: replaceBy(isOneOf(mixing), mixing) },
  { weight: 5, run: replaceBy(isOneOf(comparing), comparing) },
  { weight: 3, run: replaceBy(isValue, numbers) },
  { weight: 6, run: replaceBy(isOperator, operators) },
  { weight: 8, run: wrap(isValue, expressionFrames) },
  { weight: 8, run: wrap(isInnerStatement, statementFrames) },
  { weight: 8, run: remove },
  { weight: 4, run: insert(isUnit, "nodes", false) },
  { weight: 4, run: insert(isUnit, "nodes", true) },
  { weight: 5, run: insert(isInnerStatement, "nodes", false) },
  { weight: 3, run: insert(isInnerStatement, "donor", false) },
  { weight: 2, run: modify },
  { weight: 2, run: callDifferently },
  { weight: 3, run: breakCharacters },
  { weight: 1, run: truncate },
];

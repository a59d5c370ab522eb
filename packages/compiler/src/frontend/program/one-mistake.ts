/**
 * One mistake is told once. TypeScript checks each expression on its own, so that a check for null that is missing, or an
 * import, gives an error wherever the name stands; the first is the one to mend, and those that it stands for are left out.
 */
import ts from "#typescript";
import { nodeOfSpan } from "./error-place.js";

type Located = ts.DiagnosticWithLocation;

/** An error with the syntax under it. */
interface Found {
  readonly error: Located;
  readonly node: ts.Node;
  readonly text: string;
}

interface Repeats {
  readonly codes: readonly number[];
  /** What the message must contain. */
  readonly words?: RegExp;
  /** The mistake: of errors with the same one, the first in the source stays. Null for one that stands for itself. */
  readonly mistake: (found: Found, checker: ts.TypeChecker) => string | null;
}

const symbolIds = new WeakMap<ts.Symbol, number>();
let lastSymbolId = 0;

/** A number for a symbol, the same as long as the program lives. */
function idOf(symbol: ts.Symbol): number {
  const id = symbolIds.get(symbol) ?? ++lastSymbolId;
  symbolIds.set(symbol, id);
  return id;
}

/** The variable that `a` or `a.b.c` begins with; null for what is not a chain of names. */
function rootOf(node: ts.Node): ts.Identifier | null {
  if (ts.isIdentifier(node)) return node;
  return ts.isPropertyAccessExpression(node) ? rootOf(node.expression) : null;
}

/** How often a variable was assigned before a place of the function around it. */
function assignmentsBefore(checker: ts.TypeChecker, symbol: ts.Symbol, node: ts.Node): number {
  const around = ts.findAncestor(node, ts.isFunctionLike) ?? node.getSourceFile();
  let count = 0;
  const visit = (at: ts.Node): void => {
    if (at.pos >= node.pos) return;
    if (
      ts.isBinaryExpression(at) &&
      at.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
      at.end <= node.pos &&
      checker.getSymbolAtLocation(at.left) === symbol
    )
      count++;
    ts.forEachChild(at, visit);
  };
  ts.forEachChild(around, visit);
  return count;
}

/** A value that may be null, by the name that has it: until it is assigned again, one check makes all its uses right. */
function uncheckedName(node: ts.Node, checker: ts.TypeChecker): string | null {
  const given =
    ts.isVariableDeclaration(node.parent) && node.parent.name === node ? node.parent.initializer : node;
  const root = given === undefined ? null : rootOf(given);
  const symbol = root === null ? undefined : checker.getSymbolAtLocation(root);
  if (given === undefined || symbol === undefined) return null;
  const turn = assignmentsBefore(checker, symbol, given);
  return `null ${idOf(symbol)} ${given.getText()} ${turn}`;
}

const rows: readonly Repeats[] = [
  {
    codes: [2454],
    mistake: ({ node }, checker) => {
      const symbol = checker.getSymbolAtLocation(node);
      return symbol === undefined ? null : `unassigned ${idOf(symbol)}`;
    },
  },
  { codes: [18047, 18048, 18049, 2531], mistake: ({ node }, checker) => uncheckedName(node, checker) },
  {
    codes: [2322, 2345],
    words: /ype '[^\n]+ \| null' is not assignable/,
    mistake: ({ node }, checker) => uncheckedName(node, checker),
  },
  { codes: [2304], mistake: ({ text }) => `unknown ${text}` },
  {
    codes: [2339],
    words: /on type '[^\n]+ \| null'/,
    mistake: ({ node }) =>
      ts.isBindingElement(node.parent) ? `pattern of what may be null ${node.parent.parent.pos}` : null,
  },
  { codes: [2538], mistake: ({ node }) => `index ${node.pos}` },
];

/**
 * Errors that follow from others: a decorator that cannot be resolved because its arguments are wrong says so at length, where
 * the argument's own error is the one to read; what is used before its declaration has no value there either.
 */
const followers: ReadonlyMap<number, readonly number[]> = new Map([
  [1240, [2304, 2345, 2554]],
  [1241, [2304, 2345, 2554]],
  [1270, [1241]],
  [2454, [2448]],
  // An operand that may be null has no type to compute with yet.
  [2365, [18047, 18048, 2531]],
  [2367, [18047, 18048, 2531]],
  // `x?.y = …` may be undefined because it may not be written at all.
  [2532, [2779]],
]);

/** The parameter of a function that is given to a call, which has a type when the callee has. */
function calleeOf(node: ts.Node): ts.Expression | null {
  const callable = ts.findAncestor(node, (at) => ts.isArrowFunction(at) || ts.isFunctionExpression(at));
  return callable !== undefined && ts.isCallExpression(callable.parent) ? callable.parent.expression : null;
}

const isWithin = (inner: Located, start: number, end: number): boolean =>
  inner.start >= start && inner.start + inner.length <= end;

function isFollower({ error, node }: Found, all: readonly Located[]): boolean {
  const causes = followers.get(error.code);
  const end = error.start + error.length;
  if (all.some((other) => causes?.includes(other.code) === true && isWithin(other, error.start, end)))
    return true;
  const callee = error.code === 7006 ? calleeOf(node) : null;
  return callee !== null && all.some((other) => isWithin(other, callee.getStart(), callee.end));
}

/** An error that is told, and the others that say the same of other places. */
export interface Mistake {
  readonly error: Located;
  readonly repeats: readonly Located[];
}

/** The errors of one file without those that follow from others, or say again what another has said. */
export function mistakesOf(errors: readonly Located[], checker: ts.TypeChecker): readonly Mistake[] {
  const first = new Map<string, { error: Located; repeats: Located[] }>();
  const mistakes: { error: Located; repeats: Located[] }[] = [];
  for (const error of errors) {
    const { file, start, length, code } = error;
    const node = nodeOfSpan(file, start, length);
    const found: Found = { error, node, text: file.text.slice(start, start + length) };
    if (isFollower(found, errors)) continue;
    const message = ts.flattenDiagnosticMessageText(error.messageText, "\n");
    const keys = rows
      .filter(({ codes, words }) => codes.includes(code) && (words?.test(message) ?? true))
      .flatMap(({ mistake }) => mistake(found, checker) ?? []);
    const same = keys.map((key) => first.get(key)).find((item) => item !== undefined);
    const mistake = same ?? { error, repeats: [] };
    if (same === undefined) mistakes.push(mistake);
    else same.repeats.push(error);
    for (const key of keys) first.set(key, mistake);
  }
  return mistakes;
}

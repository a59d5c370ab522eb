/** Makes a program that is at fault smaller, as long as the fault is the same. */
import { type Fault, faultsOf, type Tested, tested } from "./batch.js";
import { printFile } from "./print.js";
import type { ProgramTree } from "./tree.js";
import { isScalar, type Scalar, sameType } from "./types.js";

/** Attempts and time for one program. */
const mostAttempts = 2000;
const mostSeconds = 30;

type Step = string | number;
type Path = readonly Step[];

/** The smallest program found with the same fault. */
export const reduce = (fault: Fault, kernel: boolean): Fault =>
  reduceWith(fault, (tree) => sameFault(tree, fault, kernel));

/** The smallest tree found of which `faultOf` gives a fault. */
export function reduceWith(fault: Fault, faultOf: (tree: ProgramTree) => Fault | null): Fault {
  const end = Date.now() + mostSeconds * 1000;
  let best = fault;
  let attempts = 0;
  for (let changed = true; changed; ) {
    changed = false;
    for (const smaller of candidates(best.tree)) {
      if (attempts >= mostAttempts || Date.now() > end) return best;
      // Candidates of an older tree are tried on the newest one.
      const tree = smaller(best.tree);
      if (tree === null) continue;
      attempts++;
      const found = faultOf(tree);
      if (found === null) continue;
      best = found;
      changed = true;
    }
  }
  return best;
}

function sameFault(tree: ProgramTree, { kind, key, configuration }: Fault, kernel: boolean): Fault | null {
  let program: Tested;
  try {
    program = tested(tree);
    printFile([tree]);
  } catch {
    // The evaluator lacks a variable, say, or a number is assigned to: the change makes no sense.
    return null;
  }
  const found = faultsOf([program], configuration, kernel);
  return found.find((one) => one.kind === kind && one.key === key) ?? null;
}

type Change = (tree: ProgramTree) => ProgramTree | null;

/** Parts that are lists from which members can go. */
const lists = new Set([
  "body",
  "cases",
  "functions",
  "maps",
  "statics",
  "tables",
  "memory",
  "types",
  "inputs",
  "parameters",
  "names",
]);

/** Changes that make a tree smaller, the greatest first. */
function* candidates(tree: ProgramTree): Generator<Change> {
  const nodes = [...walk(tree, [])];
  const isList = ({ path, node }: Node): boolean => Array.isArray(node) && lists.has(String(path.at(-1)));
  for (const { path, node } of nodes.filter(isList)) {
    const length = Array.isArray(node) ? node.length : 0;
    for (let size = length; size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
      for (let from = length - size; from >= 0; from -= size) yield (now) => without(now, path, from, size);
  }
  for (const { path, node } of nodes) {
    for (const blocks of blocksOf(node)) yield (now) => spliced(now, path, blocks);
    if (!isExpression(node)) continue;
    for (const inner of innerExpressions(node, node)) yield (now) => replaced(now, path, inner);
    if (node.kind !== "literal" && node.type.kind !== "enum" && node.type.kind !== "bool")
      for (const value of [0n, 1n])
        yield (now) => replaced(now, path, { kind: "literal", type: node.type, value, bare: false });
  }
}

interface Node {
  readonly path: Path;
  readonly node: unknown;
}

/** Every object and list of a tree; types are left alone. */
function* walk(node: unknown, path: Path): Generator<Node> {
  if (typeof node !== "object" || node === null) return;
  yield { path, node };
  for (const [key, value] of Object.entries(node))
    if (key !== "type" && key !== "io")
      yield* walk(value, [...path, Array.isArray(node) ? Number(key) : key]);
}

interface SomeExpression {
  readonly kind: string;
  readonly type: Scalar;
}

const notExpressions = new Set([
  "let",
  "place",
  "loop",
  "shrink",
  "fields",
  "copy",
  "zeroed",
  "spread",
  "made",
]);

function isExpression(node: unknown): node is SomeExpression {
  if (typeof node !== "object" || node === null || !("kind" in node) || !("type" in node)) return false;
  const { kind, type } = node;
  return typeof kind === "string" && !notExpressions.has(kind) && isType(type) && isScalar(type);
}

const isType = (type: unknown): type is Scalar => typeof type === "object" && type !== null && "kind" in type;

/** Expressions inside one that have its type. */
function* innerExpressions(outer: SomeExpression, node: object): Generator<SomeExpression> {
  for (const value of Object.values(node)) {
    if (typeof value !== "object" || value === null) continue;
    if (isExpression(value) && sameType(value.type, outer.type)) yield value;
    else yield* innerExpressions(outer, value);
  }
}

/** The statements inside a statement, which may stand for it. */
function blocksOf(node: unknown): unknown[][] {
  if (typeof node !== "object" || node === null || Array.isArray(node)) return [];
  return Object.values(node).flatMap((value) =>
    typeof value === "object" &&
    value !== null &&
    "kind" in value &&
    value.kind === "block" &&
    "body" in value &&
    Array.isArray(value.body)
      ? [value.body]
      : [],
  );
}

/** The tree with what `change` makes of the part at a path; null when there is no such part now. */
function changedAt(tree: ProgramTree, path: Path, change: (part: unknown) => unknown): ProgramTree | null {
  const visit = (node: unknown, left: Path): unknown => {
    const [step, ...rest] = left;
    if (step === undefined) return change(node);
    if (typeof node !== "object" || node === null || !(step in node)) return undefined;
    if (Array.isArray(node)) {
      const inner = visit(node[Number(step)], rest);
      return inner === undefined ? undefined : node.with(Number(step), inner);
    }
    const inner = visit(Reflect.get(node, step), rest);
    return inner === undefined ? undefined : { ...node, [step]: inner };
  };
  const result = visit(tree, path);
  return isTree(result) ? result : null;
}

const isTree = (value: unknown): value is ProgramTree =>
  typeof value === "object" && value !== null && "kind" in value && value.kind === "program";

const without = (tree: ProgramTree, path: Path, from: number, size: number): ProgramTree | null =>
  changedAt(tree, path, (part) =>
    Array.isArray(part) && from < part.length ? part.toSpliced(from, size) : undefined,
  );

const replaced = (tree: ProgramTree, path: Path, node: unknown): ProgramTree | null =>
  changedAt(tree, path, (part) => (part === node ? undefined : node));

function spliced(tree: ProgramTree, path: Path, body: readonly unknown[]): ProgramTree | null {
  const index = path.at(-1);
  if (typeof index !== "number") return null;
  return changedAt(tree, path.slice(0, -1), (part) =>
    Array.isArray(part) && index < part.length ? part.toSpliced(index, 1, ...body) : undefined,
  );
}

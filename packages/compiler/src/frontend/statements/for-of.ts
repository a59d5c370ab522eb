/** `for (const x of …)` over arrays, their entries, ranges of numbers and maps. */
import ts from "#typescript";
import { integers } from "../../types/integers.js";
import { mapNamed } from "../calls/arguments.js";
import { newerKernel } from "../classes/class-rules.js";
import { lowerExpression } from "../expressions/expressions.js";
import { reject } from "../rejections/rejection.js";
import { unsupported } from "../rejections/unsupported.js";
import type { FunctionState } from "../state.js";
import { atToken } from "../token-location.js";
import { elementOf, readPlace } from "../values/memory.js";
import { scalar } from "../values/scalars.js";
import type { MemoryValue, ScalarValue, Value } from "../values/value.js";
import { type Counted, lowerCounted, numberAt } from "./counted-loops.js";
import { bindPattern } from "./destructuring.js";
import { notFollowed, rejectWorkUnderLock } from "./loop-bounds.js";
import { firstWithCallbacks, loopForm, unknownTurnsUnderLock } from "./loop-form.js";
import { mayRepeat, walksMap } from "./loop-nesting.js";
import { workOf } from "./loop-work.js";
import { lowerLoopBody } from "./loops.js";
import { lowerMapLoop } from "./map-loops.js";
import { type NumberRange, rangeOf } from "./ranges.js";
import { bindName } from "./variables.js";

/** A loop over something that is numbered, and what the variable is in turn `index`. */
interface Numbered extends Counted {
  readonly item: (index: ScalarValue) => Value | readonly Value[];
}

/** `for (const x of iterable) body`. */
export function lowerForOf(fn: FunctionState, node: ts.ForOfStatement, labels: readonly string[]): void {
  if (node.awaitModifier !== undefined) reject(node.awaitModifier, "WG1007", "a BPF program does not wait");
  const { initializer } = node;
  if (!ts.isVariableDeclarationList(initializer))
    reject(initializer, "WG1001", "the variable of a for…of is its own", "write for (const x of …)");
  const iterable = ts.isParenthesizedExpression(node.expression)
    ? node.expression.expression
    : node.expression;
  const map = mapNamed(fn, iterable);
  if (map !== null) {
    lowerMapLoop(fn, node, map, labels, (value) => bindItem(fn, initializer, value, "key"));
    return;
  }
  const range = rangeOf(fn, iterable);
  if (range !== null) {
    lowerNumbered(fn, node, labels, ofRange(fn, range));
    return;
  }
  const listed = listedIn(iterable);
  if (listed !== null) {
    const values = listed.map((element) =>
      ts.isArrayLiteralExpression(element)
        ? element.elements.map((part) => lowerExpression(fn, part))
        : lowerExpression(fn, element),
    );
    lowerWrittenOut(fn, node, labels, values.length, ({ range }) => {
      const value = values[Number(range?.min ?? 0n)];
      return value ?? unsupported(iterable);
    });
    return;
  }
  const { array, withIndex } = arrayOf(fn, iterable);
  const length = array.type.kind === "array" ? array.type.length : 0;
  const item = (index: ScalarValue): Value | readonly Value[] => {
    const element = atToken(fn, initializer.declarations[0] ?? node, () =>
      readPlace(fn, elementOf(fn, array, index, iterable)),
    );
    return withIndex ? [index, element] : element;
  };
  // With a constant index the verifier needs no more comparisons there; of a context it takes no other.
  if (array.region === "context" || (array.region === "packet" && length <= mostWrittenOut)) {
    lowerWrittenOut(fn, node, labels, length, item);
    return;
  }
  lowerNumbered(fn, node, labels, {
    turns: BigInt(length),
    count: fn.builder.i32(length),
    isFixed: true,
    item,
  });
}

/** The elements of an array that is written out in the loop's head. */
function listedIn(node: ts.Expression): readonly ts.Expression[] | null {
  if (ts.isAsExpression(node) && ts.isConstTypeReference(node.type)) return listedIn(node.expression);
  if (!ts.isArrayLiteralExpression(node)) return null;
  return node.elements;
}

function arrayOf(fn: FunctionState, node: ts.Expression): { array: MemoryValue; withIndex: boolean } {
  const callee = ts.isCallExpression(node) ? node.expression : null;
  const withIndex =
    callee !== null && ts.isPropertyAccessExpression(callee) && callee.name.text === "entries";
  const value = lowerExpression(
    fn,
    withIndex && ts.isPropertyAccessExpression(callee) ? callee.expression : node,
  );
  if (value.kind === "memory" && value.type.kind === "array") return { array: value, withIndex };
  return reject(
    node,
    "WG1001",
    "for…of goes over a FixedArray, a CString, a range or a map",
    "count with range(n): for (const i of range(8))",
  );
}

function ofRange(fn: FunctionState, { start, step, count, isFixed, turns, type }: NumberRange): Numbered {
  const item = (index: ScalarValue): Value =>
    scalar(type.int, numberAt(fn, start, step, index.id), type.bounds);
  return { turns, count, isFixed, item };
}

function bindItem(
  fn: FunctionState,
  list: ts.VariableDeclarationList,
  item: Value | readonly Value[],
  parts: "index" | "key" = "index",
): void {
  const [declaration] = list.declarations;
  if (declaration === undefined) return;
  const isConst = (list.flags & ts.NodeFlags.Const) !== 0;
  if (ts.isIdentifier(declaration.name)) {
    if (!("kind" in item))
      reject(declaration.name, "WG1001", "a pair is not a value", `name its parts: const [${parts}, value]`);
    bindName(fn, declaration.name, item, isConst, declaration);
  } else bindPattern(fn, declaration.name, item, isConst);
}

function lowerNumbered(
  fn: FunctionState,
  node: ts.ForOfStatement,
  labels: readonly string[],
  of: Numbered,
): void {
  const { owner } = fn;
  const { initializer, statement, expression } = node;
  if (!ts.isVariableDeclarationList(initializer)) unsupported(initializer);
  const runs = fn.jumps.at(-1)?.turns ?? 1n;
  const locked = fn.lock !== null;
  const repeats = mayRepeat(fn, statement, runs * (of.turns ?? 1n));
  const aroundMap = walksMap(fn, statement);
  const work = workOf(statement);
  const size = { turns: of.turns, work, runs, locked, repeats, walksMap: aroundMap };
  const form = loopForm(size, owner.target.kernel);
  if (form === null)
    reject(
      expression,
      "WG1010",
      of.turns === null
        ? `how many turns this makes is known only when it runs${locked ? ", and a lock is held here" : ""}`
        : notFollowed(of.turns, aroundMap),
      newerKernel(owner, locked ? unknownTurnsUnderLock : firstWithCallbacks),
    );
  if (form === "bounded") rejectWorkUnderLock(fn, expression, runs * (of.turns ?? 1n), work);
  lowerCounted(fn, node, { ...of, form }, (index, after, step) => {
    bindItem(fn, initializer, of.item(index));
    const turns = form === "bounded" ? runs * (of.turns ?? 1n) : runs;
    lowerLoopBody(fn, node, { facts: new Map(), turns }, { onBreak: after, onContinue: step, labels });
  });
}

/** Longer arrays would fill the program. */
const mostWrittenOut = 64;

function lowerWrittenOut(
  fn: FunctionState,
  node: ts.ForOfStatement,
  labels: readonly string[],
  length: number,
  item: Numbered["item"],
): void {
  const { builder } = fn;
  const { initializer, expression } = node;
  if (!ts.isVariableDeclarationList(initializer)) unsupported(initializer);
  if (length > mostWrittenOut)
    reject(
      expression,
      "WG1011",
      `the verifier follows no variable index into this memory, and ${length} turns are too many to write out`,
      "copy the array to a struct on the stack, or read parts of it",
    );
  const after = builder.block();
  const turns = fn.jumps.at(-1)?.turns ?? 1n;
  for (let turn = 0; turn < length; turn += 1) {
    const next = builder.block();
    const index = scalar(integers.u32, builder.i32(turn), { min: BigInt(turn), max: BigInt(turn) });
    bindItem(fn, initializer, item(index));
    lowerLoopBody(fn, node, { facts: new Map(), turns }, { onBreak: after, onContinue: next, labels });
    builder.jump(next);
    builder.switchTo(next);
  }
  builder.jump(after);
  builder.switchTo(after);
}

/** `for (const x of …)` over arrays, their entries, ranges of numbers and maps. */
import ts from "#typescript";
import type { ValueId } from "../../ir/types.js";
import { integers } from "../../types/integers.js";
import { newerKernel } from "../classes/class-rules.js";
import { lowerExpression } from "../expressions/expressions.js";
import { reject } from "../rejections/rejection.js";
import { unsupported } from "../rejections/unsupported.js";
import { type FunctionState, kernelName, locationOf, symbolOf } from "../state.js";
import { elementOf, readPlace } from "../values/memory.js";
import { scalar } from "../values/scalars.js";
import type { MemoryValue, Value } from "../values/value.js";
import { bindPattern } from "./destructuring.js";
import { firstWithCallbacks, loopForm } from "./loop-form.js";
import { lowerLoopBody } from "./loops.js";
import { lowerMapLoop } from "./map-loops.js";
import { type NumberRange, rangeOf } from "./ranges.js";
import { bindName } from "./variables.js";

/** A loop over something that is numbered: how often, and what the variable is in turn `index`. */
interface Counted {
  /** The most turns, where that is known. */
  readonly turns: bigint | null;
  /** An i32: how many turns there are this time. */
  readonly count: ValueId;
  /** Whether `count` is a constant. */
  readonly isFixed: boolean;
  readonly item: (index: Value & { kind: "scalar" }) => Value | readonly Value[];
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
  const map = mapOf(fn, iterable);
  if (map !== null) {
    lowerMapLoop(fn, node, map, labels, (value) => bindItem(fn, initializer, value));
    return;
  }
  const range = rangeOf(fn, iterable);
  if (range !== null) {
    lowerCounted(fn, node, labels, ofRange(fn, range));
    return;
  }
  const { array, withIndex } = arrayOf(fn, iterable);
  const length = array.type.kind === "array" ? array.type.length : 0;
  const item = (index: Value & { kind: "scalar" }): Value | readonly Value[] => {
    const element = readPlace(fn, elementOf(fn, array, index, iterable));
    return withIndex ? [index, element] : element;
  };
  // The verifier follows no variable index there, so that each turn is written out.
  if (array.region === "packet" || array.region === "context") {
    lowerWrittenOut(fn, node, labels, length, item);
    return;
  }
  lowerCounted(fn, node, labels, {
    turns: BigInt(length),
    count: fn.builder.i32(length),
    isFixed: true,
    item,
  });
}

function mapOf(
  fn: FunctionState,
  node: ts.Expression,
): NonNullable<ReturnType<FunctionState["owner"]["maps"]["get"]>> | null {
  const symbol = ts.isPropertyAccessExpression(node) ? symbolOf(fn.owner, node.name) : null;
  return symbol === null ? null : (fn.owner.maps.get(symbol) ?? null);
}

function arrayOf(fn: FunctionState, node: ts.Expression): { array: MemoryValue; withIndex: boolean } {
  const callee = ts.isCallExpression(node) ? node.expression : null;
  const withIndex =
    callee !== null &&
    ts.isPropertyAccessExpression(callee) &&
    callee.name.text === "entries" &&
    kernelName(fn.owner, symbolOf(fn.owner, callee.name)) !== null;
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

function ofRange(fn: FunctionState, { start, step, count, isFixed, turns, type }: NumberRange): Counted {
  const { builder } = fn;
  return {
    turns,
    count,
    isFixed,
    item: (index) => {
      const far = step === 1n ? index.id : builder.binary("mul", index.id, builder.i32(step));
      const isZero = start.kind === "constant" && start.value === 0n;
      const id = isZero
        ? far
        : builder.binary("add", start.kind === "constant" ? builder.i32(start.value) : start.id, far);
      return scalar(type.int, id, type.bounds);
    },
  };
}

function bindItem(fn: FunctionState, list: ts.VariableDeclarationList, item: Value | readonly Value[]): void {
  const [declaration] = list.declarations;
  if (declaration === undefined) return;
  const isConst = (list.flags & ts.NodeFlags.Const) !== 0;
  if (ts.isIdentifier(declaration.name)) {
    if (!("kind" in item))
      reject(declaration.name, "WG1001", "a pair is not a value", "name its parts: const [index, value]");
    bindName(fn, declaration.name, item, isConst, declaration);
  } else bindPattern(fn, declaration.name, item, isConst);
}

/** The loop that the drivers of `LoopHint` want: a counter that is the header's parameter. */
function lowerCounted(
  fn: FunctionState,
  node: ts.ForOfStatement,
  labels: readonly string[],
  of: Counted,
): void {
  const { builder, owner } = fn;
  const { initializer, statement, expression } = node;
  if (!ts.isVariableDeclarationList(initializer)) unsupported(initializer);
  const form = loopForm(of.turns, owner.target.kernel);
  if (form === null)
    reject(
      expression,
      "WG1010",
      of.turns === null
        ? "how many turns this makes is known only when it runs"
        : `the verifier does not follow ${of.turns} turns`,
      newerKernel(owner, firstWithCallbacks),
    );
  const count =
    form === "bounded" && of.turns !== null && !of.isFixed ? boundedCount(fn, of.count, of.turns) : of.count;
  const location = locationOf(owner, node);
  const [head, body, step, after] = [builder.block(), builder.block(), builder.block(), builder.block()];
  const index = builder.param(head, "i32");
  builder.jump(head, [builder.i32(0)]);
  builder.switchTo(head);
  builder.branch(builder.compare("ult", index, count), body, after);
  if (form !== "bounded")
    builder.loop({
      header: head,
      form,
      turns: of.turns,
      driver: { kind: "loop", index, count },
      location,
    });
  builder.switchTo(body);
  const max = (of.turns ?? 1n << 23n) - 1n;
  bindItem(fn, initializer, of.item(scalar(integers.u32, index, { min: 0n, max })));
  const outer = fn.jumps.at(-1)?.turns ?? 1n;
  const turns = form === "bounded" ? outer * (of.turns ?? 1n) : outer;
  lowerLoopBody(fn, statement, { facts: new Map(), turns }, { onBreak: after, onContinue: step, labels });
  builder.jump(step);
  builder.switchTo(step);
  builder.jump(head, [builder.binary("add", index, builder.i32(1))]);
  builder.switchTo(after);
}

/** The verifier, which walks every turn, must see a bound; it loses that of a difference or quotient. */
function boundedCount(fn: FunctionState, count: ValueId, most: bigint): ValueId {
  const { builder } = fn;
  const join = builder.block();
  const bounded = builder.param(join, "i32");
  builder.branch(
    builder.compare("ugt", count, builder.i32(most)),
    { block: join, args: [builder.i32(most)] },
    { block: join, args: [count] },
  );
  builder.switchTo(join);
  return bounded;
}

/** Longer arrays would fill the program. */
const mostWrittenOut = 64;

function lowerWrittenOut(
  fn: FunctionState,
  node: ts.ForOfStatement,
  labels: readonly string[],
  length: number,
  item: Counted["item"],
): void {
  const { builder } = fn;
  const { initializer, statement, expression } = node;
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
    lowerLoopBody(fn, statement, { facts: new Map(), turns }, { onBreak: after, onContinue: next, labels });
    builder.jump(next);
    builder.switchTo(next);
  }
  builder.jump(after);
  builder.switchTo(after);
}

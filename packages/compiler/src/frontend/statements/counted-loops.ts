/** Loops that have a counter of their own: the shape that the drivers of `LoopHint` want. */
import ts from "#typescript";
import { mostIterations } from "../../ir/loop-limit.js";
import type { BlockId, LoopHint, ValueId } from "../../ir/types.js";
import { integers } from "../../types/integers.js";
import { lowerCondition } from "../expressions/conditions.js";
import { lowerExpression } from "../expressions/expressions.js";
import { reject } from "../rejections/rejection.js";
import { type FunctionState, locationOf } from "../state.js";
import { loadScalar, memoryAt } from "../values/memory.js";
import { boundsOf, isNumber, rejectValue, scalar } from "../values/scalars.js";
import type { ConstantValue, ScalarValue } from "../values/value.js";
import { lowerInForm } from "./callback-bodies.js";
import { constantNumber } from "./facts.js";
import type { LoopBound } from "./loop-bounds.js";
import type { Counter } from "./loop-counters.js";
import { type ConditionalLoop, conditionOf, partsOf } from "./loop-source.js";
import { lowerLoopBody } from "./loops.js";
import { countOf } from "./ranges.js";

const K = ts.SyntaxKind;

/** How often a loop runs. */
export interface Counted {
  /** The most turns, where that is known. */
  readonly turns: bigint | null;
  /** An i32: how many turns there are this time. */
  readonly count: ValueId;
  /** Whether `count` is a constant. */
  readonly isFixed: boolean;
}

/**
 * The count to give to `bpf_loop` or the kernel's iterator. A count that may exceed `mostIterations` is limited to that: the loop would
 * run nothing. The iterator also takes counts from 2^31 on for negative numbers.
 */
export function callableCount(fn: FunctionState, count: ValueId, turns: bigint | null): ValueId {
  if (turns !== null && turns <= mostIterations) return count;
  const { builder } = fn;
  const [larger, join] = [builder.block(), builder.block()];
  const limited = builder.param(join, "i32");
  const most = builder.i32(mostIterations);
  builder.branch(builder.compare("ugt", count, most), larger, { block: join, args: [count] });
  builder.switchTo(larger);
  builder.jump(join, [most]);
  builder.switchTo(join);
  return limited;
}

/** A loop of `count` turns. `body` lowers one; where it ends control goes on to the next. */
export function lowerCounted(
  fn: FunctionState,
  node: ConditionalLoop | ts.ForOfStatement,
  { turns, count, isFixed, form }: Counted & { readonly form: LoopHint["form"] },
  body: (index: ScalarValue, after: BlockId, step: BlockId) => void,
): void {
  const { builder, owner } = fn;
  const location = locationOf(owner, node);
  if (isFixed && (turns === null || turns > mostIterations))
    reject(
      ts.isForOfStatement(node) ? node.expression : (conditionOf(node) ?? node),
      "WG1010",
      `the kernel runs at most ${mostIterations} iterations of a loop`,
      "nest two loops of fewer iterations each",
    );
  const end = callableCount(fn, count, turns);
  const [head, turn, step, after] = [builder.block(), builder.block(), builder.block(), builder.block()];
  const index = builder.param(head, "i32");
  builder.jump(head, [builder.i32(0)]);
  builder.switchTo(head);
  if (form === "bounded" && turns !== null && !isFixed) {
    // The verifier, which walks every turn, must see a bound; it loses that of a difference or quotient.
    const rest = builder.block();
    builder.branch(builder.compare("ult", index, builder.i32(turns)), rest, after);
    builder.switchTo(rest);
  }
  builder.branch(builder.compare("ult", index, end), turn, after);
  const driver = { kind: "loop", index, count: end } as const;
  if (form === "bounded") builder.trust(index);
  else builder.loop({ header: head, form, turns, driver, location });
  builder.switchTo(turn);
  const max = (turns ?? mostIterations) - 1n;
  const number = scalar(integers.u32, index, { min: 0n, max: max < 0n ? 0n : max });
  lowerInForm(fn, form, () => body(number, after, step));
  builder.jump(step);
  builder.switchTo(step);
  builder.jump(head, [builder.binary("add", index, builder.i32(1))]);
  builder.switchTo(after);
}

/** `start + index * step`, an i32. */
export function numberAt(
  fn: FunctionState,
  start: ConstantValue | ScalarValue,
  step: bigint,
  index: ValueId,
): ValueId {
  const { builder } = fn;
  const far = step === 1n ? index : builder.binary("mul", index, builder.i32(step));
  if (start.kind !== "constant") return builder.binary("add", start.id, far);
  return start.value === 0n ? far : builder.binary("add", builder.i32(start.value), far);
}

/**
 * `for (let i = start; i < end; i += step) body` by a counter of the compiler's: `i` is then a constant in each turn. What else the
 * condition asks for is asked at the start of the body, and what else the third part does is done at its end.
 */
export function lowerCountedFor(
  fn: FunctionState,
  node: ts.ForStatement,
  bound: LoopBound,
  counter: Counter,
  labels: readonly string[],
): void {
  const { builder } = fn;
  const { symbol, type, step } = counter;
  const variable = fn.bindings.get(symbol);
  const start = startOf(fn, node, counter);
  const end = endOf(fn, counter);
  const [from, to] = [boundsOf(start), boundsOf(end)];
  const [low, high] = step.by > 0n ? [from.min, to.max] : [to.min, from.max];
  const size = step.by > 0n ? step.by : -step.by;
  const most = high > low ? (high - low + size - 1n) / size : 0n;
  const count = countOf(fn, start, end, step.by, most);
  const isFixed = start.kind === "constant" && end.kind === "constant";
  const turns = most < 1n << 31n ? most : null;
  const bounds = step.by > 0n ? { min: from.min, max: to.max - 1n } : { min: to.min + 1n, max: from.max };
  const known = bounds.max >= bounds.min ? bounds : { min: bounds.min, max: bounds.min };
  lowerCounted(fn, node, { turns, count, isFixed, form: bound.form }, (index, after) => {
    const id = numberAt(fn, start, step.by, index.id);
    const wide = type.size === 8 ? builder.unary(type.signed ? "sext32" : "zext32", id) : id;
    fn.bindings.set(symbol, { kind: "value", value: scalar(type, wide, known) });
    builder.name(wide, symbol.name);
    for (const condition of node.condition === undefined
      ? []
      : partsOf(node.condition, K.AmpersandAmpersandToken)) {
      if (ts.isBinaryExpression(condition) && [condition.left, condition.right].includes(counter.limit))
        continue;
      const body = builder.block();
      lowerCondition(fn, condition, body, after);
      builder.switchTo(body);
    }
    const rest = builder.block();
    lowerLoopBody(fn, node, bound, { onBreak: after, onContinue: rest, labels });
    builder.jump(rest);
    builder.switchTo(rest);
    for (const part of node.incrementor === undefined ? [] : partsOf(node.incrementor, K.CommaToken))
      if (part !== step.node) lowerExpression(fn, part);
  });
  if (variable !== undefined) fn.bindings.set(symbol, variable);
}

/**
 * A loop that its own condition ends before a counter of the compiler's does, which is there for the verifier. The condition is asked at the
 * start of each turn, of a `do` at its end.
 */
export function lowerWithCounter(
  fn: FunctionState,
  node: ConditionalLoop,
  bound: LoopBound & { readonly hidden: bigint },
  labels: readonly string[],
): void {
  const { builder } = fn;
  const { hidden: turns, form } = bound;
  const condition = conditionOf(node);
  lowerCounted(fn, node, { turns, count: builder.i32(turns), isFixed: true, form }, (_, after) => {
    const ask = (): void => {
      if (condition === undefined) return;
      const on = builder.block();
      lowerCondition(fn, condition, on, after);
      builder.switchTo(on);
    };
    if (!ts.isDoStatement(node)) ask();
    const rest = builder.block();
    lowerLoopBody(fn, node, bound, { onBreak: after, onContinue: rest, labels });
    builder.jump(rest);
    builder.switchTo(rest);
    if (ts.isDoStatement(node)) ask();
    else if (ts.isForStatement(node) && node.incrementor !== undefined) lowerExpression(fn, node.incrementor);
  });
}

/** What the counter is at first: its variable has it before the loop. */
function startOf(fn: FunctionState, node: ts.ForStatement, counter: Counter): ConstantValue | ScalarValue {
  const { initializer } = node;
  const declared =
    initializer !== undefined && ts.isVariableDeclarationList(initializer)
      ? initializer.declarations.find(({ name }) => name.getText() === counter.symbol.name)
      : undefined;
  const constant = declared?.initializer === undefined ? null : constantNumber(fn, declared.initializer);
  if (constant !== null) return { kind: "constant", value: constant, wide: false };
  const binding = fn.bindings.get(counter.symbol);
  if (binding?.kind !== "scalar") return { kind: "constant", value: 0n, wide: false };
  const place = memoryAt(binding.type, fn.builder.slotAddress(binding.slot), "stack");
  return narrowed(fn, loadScalar(fn, place, binding.type), declared ?? node);
}

/** The first number that ends the loop. */
function endOf(fn: FunctionState, { limit, inclusive, rising }: Counter): ConstantValue | ScalarValue {
  const value = lowerExpression(fn, limit);
  if (!isNumber(value)) return rejectValue(value, limit);
  const beyond = inclusive ? (rising ? 1n : -1n) : 0n;
  if (value.kind === "constant") return { ...value, value: value.value + beyond };
  const end = narrowed(fn, value, limit);
  if (beyond === 0n) return end;
  const { min, max } = boundsOf(end);
  const id = fn.builder.binary("add", end.id, fn.builder.i32(beyond));
  return scalar(end.type, id, { min: min + beyond, max: max + beyond });
}

/** The kernel counts in 32 bits. */
function narrowed(fn: FunctionState, value: ScalarValue, node: ts.Node): ScalarValue {
  if (value.type.kind !== "int" || value.type.size < 8) return value;
  const { min, max } = boundsOf(value);
  if (min < -(1n << 31n) || max > 0xffff_ffffn || (min < 0n && max >= 1n << 31n))
    reject(
      node,
      "WG2002",
      "a loop of so many turns counts in 32 bits, and this may not fit them",
      "count with a u32: for (let i: u32 = 0; i < u32(n); i++)",
    );
  return scalar(min < 0n ? integers.i32 : integers.u32, fn.builder.unary("trunc32", value.id), { min, max });
}

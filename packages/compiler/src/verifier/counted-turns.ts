/** How many turns of a loop the verifier walks, by running its counters. */
import type { ByteOrder } from "@waggle/object";
import type { Loop } from "../ir/analysis/loops.js";
import { evaluateBinary, evaluateCompare, evaluateUnary } from "../ir/evaluate.js";
import { bitsOf, targetsOf } from "../ir/operations.js";
import type { ValueId } from "../ir/types.js";
import type { LoopFacts } from "./loop-walk.js";

/** More are never walked: a turn is three instructions at least. */
const most = 400_000;
/** A number that is not known at first and shrinks has at most so many bits. */
const shrinking = 64;

/** Numbers by value: of counters in one turn. */
type Numbers = ReadonlyMap<ValueId, bigint>;

/** So many loops around are told apart by their first and last turns. */
const mostAround = 8;

/** The turns until a way out that depends on nothing but counters and constants is taken: the most, where counters of loops around matter. */
export function turnsOf(facts: LoopFacts, loop: Loop): number {
  const alone = count(facts, loop, new Map());
  if (!alone.isOpen) return alone.turns;
  const around = facts.loops
    .filter((other) => other !== loop && other.blocks.has(loop.header))
    .toSorted((a, b) => b.blocks.size - a.blocks.size);
  let outer: Numbers[] = [new Map()];
  for (const each of around.slice(0, mostAround))
    outer = outer.flatMap((numbers) => {
      const { first, last } = count(facts, each, numbers);
      return [first, last].map((turn) => new Map([...numbers, ...turn]));
    });
  return Math.max(...outer.map((numbers) => count(facts, loop, numbers).turns));
}

interface Count {
  readonly turns: number;
  readonly first: Numbers;
  readonly last: Numbers;
  /** Whether a value of outside would have to be known. */
  readonly isOpen: boolean;
}

/** Runs the counters of a loop, where the numbers of `outer` are known. */
function count({ flow, known, definitions: defs }: LoopFacts, loop: Loop, outer: Numbers): Count {
  let isOpen = false;
  const header = flow.blocks.get(loop.header);
  const params = header?.params ?? [];
  const [starts, steps] = [new Map<ValueId, ValueId>(), new Map<ValueId, ValueId>()];
  for (const [from, { terminator }] of flow.blocks)
    for (const { block, args } of targetsOf(terminator))
      if (block === loop.header)
        params.forEach(({ id }, index) => {
          const arg = args[index];
          if (arg !== undefined && known.has(id)) (loop.blocks.has(from) ? steps : starts).set(id, arg);
        });
  const exits = [...loop.blocks].flatMap((id) => {
    const terminator = flow.blocks.get(id)?.terminator;
    if (terminator?.op !== "branch" || !known.has(terminator.condition)) return [];
    const [goesOn, goesOnAtZero] = [terminator.then, terminator.else].map(({ block }) =>
      loop.blocks.has(block),
    );
    return goesOn === goesOnAtZero
      ? []
      : [{ condition: terminator.condition, endsAtZero: goesOnAtZero !== true }];
  });
  let counters = new Map<ValueId, bigint>();
  for (const [id, start] of starts) {
    const value = numberOf(start, new Map());
    if (value !== null) counters.set(id, value);
  }
  const first: Numbers = counters;
  let last: Numbers = counters;
  const after = (turns: number): Count => ({ turns, first, last, isOpen });
  if (exits.length === 0 || counters.size === 0) return after(shrinking);
  for (let turn = 0; turn < most; turn += 1) {
    const now = new Map(counters);
    const isOver = exits.some(({ condition, endsAtZero }) => {
      const value = numberOf(condition, now);
      return value !== null && (value === 0n) === endsAtZero;
    });
    if (isOver) return after(turn);
    last = counters;
    counters = new Map(
      [...counters.keys()].flatMap((id) => {
        const step = steps.get(id);
        const value = step === undefined ? null : numberOf(step, now);
        return value === null ? [] : [[id, value] as const];
      }),
    );
    if (counters.size === 0) return after(shrinking);
  }
  return after(most);

  /** A value in this turn; null when it depends on more than the loop's counters. */
  function numberOf(value: ValueId, now: Map<ValueId, bigint>): bigint | null {
    const found = now.get(value) ?? outer.get(value);
    if (found !== undefined) return found;
    const each = defs.get(value);
    if (each === undefined && known.has(value) && !isCounter(value)) isOpen = true;
    if (each?.op === "const") return each.value;
    if (each?.op !== "unary" && each?.op !== "binary" && each?.op !== "compare") return null;
    const operands = each.op === "unary" ? [each.operand] : [each.left, each.right];
    const [left, right] = operands.map((operand) => numberOf(operand, now));
    if (left === null || left === undefined || right === null) return null;
    const result =
      each.op === "unary"
        ? evaluateUnary(each.operator, left, bitsOf(each.type), order)
        : right === undefined
          ? null
          : each.op === "binary"
            ? evaluateBinary(each.operator, left, right, bitsOf(each.type))
            : evaluateCompare(each.operator, left, right, bitsOfOperand(each.left))
              ? 1n
              : 0n;
    if (result !== null) now.set(value, result);
    return result;
  }

  function isCounter(value: ValueId): boolean {
    return params.some(({ id }) => id === value);
  }

  function bitsOfOperand(value: ValueId): 32 | 64 {
    const each = defs.get(value);
    const type =
      each !== undefined && "type" in each ? each.type : params.find(({ id }) => id === value)?.type;
    return type === "i64" ? 64 : 32;
  }
}

/** Counters are not swapped. */
const order: ByteOrder = "little";

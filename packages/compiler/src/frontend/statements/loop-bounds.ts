/** Which loops end, as far as the source shows, and in what form they are made. */
import { kernelHas } from "@waggle/object";
import ts from "#typescript";
import { mostIterations } from "../../ir/loop-limit.js";
import type { LoopHint } from "../../ir/types.js";
import { newerKernel } from "../classes/class-rules.js";
import { reject, rejectSilently } from "../rejections/rejection.js";
import type { FactKey, FunctionState } from "../state.js";
import type { Range } from "../values/value.js";
import type { Facts } from "./assigned-facts.js";
import { namesBroken } from "./destructuring.js";
import { type Counter, countersOf } from "./loop-counters.js";
import type { Ending } from "./loop-endings.js";
import {
  firstWithCallbacks,
  firstWithLoops,
  loopForm,
  mostTurns,
  mostTurnsAroundMaps,
  unknownTurnsUnderLock,
} from "./loop-form.js";
import { mayForget, mayRepeat, walksMap } from "./loop-nesting.js";
import { shrinkingOf } from "./loop-shrinking.js";
import { type ConditionalLoop, conditionOf, leavesLoop } from "./loop-source.js";
import { workOf } from "./loop-work.js";

/** A turn is three instructions at least (test, step, jump), and the verifier follows a million. */
const mostTurnsTogether = 333_333n;

/** What is known of a loop that ends. */
export interface LoopBound {
  /** Of the counter in the body. */
  readonly facts: Map<FactKey, Range>;
  /** Of the counter where the condition is asked: in the body, or beyond its end. */
  readonly asked: Facts;
  /** Of it and the loops around it together, as far as the source shows. */
  readonly turns: bigint;
  /** Of it alone; null when that is known only when it runs. */
  readonly own: bigint | null;
  readonly form: LoopHint["form"];
  /** What counts the turns of a `for` whose end does not change while it runs; null when there is nothing such. */
  readonly counter: Counter | null;
  /** The turns of a counter that the compiler adds, for a loop whose own condition the verifier does not see the end of; else null. */
  readonly hidden: bigint | null;
}

/**
 * What is known of the counter in the loop's body.
 * Rejects a loop whose end the source does not show, and one that the oldest kernel has no form for.
 *
 * @param before what was known of variables where the loop begins
 */
export function loopBound(fn: FunctionState, node: ConditionalLoop, before: Facts): LoopBound {
  const condition = conditionOf(node);
  const outer = fn.jumps.at(-1)?.turns ?? 1n;
  const isNever = condition !== undefined && condition.kind === ts.SyntaxKind.FalseKeyword;
  if (isNever || leavesLoop(node.statement)) return { ...once, turns: outer };
  const work = workOf(node);
  const aroundMap = walksMap(fn, node.statement);
  const { kernel } = fn.owner.target;
  const shrinking = shrinkingOf(fn, node, before).map((each) => ({
    ...each,
    isSeen: each.isSeen && !mayForget(fn, node.statement),
  }));
  const found = [...countersOf(fn, node, before), ...shrinking];
  for (const ending of found) {
    const repeats = mayRepeat(fn, node.statement, outer * (ending.own ?? 1n));
    const size = {
      turns: ending.own,
      work,
      runs: outer,
      locked: fn.lock !== null,
      repeats,
      walksMap: aroundMap,
    };
    const made = loopForm(size, kernel);
    const { form, hidden } = made === null ? unmade : withCounter(ending, made);
    if (form === null) continue;
    const { own, counter, facts, asked } = ending;
    const turns = form === "bounded" ? outer * (own ?? 1n) : outer;
    if (turns > mostTurnsTogether)
      reject(
        condition ?? node,
        "WG1010",
        `this loop and those around it make ${turns} turns of three instructions or more, and the verifier follows a million in all`,
        "make them shorter, or do a part of the work each time the program runs",
      );
    if (ending.seen !== undefined && hidden === null) fn.ends.set(ending.seen.comparison, ending.seen.end);
    if (form === "bounded") rejectWorkUnderLock(fn, condition ?? node, turns, work);
    // The first turn of a `do` comes before its condition.
    const more = ts.isDoStatement(node) ? 1n : 0n;
    return {
      facts,
      asked: new Map(asked === null ? [] : [[ending.symbol, asked]]),
      turns,
      own: own === null ? null : own + more,
      form,
      counter,
      hidden: hidden === null ? null : hidden + more,
    };
  }
  const [first] = found;
  if (condition !== undefined && namesBroken(fn, condition)) rejectSilently();
  if (first !== undefined) return refuseForm(fn, condition ?? node, first, aroundMap);
  return reject(
    condition ?? node.getFirstToken() ?? node,
    "WG1010",
    "the end of this loop is not evident",
    "count up to a constant: for (let i = 0; i < 16; i++), and break early",
  );
}

/** Operations of all turns above which the verifier surely walks more than a million instructions: `workOf` counts far more than it walks. */
const mostWorkUnderLock = 16_000_000n;

/** Rejects a loop whose turns are walked one by one, because a lock is held, and are more than the verifier walks. */
export function rejectWorkUnderLock(fn: FunctionState, node: ts.Node, turns: bigint, work: bigint): void {
  if (fn.lock === null || turns * work <= mostWorkUnderLock) return;
  reject(
    node,
    "WG1010",
    `a lock is held here, so that the verifier walks every turn, and ${turns} turns of this body are more than the million instructions that it follows`,
    `make fewer turns, or do a part of the work under each lock; ${newerKernel(fn.owner, unknownTurnsUnderLock)}`,
  );
}

/** Of a loop that does not come back to its start. */
const once: LoopBound = {
  facts: new Map(),
  asked: new Map(),
  turns: 1n,
  own: 1n,
  form: "bounded",
  counter: null,
  hidden: null,
};

interface Made {
  readonly form: LoopHint["form"] | null;
  readonly hidden: bigint | null;
}
const unmade: Made = { form: null, hidden: null };

/** A form as it is taken: the verifier's own walk ends by a condition that it follows, all else by a counter. */
function withCounter({ counter, own, most, isSeen }: Ending, form: LoopHint["form"]): Made {
  const isWalked = form === "bounded" || form === "unroll";
  if (isWalked ? isSeen : counter !== null) return { form, hidden: null };
  if (most !== null && most < mostIterations) return { form, hidden: most };
  return own !== null && own <= mostTurns && isSeen ? { form: "bounded", hidden: null } : unmade;
}

/** Why a loop with a known number of turns is not walked. */
export const notFollowed = (turns: bigint, walksMap: boolean): string =>
  walksMap && turns <= mostTurns
    ? `the verifier follows ${mostTurnsAroundMaps} turns of loops around a loop over a map, and this makes ${turns}`
    : `the verifier does not follow ${turns} turns`;

/** A loop that ends, but not in a form that the oldest kernel has. */
function refuseForm(
  fn: FunctionState,
  node: ts.Node,
  { own, most, counter }: Ending,
  walksMap: boolean,
): never {
  const { owner } = fn;
  const { kernel } = owner.target;
  const hasLoops = kernelHas(kernel, firstWithLoops);
  const unknown = own === null || own > mostIterations;
  const message = unknown
    ? "how many turns this makes is known only when it runs"
    : hasLoops
      ? notFollowed(own, walksMap)
      : `kernels before ${firstWithLoops} take no loop, and ${own} turns are too many to write out`;
  const bound = "bound it by a constant: for (let i = 0; i < n && i < 64; i++)";
  if (fn.lock !== null && hasLoops)
    return reject(
      node,
      "WG1010",
      `${message}, and a lock is held here: the kernel then takes no call, which other loops are made of`,
      `${bound}; ${newerKernel(owner, unknownTurnsUnderLock)}`,
    );
  const first = unknown || hasLoops ? firstWithCallbacks : firstWithLoops;
  const isCountable = counter !== null || (most !== null && most < mostIterations);
  if (kernelHas(kernel, first) || (!isCountable && first === firstWithCallbacks))
    return reject(node, "WG1010", message, bound);
  return reject(node, "WG1010", message, `${bound}; ${newerKernel(owner, first)}`);
}

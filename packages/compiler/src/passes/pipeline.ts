/** The passes in order. */
import type { ByteOrder } from "@waggle/object";
import { faultPoint } from "../fault-injection.js";
import { BugError } from "../ir/bug-error.js";
import { checkFunction, checkModule } from "../ir/check.js";
import { workingOn } from "../ir/function-failure.js";
import { printFunction, printModule } from "../ir/print.js";
import type { IrFunction, Module } from "../ir/types.js";
import { mergeCommonSubexpressions } from "./common-subexpressions.js";
import { cleanControlFlow } from "./control-flow.js";
import { removeDeadCode } from "./dead-code.js";
import { removeDeadStores } from "./dead-stores.js";
import { forwardCopies } from "./forward-copies.js";
import { forwardStores } from "./forward-stores.js";
import { hideOffsets } from "./hide-offsets.js";
import { inferRegions } from "./infer-regions.js";
import { inlineCalls } from "./inline.js";
import { makeLoops } from "./make-loops.js";
import { mergeStores } from "./merge-stores.js";
import { mergeTails } from "./merge-tails.js";
import { promoteSlots } from "./promote-slots.js";
import { addressRules } from "./rules/address.js";
import { signRules } from "./rules/sign.js";
import { shareSlots } from "./share-slots.js";
import { simplify } from "./simplify.js";
import { threadJumps } from "./thread-jumps.js";
import { widenLoops } from "./widen-loops.js";

/** How far to go: 0 does what a program needs to load, 1 and 2 all passes for few or more rounds. */
export type OptimizationLevel = 0 | 1 | 2;

/** What to optimize for. */
export interface OptimizeOptions {
  readonly level: OptimizationLevel;
  readonly byteOrder: ByteOrder;
  /** Checks the invariants before the first and after every pass: for tests. */
  readonly check?: boolean;
}

type Pass = readonly [name: string, run: (f: IrFunction) => IrFunction];

/**
 * The module with its functions optimized.
 * @throws BugError when `check` is set and an invariant does not hold
 * @throws FunctionFailure when a pass fails
 */
export function optimize(module: Module, options: OptimizeOptions): Module {
  const { level } = options;
  verifyModule(module, "the frontend", options);
  const looped = makeLoops(module);
  verifyModule(looped, "make-loops", options);
  const inlined = inlineCalls(looped, level === 0 ? "required" : "small");
  verifyModule(inlined, "inline", options);
  const widened = widenLoops(inlined);
  verifyModule(widened, "widen-loops", options);
  const optimized = widened.functions.map((f) =>
    workingOn(f, () => {
      faultPoint("optimize", f.name);
      return optimizeFunction(f, options);
    }),
  );
  const hidden = hideOffsets({ ...widened, functions: optimized });
  verifyModule(hidden, "hide-offsets", options);
  return hidden;
}

/**
 * One function through the passes of its level; calls stay.
 * @throws BugError when `check` is set and an invariant does not hold
 */
export function optimizeFunction(f: IrFunction, options: OptimizeOptions): IrFunction {
  const { level } = options;
  let current = f;
  for (let round = 0; round < roundsOf[level]; round += 1) {
    const before = printFunction(current, { locations: false });
    for (const [name, run] of passesOf(options)) {
      current = run(current);
      verifyFunction(current, name, options);
    }
    if (printFunction(current, { locations: false }) === before) break;
  }
  for (const [name, run] of lastPasses(options)) {
    current = run(current);
    verifyFunction(current, name, options);
  }
  return current;
}

const roundsOf: Readonly<Record<OptimizationLevel, number>> = { 0: 1, 1: 4, 2: 12 };

function passesOf({ level, byteOrder }: OptimizeOptions): readonly Pass[] {
  if (level === 0) {
    return [
      // Also without optimizing, so that every local does not take its 8 of the 512 bytes of stack.
      ["promote-slots", (f) => promoteSlots(f)],
      ["address rules", (f) => simplify(f, { byteOrder, rules: [...addressRules, ...signRules] })],
      // Older verifiers (that of 6.1 is one) forget that a record was compared with null, and want it released where it is null.
      ["thread-jumps", (f) => threadJumps(f)],
      ["dead-code", removeDeadCode],
      ["control-flow", cleanControlFlow],
    ];
  }
  return [
    ["control-flow", cleanControlFlow],
    ["promote-slots", (f) => promoteSlots(f)],
    ["infer-regions", inferRegions],
    ["simplify", (f) => simplify(f, { byteOrder })],
    ["common-subexpressions", mergeCommonSubexpressions],
    ["forward-stores", forwardStores],
    ["forward-copies", forwardCopies],
    ["thread-jumps", (f) => threadJumps(f)],
    ["dead-stores", removeDeadStores],
    ["dead-code", removeDeadCode],
    ["control-flow", cleanControlFlow],
  ];
}

/** Passes that run last because they block others: wide stores of parts, slots and blocks that serve several ends. */
function lastPasses({ level, byteOrder }: OptimizeOptions): readonly Pass[] {
  // Also without optimizing: the verifier follows paths apart that differ in what they left in slots of their own.
  if (level === 0) return [["share-slots", shareSlots]];
  return [
    ["merge-stores", (f) => mergeStores(f, { byteOrder })],
    ["share-slots", shareSlots],
    ["merge-tails", mergeTails],
    ["common-subexpressions", mergeCommonSubexpressions],
    ["dead-code", removeDeadCode],
    ["control-flow", cleanControlFlow],
  ];
}

function verifyModule(module: Module, pass: string, { check }: OptimizeOptions): void {
  const problems = check === true ? checkModule(module) : [];
  if (problems.length > 0) throw new BugError(`after ${pass}:\n${problems.join("\n")}`, printModule(module));
}

function verifyFunction(f: IrFunction, pass: string, { check }: OptimizeOptions): void {
  const problems = check === true ? checkFunction(f) : [];
  if (problems.length > 0) throw new BugError(`after ${pass}:\n${problems.join("\n")}`, printFunction(f));
}

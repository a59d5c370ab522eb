/** Stack along chains of calls: the kernel counts a program's frame and those of all functions below it together. */
import type { IrFunction } from "../ir/types.js";
import { maxStackBytes } from "./frame.js";
import type { CompiledFunction } from "./generate.js";
import { TargetError, targetErrorCodes } from "./target-error.js";

/** The kernel's `MAX_CALL_FRAMES`: a program and the calls in it, nested. */
const maxFrames = 8;
/** A frame counts in steps of this; `check_max_stack_depth` of kernel/bpf/verifier.c, without a JIT. */
const frameStep = 32;

interface Chain {
  readonly functions: readonly CompiledFunction[];
  readonly bytes: number;
}

/** What a frame counts for in a chain. */
export function countedBytes(f: CompiledFunction): number {
  return Math.max(frameStep, Math.ceil(f.stackBytes / frameStep) * frameStep);
}

/**
 * Refuses programs whose deepest chain of calls needs too much stack or too many frames.
 * @returns one error for each program at fault
 */
export function checkCallChains(
  functions: readonly CompiledFunction[],
  declared: readonly IrFunction[],
): readonly TargetError[] {
  const byName = new Map(functions.map((f) => [f.name, f]));
  const heaviest = new Map<string, Chain>();
  const longest = new Map<string, Chain>();
  const locations = new Map(declared.map((f) => [f.name, f.location]));
  const chain = (f: CompiledFunction, memo: Map<string, Chain>, weigh: (chain: Chain) => number): Chain => {
    const known = memo.get(f.name);
    if (known !== undefined) return known;
    const alone: Chain = { functions: [f], bytes: countedBytes(f) };
    // Stands while the callees are walked, so that a call back to here ends.
    memo.set(f.name, alone);
    let best = alone;
    for (const { symbol } of f.relocations) {
      const callee = symbol.kind === "function" ? byName.get(symbol.name) : undefined;
      if (callee === undefined) continue;
      const below = chain(callee, memo, weigh);
      const whole = { functions: [f, ...below.functions], bytes: alone.bytes + below.bytes };
      if (weigh(whole) > weigh(best)) best = whole;
    }
    memo.set(f.name, best);
    return best;
  };
  const errors: TargetError[] = [];
  for (const program of functions) {
    if (program.section === null) continue;
    const heavy = chain(program, heaviest, ({ bytes }) => bytes);
    const long = chain(program, longest, (each) => each.functions.length);
    const location = locations.get(program.name) ?? null;
    if (heavy.bytes > maxStackBytes && heavy.functions.length > 1) {
      errors.push(
        new TargetError(
          targetErrorCodes.callChainTooDeep,
          `\`${program.name}\` and what it calls need ${heavy.bytes} bytes of stack together, and the kernel allows ${maxStackBytes}`,
          location,
          heavy.functions.map((f) => `\`${f.name}\` counts for ${countedBytes(f)} bytes`),
          "keep large values in a map, or do the work in one function after the other rather than one inside the other",
        ),
      );
    } else if (long.functions.length > maxFrames) {
      errors.push(
        new TargetError(
          targetErrorCodes.callChainTooDeep,
          `\`${program.name}\` nests ${long.functions.length} calls, and the kernel allows ${maxFrames} frames`,
          location,
          [`the chain is ${long.functions.map((f) => `\`${f.name}\``).join(" → ")}`],
          "let short functions be inlined, or call them one after the other",
        ),
      );
    }
  }
  return errors;
}

/** Loops that the verifier gives up on, and the sides of branches that it should follow first. */
import { formatKernelVersion, type KernelVersion, kernelHas } from "@waggle/object";
import type { IrFunction, SourceLocation, Terminator } from "../ir/types.js";
import { mostSteps, mostWaiting } from "./limits.js";
import { type CalleeWalk, type LoopWalk, loopWalks, type Side } from "./loop-walk.js";

/** What is wrong with a loop, and what would do. */
export interface LoopFault {
  readonly message: string;
  readonly help: string;
  readonly location: SourceLocation | null;
}

/** The first kernel with loops that are walked once (`bpf_loop`). */
const firstWithCallbacks = "5.17";

const nothing: CalleeWalk = { waiting: 0, steps: 0 };

/** The side of each branch of the function's loops that is to be followed first, where that matters. */
export function firstSides(f: IrFunction): ReadonlyMap<Terminator, Side> {
  return new Map(loopWalks(f, () => nothing).flatMap(({ first }) => [...first]));
}

/** The loops that are too long for the verifier: the worst of each function that has any. */
export function loopFaults(functions: readonly IrFunction[], kernel: KernelVersion): readonly LoopFault[] {
  const byName = new Map(functions.map((f) => [f.name, f]));
  const found = new Map<string, readonly LoopWalk[]>();
  const walksOf = (f: IrFunction, callers: ReadonlySet<string>): readonly LoopWalk[] => {
    const known = found.get(f.name);
    if (known !== undefined) return known;
    const inside = new Set([...callers, f.name]);
    const walks = loopWalks(f, (name) => {
      const callee = byName.get(name);
      // The verifier walks a global function once and by itself.
      if (callee === undefined || callee.linkage === "global" || inside.has(name)) return nothing;
      const loops = walksOf(callee, inside);
      return { waiting: sum(loops.map(({ left }) => left)), steps: sum(loops.map(({ steps }) => steps)) };
    });
    found.set(f.name, walks);
    return walks;
  };
  return functions.flatMap((f): LoopFault[] => {
    const walks = walksOf(f, new Set());
    const longest = walks.toSorted((a, b) => b.steps - a.steps)[0];
    const widest = walks.toSorted((a, b) => b.waiting - a.waiting)[0];
    if (widest !== undefined && widest.waiting > mostWaiting) {
      const message = `the verifier keeps ${mostWaiting} branches waiting at most, and the turns of this loop and those in it leave ${widest.waiting}`;
      return [{ message, help: helpFor(kernel), location: widest.location }];
    }
    if (longest === undefined || longest.steps <= mostSteps) return [];
    const message = `the verifier follows ${mostSteps} instructions at most, and the turns of this loop and those in it take about ${longest.steps}`;
    return [{ message, help: helpFor(kernel), location: longest.location }];
  });
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

function helpFor(kernel: KernelVersion): string {
  const shorter = "make fewer turns, or take branches out of them";
  if (kernelHas(kernel, firstWithCallbacks)) return `${shorter}; loop(n, …) is followed once`;
  return `${shorter}; kernels from ${firstWithCallbacks} on follow such loops once: the oldest kernel that is compiled for is ${formatKernelVersion(kernel)}, for newer ones only say target: { kernel: "${firstWithCallbacks}" } in xtask.config.ts or --kernel ${firstWithCallbacks}`;
}

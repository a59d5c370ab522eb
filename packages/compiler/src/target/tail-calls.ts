/** Tail calls out of functions: what the frames above may take, and the kernels that have them. */
import { functionsNamed } from "../ir/named-functions.js";
import type { Instruction, IrFunction } from "../ir/types.js";
import { regionOf } from "../passes/loops/region.js";
import { countedBytes } from "./call-chains.js";
import type { CompiledFunction } from "./generate.js";
import { TargetError, targetErrorCodes } from "./target-error.js";

/**
 * The frames above a function that makes a tail call must have less: its own is replaced, theirs stay, up to 33 times
 * (`check_max_stack_depth` of kernel/bpf/verifier.c).
 */
export const stackAboveTailCall = 256;
/** Kernels before it take a program with tail calls only when it calls no function. */
export const tailCallsInFunctionsSince = "5.10";

const isTailCall = (each: Instruction): boolean => each.op === "helper" && each.helper === "bpf_tail_call";

/** Whether the function itself makes a tail call. */
export const makesTailCall = (f: IrFunction): boolean =>
  f.blocks.some(({ instructions }) => instructions.some(isTailCall));

/**
 * Tail calls in loops that the kernel drives, and in what those call, before the passes make callbacks and iterators of them: out of
 * a callback the kernel takes none, and an iterator would not be destroyed.
 * @returns one error for each place in a loop
 */
export function tailCallsInLoops(functions: readonly IrFunction[]): readonly TargetError[] {
  const byName = new Map(functions.map((f) => [f.name, f]));
  const jumps = (name: string): boolean => {
    const f = byName.get(name);
    return f !== undefined && [...reachedFrom(f, byName)].some(makesTailCall);
  };
  return functions.flatMap((f) =>
    f.loops
      .filter(({ form }) => form === "callback" || form === "iterator")
      .flatMap((hint) => {
        const region = regionOf(f, hint) ?? new Set();
        const inside = f.blocks
          .filter(({ id }) => region.has(id))
          .flatMap(({ instructions }) => instructions);
        return inside.filter((each) => isTailCall(each) || (each.op === "call" && jumps(each.callee)));
      })
      .map(
        ({ location }) =>
          new TargetError(
            targetErrorCodes.tailCallInLoop,
            "the kernel drives this loop, and takes no tail call out of its body",
            location,
            [],
            "keep the index in a variable, leave the loop, and make the tail call after it",
          ),
      ),
  );
}

/**
 * Refuses tail calls below more stack than the kernel allows.
 * @returns one error for each function at fault
 */
export function checkTailCalls(
  functions: readonly CompiledFunction[],
  declared: readonly IrFunction[],
): readonly TargetError[] {
  const byName = new Map(functions.map((f) => [f.name, f]));
  const tailCallers = new Map(declared.filter(makesTailCall).map((f) => [f.name, f]));
  const errors = new Map<string, TargetError>();
  const walk = (f: CompiledFunction, above: readonly CompiledFunction[], bytes: number): void => {
    if (above.includes(f)) return;
    const caller = tailCallers.get(f.name);
    if (caller !== undefined && above.length > 0 && bytes >= stackAboveTailCall)
      errors.set(
        f.name,
        new TargetError(
          targetErrorCodes.callChainTooDeep,
          `\`${f.name}\` makes a tail call below ${bytes} bytes of stack, and the kernel allows fewer than ${stackAboveTailCall}`,
          caller.location,
          above.map((each) => `\`${each.name}\` counts for ${countedBytes(each)} bytes`),
          "make the tail call in the program itself, or keep large values in a map",
        ),
      );
    for (const { symbol } of f.relocations) {
      const callee = symbol.kind === "function" ? byName.get(symbol.name) : undefined;
      if (callee !== undefined) walk(callee, [...above, f], bytes + countedBytes(f));
    }
  };
  if (tailCallers.size > 0) for (const f of functions) if (f.section !== null) walk(f, [], 0);
  return [...errors.values()];
}

/** The first program that has tail calls and functions; null when there is none. For kernels that do not take it. */
export function mixedTailCall(functions: readonly IrFunction[]): IrFunction | null {
  const byName = new Map(functions.map((f) => [f.name, f]));
  return (
    functions.find((f) => {
      if (f.section === null) return false;
      const all = reachedFrom(f, byName);
      return all.size > 1 && [...all].some(makesTailCall);
    }) ?? null
  );
}

/** A function and all that it calls or hands on. */
function reachedFrom(
  f: IrFunction,
  byName: ReadonlyMap<string, IrFunction>,
  into: Set<IrFunction> = new Set(),
): ReadonlySet<IrFunction> {
  if (into.has(f)) return into;
  into.add(f);
  for (const name of functionsNamed(f)) {
    const callee = byName.get(name);
    if (callee !== undefined) reachedFrom(callee, byName, into);
  }
  return into;
}

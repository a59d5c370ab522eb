/** Gives loops the form that their hints ask for, inner loops first; afterwards no function has hints. */
import { withoutUnreachable } from "../ir/analysis/control-flow.js";
import { BugError } from "../ir/bug-error.js";
import { printFunction } from "../ir/print.js";
import type { IrFunction, LoopHint, Module } from "../ir/types.js";
import { loopToCallback } from "./loops/loops-to-callbacks.js";
import { iteratorFunctions, loopToIterator } from "./loops/loops-to-iterators.js";
import { type LoopResult, type Region, regionOf } from "./loops/region.js";
import { unrollLoop } from "./loops/unroll-loops.js";

type Form = (f: IrFunction, hint: LoopHint, region: Region, name: string) => LoopResult | null;

/** Null leaves the loop as it is. */
const forms: Readonly<Record<LoopHint["form"], Form>> = {
  bounded: () => null,
  unroll: unrollLoop,
  iterator: loopToIterator,
  callback: loopToCallback,
};

/** The module with its hinted loops made, with the functions and kernel functions that they need. */
export function makeLoops(module: Module): Module {
  if (module.functions.every(({ loops }) => loops.length === 0)) return module;
  const functions: IrFunction[] = [];
  const pending = module.functions.toReversed();
  for (let f = pending.pop(); f !== undefined; f = pending.pop()) functions.push(...makeLoopsOf(f));
  const used = new Set(
    functions
      .flatMap(({ blocks }) => blocks.flatMap(({ instructions }) => instructions))
      .flatMap((each) => (each.op === "kfunc" ? [each.name] : [])),
  );
  const known = new Set(module.externs.map(({ name }) => name));
  const added = iteratorFunctions.filter(({ name }) => used.has(name) && !known.has(name));
  return { ...module, functions, externs: [...module.externs, ...added] };
}

/** The function without hints, and the callbacks that its loops have become. */
function makeLoopsOf(input: IrFunction): IrFunction[] {
  let f = input;
  const callbacks: IrFunction[] = [];
  for (;;) {
    const found = f.loops.map((hint) => ({ hint, region: regionOf(f, hint) }));
    const [inner] = found.toSorted((a, b) => (a.region?.size ?? 0) - (b.region?.size ?? 0));
    if (inner === undefined) return [f, ...callbacks];
    const { hint, region } = inner;
    if (hint.driver?.kind === "map" && hint.form !== "callback") {
      throw new BugError(`a loop over a map has the form ${hint.form}`, printFunction(f));
    }
    const name = `${input.name}__loop${callbacks.length + 1}`;
    const made = region === null ? null : forms[hint.form](f, hint, region, name);
    callbacks.push(...(made?.functions ?? []));
    const kept = withoutUnreachable(made?.f ?? f);
    const present = new Set(kept.blocks.map(({ id }) => id));
    f = { ...kept, loops: f.loops.filter((each) => each !== hint && present.has(each.header)) };
  }
}

/** Of a class with functions that were not lowered: the programs that do without them. */
import { functionsNamed } from "../../ir/named-functions.js";
import type { IrFunction } from "../../ir/types.js";

/** The programs of which all that they call is there, and what they call. */
export function completePrograms(lowered: readonly IrFunction[]): readonly IrFunction[] {
  const byName = new Map(lowered.map((f) => [f.name, f]));
  const called = new Map(lowered.map((f) => [f.name, functionsNamed(f)]));
  const kept = new Set<string>();
  for (const { name, section } of lowered) {
    const reached = new Set([name]);
    for (const each of reached) for (const callee of called.get(each) ?? []) reached.add(callee);
    if (section === null || [...reached].some((each) => !byName.has(each))) continue;
    for (const each of reached) kept.add(each);
  }
  return lowered.filter(({ name }) => kept.has(name));
}

import type { BlockParam, ValueId } from "../ir/types.js";
import type { Copy } from "./copies.js";
import { sequentialise } from "./copies.js";
import type { Selection } from "./selection.js";
import { emit, homeOf, newRegister, readInto } from "./selection.js";

/** Gives a block's parameters their values, all at once. Deferred values read no register and come last. */
export function copySequence(s: Selection, params: readonly BlockParam[], args: readonly ValueId[]): void {
  const copies: Copy[] = [];
  const made: { readonly param: BlockParam; readonly value: ValueId }[] = [];
  for (const [index, param] of params.entries()) {
    const value = args[index];
    if (value === undefined) continue;
    if (s.deferred.has(value)) made.push({ param, value });
    else copies.push({ dst: homeOf(s, param.id), src: homeOf(s, value) });
  }
  for (const { dst, src } of sequentialise(copies, () => newRegister(s))) emit(s, { op: "move", dst, src });
  for (const { param, value } of made) readInto(s, homeOf(s, param.id), value);
}

/**
 * Elements of an array of numbers in a context at an index that varies. The verifier wants each access at a constant offset
 * (`check_ctx_access` in kernel/bpf/verifier.c), so that the index is compared with each number that it may be.
 */
import type { ValueId } from "../../ir/types.js";
import type { FunctionState } from "../state.js";
import type { ChosenElement } from "./value.js";

/** Arrays of more elements are not compared through. */
export const mostCompared = 16;

/** Runs `access` at the offset of the element that the index says; its result is what each access gives. */
export function atChosen(
  fn: FunctionState,
  { index, count, size }: ChosenElement,
  type: "i32" | "i64" | null,
  access: (offset: number) => ValueId | null,
): ValueId | null {
  const { builder } = fn;
  const join = builder.block();
  const result = type === null ? null : builder.param(join, type);
  for (let at = 0; at < count; at += 1) {
    const next = builder.block();
    if (at < count - 1) {
      const here = builder.block();
      builder.branch(builder.compare("eq", index, builder.i32(at)), here, next);
      builder.switchTo(here);
    }
    const given = access(at * size);
    builder.jump(join, given === null ? [] : [given]);
    if (at < count - 1) builder.switchTo(next);
  }
  builder.switchTo(join);
  return result;
}

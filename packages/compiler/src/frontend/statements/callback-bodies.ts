/** Bodies of loops that the kernel calls: functions of their own, which find what they use of the function around in its stack frame. */
import { kernelHas } from "@waggle/object";
import type { LoopHint } from "../../ir/types.js";
import { firstToFollowStackPointers } from "../../verifier/stack-pointers.js";
import type { FunctionState } from "../state.js";

/**
 * Lowers the body of a loop of the form. What is known of numbers from around it, the verifiers before `firstToFollowStackPointers` do not
 * know where the kernel calls the body.
 */
export function lowerInForm(fn: FunctionState, form: LoopHint["form"], body: () => void): void {
  if (form !== "callback" || kernelHas(fn.owner.target.kernel, firstToFollowStackPointers)) {
    body();
    return;
  }
  const trustAgain = fn.builder.distrustAll();
  const hidden = fn.facts.flatMap((facts) =>
    [...facts].map(([key, before]) => {
      const unseen = { ...before, unseen: true } as const;
      facts.set(key, unseen);
      return { facts, key, before, unseen };
    }),
  );
  body();
  for (const { facts, key, before, unseen } of hidden) if (facts.get(key) === unseen) facts.set(key, before);
  trustAgain();
}

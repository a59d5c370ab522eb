/** `withLock(value.lock, () => …)`. */

import type ts from "typescript";
import { lowerExpression } from "../expressions/expressions.js";
import { closureOf } from "../functions/closures.js";
import { lowerInPlace } from "../functions/in-place.js";
import { signatureOf } from "../functions/signatures.js";
import { reject } from "../rejections/rejection.js";
import type { FunctionState } from "../state.js";
import { addressOf } from "../values/memory.js";
import { rejectValue } from "../values/scalars.js";
import { argument, type Call } from "./arguments.js";

/** By the function's name in @waggle/kernel. */
export const lockCalls: Readonly<Record<string, Call>> = {
  withLock: (fn, node) => {
    const { builder } = fn;
    if (fn.lock !== null)
      reject(
        node,
        "WG1001",
        "a lock is held here, and a program holds one at a time",
        "end the first: withLock(a.lock, () => …); withLock(b.lock, () => …)",
      );
    const given = argument(node, 0);
    const lock = lowerExpression(fn, given);
    if (lock.kind !== "memory") return rejectValue(lock, given);
    if (lock.region !== "map")
      reject(given, "WG2005", "a lock is in the value of a map", "look the value up: Cls.map.get(key)");
    const closure = closureOf(fn, argument(node, 1));
    const pointer = addressOf(fn, lock);
    builder.helperVoid("bpf_spin_lock", [pointer]);
    const holding = { ...fn, lock: { calls: builder.calls } };
    const result = lowerInPlace(holding, node, closure, signatureOf(fn.owner, closure.node), () => {});
    builder.helperVoid("bpf_spin_unlock", [pointer]);
    return result;
  },
};

/** Rejects an expression that has become a call while a lock is held (`do_check` in kernel/bpf/verifier.c). */
export function rejectCallUnderLock({ lock, builder }: FunctionState, node: ts.Node): void {
  if (lock === null || builder.calls === lock.calls) return;
  lock.calls = builder.calls;
  reject(
    node,
    "WG1001",
    "this calls a helper or a function while a lock is held, which the kernel forbids",
    "call it before withLock, and use its result: const now = ktimeGetNs()",
  );
}

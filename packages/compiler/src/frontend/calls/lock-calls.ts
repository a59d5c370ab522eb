/** `withLock(value.lock, () => …)`. */

import ts from "#typescript";
import { lowerExpression } from "../expressions/expressions.js";
import { closureOf } from "../functions/closures.js";
import { lowerInPlace } from "../functions/in-place.js";
import { signatureOf } from "../functions/signatures.js";
import { reject } from "../rejections/rejection.js";
import { addressOf } from "../values/memory.js";
import { rejectValue } from "../values/scalars.js";
import { argument, type Call } from "./arguments.js";

/** By the function's name in @waggle/kernel. */
export const lockCalls: Readonly<Record<string, Call>> = {
  withLock: (fn, node) => {
    const { builder } = fn;
    const given = argument(node, 0);
    const lock = lowerExpression(fn, given);
    if (lock.kind !== "memory") return rejectValue(lock, given);
    if (lock.region !== "map")
      reject(given, "WG2005", "a lock is in the value of a map", "look the value up: Cls.map.get(key)");
    const closure = closureOf(fn, argument(node, 1));
    const pointer = addressOf(fn, lock);
    builder.helperVoid("bpf_spin_lock", [pointer]);
    const before = builder.calls;
    const result = lowerInPlace(fn, node, closure, signatureOf(fn.owner, closure.node), () => {});
    if (builder.calls !== before)
      reject(
        ts.isCallExpression(node) ? argument(node, 1) : node,
        "WG1001",
        "a helper or a function is called while the lock is held, which the kernel forbids",
        "call it before, and use its result: const now = ktimeGetNs()",
      );
    builder.helperVoid("bpf_spin_unlock", [pointer]);
    return result;
  },
};

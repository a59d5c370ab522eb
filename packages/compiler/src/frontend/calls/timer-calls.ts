/** `startTimer(Cls.map, value.timer, Cls.expired, 1_000_000n)`, `cancelTimer(value.timer)`. */

import type ts from "typescript";
import type { ValueId } from "../../ir/types.js";
import { integers } from "../../types/integers.js";
import { lowerExpression } from "../expressions/expressions.js";
import { reject } from "../rejections/rejection.js";
import type { FunctionState } from "../state.js";
import { addressOf } from "../values/memory.js";
import { coerce, rejectValue } from "../values/scalars.js";
import { argument, type Call, mapArgument } from "./arguments.js";
import { callbackAt } from "./kernel-callbacks.js";
import { errno } from "./map-calls.js";

const later = "the timer runs when this program is over, so that its function sees none of its variables";

/** `CLOCK_MONOTONIC` of linux/time.h. */
const MONOTONIC = 1;

function timerAt(fn: FunctionState, node: ts.Expression): ValueId {
  const timer = lowerExpression(fn, node);
  if (timer.kind !== "memory") return rejectValue(timer, node);
  if (timer.region === "stack")
    reject(node, "WG2005", "a timer is in the value of a map", "look the value up: Cls.map.get(key)");
  return addressOf(fn, timer);
}

/** By the function's name in @waggle/kernel. */
export const timerCalls: Readonly<Record<string, Call>> = {
  startTimer: (fn, node) => {
    const { builder } = fn;
    const map = mapArgument(fn, argument(node, 0));
    const timer = timerAt(fn, argument(node, 1));
    const callback = callbackAt(fn, argument(node, 2), map, "entry", later);
    const place = argument(node, 3);
    const delay = coerce(fn, lowerExpression(fn, place), integers.u64, place).id;
    // A timer that was made before says -EBUSY, and is as good.
    builder.helperVoid("bpf_timer_init", [timer, builder.map(map.name), builder.i64(MONOTONIC)]);
    builder.helperVoid("bpf_timer_set_callback", [timer, callback]);
    return errno(fn, builder.helper("bpf_timer_start", "i64", [timer, delay, builder.i64(0)]));
  },
  cancelTimer: (fn, node) => {
    const timer = timerAt(fn, argument(node, 0));
    return errno(fn, fn.builder.helper("bpf_timer_cancel", "i64", [timer]));
  },
};

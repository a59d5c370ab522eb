/** Functions of @waggle/kernel: helpers and conversions, by name. */

import type ts from "typescript";
import type { ValueId } from "../../ir/types.js";
import type { IntType, PointerType } from "../../types/data-type.js";
import { integers } from "../../types/integers.js";
import { sizeOf } from "../../types/layout.js";
import { lowerExpression } from "../expressions/expressions.js";
import { callLoop } from "../functions/visits.js";
import { kernelQueries } from "../kernel-types/kernel-queries.js";
import type { FunctionState } from "../state.js";
import { zeroPadding } from "../values/memory.js";
import { opaquePointer } from "../values/resolve-type.js";
import { coerce, convert, registerOf, rejectValue, scalar } from "../values/scalars.js";
import type { MemoryValue, Value } from "../values/value.js";
import { argument, type Call, typeArgument, writtenAddress } from "./arguments.js";
import { elementAt } from "./array-calls.js";
import { choiceCalls } from "./choice-calls.js";
import { factCalls } from "./fact-calls.js";
import { layoutCalls } from "./layout-calls.js";
import { lockCalls } from "./lock-calls.js";
import { stackCalls } from "./stack-calls.js";
import { timerCalls } from "./timer-calls.js";

/** A helper that fills memory: (target, size, source). */
const readHelpers: Readonly<Record<string, string>> = {
  probeReadUser: "bpf_probe_read_user",
  probeReadKernel: "bpf_probe_read_kernel",
  probeReadUserStr: "bpf_probe_read_user_str",
  probeReadKernelStr: "bpf_probe_read_kernel_str",
};

const converters: Readonly<Record<string, IntType>> = {
  u8: integers.u8,
  u16: integers.u16,
  u32: integers.u32,
  u64: integers.u64,
  i8: integers.i8,
  i16: integers.i16,
  i32: integers.i32,
  i64: integers.i64,
  be16: integers.__be16,
  be32: integers.__be32,
  be64: integers.__be64,
};

function helperResult(
  fn: FunctionState,
  helper: string,
  args: ValueId[],
  type: IntType | PointerType,
): Value {
  const id = fn.builder.helper(helper, "i64", args);
  return scalar(type, registerOf(type) === "i64" ? id : fn.builder.unary("trunc32", id));
}

/** Memory that a helper writes. */
interface Buffer {
  readonly place: MemoryValue;
  readonly address: ValueId;
  /** In bytes. */
  readonly size: number;
}

function buffer(fn: FunctionState, node: ts.Expression): Buffer {
  const place = lowerExpression(fn, node);
  if (place.kind !== "memory") return rejectValue(place, node);
  return { place, address: writtenAddress(fn, place, node), size: sizeOf(place.type) };
}

const comm: Call = (fn, node) => {
  const { address, size } = buffer(fn, argument(node, 0));
  return helperResult(fn, "bpf_get_current_comm", [address, fn.builder.i64(size)], integers.i64);
};

/** `userPtr(number)` and `kernelPtr(number)`: the number is the address. */
const addressAt: Call = (fn, node) => {
  const given = argument(node, 0);
  return scalar(opaquePointer, coerce(fn, lowerExpression(fn, given), integers.u64, given).id);
};

/** By the function's name in @waggle/kernel. */
export const intrinsics: ReadonlyMap<string, Call> = new Map<string, Call>([
  ...Object.entries(kernelQueries),
  ...Object.entries(layoutCalls),
  ...Object.entries(stackCalls),
  ...Object.entries(lockCalls),
  ...Object.entries(factCalls),
  ...Object.entries(timerCalls),
  ...Object.entries(choiceCalls),
  ["elementAt", elementAt],
  ...Object.entries(readHelpers).map(([name, helper]): [string, Call] => [
    name,
    (fn, node) => {
      const { place, address, size } = buffer(fn, argument(node, 0));
      const source = coerce(fn, lowerExpression(fn, argument(node, 1)), opaquePointer, argument(node, 1));
      const result = helperResult(fn, helper, [address, fn.builder.i64(size), source.id], integers.i64);
      zeroPadding(fn, place);
      return result;
    },
  ]),
  ...Object.entries(converters).map(([name, type]): [string, Call] => [
    name,
    (fn, node) => {
      const value = lowerExpression(fn, argument(node, 0));
      if (value.kind !== "constant" && value.kind !== "scalar" && value.kind !== "kernel")
        rejectValue(value, argument(node, 0));
      return convert(fn, value, type, node);
    },
  ]),
  ["userPtr", addressAt],
  ["kernelPtr", addressAt],
  ["loop", callLoop],
  ["getCurrentComm", comm],
  ["currentComm", comm],
  [
    "sizeof",
    (fn, node) => ({ kind: "constant", value: BigInt(sizeOf(typeArgument(fn, node))), wide: false }),
  ],
]);

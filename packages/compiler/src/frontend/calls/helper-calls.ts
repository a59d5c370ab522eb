/**
 * Helpers of the kernel that are called as they are: `skbPullData(ctx, 64)` is `bpf_skb_pull_data`. What each argument is, the table of
 * helpers says; the size of memory is that of its type.
 */

import { type HelperArg, type HelperRow, helpers } from "@waggle/object";
import ts from "#typescript";
import type { MapDefinition, ValueId } from "../../ir/types.js";
import { integers } from "../../types/integers.js";
import { sizeOf } from "../../types/layout.js";
import { lowerExpression } from "../expressions/expressions.js";
import { kernelStruct } from "../kernel-types/declared-types.js";
import { asKernel, kernelAddress, kernelAt } from "../kernel-types/kernel-memory.js";
import { reject } from "../rejections/rejection.js";
import type { FunctionState } from "../state.js";
import { addressOf, argumentAddress, memoryAt, zeroPadding } from "../values/memory.js";
import { opaquePointer } from "../values/resolve-type.js";
import { boolean, coerce, convertInt, rejectValue, scalar } from "../values/scalars.js";
import type { MemoryValue, Value } from "../values/value.js";
import { type Call, contextArgument, mapArgument, writtenAddress } from "./arguments.js";
import { titleOf } from "./helper-names.js";

const byTitle = new Map(helpers.map((row) => [titleOf(row.name), row]));

/** What the arguments before say of those after. */
interface Before {
  map: MapDefinition | null;
  /** Bytes of the memory that was given last. */
  size: number;
  /** Whether the helper writes to the memory that is given next. */
  isWritten: boolean;
  /** The memory that the helper writes to. */
  written: MemoryValue | null;
}

/** Makes the register of an argument; `node` is null for one that is left out. */
type Lower = (fn: FunctionState, node: ts.Expression | null, before: Before) => ValueId;

function needed(node: ts.Expression | null): ts.Expression {
  if (node === null) throw new TypeError("TypeScript counts arguments");
  return node;
}

const mapElement =
  (part: "key" | "value"): Lower =>
  (fn, node, { map }) => {
    const given = needed(node);
    const type = map?.[part] ?? null;
    if (type === null) return reject(given, "WG2007", `this map has no ${part}`);
    return argumentAddress(fn, lowerExpression(fn, given, type), type, part, given);
  };

const lowerers: Readonly<Record<Exclude<HelperArg, "callback" | "size">, Lower>> = {
  map: (fn, node, before) => {
    const map = mapArgument(fn, needed(node));
    before.map = map;
    return fn.builder.map(map.name);
  },
  "map-key": mapElement("key"),
  "map-value": mapElement("value"),
  context: (fn, node) => contextArgument(fn, needed(node)),
  "stack-or-memory": (fn, node, before) => {
    before.size = 0;
    if (node === null || node.kind === ts.SyntaxKind.NullKeyword) return fn.builder.nullPointer();
    const value = lowerExpression(fn, node);
    if (value.kind !== "memory") return rejectValue(value, node);
    before.size = sizeOf(value.type);
    if (before.isWritten) {
      before.written = value;
      return writtenAddress(fn, value, node);
    }
    // Packets are copied before: not every helper takes them.
    return value.region === "packet" || value.region === "context"
      ? argumentAddress(fn, value, value.type, "argument", node)
      : addressOf(fn, value);
  },
  integer: (fn, node) => {
    const { builder, owner } = fn;
    if (node === null) return builder.i64(0);
    const wanted = owner.checker.getContextualType(node);
    const data =
      wanted === undefined
        ? integers.u64
        : owner.resolver.data(owner.checker.getNonNullableType(wanted), node);
    if (data.kind !== "int") return reject(node, "WG2005", "a number is needed here");
    const value = coerce(fn, lowerExpression(fn, node, data), data, node);
    // A number in network order is passed as its bytes lie in memory.
    if (data.bigEndian) return builder.unary("zext32", value.id);
    return convertInt(fn, value, data.signed ? integers.i64 : integers.u64).id;
  },
  pointer: (fn, node) => {
    const given = needed(node);
    const value = lowerExpression(fn, given);
    if (value.kind === "memory") return addressOf(fn, value);
    const place = asKernel(fn.owner, value, fn.owner.checker.getTypeAtLocation(given), given);
    if (place?.trusted === true && place.access.length === 0) return place.base;
    return reject(given, "WG1001", "the verifier does not trust this pointer");
  },
  any: (fn, node) => {
    const given = needed(node);
    const value = lowerExpression(fn, given);
    if (value.kind === "kernel") return kernelAddress(fn, value);
    return coerce(fn, value, opaquePointer, given).id;
  },
};

function lowerHelper(fn: FunctionState, node: ts.CallExpression, row: HelperRow): Value {
  const before: Before = { map: null, size: 0, isWritten: false, written: null };
  let next = 0;
  const args = row.args.map((kind, index) => {
    before.isWritten = index === row.writes;
    if (kind === "size") return fn.builder.i64(before.size);
    if (kind === "callback") return reject(node, "WG1001", `${row.name} calls back, which is not compiled`);
    return lowerers[kind](fn, node.arguments[next++] ?? null, before);
  });
  const result = resultOf(fn, node, row, args);
  if (before.written !== null) zeroPadding(fn, before.written);
  return result;
}

/** Helpers whose object the verifier takes for another than a full socket: `ret_type` of their `bpf_func_proto`. */
const objects: Readonly<Record<string, string>> = { bpf_skc_lookup_tcp: "sock-common" };

function resultOf(
  fn: FunctionState,
  node: ts.CallExpression,
  row: HelperRow,
  args: readonly ValueId[],
): Value {
  const { builder, owner } = fn;
  const { checker } = owner;
  if (row.returns === "void") {
    builder.helperVoid(row.name, [...args]);
    return { kind: "void" };
  }
  // A helper may be generic in what it gives, which the place that it is given to decides.
  const type = checker.getTypeAtLocation(node);
  if (row.returns === "integer") {
    const id = builder.helper(row.name, "i64", [...args]);
    const resolved = owner.resolver.resolve(type, node);
    if (resolved.kind === "void") return { kind: "void" };
    if (resolved.kind === "data" && resolved.type.kind === "pointer") return scalar(resolved.type, id);
    if (resolved.kind !== "data" || resolved.type.kind !== "int")
      return reject(node, "WG2005", "a helper gives a number");
    if (resolved.type.name === "bool") return boolean(builder.compare("ne", id, builder.i64(0)));
    if (resolved.type.size === 8) return scalar(resolved.type, id);
    return scalar(resolved.type, builder.unary("trunc32", id));
  }
  const pointer = builder.helper(row.name, "ptr", [...args]);
  const nullable = row.returns === "pointer-or-null";
  const struct = kernelStruct(owner, checker.getNonNullableType(type), node);
  if (struct !== null) return kernelAt(struct, pointer, true);
  const resolved = owner.resolver.resolve(checker.getNonNullableType(type), node);
  if (resolved.kind !== "data" && resolved.kind !== "ref")
    return reject(node, "WG2005", "the type is not known");
  const object = objects[row.name];
  return memoryAt(resolved.type, pointer, "context", {
    nullable,
    readonly: true,
    ...(object !== undefined && { object }),
  });
}

/** The call of a helper by the function's name in @waggle/kernel; null for what is none. */
export function helperCall(name: string): Call | null {
  const row = byTitle.get(name);
  return row === undefined ? null : (fn, node) => lowerHelper(fn, node, row);
}

/** The methods of maps. */

import { kernelHas, lostSuffix } from "@waggle/object";
import ts from "#typescript";
import type { MapDefinition, ValueId } from "../../ir/types.js";
import type { DataType } from "../../types/data-type.js";
import { integers } from "../../types/integers.js";
import { sizeOf } from "../../types/layout.js";
import { lowerExpression } from "../expressions/expressions.js";
import { rejectOtherRing } from "../functions/record-origins.js";
import { callForEach } from "../functions/visits.js";
import { reject } from "../rejections/rejection.js";
import type { FunctionState } from "../state.js";
import { atToken } from "../token-location.js";
import { addressOf, argumentAddress, checkLayout, memoryAt, valueAt } from "../values/memory.js";
import { boolean, coerce, rejectValue, scalar } from "../values/scalars.js";
import type { Value } from "../values/value.js";
import { argument } from "./arguments.js";
import { ownMethods } from "./own-map-calls.js";

/** `bpf_map_update_elem`'s flags: BPF_ANY, BPF_NOEXIST, BPF_EXIST. */
export const modes: Readonly<Record<string, number>> = { any: 0, create: 1, update: 2 };

/** Lowers a call of a map's method. `address` gives the map, where the call needs it. */
export type MapCall = (
  fn: FunctionState,
  node: ts.CallExpression,
  map: MapDefinition,
  address: () => ValueId,
) => Value;

export function memory(fn: FunctionState, node: ts.Expression, type: DataType | null, name: string): ValueId {
  if (type === null) return reject(node, "WG2007", "this map has no such type");
  const value = lowerExpression(fn, node, type);
  return atToken(fn, node, () => argumentAddress(fn, value, type, name, node));
}

const release =
  (helper: string): MapCall =>
  (fn, node, map) => {
    const given = argument(node, 0);
    const record = lowerExpression(fn, given);
    if (record.kind !== "memory" || map.record === null) return rejectValue(record, given);
    if (record.region === "stack" || record.region === "packet" || record.displacement !== 0)
      reject(
        given,
        "WG2012",
        "this is not a record that reserve gave",
        `${map.name}.output(…) copies a value`,
      );
    rejectOtherRing(fn.owner, node, given);
    checkLayout(record, map.record, given);
    fn.builder.helperVoid(helper, [addressOf(fn, record), fn.builder.i64(0)]);
    return { kind: "void" };
  };

/**
 * Counts a record that did not fit: a ring buffer does not. The counter is `<map>__lost` in `.bss`, a u64 that readers
 * look for by that name.
 */
export function countLost(fn: FunctionState, map: string): void {
  const { builder } = fn;
  const name = `${map}${lostSuffix}`;
  const initial = new Uint8Array(integers.u64.size);
  fn.owner.ownData.set(name, { name, section: ".bss", type: integers.u64, initial, mutable: true });
  builder.atomic("add", builder.global(name), builder.i64(1));
}

/**
 * 0 or a negative errno of a map's operation. Kernels before 6.4 call the map's own function in place of the helper, which gives
 * 32 bits and leaves the upper half to chance.
 */
export function errno(fn: FunctionState, result: ValueId): Value {
  const { builder, owner } = fn;
  if (kernelHas(owner.target.kernel, "6.4")) return scalar(integers.i64, result);
  return scalar(integers.i64, builder.unary("sext32", builder.unary("trunc32", result)));
}

/** `BPF_RB_AVAIL_DATA` and what follows, by value. */
const queries: readonly string[] = ["available", "size", "consumer", "producer"];

/** By the method's name, of maps in general. */
const mapMethods: Readonly<Record<string, MapCall>> = {
  get: (fn, node, map, address) => {
    const key = memory(fn, argument(node, 0), map.key, "key");
    const pointer = fn.builder.helper("bpf_map_lookup_elem", "ptr", [address(), key]);
    if (map.value === null) return reject(node, "WG2007", "this map has no values");
    return valueAt(map, map.value, pointer, { nullable: true });
  },
  has: (fn, node, map, address) => {
    const { builder } = fn;
    const key = memory(fn, argument(node, 0), map.key, "key");
    const pointer = builder.helper("bpf_map_lookup_elem", "ptr", [address(), key]);
    return boolean(builder.compare("ne", pointer, builder.nullPointer()));
  },
  set: (fn, node, map, address) => {
    const { builder } = fn;
    const key = memory(fn, argument(node, 0), map.key, "key");
    const value = memory(fn, argument(node, 1), map.value, "value");
    const given = node.arguments[2];
    const mode = given === undefined ? 0 : ts.isStringLiteral(given) ? modes[given.text] : undefined;
    if (mode === undefined)
      return reject(given ?? node, "WG2010", "the mode is a constant", 'write "any", "create" or "update"');
    const result = builder.helper("bpf_map_update_elem", "i64", [address(), key, value, builder.i64(mode)]);
    return errno(fn, result);
  },
  getOrInsert: (fn, node, map, address) => {
    const { builder } = fn;
    if (map.value === null) return reject(node, "WG2007", "this map has no values");
    const key = memory(fn, argument(node, 0), map.key, "key");
    const value = memory(fn, argument(node, 1), map.value, "value");
    const look = (): ValueId => builder.helper("bpf_map_lookup_elem", "ptr", [address(), key]);
    const found = look();
    const [missing, join] = [builder.block(), builder.block()];
    const pointer = builder.param(join, "ptr");
    builder.branch(builder.compare("eq", found, builder.nullPointer()), missing, {
      block: join,
      args: [found],
    });
    builder.switchTo(missing);
    // Another CPU may have inserted it meanwhile: its value stays.
    builder.helper("bpf_map_update_elem", "i64", [address(), key, value, builder.i64(modes.create ?? 0)]);
    builder.jump(join, [look()]);
    builder.switchTo(join);
    return valueAt(map, map.value, pointer, { nullable: true });
  },
  delete: (fn, node, map, address) => {
    const key = memory(fn, argument(node, 0), map.key, "key");
    return errno(fn, fn.builder.helper("bpf_map_delete_elem", "i64", [address(), key]));
  },
  forEach: callForEach,
  call: (fn, node, _map, address) => {
    const { builder } = fn;
    const context = lowerExpression(fn, argument(node, 0));
    if (context.kind !== "context") return rejectValue(context, argument(node, 0));
    const place = argument(node, 1);
    const index = coerce(fn, lowerExpression(fn, place), integers.u32, place);
    const args = [context.pointer, address(), builder.unary("zext32", index.id)];
    builder.helperVoid("bpf_tail_call", args);
    return { kind: "void" };
  },
  reserve: (fn, node, map, address) => {
    const { builder } = fn;
    if (map.record === null) return reject(node, "WG2007", "this map has no records");
    const size = sizeOf(map.record);
    const pointer = builder.helper("bpf_ringbuf_reserve", "ptr", [
      address(),
      builder.i64(size),
      builder.i64(0),
    ]);
    const [there, full, join] = [builder.block(), builder.block(), builder.block()];
    builder.branch(builder.compare("ne", pointer, builder.nullPointer()), there, full);
    builder.switchTo(full);
    countLost(fn, map.name);
    builder.jump(join);
    builder.switchTo(there);
    // The buffer's memory is not cleared by the kernel: a field that is not written would show an old record.
    builder.zero(pointer, size, 8, "map");
    builder.jump(join);
    builder.switchTo(join);
    return memoryAt(map.record, pointer, "map", { nullable: true, align: 8 });
  },
  query: (fn, node, _map, address) => {
    const { builder } = fn;
    const given = argument(node, 0);
    const what = ts.isStringLiteralLike(given) ? queries.indexOf(given.text) : -1;
    if (what < 0) return reject(given, "WG2010", `one of ${queries.join(", ")} is written here`);
    return scalar(integers.u64, builder.helper("bpf_ringbuf_query", "i64", [address(), builder.i64(what)]));
  },
  submit: release("bpf_ringbuf_submit"),
  discard: release("bpf_ringbuf_discard"),
  output: (fn, node, map, address) => {
    const { builder } = fn;
    if (map.record === null) return reject(node, "WG2007", "this map has no records");
    const record = memory(fn, argument(node, 0), map.record, "record");
    const args = [address(), record, builder.i64(sizeOf(map.record)), builder.i64(0)];
    const result = builder.helper("bpf_ringbuf_output", "i64", args);
    const [full, join] = [builder.block(), builder.block()];
    builder.branch(builder.compare("slt", result, builder.i64(0)), full, join);
    builder.switchTo(full);
    countLost(fn, map.name);
    builder.jump(join);
    builder.switchTo(join);
    return scalar(integers.i64, result);
  },
};

/** A call of a method of a map. */
export function mapCall(
  fn: FunctionState,
  node: ts.CallExpression,
  name: ts.MemberName,
  map: MapDefinition,
  address: () => ValueId,
): Value {
  const own = ownMethods[map.type];
  const lower = own?.[name.text] ?? (own === undefined ? mapMethods[name.text] : undefined);
  if (lower === undefined)
    return reject(name, "WG1013", `${map.type} maps have no ${name.text} in kernel code`);
  return lower(fn, node, map, address);
}

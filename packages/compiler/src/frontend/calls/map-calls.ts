/** The methods of maps. */

import { kernelHas } from "@waggle/object";
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
import { addressOf, argumentAddress, checkLayout, memoryAt } from "../values/memory.js";
import { boolean, coerce, rejectValue, scalar } from "../values/scalars.js";
import type { Value } from "../values/value.js";
import { argument } from "./arguments.js";

/** `bpf_map_update_elem`'s flags: BPF_ANY, BPF_NOEXIST, BPF_EXIST. */
const modes: Readonly<Record<string, number>> = { any: 0, create: 1, update: 2 };

type MapCall = (fn: FunctionState, node: ts.CallExpression, map: MapDefinition) => Value;

function memory(fn: FunctionState, node: ts.Expression, type: DataType | null, name: string): ValueId {
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
function countLost(fn: FunctionState, map: MapDefinition): void {
  const { builder } = fn;
  const name = `${map.name}__lost`;
  const initial = new Uint8Array(integers.u64.size);
  fn.owner.counters.set(name, { name, section: ".bss", type: integers.u64, initial, mutable: true });
  builder.atomic("add", builder.global(name), builder.i64(1));
}

/**
 * 0 or a negative errno of a map's operation. Kernels before 6.4 call the map's own function in place of the helper, which gives
 * 32 bits and leaves the upper half to chance.
 */
function errno(fn: FunctionState, result: ValueId): Value {
  const { builder, owner } = fn;
  if (kernelHas(owner.target.kernel, "6.4")) return scalar(integers.i64, result);
  return scalar(integers.i64, builder.unary("sext32", builder.unary("trunc32", result)));
}

/** By the method's name. */
export const mapMethods: Readonly<Record<string, MapCall>> = {
  get: (fn, node, map) => {
    const key = memory(fn, argument(node, 0), map.key, "key");
    const pointer = fn.builder.helper("bpf_map_lookup_elem", "ptr", [fn.builder.map(map.name), key]);
    if (map.value === null) return reject(node, "WG2007", "this map has no values");
    return memoryAt(map.value, pointer, "map", { nullable: true });
  },
  has: (fn, node, map) => {
    const { builder } = fn;
    const key = memory(fn, argument(node, 0), map.key, "key");
    const pointer = builder.helper("bpf_map_lookup_elem", "ptr", [builder.map(map.name), key]);
    return boolean(builder.compare("ne", pointer, builder.nullPointer()));
  },
  set: (fn, node, map) => {
    const { builder } = fn;
    const key = memory(fn, argument(node, 0), map.key, "key");
    const value = memory(fn, argument(node, 1), map.value, "value");
    const given = node.arguments[2];
    const mode = given === undefined ? 0 : ts.isStringLiteral(given) ? modes[given.text] : undefined;
    if (mode === undefined)
      return reject(given ?? node, "WG2010", "the mode is a constant", 'write "any", "create" or "update"');
    const result = builder.helper("bpf_map_update_elem", "i64", [
      builder.map(map.name),
      key,
      value,
      builder.i64(mode),
    ]);
    return errno(fn, result);
  },
  delete: (fn, node, map) => {
    const key = memory(fn, argument(node, 0), map.key, "key");
    return errno(fn, fn.builder.helper("bpf_map_delete_elem", "i64", [fn.builder.map(map.name), key]));
  },
  forEach: callForEach,
  call: (fn, node, map) => {
    const { builder } = fn;
    const context = lowerExpression(fn, argument(node, 0));
    if (context.kind !== "context") return rejectValue(context, argument(node, 0));
    const place = argument(node, 1);
    const index = coerce(fn, lowerExpression(fn, place), integers.u32, place);
    const args = [context.pointer, builder.map(map.name), builder.unary("zext32", index.id)];
    builder.helperVoid("bpf_tail_call", args);
    return { kind: "void" };
  },
  reserve: (fn, node, map) => {
    const { builder } = fn;
    if (map.record === null) return reject(node, "WG2007", "this map has no records");
    const size = sizeOf(map.record);
    const pointer = builder.helper("bpf_ringbuf_reserve", "ptr", [
      builder.map(map.name),
      builder.i64(size),
      builder.i64(0),
    ]);
    const [there, full, join] = [builder.block(), builder.block(), builder.block()];
    builder.branch(builder.compare("ne", pointer, builder.nullPointer()), there, full);
    builder.switchTo(full);
    countLost(fn, map);
    builder.jump(join);
    builder.switchTo(there);
    // The buffer's memory is not cleared by the kernel: a field that is not written would show an old record.
    builder.zero(pointer, size, 8, "map");
    builder.jump(join);
    builder.switchTo(join);
    return memoryAt(map.record, pointer, "map", { nullable: true });
  },
  submit: release("bpf_ringbuf_submit"),
  discard: release("bpf_ringbuf_discard"),
  output: (fn, node, map) => {
    const { builder } = fn;
    if (map.record === null) return reject(node, "WG2007", "this map has no records");
    const address = memory(fn, argument(node, 0), map.record, "record");
    const args = [builder.map(map.name), address, builder.i64(sizeOf(map.record)), builder.i64(0)];
    const result = builder.helper("bpf_ringbuf_output", "i64", args);
    const [full, join] = [builder.block(), builder.block()];
    builder.branch(builder.compare("slt", result, builder.i64(0)), full, join);
    builder.switchTo(full);
    countLost(fn, map);
    builder.jump(join);
    builder.switchTo(join);
    return scalar(integers.i64, result);
  },
};

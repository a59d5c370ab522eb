/**
 * Memory of the kernel: places in it, and how they are read. A pointer that the verifier trusts is followed by loads, which
 * give 0 where the memory is not there; any other is read by `bpf_probe_read_kernel`, which does so too.
 */
import { CoreKind } from "@waggle/object";
import type ts from "typescript";
import type { ValueId } from "../../ir/types.js";
import type { DataType, IntType } from "../../types/data-type.js";
import { integers } from "../../types/integers.js";
import { sizeOf } from "../../types/layout.js";
import { reject } from "../rejections/rejection.js";
import type { ClassState, FunctionState } from "../state.js";
import { loadScalar, newSlot, zeroMemory } from "../values/memory.js";
import { opaquePointer } from "../values/resolve-type.js";
import { scalar } from "../values/scalars.js";
import type { KernelValue, ScalarValue, Value } from "../values/value.js";
import { kernelStruct, memberOf } from "./declared-types.js";
import type { LocalStruct, LocalType } from "./local-types.js";

/** The kernel struct at an address. */
export function kernelAt(struct: LocalStruct, base: ValueId, trusted: boolean): KernelValue {
  return { kind: "kernel", base, trusted, root: struct, access: [], type: { kind: "struct", struct } };
}

/** A value as a place in kernel memory, when `type`, which TypeScript gives it, is a kernel type or points to one. */
export function asKernel(owner: ClassState, value: Value, type: ts.Type, node: ts.Node): KernelValue | null {
  if (value.kind === "kernel") return value;
  if (value.kind !== "scalar" || value.type.kind !== "pointer") return null;
  const struct = kernelStruct(owner, type, node);
  return struct === null ? null : kernelAt(struct, value.id, false);
}

/** What a relocation of a field tells about it. */
export function askField(
  fn: FunctionState,
  kind: CoreKind,
  root: LocalStruct,
  access: readonly number[],
): ValueId {
  const text = ["0", ...access].join(":");
  return fn.builder.relocated("i64", { kind, root: root.handle, access: text, fallback: 0n });
}

/** The address as a number. */
export function kernelAddress(fn: FunctionState, place: KernelValue): ValueId {
  const { builder } = fn;
  const { base, trusted, root, access } = place;
  const start = trusted ? builder.unary("ptrtoint", base) : base;
  if (access.length === 0 || root === null) return start;
  return builder.binary("add", start, askField(fn, CoreKind.FieldByteOffset, root, access));
}

/** The address as a value that variables and fields can hold. */
export const kernelPointer = (fn: FunctionState, place: KernelValue): ScalarValue =>
  scalar(opaquePointer, kernelAddress(fn, place));

/** A member of the struct at a place. */
export function kernelMember(
  fn: FunctionState,
  place: KernelValue,
  name: string,
  node: ts.Node,
): KernelValue {
  if (place.type.kind !== "struct") return reject(node, "WG1001", `${name} is not a field of a struct`);
  const { index, type } = memberOf(fn.owner, place.type.struct, name, node);
  return { ...place, access: [...place.access, index], type };
}

/** An element of the array at a place; the index is a constant in bounds, or bounded by a check of the caller. */
export function kernelElement(
  fn: FunctionState,
  place: KernelValue,
  index: bigint | ScalarValue,
  node: ts.Node,
): KernelValue {
  const { type } = place;
  if (type.kind !== "array")
    return reject(node, "WG1017", "only arrays are indexed", "name the field: value.field");
  const { builder } = fn;
  if (typeof index === "bigint" && (index === 0n || !type.open))
    return { ...place, access: [...place.access, Number(index)], type: type.element };
  const wide = typeof index === "bigint" ? builder.i64(index) : wideIndex(fn, index);
  const first: KernelValue = { ...place, access: [...place.access, 0], type: type.element };
  const size = elementSize(fn, first, node);
  const base = builder.binary("add", kernelAddress(fn, first), builder.binary("mul", wide, size));
  const root = type.element.kind === "struct" ? type.element.struct : null;
  return { kind: "kernel", base, trusted: false, root, access: [], type: type.element };
}

const wideIndex = ({ builder }: FunctionState, { type, id }: ScalarValue): ValueId =>
  type.kind === "int" && type.size === 8 ? id : builder.unary("zext32", id);

function elementSize(fn: FunctionState, first: KernelValue, node: ts.Node): ValueId {
  const { type, root, access } = first;
  if (type.kind === "struct" && root !== null) return askField(fn, CoreKind.FieldByteSize, root, access);
  return fn.builder.i64(localSize(type, node));
}

function localSize(type: LocalType, node: ts.Node): number {
  if (type.kind === "pointer") return 8;
  if (type.kind === "data") return sizeOf(type.type);
  return reject(node, "WG1011", "an array of arrays takes constant indices only");
}

/** The content of a place: numbers are read, text is copied to the stack, structs and arrays stay places. */
export function readKernel(fn: FunctionState, place: KernelValue, node: ts.Node): Value {
  const { type } = place;
  if (type.kind === "struct" || type.kind === "array") return place;
  if (type.kind === "pointer") return readPointer(fn, place, type.to);
  if (type.type.kind === "array") return readText(fn, place);
  const number = numberType(type.type, node);
  if (type.bits !== null) return readBits(fn, place, number, type.bits);
  if (place.trusted) {
    const { size, signed } = number;
    const pointer = trustedAddress(fn, place);
    const register = size === 8 ? "i64" : "i32";
    return scalar(number, fn.builder.load(register, pointer, { width: size, signed, region: "kernel" }));
  }
  const slot = probeField(fn, place, number);
  const { builder } = fn;
  if (fn.owner.target.byteOrder === "big" && place.root !== null) return shifted(fn, place, slot, number);
  // The field may be narrower or wider there than it is declared: it is read into 8 zeroed bytes and the low ones are taken.
  const width = number.size;
  const register = width === 8 ? "i64" : "i32";
  const value = builder.load(register, slot, { width, signed: number.signed, region: "stack" });
  return scalar(number, value);
}

/** Eight zeroed bytes on the stack with a field's at the end of lower weight; without a field to ask for, at their start. */
function probeField(fn: FunctionState, place: KernelValue, type: IntType): ValueId {
  const { builder } = fn;
  const slot = newSlot(fn, "field", integers.u64);
  zeroMemory(fn, slot);
  const size = sizeOfField(fn, place, type.size);
  const isAtEnd = fn.owner.target.byteOrder === "big" && place.root !== null;
  const target = isAtEnd
    ? builder.offset(slot.pointer, builder.binary("sub", builder.i64(8), size))
    : slot.pointer;
  probe(fn, target, size, place);
  return slot.pointer;
}

const enumTypes = { 4: [integers.u32, integers.i32], 8: [integers.u64, integers.i64] } as const;

function numberType(type: DataType, node: ts.Node): IntType {
  if (type.kind === "int") return type;
  if (type.kind === "enum") return enumTypes[type.size][type.signed ? 1 : 0];
  return reject(node, "WG2005", "the field is neither a number nor text");
}

/** The address of a place that the verifier trusts. */
export function trustedAddress(fn: FunctionState, place: KernelValue): ValueId {
  if (place.access.length === 0 || place.root === null) return place.base;
  return fn.builder.offset(place.base, askField(fn, CoreKind.FieldByteOffset, place.root, place.access));
}

/** The field's size in that kernel, at most 8: the declared one when there is no field to ask for. */
function sizeOfField(fn: FunctionState, place: KernelValue, declared: number): ValueId {
  if (place.root === null || place.access.length === 0) return fn.builder.i64(declared);
  return askField(fn, CoreKind.FieldByteSize, place.root, place.access);
}

function probe(fn: FunctionState, target: ValueId, size: ValueId, place: KernelValue): void {
  fn.builder.helperVoid("bpf_probe_read_kernel", [target, size, kernelAddress(fn, place)]);
}

function readPointer(fn: FunctionState, place: KernelValue, to: LocalStruct | null): Value {
  const { builder } = fn;
  if (place.trusted && to !== null) {
    const pointer = builder.load("ptr", trustedAddress(fn, place), { width: 8, region: "kernel" });
    return kernelAt(to, pointer, true);
  }
  const slot = newSlot(fn, "pointer", opaquePointer);
  zeroMemory(fn, slot);
  probe(fn, slot.pointer, builder.i64(8), place);
  const value = loadScalar(fn, slot, opaquePointer);
  return to !== null && value.kind === "scalar" ? kernelAt(to, value.id, false) : value;
}

function readText(fn: FunctionState, place: KernelValue): Value {
  if (place.type.kind !== "data") throw new TypeError("text is data");
  const { type } = place.type;
  const slot = newSlot(fn, "text", type);
  // What lies behind a short text's NUL is not written.
  zeroMemory(fn, slot);
  const size = fn.builder.i64(sizeOf(type));
  fn.builder.helperVoid("bpf_probe_read_kernel_str", [slot.pointer, size, kernelAddress(fn, place)]);
  return { ...slot, readonly: true };
}

/** A bit field, by the shifts that the relocations give: `BPF_CORE_READ_BITFIELD_PROBED` of libbpf. */
function readBits(fn: FunctionState, place: KernelValue, type: IntType, bits: number): Value {
  const value = shifted(fn, place, probeField(fn, place, type), type);
  const max = (1n << BigInt(type.signed ? bits - 1 : bits)) - 1n;
  return { ...value, range: { min: type.signed ? -max - 1n : 0n, max } };
}

function shifted(fn: FunctionState, place: KernelValue, slot: ValueId, type: IntType): ScalarValue {
  const { builder } = fn;
  if (place.root === null) throw new TypeError("a field has a root");
  const whole = builder.load("i64", slot, { width: 8, region: "stack" });
  const top = builder.binary("shl", whole, askField(fn, CoreKind.FieldLeftShift, place.root, place.access));
  const down = askField(fn, CoreKind.FieldRightShift, place.root, place.access);
  const value = builder.binary(type.signed ? "ashr" : "lshr", top, down);
  return scalar(type, type.size === 8 ? value : builder.unary("trunc32", value));
}

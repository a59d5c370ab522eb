/** Places in memory: fields, elements, loads, stores and copies. */

import type ts from "typescript";
import type { MapDefinition, Region, ValueId } from "../../ir/types.js";
import type { DataType, IntType, PointerType } from "../../types/data-type.js";
import { integers } from "../../types/integers.js";
import { alignOf, isDense, sameLayout, sizeOf } from "../../types/layout.js";
import { paddingOf } from "../../types/padding.js";
import { reject } from "../rejections/rejection.js";
import type { FunctionState } from "../state.js";
import { isBitField, loadBitField, storeBitField } from "./bit-fields.js";
import { boundedForVerifier } from "./bounded.js";
import { atChosen, mostCompared } from "./context-elements.js";
import { inWholeWords, sharedWords } from "./element-words.js";
import { solidIndex, wideIndex } from "./late-widening.js";
import { packetElement } from "./packet-elements.js";
import { loadBytes, storeBytes } from "./raw-memory.js";
import { boundsOf, coerce, isNumber, registerOf, rejectValue, scalar } from "./scalars.js";
import type { MemoryValue, ScalarValue, Value } from "./value.js";

const slotAlign = (type: DataType): 1 | 2 | 4 | 8 =>
  sizeOf(type) >= 8 ? 8 : (([1, 2, 4, 8] as const).find((size) => size >= alignOf(type)) ?? 8);

/** The largest power of two, up to 8, that divides both. */
export function commonAlign(align: number, displacement: number): number {
  let common = align;
  while (common > 1 && displacement % common !== 0) common /= 2;
  return common;
}

/** Memory of a type at a pointer. */
export function memoryAt(
  type: DataType,
  pointer: ValueId,
  region: Region,
  more: Partial<MemoryValue> = {},
): MemoryValue {
  return {
    kind: "memory",
    type,
    pointer,
    displacement: 0,
    root: type,
    align: alignOf(type),
    region,
    nullable: false,
    present: null,
    readonly: false,
    ...more,
  };
}

/**
 * A map's value: the kernel aligns it to 8 bytes, whatever is in it, so that copies take words. Only values of longest-prefix maps
 * follow a key of any length (`lpm_trie_node`).
 */
export const valueAt = (
  map: MapDefinition,
  type: DataType,
  pointer: ValueId,
  more: Partial<MemoryValue> = {},
): MemoryValue => memoryAt(type, pointer, "map", map.type === "lpm-trie" ? more : { align: 8, ...more });

/** A new piece of stack with undefined content. */
export function newSlot(fn: FunctionState, name: string, type: DataType): MemoryValue {
  const align = slotAlign(type);
  return memoryAt(type, fn.builder.slotAddress(fn.builder.slot(name, sizeOf(type), align)), "stack", {
    align,
  });
}

/** Fills memory with zeroes. */
export function zeroMemory(fn: FunctionState, place: MemoryValue): void {
  fn.builder.zero(place.pointer, sizeOf(place.type), place.align, place.region, place.displacement);
}

/** A part of a place. */
export function within(place: MemoryValue, type: DataType, offset: number): MemoryValue {
  const displacement = place.displacement + offset;
  const { bits: _bits, ...whole } = place;
  return {
    ...whole,
    type,
    displacement,
    align: commonAlign(place.align, offset),
    nullable: false,
    present: null,
  };
}

/** A field of a struct, or the `value` of a reference. */
export function fieldOf(place: MemoryValue, name: string, node: ts.Node): MemoryValue {
  if (place.type.kind === "int" || place.type.kind === "pointer") {
    if (name === "value") return within(place, place.type, 0);
    return reject(node, "WG1001", `a reference has .value only, not .${name}`);
  }
  if (place.type.kind !== "struct") return reject(node, "WG1001", `${name} is not a field of a struct`);
  const field = place.type.fields.find((candidate) => candidate.name === name);
  if (field === undefined) return reject(node, "WG1001", `${place.type.name} in memory has no field ${name}`);
  if (field.bits === undefined) return within(place, field.type, field.offset);
  return { ...within(place, field.type, 0), bits: { ...field.bits, structSize: place.type.size } };
}

/** Bytes of an array in a context that is copied for a variable index; longer ones would take too much of the stack. */
const mostCopied = 64;

/** What a message calls an index: its own name, or `i` for a longer expression. */
export const nameOfIndex = (node: ts.Node): string =>
  /^[\w$]+(\.[\w$]+)?$/.test(node.getText()) ? node.getText() : "i";

/** An element of an array. The index must be provably in bounds. */
export function elementOf(fn: FunctionState, place: MemoryValue, index: Value, node: ts.Node): MemoryValue {
  if (place.type.kind !== "array")
    return reject(node, "WG1017", "only arrays are indexed", "name the field: value.field");
  const number = wideIndex(fn, index);
  if (!isNumber(number)) return rejectValue(number, node);
  const { element, length } = place.type;
  const size = sizeOf(element);
  const { min, max } = boundsOf(number);
  if (min < 0n || max >= BigInt(length)) {
    const name = nameOfIndex(node);
    const mask = length & (length - 1) ? "" : ` or mask it: [${name} & ${length - 1}]`;
    const message =
      min === max
        ? `index ${min} is outside an array of ${length}`
        : max >= BigInt(length)
          ? `the index may be as large as ${max}, the array has ${length} elements`
          : `the index may be as small as ${min}`;
    if (min !== max && max < BigInt(length)) reject(node, "WG1011", message, `guard it: if (${name} >= 0) …`);
    reject(
      node,
      "WG1011",
      message,
      min === max ? null : `guard a const index: if (${name} < ${length}) …${mask}`,
    );
  }
  if (min === max) return within(place, element, Number(min) * size);
  if (place.region === "context") {
    // What programs cannot change is the same in a copy.
    if (place.readonly && sizeOf(place.type) <= mostCopied)
      return elementOf(fn, { ...copyToStack(fn, place, "copy", node), readonly: true }, index, node);
    if (element.kind !== "int" || length > mostCompared)
      reject(
        node,
        "WG1011",
        "the verifier does not follow a variable index into a context",
        "copy the array to a struct on the stack",
      );
    const { id, type } = solidIndex(fn, number, node);
    const narrow = type.kind === "int" && type.size === 8 ? fn.builder.unary("trunc32", id) : id;
    return { ...within(place, element, 0), chosen: { index: narrow, count: length, size } };
  }
  const { builder } = fn;
  const value = solidIndex(fn, number, node);
  let bytes =
    value.type.kind === "int" && value.type.size === 8 ? value.id : builder.unary("zext32", value.id);
  bytes = boundedForVerifier(fn, bytes, max);
  if (size !== 1) bytes = builder.binary("mul", bytes, builder.i64(size));
  const isPacket = place.region === "packet";
  const pointer = isPacket
    ? packetElement(fn, place, bytes, size, node)
    : builder.offset(place.pointer, bytes);
  const { words: _words, ...array } = place;
  const words = sharedWords(place, bytes);
  return {
    ...array,
    ...(words !== null && { words }),
    ...(isPacket ? { displacement: 0 } : {}),
    type: element,
    root: null,
    pointer,
    align: commonAlign(place.align, size),
    nullable: false,
    present: null,
  };
}

/** The content of a place: a scalar is loaded, a struct or array is the place itself. */
export function readPlace(fn: FunctionState, place: MemoryValue): Value {
  const { type } = place;
  if (type.kind === "struct" || type.kind === "array" || type.kind === "enum") return place;
  return loadScalar(fn, place, type);
}

const isSplit = ({ region, align }: MemoryValue, size: number): boolean =>
  region !== "packet" && region !== "context" && align % size !== 0;

/** Loads the number at a place. */
export function loadScalar(fn: FunctionState, place: MemoryValue, type: IntType | PointerType): ScalarValue {
  const { pointer, displacement, region } = place;
  if (type.kind === "pointer") return scalar(type, loadBytes(fn, place, 0, 8));
  if (place.chosen !== undefined) {
    const { chosen, ...first } = place;
    const load = (offset: number): ValueId => loadScalar(fn, within(first, type, offset), type).id;
    return scalar(type, atChosen(fn, chosen, registerOf(type), load) ?? load(0));
  }
  if (isBitField(place)) return loadBitField(fn, place);
  if (isSplit(place, type.size)) {
    const id = loadBytes(fn, place, 0, type.size);
    const extend = type.signed ? ({ 2: "sext16" } as Record<number, "sext16">)[type.size] : undefined;
    return scalar(type, extend === undefined ? id : fn.builder.unary(extend, id));
  }
  const seen = type.name === "char" ? integers.u8 : type;
  const id = fn.builder.load(seen.size === 8 ? "i64" : "i32", pointer, {
    width: seen.size,
    signed: seen.signed,
    region,
    displacement,
  });
  return scalar(seen, id);
}

/** Stores a value of the place's type: a scalar, or a copy of a struct or array. The number that is there then; null for anything else. */
export function writePlace(
  fn: FunctionState,
  given: MemoryValue,
  value: Value,
  node: ts.Node,
): ScalarValue | null {
  if (given.readonly) reject(node, "WG1016", "kernel code cannot write here");
  const place = inWholeWords(fn, given);
  const { type, region } = place;
  if (type.kind === "int" || type.kind === "pointer") {
    if (isBitField(place)) {
      storeBitField(fn, place, value, node);
      return null;
    }
    const stored = coerce(fn, value, type.kind === "int" && type.name === "char" ? integers.u8 : type, node);
    const store = (at: MemoryValue): null => {
      storeBytes(fn, at, 0, type.kind === "int" ? type.size : 8, stored.id);
      return null;
    };
    const { chosen, ...first } = place;
    if (chosen === undefined) store(place);
    else atChosen(fn, chosen, null, (offset) => store(within(first, type, offset)));
    return stored;
  }
  if (value.kind !== "memory") rejectValue(value, node);
  checkLayout(value, type, node);
  if (value.region === "context") copyFromContext(fn, place, value);
  else {
    const [target, source] = [addressOf(fn, place), addressOf(fn, value)];
    fn.builder.copy(target, source, sizeOf(type), Math.min(place.align, value.align), region, value.region);
  }
  if (value.region !== "stack") zeroPadding(fn, place);
  return null;
}

/**
 * Zeroes what belongs to no field of a place on the stack that was written as a whole: the kernel compares all bytes of a key, and packets
 * and what helpers copy may have anything there.
 */
export function zeroPadding(fn: FunctionState, place: MemoryValue): void {
  if (place.region !== "stack") return;
  const { builder } = fn;
  const { pointer, region, align } = place;
  for (const { offset, size, used } of paddingOf(place.type, fn.owner.target.byteOrder)) {
    const displacement = place.displacement + offset;
    if (used === 0) {
      builder.zero(pointer, size, commonAlign(align, offset), region, displacement);
      continue;
    }
    const byte = builder.load("i32", pointer, { width: 1, region, displacement });
    const kept = builder.binary("and", byte, builder.i32(BigInt(used)));
    builder.store(pointer, kept, { width: 1, region, displacement });
  }
}

/** A copy of memory in a new piece of stack. */
export function copyToStack(fn: FunctionState, value: MemoryValue, name: string, node: ts.Node): MemoryValue {
  const slot = newSlot(fn, name, value.type);
  writePlace(fn, slot, value, node);
  return slot;
}

/** The verifier wants the context's pointer as it came, so that each part is loaded at its offset. */
function copyFromContext(fn: FunctionState, place: MemoryValue, value: MemoryValue): void {
  const size = sizeOf(place.type);
  const width =
    ([8, 4, 2, 1] as const).find((step) => size % step === 0 && step <= Math.min(place.align, value.align)) ??
    1;
  for (let offset = 0; offset < size; offset += width) {
    const part = fn.builder.load(width === 8 ? "i64" : "i32", value.pointer, {
      width,
      region: "context",
      displacement: value.displacement + offset,
    });
    fn.builder.store(place.pointer, part, {
      width,
      region: place.region,
      displacement: place.displacement + offset,
    });
  }
}

/** Rejects memory that is not laid out as `type` says. */
export function checkLayout(value: MemoryValue, type: DataType, node: ts.Node): void {
  if (sameLayout(value.type, type)) return;
  const name = (of: DataType): string =>
    of.kind === "struct" ? of.name : of.kind === "array" ? `an array of ${of.length}` : of.kind;
  reject(
    node,
    "WG2006",
    `${name(value.type)} is not laid out in memory as ${name(type)}`,
    "copy the fields one by one",
  );
}

/** The address of a place in a register. */
export function addressOf(fn: FunctionState, place: MemoryValue): ValueId {
  return fn.builder.offset(place.pointer, BigInt(place.displacement));
}

/** Whether a place is a part of a context, or of another object of the kernel, that does not lie at its start. */
export const isContextPart = ({ region, displacement }: MemoryValue): boolean =>
  region === "context" && displacement !== 0;

/** Whether a place that may be null is there. Only the start of a context may be compared: the verifier wants its pointer as it came. */
export function isPresent(fn: FunctionState, place: MemoryValue): ValueId {
  if (place.present !== null) return place.present;
  const pointer = place.region === "context" ? place.pointer : addressOf(fn, place);
  return fn.builder.compare("ne", pointer, fn.builder.nullPointer());
}

/** The address, or null where a packet read found nothing there. */
export function nullableAddress(fn: FunctionState, place: MemoryValue): ValueId {
  if (place.present === null) return addressOf(fn, place);
  const { builder } = fn;
  const [there, missing, join] = [builder.block(), builder.block(), builder.block()];
  const result = builder.param(join, "ptr");
  builder.branch(place.present, there, missing);
  builder.switchTo(there);
  builder.jump(join, [addressOf(fn, place)]);
  builder.switchTo(missing);
  builder.jump(join, [builder.nullPointer()]);
  builder.switchTo(join);
  return result;
}

/** The address of memory with the value, for a helper that reads `type` there: padding is zero, and it is no packet. */
export function argumentAddress(
  fn: FunctionState,
  value: Value,
  type: DataType,
  name: string,
  node: ts.Node,
): ValueId {
  if (value.kind === "memory" && (type.kind === "struct" || type.kind === "array")) {
    checkLayout(value, type, node);
    if (value.region === "stack" || (value.region === "map" && isDense(type))) return addressOf(fn, value);
  }
  const slot = newSlot(fn, name, type);
  writePlace(fn, slot, value, node);
  return slot.pointer;
}

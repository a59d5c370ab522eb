/** What text is: compared with bytes and with other text, and measured. */

import type ts from "typescript";
import type { ValueId } from "../../ir/types.js";
import { integers } from "../../types/integers.js";
import { sizeOf } from "../../types/layout.js";
import { reject } from "../rejections/rejection.js";
import type { FunctionState } from "../state.js";
import { newSlot, writePlace } from "../values/memory.js";
import { boolean, scalar } from "../values/scalars.js";
import type { MemoryValue, Value } from "../values/value.js";

/** Above it the bytes are looked at in a loop. */
const mostUnrolled = 32;

/** The verifier keeps 8192 jumps in mind (`BPF_COMPLEXITY_LIMIT_JMP_SEQ`), of which a byte takes two. */
const mostBytes = 2048;

/** Whether the bytes at the place are these, which it has room for: by words where it is aligned. */
export function holdsBytes(fn: FunctionState, place: MemoryValue, bytes: Uint8Array): Value {
  const { builder } = fn;
  const differences = { i32: builder.i32(0), i64: null as ValueId | null };
  for (let at = 0; at < bytes.length; ) {
    const width = wordAt(place, at, bytes.length - at);
    const register = width === 8 ? "i64" : "i32";
    const word = builder.load(register, place.pointer, {
      width,
      region: place.region,
      displacement: place.displacement + at,
    });
    const wanted = builder.const(
      register,
      numberOf(bytes.subarray(at, at + width), fn.owner.target.byteOrder === "little"),
    );
    const difference = builder.binary("xor", word, wanted);
    const before = differences[register];
    differences[register] = before === null ? difference : builder.binary("or", before, difference);
    at += width;
  }
  const { i32, i64 } = differences;
  if (i64 === null) return boolean(builder.compare("eq", i32, builder.i32(0)));
  const all = builder.binary("or", i64, builder.unary("zext32", i32));
  return boolean(builder.compare("eq", all, builder.i64(0)));
}

/** How many bytes can be read as one at `at` bytes into the place. */
function wordAt(place: MemoryValue, at: number, left: number): 1 | 2 | 4 | 8 {
  if (place.region === "context") return 1;
  const fits = (width: number): boolean => left >= width && place.align % width === 0 && at % width === 0;
  return ([8, 4, 2] as const).find(fits) ?? 1;
}

function numberOf(bytes: Uint8Array, little: boolean): bigint {
  const significant = little ? bytes.toReversed() : bytes;
  return significant.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

/** Whether two texts are the same up to their ends: the first NUL, or all the bytes. */
export function sameText(fn: FunctionState, first: MemoryValue, second: MemoryValue, node: ts.Node): Value {
  const { builder } = fn;
  const [left, right] = [readable(fn, first, node), readable(fn, second, node)];
  const sizes = [sizeOf(left.type), sizeOf(right.type)] as const;
  const shared = Math.min(...sizes);
  const [yes, no, join] = [builder.block(), builder.block(), builder.block()];
  const result = builder.param(join, "i32");
  forBytes(fn, shared, (at) => {
    const byte = byteAt(fn, left, at);
    const [alike, more] = [builder.block(), builder.block()];
    builder.branch(builder.compare("eq", byte, byteAt(fn, right, at)), alike, no);
    builder.switchTo(alike);
    builder.branch(builder.compare("eq", byte, builder.i32(0)), yes, more);
    builder.switchTo(more);
  });
  // Without an end so far, the shorter text is over and the longer one must be.
  if (sizes[0] === sizes[1]) builder.jump(yes);
  else {
    const next = byteAt(fn, sizes[0] > sizes[1] ? left : right, shared);
    builder.branch(builder.compare("eq", next, builder.i32(0)), yes, no);
  }
  for (const [block, value] of [
    [yes, 1],
    [no, 0],
  ] as const) {
    builder.switchTo(block);
    builder.jump(join, [builder.i32(value)]);
  }
  builder.switchTo(join);
  return boolean(result);
}

/**
 * The number of bytes before the first NUL; all of them when there is none. Without a branch for a byte, so that the
 * verifier goes one way and sees the bound.
 */
export function textLength(fn: FunctionState, given: MemoryValue, node: ts.Node): Value {
  const { builder } = fn;
  const place = readable(fn, given, node);
  const size = sizeOf(place.type);
  const [going, count] = [variable(fn, "going", 1), variable(fn, "length", 0)];
  forBytes(fn, size, (at) => {
    // A byte plus 255 carries into bit 8 unless the byte is 0.
    const sum = builder.binary("add", byteAt(fn, place, at), builder.i32(255));
    const still = builder.binary("and", going.get(), builder.binary("lshr", sum, builder.i32(8)));
    going.set(still);
    count.set(builder.binary("add", count.get(), still));
  });
  return scalar(integers.u32, count.get(), { min: 0n, max: BigInt(size) });
}

/** Text whose bytes may be read one by one: the context's are copied, for they are read at constant offsets only. */
function readable(fn: FunctionState, place: MemoryValue, node: ts.Node): MemoryValue {
  const size = sizeOf(place.type);
  if (size > mostBytes) {
    reject(
      node,
      "WG1010",
      `${size} bytes of text are looked at one by one, and the verifier follows ${mostBytes}`,
      "compare with a literal, or keep shorter text",
    );
  }
  if (place.region !== "context") return place;
  const copy = newSlot(fn, "text", place.type);
  writePlace(fn, copy, place, node);
  return copy;
}

/** Where a byte is: a constant, or an i64. */
type At = number | { readonly index: ValueId };

function byteAt(fn: FunctionState, place: MemoryValue, at: At): ValueId {
  const { builder } = fn;
  const { region, displacement } = place;
  if (typeof at === "number")
    return builder.load("i32", place.pointer, { width: 1, region, displacement: displacement + at });
  return builder.load("i32", builder.offset(place.pointer, at.index), { width: 1, region, displacement });
}

/** Runs `body` for 0 to `count`: one after the other, or in a loop. */
function forBytes(fn: FunctionState, count: number, body: (at: At) => void): void {
  const { builder } = fn;
  if (count <= mostUnrolled) {
    for (let at = 0; at < count; at += 1) body(at);
    return;
  }
  const counter = variable(fn, "at", 0);
  const [head, turn, after] = [builder.block(), builder.block(), builder.block()];
  builder.jump(head);
  builder.switchTo(head);
  builder.branch(builder.compare("ult", counter.get(), builder.i32(count)), turn, after);
  builder.switchTo(turn);
  body({ index: builder.unary("zext32", counter.get()) });
  counter.set(builder.binary("add", counter.get(), builder.i32(1)));
  builder.jump(head);
  builder.switchTo(after);
}

/** A number of the compiler's own that changes. */
interface Variable {
  readonly get: () => ValueId;
  readonly set: (value: ValueId) => void;
}

function variable(fn: FunctionState, name: string, initial: number): Variable {
  const { builder } = fn;
  const slot = builder.slot(name, 4, 4);
  const set = (value: ValueId): void =>
    builder.store(builder.slotAddress(slot), value, { width: 4, region: "stack" });
  set(builder.i32(initial));
  return { get: () => builder.load("i32", builder.slotAddress(slot), { width: 4, region: "stack" }), set };
}

import { describe, expect, test } from "vitest";
import type { ByteOrder } from "../byte-order.js";
import { BtfBuilder } from "./builder.js";
import { makeCodec } from "./codec.js";
import { closureVisit, generatedVisit, type RecordBatch, recordCodec } from "./codec-records.js";
import { generatedDecode, memoryViews } from "./codec-source.js";
import type { BtfMember, TypeId } from "./types.js";

/** Numbers from 0 up to `below`, the same in every run (a linear congruential generator). */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** A type made at random, at most `depth` levels deep, of `size` bytes. */
function randomType(
  builder: BtfBuilder,
  random: (below: number) => number,
  depth: number,
): { id: TypeId; size: number } {
  const int = (name: string, size: number, encoding: "unsigned" | "signed" | "bool" | "char") =>
    builder.add({ kind: "int", name, size, bits: size * 8, bitOffset: 0, encoding });
  const sizes = [1, 2, 4, 8, 16];
  const size = sizes[random(sizes.length)] ?? 1;
  const scalars = [
    () => ({ id: int(`u${size}`, size, "unsigned"), size }),
    () => ({ id: int(`i${size}`, size, "signed"), size }),
    () => ({ id: int("bool", 1, "bool"), size: 1 }),
    () => ({ id: builder.add({ kind: "float", name: "double", size: 8 }), size: 8 }),
    () => ({ id: builder.add({ kind: "float", name: "float", size: 4 }), size: 4 }),
    () => ({ id: builder.add({ kind: "typedef", name: "__be32", type: int("u4", 4, "unsigned") }), size: 4 }),
    () => ({ id: builder.add({ kind: "typedef", name: "__be64", type: int("u8", 8, "unsigned") }), size: 8 }),
  ];
  const array = () => {
    const element =
      random(4) === 0 ? { id: int("char", 1, "char"), size: 1 } : randomType(builder, random, depth - 1);
    const length = random(3) === 0 ? 20 : random(5);
    const index = int("u4", 4, "unsigned");
    return {
      id: builder.add({ kind: "array", type: element.id, index, length }),
      size: element.size * length,
    };
  };
  const composite = (kind: "struct" | "union") => {
    const members: BtfMember[] = [];
    let end = 0;
    for (let count = random(6); count >= 0; count--) {
      // Not all are aligned, some have no name and one has the name that sets prototypes.
      const start = kind === "union" ? 0 : end + random(3);
      if (random(4) === 0) {
        const bits = 1 + random(32);
        const type = int("i4", 4, random(2) === 0 ? "signed" : "unsigned");
        members.push({ name: `b${count}`, type, bitOffset: start * 8 + random(8), bitSize: bits });
        end = Math.max(end, start + 5);
        continue;
      }
      const type = randomType(builder, random, depth - 1);
      const name = ["", "__proto__", "if", "a b", `f${count}`, `g${count}`][random(6)] ?? "";
      members.push({ name, type: type.id, bitOffset: start * 8, bitSize: 0 });
      end = Math.max(end, start + type.size);
    }
    return { id: builder.add({ kind, name: kind, size: end, members }), size: end };
  };
  const makers = [
    ...scalars,
    array,
    () => composite("struct"),
    () => composite("struct"),
    () => composite("union"),
  ];
  return makers[random(depth <= 0 ? scalars.length : makers.length)]?.() ?? { id: 0, size: 0 };
}

describe("decoders made as source", () => {
  test.each(["little", "big"] as const)("read what closures read, %s-endian", (byteOrder: ByteOrder) => {
    let decoded = 0;
    for (let seed = 1; seed <= 400; seed++) {
      const random = generator(seed);
      const builder = new BtfBuilder();
      const { id, size } = randomType(builder, random, 3);
      const codec = makeCodec(builder.build(), id, byteOrder);
      const stride = (size + 15) & ~7;
      const bytes = Uint8Array.from({ length: 8 + stride * 3 }, () => random(256));
      const offsets = Uint32Array.of(0, stride, stride * 2);
      const visited = (visit: ReturnType<typeof closureVisit>) => {
        const batch: RecordBatch = {
          memory: memoryViews(bytes.buffer, 8, stride * 3),
          offsets,
          at: 0,
          end: 3,
        };
        const values: unknown[] = [];
        expect(visit(batch, (value) => values.push(value), 10)).toBe(3);
        return values;
      };
      const generated = generatedVisit(codec);
      if (generated === null) throw new Error("this process forbids code from strings");
      const expected = visited(closureVisit(codec));
      expect(visited(generated), `seed ${seed}`).toStrictEqual(expected);
      const view = new DataView(bytes.buffer, 8);
      expect(generatedDecode(codec)(view, stride), `seed ${seed}`).toStrictEqual(expected[1]);
      decoded += expected.length;
    }
    expect(decoded).toBe(1200);
  });
});

describe.each([
  ["made as source", generatedVisit],
  ["of closures", closureVisit],
])("a visit %s", (_, make) => {
  const builder = new BtfBuilder();
  const u64 = builder.add({
    kind: "int",
    name: "u64",
    size: 8,
    bits: 64,
    bitOffset: 0,
    encoding: "unsigned",
  });
  const codec = makeCodec(builder.build(), u64, "little");
  const batchOf = (...values: bigint[]): RecordBatch => {
    const { buffer } = BigUint64Array.from(values);
    const offsets = Uint32Array.from(values, (_, index) => index * 8);
    return { memory: memoryViews(buffer, 0, buffer.byteLength), offsets, at: 0, end: values.length };
  };

  test("stops at the limit, at the end that a visitor sets, and where one throws", () => {
    const visit = make(codec);
    if (visit === null) throw new Error("this process forbids code from strings");
    const batch = batchOf(1n, 2n, 3n, 4n, 5n);
    const seen: unknown[] = [];
    expect(visit(batch, (value) => seen.push(value), 2)).toBe(2);
    expect(() =>
      visit(
        batch,
        () => {
          throw new Error("enough");
        },
        9,
      ),
    ).toThrow("enough");
    expect(batch.at).toBe(3);
    const last = (value: unknown) => {
      seen.push(value);
      batch.end = batch.at;
    };
    expect(visit(batch, last, 9)).toBe(1);
    expect(seen).toEqual([1n, 2n, 4n]);
  });
});

test("a record codec decodes one value and many", () => {
  const builder = new BtfBuilder();
  const u16 = builder.add({
    kind: "int",
    name: "u16",
    size: 2,
    bits: 16,
    bitOffset: 0,
    encoding: "unsigned",
  });
  const codec = recordCodec(builder.build(), u16, "little");
  const { buffer } = Uint8Array.of(1, 2, 0, 0, 0, 0, 0, 0);
  expect(codec.decode(new DataView(buffer), 0)).toBe(0x201);
  const batch = { memory: memoryViews(buffer, 0, 8), offsets: Uint32Array.of(0), at: 0, end: 1 };
  const seen: unknown[] = [];
  codec.visit(batch, (value) => seen.push(value), 1);
  expect(seen).toEqual([0x201]);
});

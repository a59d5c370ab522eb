import { expect, test } from "vitest";
import { code, pair, relocateOne, type Types } from "./fixtures/types.js";
import { CoreKind } from "./kinds.js";

type Make = (types: Types) => number;

/** Whether the kernel's type is as the object's, by the answer to the question. */
const matches = (local: Make, target: Make): boolean =>
  relocateOne(pair(local, target), CoreKind.TypeMatches, "0", code.number(1))[0]?.imm === 1;

const holder =
  (field: Make): Make =>
  (t) =>
    t.struct("holder", 64, [["f", field(t), 0]]);
const fieldsMatch = (local: Make, target: Make): boolean => matches(holder(local), holder(target));

const task =
  (...names: readonly string[]): Make =>
  (t) =>
    t.struct(
      "task",
      64,
      names.map((name, at) => [name, t.u32, at * 4]),
    );

test("members have to be there by name; their order, what else there is and the size do not count", () => {
  expect(matches(task("pid"), task("tgid", "pid"))).toBe(true);
  expect(matches(task("pid", "tgid"), task("tgid", "pid"))).toBe(true);
  expect(matches(task("pid", "gone"), task("tgid", "pid"))).toBe(false);
  expect(matches(task("pid", "gone"), task("pid"))).toBe(false);
  expect(matches(task(), task("pid"))).toBe(true);
});

test("integers have to be of the same name, size and sign", () => {
  const int =
    (size: number, encoding: "signed" | "unsigned", name = "int"): Make =>
    (t) =>
      t.int(name, size, encoding);
  expect(fieldsMatch(int(4, "signed"), int(4, "signed"))).toBe(true);
  expect(fieldsMatch(int(4, "signed"), int(8, "signed"))).toBe(false);
  expect(fieldsMatch(int(4, "signed"), int(4, "unsigned"))).toBe(false);
  // libbpf compares the names of integers too.
  expect(fieldsMatch(int(4, "signed"), int(4, "signed", "long"))).toBe(false);
});

test("typedefs, qualifiers and flavours on the way do not count", () => {
  expect(
    fieldsMatch(
      (t) => t.constant(t.typedef("pid_t", t.i32)),
      (t) => t.i32,
    ),
  ).toBe(true);
  expect(
    fieldsMatch(
      (t) => t.struct("s___old", 4, []),
      (t) => t.struct("s", 8, []),
    ),
  ).toBe(true);
  expect(
    fieldsMatch(
      (t) => t.struct("s", 4, []),
      (t) => t.struct("r", 4, []),
    ),
  ).toBe(false);
  expect(
    fieldsMatch(
      (t) => t.struct("", 4, []),
      (t) => t.struct("s", 4, []),
    ),
  ).toBe(false);
  expect(
    fieldsMatch(
      (t) => t.struct("s", 4, []),
      (t) => t.struct("", 4, []),
    ),
  ).toBe(false);
});

test("arrays have to be of the same length", () => {
  expect(
    fieldsMatch(
      (t) => t.array(t.u8, 16),
      (t) => t.array(t.u8, 16),
    ),
  ).toBe(true);
  expect(
    fieldsMatch(
      (t) => t.array(t.u8, 16),
      (t) => t.array(t.u8, 15),
    ),
  ).toBe(false);
  expect(
    fieldsMatch(
      (t) => t.array(t.u8, 16),
      (t) => t.array(t.u32, 16),
    ),
  ).toBe(false);
});

test("embedded structs are compared whole, those behind pointers by name and kind", () => {
  const inner =
    (name: string): Make =>
    (t) =>
      t.struct("inner", 8, [[name, t.u32, 0]]);
  expect(fieldsMatch(inner("a"), inner("b"))).toBe(false);
  expect(
    fieldsMatch(
      (t) => t.pointer(inner("a")(t)),
      (t) => t.pointer(inner("b")(t)),
    ),
  ).toBe(true);
  expect(
    fieldsMatch(
      (t) => t.pointer(inner("a")(t)),
      (t) => t.pointer(t.union("inner", 8, [])),
    ),
  ).toBe(false);
  expect(
    fieldsMatch(
      (t) => t.pointer(inner("a")(t)),
      (t) => t.pointer(t.struct("other", 8, [])),
    ),
  ).toBe(false);
  expect(
    fieldsMatch(
      (t) => t.pointer(0),
      (t) => t.pointer(0),
    ),
  ).toBe(true);
  expect(
    fieldsMatch(
      (t) => t.pointer(0),
      (t) => t.pointer(t.u32),
    ),
  ).toBe(false);
});

test("behind a pointer a forward declaration stands for its struct or union, elsewhere only for itself", () => {
  const pointer =
    (to: Make): Make =>
    (t) =>
      t.pointer(to(t));
  const struct: Make = (t) => t.struct("net", 8, [["a", t.u32, 0]]);
  const union: Make = (t) => t.union("net", 8, []);
  const forward =
    (isUnion: boolean): Make =>
    (t) =>
      t.forward("net", isUnion);
  expect(fieldsMatch(pointer(struct), pointer(forward(false)))).toBe(true);
  expect(fieldsMatch(pointer(struct), pointer(forward(true)))).toBe(false);
  expect(fieldsMatch(pointer(union), pointer(forward(true)))).toBe(true);
  expect(fieldsMatch(pointer(forward(false)), pointer(struct))).toBe(true);
  expect(fieldsMatch(pointer(forward(true)), pointer(struct))).toBe(false);
  expect(fieldsMatch(pointer(forward(false)), pointer(forward(false)))).toBe(true);
  expect(fieldsMatch(pointer(forward(false)), pointer(forward(true)))).toBe(false);
  expect(matches(forward(false), forward(false))).toBe(true);
  expect(matches(forward(false), forward(true))).toBe(false);
});

test("enums have to have the enumerators by name and the size, not the numbers, nor the kind", () => {
  const state =
    (size: number, values: Record<string, bigint>, wide = false): Make =>
    (t) =>
      t.enumeration("state", size, values, wide);
  expect(matches(state(4, { A: 1n }), state(4, { B: 0n, A: 2n }))).toBe(true);
  expect(matches(state(4, { A___old: 1n }), state(4, { A: 2n }))).toBe(true);
  expect(matches(state(4, { A: 1n, B: 2n }), state(4, { A: 1n, C: 2n }))).toBe(false);
  expect(matches(state(4, { A: 1n, B: 2n }), state(4, { A: 1n }))).toBe(false);
  expect(matches(state(8, { A: 1n }, true), state(4, { A: 1n }))).toBe(false);
  expect(matches(state(8, { A: 1n }, true), state(8, { A: 1n }))).toBe(true);
});

test("functions have to have the same parameters and result", () => {
  const callback =
    (returns: Make, ...params: readonly Make[]): Make =>
    (t) =>
      t.typedef(
        "callback_t",
        t.pointer(
          t.callback(
            returns(t),
            params.map((param) => param(t)),
          ),
        ),
      );
  const u32: Make = (t) => t.u32;
  const u64: Make = (t) => t.u64;
  expect(matches(callback(u32, u64), callback(u32, u64))).toBe(true);
  expect(matches(callback(u32, u64), callback(u64, u64))).toBe(false);
  expect(matches(callback(u32, u64), callback(u32, u32))).toBe(false);
  expect(matches(callback(u32, u64), callback(u32))).toBe(false);
});

test("what leads back to itself ends", () => {
  const list: Make = (t) =>
    t.recursive("list", 16, (self) => [
      ["next", t.pointer(self), 0],
      ["n", t.u32, 8],
    ]);
  expect(matches(list, list)).toBe(true);
});

test("a struct that many members lead to is compared once", () => {
  const nested: Make = (t) => {
    let inner = t.struct("s0", 8, [["n", t.u32, 0]]);
    // A way to each end would be 10 ** 20 comparisons.
    for (let level = 1; level <= 20; level++) {
      const fields = Array.from({ length: 10 }, (_, at) => [`f${at}`, inner, 0] as const);
      inner = t.union(level === 20 ? "holder" : `s${level}`, 8, fields);
    }
    return inner;
  };
  expect(matches(nested, nested)).toBe(true);
});

test("types nested too deep are refused, as libbpf does", () => {
  const deep: Make = (t) => {
    let inner = t.u32;
    for (let level = 0; level < 40; level++) inner = t.pointer(inner);
    return t.typedef("deep_t", inner);
  };
  expect(() => matches(deep, deep)).toThrow(
    "program run: likeness of deep_t: its types are nested more than 32 deep. " +
      "The object is damaged or of a newer compiler: build it again with this version",
  );
});

test("floats are nothing that libbpf compares", () => {
  expect(
    fieldsMatch(
      (t) => t.float(8),
      (t) => t.float(8),
    ),
  ).toBe(false);
});

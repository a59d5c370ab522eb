import { describe, expect, test } from "vitest";
import { code, type Field, pair, programWith, relocateOne, type Types } from "./fixtures/types.js";
import { CoreKind } from "./kinds.js";
import { POISON_HELPER } from "./patch.js";
import { relocateProgram } from "./relocate.js";

const poison = { opcode: 0x85, dst: 0, src: 0, offset: 0, imm: POISON_HELPER };

describe("types", () => {
  const types = () =>
    pair(
      (t) => t.struct("task___mine", 16, [["pid", t.i32, 0]]),
      (t) => {
        t.u8;
        return t.struct("task", 48, []);
      },
    );

  test("existence, size and id, whatever is in them and whatever their flavour", () => {
    const at = types();
    const id = at.target.types.findIndex((type) => type.kind === "struct");
    expect(relocateOne(at, CoreKind.TypeExists, "0", code.number(1))).toEqual([code.number(1)]);
    expect(relocateOne(at, CoreKind.TypeSize, "0", code.number(16))).toEqual([code.number(48)]);
    // Ids are not compared with what the instruction holds: linking changes them.
    expect(relocateOne(at, CoreKind.TypeIdTarget, "0", code.wide(999n))).toEqual(code.wide(BigInt(id)));
    expect(relocateOne(at, CoreKind.TypeIdLocal, "0", code.wide(999n))).toEqual(code.wide(BigInt(at.root)));
  });

  test("a local id needs no kernel and no name", () => {
    const at = pair(
      (t) => t.pointer(t.u32),
      () => null,
    );
    expect(relocateOne(at, CoreKind.TypeIdLocal, "0", code.number(0))).toEqual([code.number(at.root)]);
  });

  test("what is not there answers each question with 0", () => {
    const at = pair(
      (t) => t.struct("gone", 16, []),
      (t) => t.union("gone", 16, []),
    );
    expect(relocateOne(at, CoreKind.TypeExists, "0", code.number(1))).toEqual([code.number(0)]);
    expect(relocateOne(at, CoreKind.TypeSize, "0", code.number(16))).toEqual([code.number(0)]);
    expect(relocateOne(at, CoreKind.TypeMatches, "0", code.number(1))).toEqual([code.number(0)]);
    expect(relocateOne(at, CoreKind.TypeIdTarget, "0", code.wide(5n))).toEqual(code.wide(0n));
  });

  test("a forward declaration in the kernel is no struct", () => {
    const at = pair(
      (t) => t.struct("net", 16, []),
      (t) => t.forward("net"),
    );
    expect(relocateOne(at, CoreKind.TypeExists, "0", code.number(1))).toEqual([code.number(0)]);
  });

  test("typedefs of functions are told apart by their parameters", () => {
    const named = (params: (t: Types) => readonly number[]) => (t: Types) =>
      t.typedef("callback_t", t.pointer(t.callback(0, params(t))));
    const exists = (a: (t: Types) => readonly number[], b: (t: Types) => readonly number[]) =>
      relocateOne(pair(named(a), named(b)), CoreKind.TypeExists, "0", code.number(1))[0]?.imm;
    expect(
      exists(
        (t) => [t.u32],
        (t) => [t.u64],
      ),
    ).toBe(1);
    expect(
      exists(
        (t) => [t.u32],
        (t) => [t.pointer(t.u32)],
      ),
    ).toBe(0);
    expect(
      exists(
        (t) => [t.u32],
        () => [],
      ),
    ).toBe(0);
  });
});

describe("enumerators", () => {
  const types = (wide = false) =>
    pair(
      (t) => t.enumeration("state", wide ? 8 : 4, { A: 1n, B___old: -2n, C: 3n }, wide),
      (t) => t.enumeration("state", 8, { B: 1n << 40n, A: -7n }, true),
    );

  test("existence and value, by name without flavour", () => {
    expect(relocateOne(types(), CoreKind.EnumValueExists, "0", code.number(1))).toEqual([code.number(1)]);
    expect(relocateOne(types(), CoreKind.EnumValueExists, "2", code.number(1))).toEqual([code.number(0)]);
    expect(relocateOne(types(), CoreKind.EnumValue, "0", code.wide(1n))).toEqual(code.wide(-7n));
    expect(relocateOne(types(), CoreKind.EnumValue, "1", code.wide(-2n))).toEqual(code.wide(1n << 40n));
    expect(relocateOne(types(true), CoreKind.EnumValue, "1", code.wide(-2n))).toEqual(code.wide(1n << 40n));
    expect(relocateOne(types(), CoreKind.EnumValue, "2", code.wide(3n))).toEqual([poison, poison]);
  });

  test("a negative one may be held with its sign or as 32 bits", () => {
    expect(relocateOne(types(), CoreKind.EnumValue, "1", code.wide(0xfffffffen))).toEqual(
      code.wide(1n << 40n),
    );
    expect(() => relocateOne(types(), CoreKind.EnumValue, "1", code.wide(2n))).toThrow(
      "value of enum state.B: instruction 0 holds 2 where its record says -2",
    );
  });
});

describe("several types of one name", () => {
  const several = (pidAt: readonly number[]) =>
    pair(
      (t) =>
        t.struct("task", 8, [
          ["pid", t.u32, 0],
          ["first", t.u32, 4],
        ]),
      (t) => {
        for (const [index, at] of pidAt.entries()) {
          const name = index === 0 ? "task" : `task___${index + 1}`;
          const own: Field[] = index === 0 ? [["first", t.u32, 40]] : [];
          t.struct(name, 64, [["pid", t.u32, at], ...own]);
        }
      },
    );

  test("are fine where they agree", () => {
    expect(relocateOne(several([12, 12]), 0, "0:0", code.number(0))).toEqual([code.number(12)]);
  });

  test("are an error where they do not", () => {
    const at = several([12, 16]);
    const ids = at.target.types.flatMap((type, id) => (type.kind === "struct" ? [id] : []));
    expect(() => relocateOne(at, 0, "0:0", code.number(0))).toThrow(
      `program run: offset of task.pid: the kernel's types of this name do not agree; the kernel has struct task (type ${ids[0]}): 12, ` +
        `struct task___2 (type ${ids[1]}): 16. Use a field that only the type you mean has before this one: that rules the others out`,
    );
  });

  test("are told apart by a field that only one of them has, for what follows", () => {
    const { root, local, target } = several([12, 16]);
    const program = programWith(
      [code.number(4), code.number(0)],
      [
        { type: root, access: "0:1", kind: 0, instruction: 0 },
        { type: root, access: "0:0", kind: 0, instruction: 1 },
      ],
    );
    expect(relocateProgram(program, local, target, "little")).toEqual([code.number(40), code.number(12)]);
  });

  test("a field that none has rules out none", () => {
    const { root, local, target } = several([12]);
    const program = programWith(
      [code.number(1), code.number(0)],
      [
        { type: root, access: "0:1", kind: CoreKind.FieldExists, instruction: 0 },
        { type: root, access: "0:0", kind: 0, instruction: 1 },
      ],
    );
    const without = pair(
      () => null,
      (t) => t.struct("task", 64, [["pid", t.u32, 12]]),
    ).target;
    expect(relocateProgram(program, local, target, "little")).toEqual([code.number(1), code.number(12)]);
    expect(relocateProgram(program, local, without, "little")).toEqual([code.number(0), code.number(12)]);
  });
});

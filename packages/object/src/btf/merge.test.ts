import { describe, expect, test } from "vitest";
import { BtfBuilder } from "./builder.js";
import { formatBtf } from "./format.js";
import { mergeBtf } from "./merge.js";
import type { Btf, TypeId } from "./types.js";

type Member = readonly [name: string, type: TypeId];

/** Builds an object's types; all members are eight bytes. */
function object(
  make: (tools: {
    builder: BtfBuilder;
    u64: TypeId;
    pointer: (to: TypeId) => TypeId;
    forward: (name: string) => TypeId;
    struct: (name: string, members: readonly Member[], id?: TypeId) => TypeId;
  }) => void,
): Btf {
  const builder = new BtfBuilder();
  const u64 = builder.add({
    kind: "int",
    name: "u64",
    size: 8,
    bits: 64,
    bitOffset: 0,
    encoding: "unsigned",
  });
  make({
    builder,
    u64,
    pointer: (to) => builder.add({ kind: "pointer", type: to }),
    forward: (name) => builder.add({ kind: "forward", name, union: false }),
    struct: (name, members, id = builder.reserve()) => {
      builder.define(id, {
        kind: "struct",
        name,
        size: members.length * 8,
        members: members.map(([member, type], index) => ({
          name: member,
          type,
          bitOffset: index * 64,
          bitSize: 0,
        })),
      });
      return id;
    },
  });
  return builder.build();
}

const names = (btf: Btf): string[] =>
  btf.types.map((type) => ("name" in type ? `${type.kind} ${type.name}` : type.kind)).slice(1);

describe("merge", () => {
  test("equal types of several objects stand once, others stay apart", () => {
    const first = object(({ struct, u64 }) => struct("key", [["a", u64]]));
    const second = object(({ struct, u64, pointer }) => {
      const key = struct("key", [["a", u64]]);
      struct("other", [["k", pointer(key)]]);
      struct("key2", [["a", u64]]);
    });
    const { btf, maps } = mergeBtf([first, second]);
    expect(names(btf)).toEqual(["int u64", "struct key", "pointer", "struct other", "struct key2"]);
    expect(maps).toEqual([
      [0, 1, 2],
      [0, 1, 2, 3, 4, 5],
    ]);
    expect(btf.types[3]).toEqual({ kind: "pointer", type: 2 });
  });

  test("one name with different members is two types", () => {
    const first = object(({ struct, u64 }) => struct("s", [["a", u64]]));
    const second = object(({ struct, pointer }) => struct("s", [["a", pointer(0)]]));
    expect(names(mergeBtf([first, second]).btf)).toEqual(["int u64", "struct s", "pointer", "struct s"]);
  });

  test("types that refer to each other in circles are merged", () => {
    const circle = object(({ builder, struct, pointer }) => {
      const a = builder.reserve();
      const b = struct("b", [["a", pointer(a)]]);
      struct(
        "a",
        [
          ["b", pointer(b)],
          ["self", pointer(a)],
        ],
        a,
      );
    });
    const reversed = object(({ builder, struct, pointer }) => {
      const b = builder.reserve();
      const a = builder.reserve();
      struct(
        "a",
        [
          ["b", pointer(b)],
          ["self", pointer(a)],
        ],
        a,
      );
      struct("b", [["a", pointer(a)]], b);
    });
    const { btf } = mergeBtf([circle, reversed]);
    expect(btf.types).toHaveLength(circle.types.length);
  });

  test("a difference deep inside keeps everything above apart", () => {
    const chain = (last: string): Btf =>
      object(({ struct, u64, pointer }) => {
        let type = struct(last, [["x", u64]]);
        for (let level = 0; level < 5; level++) type = pointer(type);
        struct("top", [["p", type]]);
      });
    expect(
      names(mergeBtf([chain("x"), chain("y")]).btf).filter((name) => name === "struct top"),
    ).toHaveLength(2);
    expect(
      names(mergeBtf([chain("x"), chain("x")]).btf).filter((name) => name === "struct top"),
    ).toHaveLength(1);
  });

  test("a forward declaration becomes the one definition, also where that is in another object", () => {
    const user = object(({ struct, forward, pointer }) => struct("user", [["s", pointer(forward("s"))]]));
    const owner = object(({ struct, pointer, u64 }) => {
      const s = struct("s", [["x", u64]]);
      struct("user", [["s", pointer(s)]]);
    });
    expect(names(mergeBtf([user, owner]).btf).toSorted()).toEqual([
      "int u64",
      "pointer",
      "struct s",
      "struct user",
    ]);
  });

  test("definitions that agree once each other's forward declarations are resolved", () => {
    const one = object(({ struct, forward, pointer }) => {
      const a = struct("a", [["b", pointer(forward("b"))]]);
      struct("b2", [["a", pointer(a)]]);
    });
    const two = object(({ struct, forward, pointer }) => struct("b", [["a", pointer(forward("a"))]]));
    const all = object(({ builder, struct, pointer }) => {
      const a = builder.reserve();
      const b = struct("b", [["a", pointer(a)]]);
      struct("a", [["b", pointer(b)]], a);
    });
    const merged = names(mergeBtf([one, two, all]).btf);
    expect(merged.filter((name) => name.startsWith("struct")).toSorted()).toEqual([
      "struct a",
      "struct b",
      "struct b2",
    ]);
    expect(merged.filter((name) => name.startsWith("forward"))).toEqual([]);
  });

  test("a forward declaration stays where definitions differ", () => {
    const user = object(({ struct, forward, pointer }) => struct("user", [["s", pointer(forward("s"))]]));
    const one = object(({ struct, u64 }) => struct("s", [["x", u64]]));
    const two = object(({ struct, u64 }) => struct("s", [["y", u64]]));
    expect(names(mergeBtf([user, one, two]).btf)).toContain("forward s");
  });

  test("an enum without values is a declaration too", () => {
    const make = (values: readonly { name: string; value: bigint }[]): Btf =>
      object(({ builder }) => builder.add({ kind: "enum", name: "e", size: 4, signed: false, values }));
    expect(names(mergeBtf([make([]), make([{ name: "A", value: 1n }])]).btf)).toEqual(["int u64", "enum e"]);
  });

  test("variables and sections are never merged", () => {
    const data = object(({ builder, u64 }) => {
      const variable = builder.add({ kind: "variable", name: "v", type: u64, linkage: "static" });
      builder.add({
        kind: "section",
        name: ".data",
        size: 8,
        variables: [{ type: variable, offset: 0, size: 8 }],
      });
    });
    const { btf } = mergeBtf([data, data]);
    expect(formatBtf(btf).match(/VAR 'v' type_id=1, /g)).toHaveLength(2);
    expect(formatBtf(btf).match(/DATASEC/g)).toHaveLength(2);
  });

  test("long chains take no quadratic time", () => {
    const chain = object(({ pointer, u64 }) => {
      let type = u64;
      for (let level = 0; level < 50_000; level++) type = pointer(type);
    });
    const started = process.cpuUsage();
    expect(mergeBtf([chain, chain]).btf.types).toHaveLength(50_002);
    const { user, system } = process.cpuUsage(started);
    expect((user + system) / 1000).toBeLessThan(10_000);
  });
});

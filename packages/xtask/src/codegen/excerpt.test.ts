import type { BtfType } from "@waggle/object";
import { BtfBuilder, findType } from "@waggle/object";
import { expect, test } from "vitest";
import { excerptBtf, rootsOf } from "./excerpt.js";

/** struct a { struct b b; struct c *c; struct a *a; void (*call)(struct c *); }; int f(struct c *c) */
function kernel() {
  const builder = new BtfBuilder();
  const int = builder.add({ kind: "int", name: "int", size: 4, bits: 32, bitOffset: 0, encoding: "signed" });
  const struct = (name: string, members: readonly (readonly [string, number])[]): BtfType => ({
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
  const pointer = (type: number) => builder.add({ kind: "pointer", type });
  const b = builder.add(struct("b", [["x", int]]));
  const c = builder.add(struct("c", [["y", int]]));
  const a = builder.reserve();
  const params = [{ name: "c", type: pointer(c) }];
  const call = builder.add({ kind: "function-proto", returns: 0, params });
  builder.define(
    a,
    struct("a", [
      ["b", b],
      ["c", pointer(c)],
      ["a", pointer(a)],
      ["call", pointer(call)],
    ]),
  );
  const proto = builder.add({ kind: "function-proto", returns: int, params });
  builder.add({ kind: "function", name: "f", type: proto, linkage: "static" });
  return builder.build();
}

test("keeps what is held by value, and names of what pointers lead to", () => {
  const btf = kernel();
  const excerpt = excerptBtf(btf, rootsOf(btf, { kind: "type", name: "a" }));
  expect(excerpt.types.filter(({ kind }) => kind === "struct")).toMatchObject([
    { name: "b", members: [{ name: "x" }] },
    { name: "a", members: [{ name: "b" }, { name: "c" }, { name: "a" }, { name: "call" }] },
  ]);
  expect(findType(excerpt, "forward", "c")).not.toBeNull();
  expect(findType(excerpt, "function", "f")).toBeNull();
  expect(excerpt.types.filter(({ kind }) => kind === "function-proto")).toEqual([
    { kind: "function-proto", returns: 0, params: [] },
  ]);
});

test("keeps the parameters of functions that are asked for", () => {
  const btf = kernel();
  const excerpt = excerptBtf(btf, rootsOf(btf, { kind: "function", name: "f" }));
  expect(excerpt.types.filter(({ kind }) => kind === "function-proto")).toMatchObject([
    { params: [{ name: "c" }] },
  ]);
  expect(rootsOf(btf, { kind: "function", name: "g" })).toEqual([]);
});

import type { Btf, BtfType } from "@waggle/object";
import { expect, test } from "vitest";
import { forKernel, olderForms } from "./older-btf.js";

const int: BtfType = { kind: "int", name: "u32", size: 4, bits: 32, bitOffset: 0, encoding: "unsigned" };
const state: BtfType = {
  kind: "enum",
  name: "state",
  size: 4,
  signed: true,
  values: [
    { name: "Bad", value: -1n },
    { name: "Good", value: 1n },
  ],
};
const all: Btf = {
  types: [
    { kind: "void" },
    int,
    { kind: "decl-tag", name: "mine", type: 1, component: -1 },
    { kind: "type-tag", name: "user", type: 1 },
    { kind: "pointer", type: 3 },
    { kind: "enum64", name: "wide", size: 8, signed: false, values: [{ name: "Top", value: 1n << 40n }] },
    state,
    { kind: "float", name: "double", size: 8 },
    { kind: "function-proto", returns: 0, params: [] },
    { kind: "function", name: "run", type: 8, linkage: "global" },
    { kind: "variable", name: "seen", type: 1, linkage: "global" },
    { kind: "section", name: ".bss", size: 4, variables: [{ type: 10, offset: 0, size: 4 }] },
  ],
};

test("parameters get names where the kernel wants them", () => {
  const param = (name: string, type: number) => ({ name, type });
  const btf: Btf = {
    types: [
      { kind: "void" },
      int,
      { kind: "function-proto", returns: 1, params: [param("", 1), param("b", 1), param("", 0)] },
      { kind: "function", name: "declared", type: 2, linkage: "extern" },
      { kind: "function-proto", returns: 1, params: [param("", 1)] },
      { kind: "pointer", type: 4 },
    ],
  };
  const { types } = forKernel(btf);
  expect(types[2]).toMatchObject({ params: [param("parameter1", 1), param("b", 1), param("", 0)] });
  expect(types[3]).toMatchObject({ linkage: "global" });
  // What no function has stays as it is.
  expect(types[4]).toBe(btf.types[4]);
});

test("each older form replaces what its kernels do not know, and keeps the ids", () => {
  const forms = olderForms(all);
  expect(forms.map(({ before }) => before)).toEqual(["6.0", "5.17", "5.16", "5.13", "5.6", "5.2"]);
  for (const { btf } of forms) expect(btf.types).toHaveLength(all.types.length);
  const at = (before: string, id: number): BtfType | undefined =>
    forms.find((form) => form.before === before)?.btf.types[id];
  expect(at("6.0", 5)).toEqual({ kind: "union", name: "wide", size: 8, members: [] });
  expect(at("6.0", 6)).toMatchObject({
    signed: false,
    values: [
      { name: "Bad", value: 4294967295n },
      { name: "Good", value: 1n },
    ],
  });
  expect(at("6.0", 3)).toEqual(all.types[3]);
  expect(at("5.17", 3)).toEqual({ kind: "const", type: 1 });
  expect(at("5.17", 2)).toEqual(all.types[2]);
  expect(at("5.16", 2)).toMatchObject({ kind: "int", size: 1 });
  expect(at("5.13", 7)).toEqual({ kind: "struct", name: "double", size: 8, members: [] });
  expect(at("5.6", 9)).toMatchObject({ kind: "function", linkage: "static" });
  expect(at("5.6", 10)).toEqual(all.types[10]);
  expect(at("5.2", 10)).toMatchObject({ kind: "int" });
  expect(at("5.2", 11)).toMatchObject({ kind: "int" });
  // What came with one form stays in the next.
  expect(at("5.2", 5)).toMatchObject({ kind: "union" });
});

test("BTF that every kernel knows has no older form", () => {
  expect(olderForms({ types: [{ kind: "void" }, int, { kind: "pointer", type: 1 }] })).toEqual([]);
});

test("what is elsewhere is told to no kernel", () => {
  const btf: Btf = {
    types: [
      { kind: "void" },
      int,
      { kind: "function-proto", returns: 0, params: [] },
      { kind: "function", name: "bpf_rcu_read_lock", type: 2, linkage: "extern" },
      { kind: "section", name: ".ksyms", size: 0, variables: [{ type: 3, offset: 0, size: 0 }] },
      { kind: "variable", name: "CONFIG_HZ", type: 1, linkage: "extern" },
      { kind: "section", name: ".kconfig", size: 4, variables: [{ type: 5, offset: 0, size: 4 }] },
    ],
  };
  expect(forKernel(btf).types).toMatchObject([
    ...btf.types.slice(0, 3),
    { kind: "function", linkage: "global" },
    { kind: "int" },
    { kind: "variable", linkage: "global" },
    { kind: "int" },
  ]);
  expect(forKernel(all)).toBe(all);
});

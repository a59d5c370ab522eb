import type { Btf, BtfType } from "@waggle/object";
import { expect, it } from "vitest";
import { withoutTags } from "./older-btf.js";

const int: BtfType = { kind: "int", name: "u32", size: 4, bits: 32, bitOffset: 0, encoding: "unsigned" };

it("replaces tags in place, so that ids stay", () => {
  const btf: Btf = {
    types: [
      { kind: "void" },
      int,
      { kind: "decl-tag", name: "waggle:record:events", type: 1, component: -1 },
      { kind: "type-tag", name: "user", type: 1 },
      { kind: "pointer", type: 3 },
    ],
  };
  expect(withoutTags(btf)?.types.map(({ kind }) => kind)).toEqual(["void", "int", "int", "const", "pointer"]);
});

it("has nothing to say about BTF without tags", () => {
  expect(withoutTags({ types: [{ kind: "void" }, int] })).toBeNull();
});

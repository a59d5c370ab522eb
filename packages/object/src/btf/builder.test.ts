import { describe, expect, test } from "vitest";
import { BtfBuilder } from "./builder.js";
import { describeType, sizeOfType, skipModifiers } from "./layout.js";
import { findType } from "./names.js";
import { pruneBtf } from "./prune.js";
import type { BtfType } from "./types.js";

const u32: BtfType = { kind: "int", name: "u32", size: 4, bits: 32, bitOffset: 0, encoding: "unsigned" };

function list() {
  const builder = new BtfBuilder();
  const int = builder.add(u32);
  const node = builder.reserve();
  const pointer = builder.add({ kind: "pointer", type: node });
  builder.define(node, {
    kind: "struct",
    name: "node",
    size: 16,
    members: [
      { name: "next", type: pointer, bitOffset: 0, bitSize: 0 },
      { name: "value", type: int, bitOffset: 64, bitSize: 0 },
    ],
  });
  return { builder, int, node, pointer };
}

describe("builder", () => {
  test("equal types share an id, variables do not", () => {
    const { builder, int, node, pointer } = list();
    expect(builder.add({ ...u32 })).toBe(int);
    expect(builder.add({ kind: "pointer", type: node })).toBe(pointer);
    expect(builder.add({ kind: "pointer", type: int })).not.toBe(pointer);
    expect(builder.add({ kind: "void" })).toBe(0);
    const variable: BtfType = { kind: "variable", name: "v", type: int, linkage: "static" };
    expect(builder.add(variable)).not.toBe(builder.add(variable));
  });

  test("what is reserved must be defined, once", () => {
    const { builder, node } = list();
    expect(() => builder.define(node, u32)).toThrow("BTF type 2 is not waiting for a definition");
    const open = builder.reserve();
    expect(() => builder.build()).toThrow(`BTF type ${open} was reserved and never defined`);
    builder.define(open, { kind: "pointer", type: 99 });
    expect(() => builder.build()).toThrow("refers to type 99, which does not exist");
  });
});

describe("layout", () => {
  test("sizes look through modifiers, arrays and variables", () => {
    const { builder, int, node, pointer } = list();
    const array = builder.add({ kind: "array", type: node, index: int, length: 3 });
    const alias = builder.add({
      kind: "typedef",
      name: "list",
      type: builder.add({ kind: "const", type: array }),
    });
    const variable = builder.add({ kind: "variable", name: "v", type: alias, linkage: "global" });
    const btf = builder.build();
    expect(sizeOfType(btf, variable)).toBe(48);
    expect(sizeOfType(btf, pointer)).toBe(8);
    expect(skipModifiers(btf, alias)).toBe(array);
    expect(findType(btf, "typedef", "list")).toBe(alias);
    expect(findType(btf, "struct", "list")).toBeNull();
    expect(describeType(btf, variable)).toBe("list v");
    expect(describeType(btf, array)).toBe("struct node[3]");
  });

  test("what has no size is an error", () => {
    const { builder, int } = list();
    const forward = builder.add({ kind: "forward", name: "x", union: false });
    const huge = builder.add({ kind: "array", type: int, index: int, length: 0xffffffff });
    const btf = builder.build();
    expect(() => sizeOfType(btf, 0)).toThrow("BTF type 0 (void) has no size");
    expect(() => sizeOfType(btf, forward)).toThrow("(struct x) has no size");
    expect(() => sizeOfType(btf, huge)).toThrow("over 4 GiB");
    expect(() => sizeOfType(btf, 99)).toThrow("there is no BTF type 99");
  });

  test("functions are described as declarations", () => {
    const { builder, int, pointer } = list();
    const proto = builder.add({
      kind: "function-proto",
      returns: int,
      params: [{ name: "at", type: pointer }],
    });
    const fn = builder.add({ kind: "function", name: "find", type: proto, linkage: "global" });
    expect(describeType(builder.build(), fn)).toBe("u32 find(struct node * at)");
  });
});

describe("prune", () => {
  test("keeps what the roots reach and the tags on it", () => {
    const { builder, node } = list();
    const unused = builder.add({ kind: "float", name: "double", size: 8 });
    builder.add({ kind: "decl-tag", name: "gone", type: unused, component: -1 });
    builder.add({ kind: "decl-tag", name: "waggle:record:events", type: node, component: -1 });
    const { btf, map } = pruneBtf(builder.build(), [node]);
    expect(btf.types.map((type) => type.kind)).toEqual(["void", "int", "struct", "pointer", "decl-tag"]);
    expect(map[node]).toBe(2);
    expect(map[unused]).toBeUndefined();
    expect(btf.types[4]).toMatchObject({ name: "waggle:record:events", type: 2 });
  });
});

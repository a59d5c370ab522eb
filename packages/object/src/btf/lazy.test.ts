import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { BtfBuilder } from "./builder.js";
import { encodeBtf } from "./encode.js";
import { openBtf } from "./lazy.js";
import { findType, typesNamed } from "./names.js";
import { parseBtf } from "./parse.js";

function small() {
  const builder = new BtfBuilder();
  const int = builder.add({ kind: "int", name: "int", size: 4, bits: 32, bitOffset: 0, encoding: "signed" });
  const member = { name: "task", type: int, bitOffset: 0, bitSize: 0 };
  builder.add({ kind: "struct", name: "task", size: 4, members: [member] });
  builder.add({ kind: "typedef", name: "task", type: int });
  builder.add({ kind: "struct", name: "task___old", size: 4, members: [] });
  builder.add({ kind: "struct", name: "subtask", size: 4, members: [] });
  builder.add({ kind: "struct", name: "task_struct", size: 4, members: [] });
  return builder.build();
}

describe("types decoded when they are looked at", () => {
  test("are those that are decoded at once", () => {
    const lazy = openBtf(encodeBtf(small(), null, "big").btf);
    expect(lazy.types.length).toBe(small().types.length);
    // The last first: none depends on what was looked at before.
    for (let id = lazy.types.length - 1; id >= 0; id--) expect(lazy.types[id]).toEqual(small().types[id]);
    expect(lazy.types[lazy.types.length]).toBeUndefined();
    expect([...lazy.types]).toEqual(small().types);
  });

  test("are found by name, whatever their flavour, and not by a part of it", () => {
    for (const btf of [small(), openBtf(encodeBtf(small(), null, "little").btf)]) {
      const names = (name: string) => typesNamed(btf, name).map((id) => btf.types[id]);
      expect(names("task")).toMatchObject([
        { kind: "struct", name: "task" },
        { kind: "typedef", name: "task" },
        { kind: "struct", name: "task___old" },
      ]);
      expect(typesNamed(btf, "task___new")).toEqual(typesNamed(btf, "task"));
      expect(findType(btf, "typedef", "task")).toBe(3);
      expect(findType(btf, "struct", "task___old")).toBe(4);
      expect(findType(btf, "union", "task")).toBeNull();
      expect(names("tas")).toEqual([]);
    }
  });

  test("a damaged type is told when it is met", () => {
    const bytes = encodeBtf(small(), null, "little").btf;
    // The name of type 2, behind the header and the int's 16 bytes.
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(24 + 16, 0xffff, true);
    const lazy = openBtf(bytes);
    expect(lazy.types[1]).toMatchObject({ name: "int" });
    expect(() => lazy.types[2]).toThrow("string offset 65535 is outside the BTF string section");
    expect(() => openBtf(bytes.subarray(0, bytes.length - 1))).toThrow("BTF is cut short");
    const named = openBtf(bytes, "/some/file");
    expect(() => named.types[2]).toThrow("/some/file is damaged: string offset 65535 is outside");
    expect(() => openBtf(new Uint8Array(24).fill(7), "/some/file")).toThrow(
      /^\/some\/file is damaged: not BTF/,
    );
    expect(() => openBtf(bytes.subarray(0, 30), "/some/file")).toThrow(/^\/some\/file is damaged: /);
  });

  const vmlinux = "/sys/kernel/btf/vmlinux";
  test.skipIf(!existsSync(vmlinux))("of the running kernel agree (needs /sys/kernel/btf)", () => {
    const bytes = readFileSync(vmlinux);
    const [lazy, whole] = [openBtf(bytes), parseBtf(bytes).btf];
    for (const name of ["task_struct", "file", "pid_type", "int", "bpf_map_lookup_elem"])
      expect(typesNamed(lazy, name)).toEqual(typesNamed(whole, name));
    for (let id = 0; id < whole.types.length; id += 1009) expect(lazy.types[id]).toEqual(whole.types[id]);
  });
});

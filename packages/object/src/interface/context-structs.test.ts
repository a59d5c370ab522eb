import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { findType, parseBtf, sizeOfType } from "../index.js";
import { contextStructByName, contextStructs } from "./context-structs.js";

test("reads the table's words", () => {
  const sock = contextStructByName("bpf_sock_addr");
  expect(sock?.size).toBe(72);
  expect(sock?.fields.find(({ name }) => name === "user_port")).toEqual({
    name: "user_port",
    title: "userPort",
    offset: 24,
    type: "be16",
    width: 4,
    length: 1,
    pointer: null,
  });
  const field = (struct: string, name: string) =>
    contextStructByName(struct)?.fields.find((each) => each.name === name);
  expect(field("bpf_sock_addr", "sk")).toMatchObject({ offset: 64, width: 8, pointer: "sock" });
  expect(field("xdp_md", "data_end")).toMatchObject({ offset: 4, width: 4, pointer: "data-end" });
  expect(field("__sk_buff", "cb")).toMatchObject({ offset: 48, width: 4, length: 5 });
  expect(field("bpf_sock_ops", "reply")).toMatchObject({ offset: 4, title: "reply" });
  expect(contextStructByName("sk_buff")).toBeNull();
});

const vmlinux = "/sys/kernel/btf/vmlinux";
describe.skipIf(!existsSync(vmlinux))(`against ${vmlinux} (skipped where the kernel tells no types)`, () => {
  const btf = existsSync(vmlinux) ? parseBtf(readFileSync(vmlinux)).btf : null;
  const known = contextStructs.filter(({ name }) => name !== "lirc_sample");
  test.each(known)("struct $name", ({ name, fields, size }) => {
    if (btf === null) return;
    const id = findType(btf, "struct", name);
    const type = id === null ? undefined : btf.types[id];
    if (id === null || type?.kind !== "struct") throw new Error(`no struct ${name}`);
    const offsets = new Map<string, number>();
    const collect = (members: typeof type.members, base: number): void => {
      for (const member of members) {
        if (member.name !== "") offsets.set(member.name, base + member.bitOffset / 8);
        const inner = btf.types[member.type];
        if (member.name === "" && (inner?.kind === "struct" || inner?.kind === "union"))
          collect(inner.members, base + member.bitOffset / 8);
      }
    };
    collect(type.members, 0);
    // Pointers are in unions without a name (`__bpf_md_ptr`), so that their own names are found too.
    for (const field of fields)
      expect([field.name, offsets.get(field.name)]).toEqual([field.name, field.offset]);
    expect(sizeOfType(btf, id)).toBe(size);
  });
});

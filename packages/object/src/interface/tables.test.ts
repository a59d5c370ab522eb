import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { attachTypeByName, attachTypes } from "./attach-types.js";
import { helperById, helperByName, helpers } from "./helpers.js";
import { mapTypeByName, mapTypeByValue, mapTypes } from "./map-types.js";
import { programTypeByName, programTypeByValue, programTypes } from "./program-types.js";
import { sectionByName, sectionDefinitions } from "./sections.js";

describe("rows", () => {
  test("values count up without gaps", () => {
    expect(programTypes.map((row) => row.value)).toEqual(programTypes.map((_, index) => index + 1));
    expect(mapTypes.map((row) => row.value)).toEqual(mapTypes.map((_, index) => index + 1));
    expect(attachTypes.map((row) => row.value)).toEqual(attachTypes.map((_, index) => index));
    expect(helpers.map((row) => row.id)).toEqual(helpers.map((_, index) => index + 1));
  });
  test("names are unique and every row has a kernel version", () => {
    for (const rows of [programTypes, mapTypes]) {
      expect(new Set(rows.map((row) => row.name)).size).toBe(rows.length);
      expect(new Set(rows.map((row) => row.uapi)).size).toBe(rows.length);
    }
    for (const { since } of [...programTypes, ...mapTypes, ...attachTypes, ...helpers]) {
      expect(since).toMatch(/^[3-7]\.\d+$/);
    }
  });
  test("all of them are there", () => {
    expect([helpers.length, sectionDefinitions.length, programTypes.length]).toEqual([211, 116, 32]);
  });
});

describe("look-ups", () => {
  test("program types by both names and by value", () => {
    expect(programTypeByName("xdp")?.value).toBe(6);
    expect(programTypeByName("BPF_PROG_TYPE_XDP")).toBe(programTypeByName("xdp"));
    expect(programTypeByValue(5)?.name).toBe("tracepoint");
    expect([programTypeByName("xpd"), programTypeByValue(99)]).toEqual([null, null]);
  });
  test("map types by both names and by value", () => {
    expect(mapTypeByName("lru-hash")).toMatchObject({ value: 9, perCpu: false });
    expect(mapTypeByName("BPF_MAP_TYPE_PERCPU_ARRAY")).toMatchObject({ name: "per-cpu-array", perCpu: true });
    expect(mapTypeByValue(27)?.name).toBe("ring-buffer");
    expect([mapTypeByName("lru"), mapTypeByValue(0)]).toEqual([null, null]);
  });
  test("attach types", () => {
    expect([attachTypeByName("BPF_XDP")?.value, attachTypeByName("XDP")]).toEqual([37, null]);
  });
  test("helpers", () => {
    expect(helperByName("bpf_map_lookup_elem")).toEqual({
      id: 1,
      name: "bpf_map_lookup_elem",
      since: "3.19",
      args: ["map", "map-key"],
      returns: "pointer-or-null",
      changesPacket: false,
      writes: null,
    });
    expect(helperById(131)).toMatchObject({ name: "bpf_ringbuf_reserve", args: ["map", "size", "integer"] });
    expect(helperByName("bpf_xdp_adjust_head")?.changesPacket).toBe(true);
    expect(helperByName("bpf_probe_read_user_str")?.args).toEqual(["stack-or-memory", "size", "any"]);
    expect(helperByName("bpf_ringbuf_submit")?.returns).toBe("void");
    expect([helperByName("map_lookup_elem"), helperById(0)]).toEqual([null, null]);
  });
});

describe("section names", () => {
  test.each([
    ["xdp", "xdp", "BPF_XDP", null, 0],
    ["xdp.frags", "xdp", "BPF_XDP", null, 32],
    ["xdp/devmap", "xdp", "BPF_XDP_DEVMAP", null, 0],
    ["tracepoint/syscalls/sys_enter_execve", "tracepoint", null, "syscalls/sys_enter_execve", 0],
    ["tp", "tracepoint", null, null, 0],
    ["fentry.s/do_unlinkat", "tracing", "BPF_TRACE_FENTRY", "do_unlinkat", 16],
    ["uprobe//bin/sh:main", "kprobe", null, "/bin/sh:main", 0],
    ["tc/ingress", "sched-cls", "BPF_TCX_INGRESS", null, 0],
    ["cgroup/connect4", "cgroup-sock-addr", "BPF_CGROUP_INET4_CONNECT", null, 0],
  ])("%s", (name, type, attachType, target, flags) => {
    expect(sectionByName(name)).toMatchObject({
      programType: { name: type },
      attachType,
      target,
      programFlags: flags,
      autoload: true,
    });
  });
  test("a question mark means loading on request", () => {
    expect(sectionByName("?xdp")).toMatchObject({ prefix: "xdp", autoload: false });
  });
  test.each(["xpd", "xdp/", "xdp/eth0", "socket/3", "", "tracepoints/x", "kprobe/"])("%j is none", (name) => {
    expect(sectionByName(name)).toBeNull();
  });
});

const header = "/usr/include/linux/bpf.h";
describe.skipIf(!existsSync(header))(`against ${header} (skipped where linux-libc-dev is missing)`, () => {
  const text = existsSync(header) ? readFileSync(header, "utf8") : "";
  const members = (name: string) =>
    [...(new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(text)?.[1] ?? "").matchAll(/^\t(BPF_[A-Z0-9_]+)/gm)]
      .map((match) => match[1] ?? "")
      .filter((each) => !each.endsWith("_DEPRECATED"));
  test("program types", () => {
    expect(programTypes.map((row) => row.uapi)).toEqual(
      expect.arrayContaining(members("bpf_prog_type").filter((each) => !each.endsWith("UNSPEC"))),
    );
  });
  test("attach types in the same order", () => {
    const known = members("bpf_attach_type");
    expect(attachTypes.slice(0, known.length).map((row) => row.uapi)).toEqual(known);
  });
  test("map types", () => {
    expect(mapTypes.map((row) => row.uapi)).toEqual(
      expect.arrayContaining(members("bpf_map_type").filter((each) => !each.endsWith("UNSPEC"))),
    );
  });
});

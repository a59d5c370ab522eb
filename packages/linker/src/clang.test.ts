import { formatBtf, parseBtf, readElf, readObject } from "@waggle/object";
import { describe, expect, test } from "vitest";
import { canLoad, compileC, dumpTypes, hasClang, loadWithBpftool } from "./fixtures/tools.js";
import { link } from "./index.js";

const first = `
struct key { u32 a, b; };
struct { __uint(type, 1); __uint(max_entries, 16); __type(key, u32); __type(value, struct key); } shared_map SEC(".maps");
extern u64 shared;
extern int add(int a, int b);
u64 mine = 7;
static u64 used = 9;
static NOINLINE int gone(int x) { return x * (int)used++; }
NOINLINE int gone_too(int x) { return gone(x) + 1; }
static NOINLINE int local(int x) { return x * 3 + (int)used++; }
SEC("xdp") int first(struct xdp_md *ctx) {
  u32 k = 0;
  struct key *v = bpf_map_lookup_elem(&shared_map, &k);
  if (!v) return 0;
  return local(v->b) + add(v->a, (int)shared) + (int)mine;
}
char LICENSE[] SEC("license") = "GPL";
`;
const second = `
struct key { u32 a, b; };
extern struct { __uint(type, 1); __uint(max_entries, 16); __type(key, u32); __type(value, struct key); } shared_map SEC(".maps");
struct { __uint(type, 1); __uint(max_entries, 4); __type(key, u32); __type(value, u64); } own_map SEC(".maps");
u64 padding = 1, shared = 42;
static u64 counter = 3;
static NOINLINE int dead_leaf(int x) { return x * 7 + (int)padding; }
NOINLINE int dead(int x) { return dead_leaf(x) + 9; }
NOINLINE int add(int a, int b) {
  u32 k = 1;
  struct key *v = bpf_map_lookup_elem(&shared_map, &k);
  return a + b + (v ? v->a : 0) + (int)counter++;
}
SEC("tc") int second(void *ctx) {
  u32 k = 0;
  u64 *v = bpf_map_lookup_elem(&own_map, &k);
  return add(1, 2) + (v ? *v : 0);
}
char LICENSE[] SEC("license") = "GPL";
`;

const linkC = (sources: readonly string[], target: "bpfel" | "bpfeb" = "bpfel") =>
  link(sources.map((source, index) => ({ name: `${index}.o`, bytes: compileC(source, target) })));

describe.skipIf(!hasClang)("objects of clang (needs clang-19)", () => {
  test("functions that nothing calls are dropped, with their types", () => {
    const { object, dropped } = linkC([first, second]);
    expect([...dropped].sort()).toEqual(["dead", "dead_leaf", "gone", "gone_too"]);
    const btf = readElf(object).sections.find((section) => section.name === ".BTF")?.data ?? new Uint8Array();
    expect(formatBtf(parseBtf(btf).btf)).not.toMatch(/'(gone|gone_too|dead|dead_leaf)'/);
  });

  test("the loader's reader resolves every call and reference", () => {
    const spec = readObject(linkC([first, second]).object);
    expect(spec.license).toBe("GPL");
    expect(spec.programs.map((program) => [program.name, program.functions.map((fn) => fn.name)])).toEqual([
      ["first", ["first", "local", "add"]],
      ["second", ["second", "add"]],
    ]);
    expect(spec.maps.map((map) => [map.name, map.maxEntries])).toEqual([
      ["shared_map", 16],
      ["own_map", 4],
      [".data", 1],
    ]);
    const data = spec.maps.find((map) => map.name === ".data")?.data;
    const firstByteOf = (name: string): number | undefined =>
      data?.initial[data.variables.find((variable) => variable.name === name)?.offset ?? -1];
    expect([firstByteOf("mine"), firstByteOf("shared"), firstByteOf("counter"), firstByteOf("used")]).toEqual(
      [7, 42, 3, 9],
    );
    const shared = data?.variables.find((variable) => variable.name === "shared");
    expect(spec.programs[0]?.references).toContainEqual(
      expect.objectContaining({ map: ".data", valueOffset: shared?.offset }),
    );
  });

  test("CO-RE relocations move with their code and keep their root type", () => {
    const core = `
      struct task { int pid; struct task *parent; } __attribute__((preserve_access_index));
      static NOINLINE int unused_core(struct task *t) { return t->pid; }
      NOINLINE int unused_caller(struct task *t) { return unused_core(t->parent); }
      SEC("tp_btf/sched_switch") int third(u64 *ctx) { struct task *t = (void *)ctx[1]; return t->parent->pid; }
    `;
    const spec = readObject(linkC([first, second, core]).object);
    const program = spec.programs.find((candidate) => candidate.name === "third");
    expect(program?.coreRelocations.map(({ access, kind }) => [access, kind])).toEqual([
      ["0:1", 0],
      ["0:0", 0],
    ]);
    for (const relocation of program?.coreRelocations ?? []) {
      expect(spec.btf?.types[relocation.type]).toMatchObject({ kind: "struct", name: "task" });
    }
  });

  test("big-endian objects come out with the same names", () => {
    const names = (target: "bpfel" | "bpfeb") =>
      readElf(linkC([first, second], target).object).symbols.map((symbol) => [symbol.name, symbol.value]);
    expect(names("bpfeb")).toEqual(names("bpfel"));
  });

  test.skipIf(!canLoad)("our dump of the types is bpftool's (needs bpftool)", () => {
    const { object } = linkC([first, second]);
    const btf = readElf(object).sections.find((section) => section.name === ".BTF")?.data ?? new Uint8Array();
    expect(formatBtf(parseBtf(btf).btf)).toBe(dumpTypes(object));
  });

  test.skipIf(!canLoad).each([
    ["as given", [first, second]],
    ["the other way round: an extern map before its definition", [second, first]],
  ])("libbpf and the kernel load what was linked %s (needs root, BPF and bpftool)", (_, sources) => {
    expect(loadWithBpftool(linkC(sources).object)).not.toContain("failed");
  });
});

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isRingBuffer } from "../app.js";
import { whyNot } from "../fixtures/kernel.js";
import { packet } from "../fixtures/specs.js";
import { loadObject } from "./load.js";

const source = `
typedef unsigned int u32; typedef unsigned long long u64;
#define SEC(x) __attribute__((section(x), used))
static void *(*lookup)(void *, const void *) = (void *)1;
struct key { u32 a; u32 b; };
struct { int (*type)[1]; int (*max_entries)[16]; struct key *key; u64 *value; } stats SEC(".maps");
static long (*update)(void *, const void *, const void *, u64) = (void *)2;
volatile const u32 verdict = 1;
u64 runs;
static __attribute__((noinline)) int bump(u64 by) { __sync_fetch_and_add(&runs, by); return runs; }
SEC("xdp") int count(void *ctx) {
  struct key key = { 1, 2 }; u64 one = 1;
  u64 *seen = lookup(&stats, &key);
  if (seen) *seen += 1; else update(&stats, &key, &one, 0);
  bump(2);
  return verdict;
}
char _license[] SEC("license") = "GPL";
`;

function compile(): Uint8Array | string {
  const directory = mkdtempSync(join(tmpdir(), "waggle-"));
  try {
    writeFileSync(join(directory, "a.c"), source);
    const args = ["-g", "-O2", "-target", "bpf", "-mcpu=v3", "-c", "a.c", "-o", "a.o"];
    execFileSync("clang-19", args, { cwd: directory, stdio: "pipe" });
    return readFileSync(join(directory, "a.o"));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "needs clang-19";
    throw error;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
const object = whyNot === "" ? compile() : whyNot;
const title = typeof object === "string" ? `a foreign object (skipped: ${object})` : "a foreign object";

describe.skipIf(typeof object === "string")(title, () => {
  it("loads with its BTF, its subprogram, its data and its constants", () => {
    if (typeof object === "string") return;
    using app = loadObject(object, { config: { verdict: 2 }, maps: { stats: { maxEntries: 5 } } });
    expect(app.btfProblems).toEqual([]);
    expect(app.programs.count?.testRun({ data: packet, repeat: 3 }).result).toBe(2);
    const { stats, ".bss": bss } = app.maps;
    if (stats === undefined || isRingBuffer(stats) || bss === undefined || isRingBuffer(bss))
      throw new Error("maps");
    expect([...stats]).toEqual([[{ a: 1, b: 2 }, 3n]]);
    expect(stats.maxEntries).toBe(5);
    expect(bss.get(0)).toEqual({ runs: 6n });
  });

  it("rejects an unknown constant", () => {
    if (typeof object === "string") return;
    expect(() => loadObject(object, { config: { verdit: 2 } })).toThrow(/verdict/);
  });
});

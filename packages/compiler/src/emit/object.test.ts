import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { disassemble, parseBtf, readElf, readObject, SymbolBind } from "@waggle/object";
import { expect, test } from "vitest";
import { parseModule } from "../ir/parse.js";
import { optimize } from "../passes/pipeline.js";
import { generate } from "../target/generate.js";
import type { Cpu } from "../target/target-error.js";
import { flowsModule } from "./fixtures/flows-module.js";
import { emitObject } from "./object.js";

function objectOf(byteOrder: "little" | "big", cpu: Cpu = 3, level: 0 | 1 | 2 = 2): Uint8Array {
  const module = optimize(parseModule(flowsModule), { level, byteOrder, check: true });
  const functions = module.functions.map((f) => generate(f, { byteOrder, cpu, check: true }));
  return emitObject(module, functions, { byteOrder });
}

test.each(["little", "big"] as const)("an object reads back: %s endian", (byteOrder) => {
  const spec = readObject(objectOf(byteOrder));
  expect(spec.byteOrder).toBe(byteOrder);
  expect(spec.license).toBe("Dual MIT/GPL");
  const [program] = spec.programs;
  expect(spec.programs.map(({ name, section }) => ({ name, section }))).toEqual([
    { name: "count", section: "xdp" },
  ]);
  expect(program?.functions.map(({ name }) => name)).toEqual(["count", "sub", "leaf"]);
  expect(program?.lines[0]).toMatchObject({
    instruction: 0,
    file: "src/flows.ts",
    source: "a",
    line: 1,
    column: 5,
  });
  expect(
    spec.maps.map(({ name, type, keySize, valueSize, maxEntries }) => [
      name,
      type.name,
      keySize,
      valueSize,
      maxEntries,
    ]),
  ).toEqual([
    ["stats", "lru-hash", 8, 16, 1024],
    ["events", "ring-buffer", 0, 0, 4096],
    [".rodata", "array", 4, 1, 1],
    [".bss", "array", 4, 8, 1],
  ]);
  const { btf } = spec;
  const record = spec.maps.find(({ name }) => name === "events")?.valueType;
  expect(btf?.types[record ?? 0]).toMatchObject({ kind: "struct", name: "Key" });
  const code = program === undefined ? [] : disassemble(program.instructions, program);
  expect(code).toContain("r1 = map[stats]");
  expect(code.some((line) => line.includes("#sub"))).toBe(true);
});

test("the same input gives the same bytes", () => {
  expect(objectOf("little")).toEqual(objectOf("little"));
});

test("functions that are no programs are local and static", () => {
  const elf = readElf(objectOf("little"));
  const symbol = elf.symbols.find(({ name }) => name === "sub");
  expect(symbol?.bind).toBe(SymbolBind.Local);
  const section = elf.sections.find(({ name }) => name === ".BTF");
  const { btf } = parseBtf(section?.data ?? new Uint8Array());
  expect(btf.types.find((type) => type.kind === "function" && type.name === "sub")).toMatchObject({
    linkage: "static",
  });
  expect(btf.types.find((type) => type.kind === "typedef")).toMatchObject({ name: "__be32" });
});

/** Why objects cannot be loaded into a kernel here; null when they can. */
function whyNoKernel(): string | null {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "loading needs root on Linux";
  const probe = spawnSync("bpftool", ["prog", "list"], { encoding: "utf8" });
  if (probe.error !== undefined) return "bpftool is not installed";
  return probe.status === 0 ? null : `bpftool: ${probe.stderr.trim()}`;
}
const reason = whyNoKernel();

test.skipIf(reason !== null)(
  `the kernel takes the object${reason === null ? "" : ` (skipped: ${reason})`}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), "waggle-emit-"));
    const pins = `/sys/fs/bpf/${folder.split("/").at(-1)}`;
    try {
      for (const cpu of [3, 4] as const) {
        for (const level of [0, 2] as const) {
          const file = join(folder, "flows.o");
          writeFileSync(file, objectOf("little", cpu, level));
          const result = spawnSync("bpftool", ["prog", "loadall", file, pins], { encoding: "utf8" });
          expect(`${result.stderr}`).toBe("");
          expect(result.status).toBe(0);
          rmSync(pins, { recursive: true });
        }
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

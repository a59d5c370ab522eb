import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { readElf, SymbolType, writeElf } from "../index.js";
import { sampleObject } from "./fixtures/sample-object.js";
import { readObject } from "./read-object.js";

const source = fileURLToPath(new URL("fixtures/clang-object.c", import.meta.url));

function present(...commands: string[]): boolean {
  try {
    for (const command of commands) execFileSync(command, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

function inFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "waggle-object-"));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Compiles the fixture's source and gives the object and what `llvm-readelf` says of it. */
function compile(target: string, cpu: string): { bytes: Uint8Array; sections: string[]; symbols: number } {
  return inFolder((folder) => {
    const path = join(folder, "object.o");
    const flags = ["-O2", "-g", `-mcpu=${cpu}`, "-target", target];
    execFileSync("clang-19", [...flags, "-c", source, "-o", path]);
    const report = (flag: string) => execFileSync("llvm-readelf-19", [flag, path], { encoding: "utf8" });
    const sections = [...report("-SW").matchAll(/^ +\[ *\d+\] (\S*) +[A-Z_]+ +[0-9a-f]{16}/gm)];
    return {
      bytes: new Uint8Array(readFileSync(path)),
      sections: sections.map((match) => match[1] ?? ""),
      symbols: [...report("-sW").matchAll(/^ +\d+: /gm)].length,
    };
  });
}

const hasClang = present("clang-19", "llvm-readelf-19");
describe.skipIf(!hasClang)("against clang-19 (skipped where it or llvm-readelf-19 is missing)", () => {
  test.each([
    ["bpfel", "v1"],
    ["bpfel", "v4"],
    ["bpfeb", "v3"],
  ])("%s, cpu %s: sections, symbols and programs", (target, cpu) => {
    const { bytes, sections, symbols } = compile(target, cpu);
    const elf = readElf(bytes);
    expect(elf.sections.slice(1).map((section) => section.name)).toEqual(
      sections.filter((name) => name !== ""),
    );
    expect(elf.symbols).toHaveLength(symbols);
    const spec = readObject(bytes);
    expect(spec.programs.map(({ name }) => name)).toEqual(["count", "enter"]);
    expect(spec.programs[0]?.functions.map(({ name }) => name)).toEqual(["count", "each", "branch", "leaf"]);
  });
});

describe.skipIf(!hasClang)("llvm-readelf on what we write (skipped where it is missing)", () => {
  test.each(["little", "big"] as const)("%s endian, without a warning", (byteOrder) => {
    inFolder((folder) => {
      const path = join(folder, "sample.o");
      writeFileSync(path, sampleObject({ byteOrder }));
      const report = execFileSync("llvm-readelf-19", ["-aW", path], { encoding: "utf8" });
      expect(report).not.toMatch(/warning|error|<corrupt|<null>/i);
      expect(report).toMatch(/R_BPF_64_32 +0+ assist/);
    });
  });
});

const hasBpftool = present("bpftool");
describe.skipIf(!hasBpftool)("libbpf on what we write (skipped where bpftool is missing)", () => {
  test("opens it, with its maps, programs and variables", () => {
    inFolder((folder) => {
      const path = join(folder, "sample.o");
      writeFileSync(path, sampleObject());
      const skeleton = execFileSync("bpftool", ["gen", "skeleton", path], { encoding: "utf8" });
      expect(skeleton).toContain("struct bpf_map *counts;");
      expect(skeleton).toContain("struct bpf_program *run;");
      expect(skeleton).toMatch(/struct sample__rodata \{\s+bool verbose;[^}]+u64 limit;/);
    });
  });
});

test("an ELF file without code reads as an object without programs", () => {
  const bytes = writeElf({
    byteOrder: "little",
    sections: [],
    symbols: [{ name: "x.ts", section: null, value: 0, size: 0, bind: 0, type: SymbolType.File }],
  });
  expect(readObject(bytes)).toMatchObject({ programs: [], maps: [], license: "", btf: null });
});

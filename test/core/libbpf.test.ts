import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { POISON_HELPER, parseBtf, readObject, relocateProgram } from "@waggle/object";
import { describe, expect, it } from "vitest";

const VMLINUX = "/sys/kernel/btf/vmlinux";
const missing = [VMLINUX, "/usr/bin/clang-19", "/usr/bin/gcc", "/usr/include/bpf/libbpf.h"].filter(
  (path) => !existsSync(path),
);
if (process.getuid?.() !== 0) missing.push("root");
const why = missing.length === 0 ? "" : ` (skipped: there is no ${missing.join(", ")})`;

describe.skipIf(missing.length > 0)(`libbpf's own relocation of twin.c${why}`, () => {
  it("gives the same instructions as ours", () => {
    const directory = mkdtempSync(join(tmpdir(), "waggle-core-"));
    try {
      const file = (name: string) => join(directory, name);
      const source = (name: string) => join(import.meta.dirname, name);
      const compile = ["-O2", "-g", "-target", "bpf", "-c", source("twin.c"), "-o", file("twin.o")];
      execFileSync("/usr/bin/clang-19", compile);
      execFileSync("/usr/bin/gcc", [source("libbpf-patched.c"), "-o", file("patched"), "-lbpf"]);
      const theirs = execFileSync(file("patched"), [file("twin.o"), VMLINUX], { encoding: "utf8" })
        .trim()
        .split("\n");

      const spec = readObject(readFileSync(file("twin.o")));
      const [program] = spec.programs;
      if (program === undefined || spec.btf === null) throw new Error("twin.o has no program with types");
      const kernel = parseBtf(readFileSync(VMLINUX)).btf;
      const code = relocateProgram(program, spec.btf, kernel, spec.byteOrder);
      // Maps' descriptors are libbpf's there and not filled in here.
      const maps = new Set(program.references.flatMap(({ instruction: at }) => [at, at + 1]));
      const ours = code.map(({ opcode, dst, src, offset, imm }) =>
        [opcode.toString(16).padStart(2, "0"), dst, src, offset, imm].join(" "),
      );
      const comparable = (lines: readonly string[]) => lines.map((line, at) => (maps.has(at) ? "map" : line));
      expect(comparable(ours)).toEqual(comparable(theirs));
      expect(program.coreRelocations.length).toBeGreaterThan(30);
      expect(code.some(({ imm }) => imm === POISON_HELPER)).toBe(true);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

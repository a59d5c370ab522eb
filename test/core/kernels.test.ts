import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env } from "node:process";
import { brotliDecompressSync } from "node:zlib";
import { compile, formatDiagnostics } from "@waggle/compiler";
import { link } from "@waggle/linker";
import { type Instruction, parseBtf, readObject, relocateProgram } from "@waggle/object";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runInKernel } from "../kernels/run-in-kernel.js";
import { answersIn } from "./answers.js";

const here = import.meta.dirname;
const fixtures = join(here, "fixtures");
/** The kernels whose types are in `fixtures/`, by version. */
const kernels = readdirSync(fixtures)
  .filter((name) => name.endsWith(".btf.br"))
  .map((name) => name.slice(0, -".btf.br".length));
const isUpdate = env.UPDATE_CORE === "1";

const missing = ["/usr/bin/clang-19", "/usr/bin/gcc", "/usr/include/bpf/libbpf.h"].filter(
  (path) => !existsSync(path),
);
if (process.getuid?.() !== 0) missing.push("root");
const why = missing.length === 0 ? "" : ` (skipped: there is no ${missing.join(", ")})`;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "waggle-core-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const typesOf = (kernel: string): Uint8Array =>
  brotliDecompressSync(readFileSync(join(fixtures, `${kernel}.btf.br`)));

/** reads.ts as an object, with loads through trusted pointers (5.11) or by probes (5.10). */
function compiled(kernel: "5.10" | "5.11"): Uint8Array {
  const { classes, diagnostics } = compile({
    files: ["reads.ts"],
    cwd: here,
    target: { kernel, byteOrder: "little" },
  });
  expect(formatDiagnostics(diagnostics, { color: false, cwd: here })).toBe("");
  return link(classes.map(({ name, object }) => ({ name, bytes: object }))).object;
}

function ours(object: Uint8Array, types: Uint8Array): Record<string, number | null> {
  const spec = readObject(object);
  const [program] = spec.programs;
  if (program === undefined || spec.btf === null) throw new Error("reads.ts has no program");
  const code = relocateProgram(program, spec.btf, parseBtf(types).btf, spec.byteOrder);
  return sorted(answersIn(spec, code));
}

/** What libbpf makes of an object for a kernel. */
function theirs(object: Uint8Array, types: Uint8Array): Record<string, number | null> {
  const file = (name: string, bytes: Uint8Array): string => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };
  const tool = join(folder, "patched");
  if (!existsSync(tool)) execFileSync("/usr/bin/gcc", [join(here, "libbpf-patched.c"), "-o", tool, "-lbpf"]);
  const args = [file("object.o", object), file("types.btf", types)];
  const text = execFileSync(tool, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  const code = text
    .trim()
    .split("\n")
    .map((line): Instruction => {
      const [opcode = "", dst = 0, src = 0, offset = 0, imm = 0] = line
        .split(" ")
        .map((word, at) => (at === 0 ? word : Number(word)));
      return {
        opcode: Number.parseInt(String(opcode), 16),
        dst: Number(dst),
        src: Number(src),
        offset: Number(offset),
        imm: Number(imm),
      };
    });
  return sorted(answersIn(readObject(object), code));
}

function sorted(answers: ReadonlyMap<string, number | null>): Record<string, number | null> {
  return Object.fromEntries([...answers].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function twin(): Uint8Array {
  const object = join(folder, "reads.o");
  if (!existsSync(object))
    execFileSync("/usr/bin/clang-19", [
      "-O2",
      "-g",
      "-target",
      "bpf",
      "-c",
      join(here, "reads.c"),
      "-o",
      object,
    ]);
  return readFileSync(object);
}

test("the kernels that are compared are five, and their layouts differ", () => {
  expect(kernels.length).toBe(5);
  const sizes = kernels.map((kernel) => ours(compiled("5.10"), typesOf(kernel))["task_struct type size"]);
  expect(new Set(sizes).size).toBe(5);
});

describe.each(kernels)("Linux %s", (kernel) => {
  const recorded = join(fixtures, `${kernel}.json`);

  test.each(["5.10", "5.11"] as const)(
    "offsets, sizes and answers are those that libbpf gave for the twin in C (compiled for %s)",
    (oldest) => {
      const expected: unknown = JSON.parse(readFileSync(recorded, "utf8"));
      const found = ours(compiled(oldest), typesOf(kernel));
      expect(Object.keys(found).length).toBeGreaterThan(30);
      expect(expected).toMatchObject(found);
    },
  );

  test.skipIf(missing.length > 0)(`libbpf gives the same now${why}`, () => {
    const types = typesOf(kernel);
    const answers = theirs(twin(), types);
    if (isUpdate) writeFileSync(recorded, `${JSON.stringify(answers, null, 2)}\n`);
    expect(answers).toEqual(JSON.parse(readFileSync(recorded, "utf8")));
    // And it reads our own object as we do.
    const object = compiled("5.10");
    expect(theirs(object, types)).toEqual(ours(object, types));
  });
});

async function cutOut(asked: readonly string[]): Promise<void> {
  const program = join(here, "../kernels/guest/excerpt-types.ts");
  for (const kernel of asked) {
    const { release, output } = await runInKernel({ kernel, program });
    const [, base64 = ""] = /^BTF (\S+)$/m.exec(output) ?? [];
    const [version] = /^\d+\.\d+/.exec(release) ?? [];
    writeFileSync(join(fixtures, `${version}.btf.br`), Buffer.from(base64, "base64"));
  }
}

const asked = env.WAGGLE_KERNELS?.split(",") ?? [];
if (isUpdate && asked.length > 0)
  test("the types are cut out of kernels", { timeout: 900_000 }, () => cutOut(asked));

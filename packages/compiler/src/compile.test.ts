import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { type CompileTarget, compile, compileModule } from "./compile.js";
import { parseModule } from "./ir/parse.js";

const target = { byteOrder: "little", cpu: 3 } as const;

const program = (name: string, slot: number): string =>
  `function ${name} section "xdp" @0:2:7 {\nslot s0 "buffer" size ${slot} align 1\nb0:\n  return\n}\n`;

/** A slot that must stay on the stack, since its address is taken as a number. */
const escaping = (name: string, slot: number): string =>
  program(name, slot).replace("b0:\n", "b0:\n  v0 = slot s0\n  v1 = ptrtoint v0\n");

test("what does not fit the target is a diagnostic at its place, for every function at fault", () => {
  const module = parseModule(
    `module M license "GPL"\nsource "/project/src/m.ts" "a\\nb"\n${escaping("one", 600)}${escaping("two", 700)}`,
  );
  const { compiled, diagnostics } = compileModule(module, target, { cwd: "/project" });
  expect(compiled).toBeNull();
  expect(diagnostics).toEqual([
    {
      code: "WG3001",
      severity: "error",
      message: "`one` needs 600 bytes of stack, and the kernel allows 512",
      file: "/project/src/m.ts",
      line: 2,
      column: 7,
      endLine: 2,
      endColumn: 8,
      notes: ["`buffer` takes 600 bytes"],
      help: expect.stringContaining("per-CPU array"),
    },
    expect.objectContaining({ code: "WG3001", message: expect.stringContaining("`two` needs 704 bytes") }),
  ]);
});

test("what does not fit on the stack goes to scratch memory, and the build says so", () => {
  const module = parseModule(
    `module M license "GPL"\nsource "/project/src/m.ts" "a\\nb"\n${program("one", 600)}${program("two", 500)}`,
  );
  const { compiled, diagnostics } = compileModule(module, target, { cwd: "/project" });
  expect(compiled?.maps).toEqual(["waggle_scratch"]);
  expect(diagnostics).toEqual([
    {
      code: "WG3006",
      severity: "warning",
      message: "`one` needs more stack than the kernel allows: 600 bytes of it are in per-CPU scratch memory",
      file: "/project/src/m.ts",
      line: 2,
      column: 7,
      endLine: 2,
      endColumn: 8,
      notes: ["`buffer` takes 600 bytes"],
      help: expect.stringContaining("interrupts this one"),
    },
  ]);
});

test("line info has the path within the project", () => {
  const module = parseModule(
    `module M license "GPL"\nsource "/project/src/m.ts" "a\\nb"\n${program("one", 8)}`,
  );
  const { compiled } = compileModule(module, target, { cwd: "/project" });
  const text = new TextDecoder("latin1").decode(compiled?.object);
  expect(text).toContain("\0src/m.ts\0");
  expect(text).not.toContain("/project");
  expect(compiled).toMatchObject({
    name: "M",
    file: "/project/src/m.ts",
    programs: [{ name: "one", section: "xdp", instructions: 2, stackBytes: 8 }],
    maps: [],
  });
});

test("a file that is not there is a diagnostic", () => {
  const { classes, diagnostics } = compile({ files: ["nowhere.ts"], cwd: "/" });
  expect(classes).toEqual([]);
  expect(diagnostics.map(({ severity }) => severity)).toEqual(["error"]);
});

const example = fileURLToPath(new URL("../../../examples/flows/src/kernel/flows.ts", import.meta.url));

test("cpu v4 is for kernels from 6.6 on", () => {
  const on = (target: CompileTarget) => compile({ files: [example], target });
  const refused = on({ cpu: 4, kernel: "6.1" });
  expect(refused.classes).toEqual([]);
  expect(refused.diagnostics).toMatchObject([
    {
      code: "WG3007",
      severity: "error",
      message: "cpu v4 needs Linux 6.6, and the oldest kernel targeted is 6.1",
      help: expect.stringContaining("--kernel 6.6"),
    },
  ]);
  expect(on({ cpu: 4, kernel: "6.6" }).diagnostics).toEqual([]);
});

test("a kernel version that is none is an error of the caller", () => {
  expect(() => compile({ files: [], target: { kernel: "new" } })).toThrow(
    new RangeError('target.kernel is "new": write a version, such as "5.15"'),
  );
});

/**
 * Reports of the verifier's errors of compiled programs. What the compiler accepts passes, so each program is spoiled between
 * compiling and loading: a check that the source has compares with another number.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile, formatDiagnostics } from "@waggle/compiler";
import { link } from "@waggle/linker";
import { type ObjectSpec, readObject } from "@waggle/object";
import { canLoad, loadSpec, VerifierError } from "@waggle/userspace";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const here = fileURLToPath(new URL(".", import.meta.url));
const source = `import { HashMap, loop, noinline, RingBuffer, u32, u64, xdp, XdpAction } from "@waggle/kernel";
import type { FixedArray, XdpContext } from "@waggle/kernel";
interface Counters { packets: u64; bytes: FixedArray<u64, 8> }
export class Names {
  static readonly stats = new HashMap<u32, Counters>({ maxEntries: 16 });
  @xdp() static count(ctx: XdpContext): XdpAction {
    const length = ctx.length;
    const seen = Names.stats.get(length);
    if (seen === null) return XdpAction.Pass;
    seen.packets += 1n;
    return XdpAction.Drop;
  }
  @xdp() static index(ctx: XdpContext): XdpAction {
    const queue = ctx.rxQueueIndex;
    const seen = Names.stats.get(1);
    if (seen === null) return XdpAction.Pass;
    if (queue >= 8) return XdpAction.Aborted;
    seen.bytes[queue] += 1n;
    return XdpAction.Drop;
  }
  @noinline static at(place: u32): u64 {
    const seen = Names.stats.get(1);
    if (seen === null) return 0n;
    if (place >= 8) return 1n;
    return seen.bytes[place];
  }
  @xdp() static called(ctx: XdpContext): XdpAction {
    return Names.at(ctx.length) > 3n ? XdpAction.Pass : XdpAction.Drop;
  }
  @xdp() static captured(ctx: XdpContext): XdpAction {
    const seen = Names.stats.get(1);
    const queue = ctx.rxQueueIndex;
    if (queue >= 8) return XdpAction.Aborted;
    if (seen === null) return XdpAction.Pass;
    loop(5000, (i) => { seen.bytes[queue] += u64(i); });
    return XdpAction.Pass;
  }
  @xdp() static fields(ctx: XdpContext): XdpAction {
    const seen = Names.stats.get(1);
    if (ctx.rxQueueIndex > 3 || ctx.length < 70) return XdpAction.Pass;
    if (seen === null) return XdpAction.Pass;
    seen.packets += 1n;
    return XdpAction.Drop;
  }
}
`;
let folder = "";
let spec: ObjectSpec;
/** For kernels whose verifier knows what a callback captures: for others its bounds are checked in the callback. */
let newer: ObjectSpec;
function specFor(kernel: string): ObjectSpec {
  const { classes, diagnostics } = compile({ files: ["names.ts"], cwd: folder, target: { kernel } });
  expect(formatDiagnostics(diagnostics, { color: false, cwd: folder })).toBe("");
  return readObject(link(classes.map((item) => ({ name: item.name, bytes: item.object }))).object);
}
beforeAll(() => {
  folder = mkdtempSync(join(here, ".build-"));
  writeFileSync(join(folder, "names.ts"), source);
  spec = specFor("5.17");
  newer = specFor("6.8");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Conditional jumps against a number: class JMP or JMP32, all operations but JA, CALL and EXIT. */
const isBranch = (opcode: number): boolean =>
  ((opcode & 7) === 5 || (opcode & 7) === 6) &&
  (opcode & 8) === 0 &&
  ![0, 0x80, 0x90].includes(opcode & 0xf0);

/** The error of loading `name` when the check on a line compares with another number. */
function spoiled(name: string, line: number, from = spec): VerifierError {
  const programs = from.programs
    .filter((program) => program.name === name)
    .map((program) => ({
      ...program,
      instructions: program.instructions.map((instruction, i) => {
        const at = program.lines.findLast((one) => one.instruction <= i);
        return at?.line === line && isBranch(instruction.opcode) ? { ...instruction, imm: 100 } : instruction;
      }),
    }));
  try {
    loadSpec({ ...from, programs }).close();
  } catch (error) {
    if (error instanceof VerifierError) return error;
    throw error;
  }
  throw new Error(`${name} was loaded`);
}

test("the object has the names of variables", () => {
  const count = spec.programs.find(({ name }) => name === "count")?.names?.get("count");
  expect(count?.registers.map(({ name }) => name)).toContain("seen");
  expect(count?.frame.map(({ name, size }) => [name, size])).toEqual([["key", 4]]);
});

const probe = canLoad();
describe.skipIf(!probe.ok)(
  `reports of compiled programs${probe.ok ? "" : ` (skipped: ${probe.reason})`}`,
  () => {
    test("a null that is not checked", () => {
      const error = spoiled("count", 9);
      expect(error).toMatchObject({
        reasonClass: "null-unchecked",
        variable: "seen",
        location: { line: 10 },
      });
    });
    test("an index with too large a bound, and the branches of the path", () => {
      const error = spoiled("index", 17);
      expect(error.path.map(({ line, decided }) => [line, decided])).toEqual([
        [14, null],
        [15, null],
        [16, "`seen` is not 0"],
        [17, "`queue` is less than 100"],
        [18, null],
      ]);
      expect(error).toMatchObject({
        reasonClass: "index-too-large",
        variable: "queue",
        location: { line: 18 },
      });
    });
    test("a variable of a function that is called", () => {
      expect(spoiled("called", 23)).toMatchObject({
        reasonClass: "null-unchecked",
        variable: "seen",
        location: { line: 25 },
      });
    });
    test("variables that a callback captures", () => {
      expect(spoiled("captured", 33, newer)).toMatchObject({
        variable: "queue",
        location: { line: 35 },
      });
      expect(spoiled("captured", 34, newer)).toMatchObject({
        reasonClass: "null-unchecked",
        variable: "seen",
        location: { line: 35 },
      });
    });
    test("fields in the branches of the path", () => {
      const { path } = spoiled("fields", 41);
      expect(path.map(({ line, decided }) => [line, decided])).toEqual([
        [38, null],
        [39, null],
        [40, "`ctx.rxQueueIndex` is at most 3, `ctx.length` is not less than 70"],
        [41, "`seen` is not 100"],
        [42, null],
      ]);
    });
  },
);

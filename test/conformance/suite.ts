/**
 * Runs small XDP programs every way that there is and compares what they leave in the packet with what the test says.
 * A program sees the packet as a struct `io` of 8-byte places, its inputs before its outputs.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type CompileOptions, compile, formatDiagnostics } from "@waggle/compiler";
import { link } from "@waggle/linker";
import type { ByteOrder } from "@waggle/object";
import { canLoad, loadObject } from "@waggle/userspace";
import { simulateObject } from "@waggle/vm";
import { afterAll, beforeAll, describe, expect, type TaskMeta, test } from "vitest";

/** What a place in the packet may hold. */
export type PlaceType =
  | "u8"
  | "u16"
  | "u32"
  | "u64"
  | "i8"
  | "i16"
  | "i32"
  | "i64"
  | "be16"
  | "be32"
  | "be64"
  | "boolean";

/** One packet: what goes in, and what must come out. */
export interface Run {
  readonly inputs?: Readonly<Record<string, bigint>>;
  readonly outputs?: Readonly<Record<string, bigint>>;
  /** The program's return value; 2 (pass) when absent. */
  readonly result?: number;
  /** Cuts the packet to so many bytes; it is then not compared. */
  readonly length?: number;
}

/** A program: statements that read `io.INPUT` and assign `io.OUTPUT`. Its runs share one set of maps. */
export interface Case {
  readonly name: string;
  readonly inputs?: Readonly<Record<string, PlaceType>>;
  readonly outputs?: Readonly<Record<string, PlaceType>>;
  readonly body: string;
  readonly runs: readonly Run[];
}

/** A kernel class of such programs. */
export interface ConformanceClass {
  readonly name: string;
  /** Types, constants and functions before the class. */
  readonly preamble?: string;
  /** Static fields and methods of the class. */
  readonly members?: string;
  readonly cases: readonly Case[];
  readonly config?: Readonly<Record<string, unknown>>;
}

/** A way to compile. */
export interface Variant {
  readonly byteOrder: ByteOrder;
  readonly optimize: 0 | 1 | 2;
  readonly cpu: 1 | 2 | 3 | 4;
  /** The oldest kernel that is compiled for; the default's when absent. */
  readonly kernel?: string;
}

/** Every level, both byte orders. */
export const levels: readonly Variant[] = [
  ...([0, 1, 2] as const).map((optimize) => ({ byteOrder: "little", optimize, cpu: 3 }) as const),
  ...([0, 2] as const).map((optimize) => ({ byteOrder: "big", optimize, cpu: 3 }) as const),
];

/** The other cpu versions, both byte orders. */
export const cpus: readonly Variant[] = ([1, 2, 4] as const).flatMap((cpu) => [
  { byteOrder: "little", optimize: 2, cpu } as const,
  { byteOrder: cpu === 2 ? "little" : "big", optimize: 0, cpu } as const,
]);

const bytesOf: Readonly<Record<PlaceType, number>> = {
  u8: 1,
  i8: 1,
  boolean: 1,
  u16: 2,
  i16: 2,
  be16: 2,
  u32: 4,
  i32: 4,
  be32: 4,
  u64: 8,
  i64: 8,
  be64: 8,
};

const here = fileURLToPath(new URL(".", import.meta.url));

const heading = `import { ArrayMap, HashMap, LruHashMap, PerCpuArrayMap, PerCpuHashMap, RingBuffer, XdpAction, atomic, be16, be32, be64, config, copyOf, elementAt, getPrandomU32, global, noinline, getSmpProcessorId, i16, i32, i64, i8, ktimeGetNs, loop, offsetof, sizeof, u16, u32, u64, u8, union, xdp, zeroed } from "@waggle/kernel";
import type { Aligned, Bits, CString, FixedArray, Packed, Ref, Union, XdpContext } from "@waggle/kernel";
`;

function ioOf({ name, inputs = {}, outputs = {} }: Case): string {
  const places = [...Object.entries(inputs), ...Object.entries(outputs)];
  const fields = places.map(([place, type]) => {
    const rest = 8 - bytesOf[type];
    return `${place}: ${type};${rest === 0 ? "" : ` rest_${place}: FixedArray<u8, ${rest}>;`}`;
  });
  return `interface Io_${name} { ${fields.join(" ")} end: FixedArray<u8, 16> }\n`;
}

/** The class as a TypeScript file. */
export function sourceOf({ name, preamble = "", members = "", cases }: ConformanceClass): string {
  const programs = cases.map(
    (item) =>
      `@xdp() static ${item.name}(ctx: XdpContext): XdpAction {\nconst io = ctx.at<Io_${item.name}>(0);\nif (io === null) return XdpAction.Aborted;\n${item.body}\nreturn XdpAction.Pass;\n}\n`,
  );
  return `${heading}${cases.map(ioOf).join("")}${preamble}\nexport class ${name} {\n${members}\n${programs.join("")}}\n`;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const isLittle = (type: PlaceType, byteOrder: ByteOrder): boolean =>
  byteOrder === "little" && !type.startsWith("be");

function packetOf(item: Case, run: Run, byteOrder: ByteOrder): Uint8Array {
  const inputs = Object.entries(item.inputs ?? {});
  const packet = new Uint8Array((inputs.length + Object.keys(item.outputs ?? {}).length) * 8 + 16);
  for (const [index, [name, type]] of inputs.entries()) {
    const size = bytesOf[type];
    const value = BigInt.asUintN(size * 8, run.inputs?.[name] ?? 0n);
    for (let at = 0; at < size; at++)
      packet[index * 8 + (isLittle(type, byteOrder) ? at : size - 1 - at)] = Number(
        (value >> BigInt(at * 8)) & 255n,
      );
  }
  return run.length === undefined ? packet : packet.slice(0, run.length);
}

function outputsOf(item: Case, packet: Uint8Array, byteOrder: ByteOrder): Record<string, bigint> {
  const first = Object.keys(item.inputs ?? {}).length;
  return Object.fromEntries(
    Object.entries(item.outputs ?? {}).map(([name, type], index) => {
      const size = bytesOf[type];
      const start = (first + index) * 8;
      let value = 0n;
      for (let at = 0; at < size; at++)
        value |=
          BigInt(view(packet).getUint8(start + (isLittle(type, byteOrder) ? at : size - 1 - at))) <<
          BigInt(at * 8);
      return [name, type.startsWith("i") ? BigInt.asIntN(size * 8, value) : value];
    }),
  );
}

type Runner = (name: string, data: Uint8Array) => { result: number; data: Uint8Array };

/** What differs from what is expected, as texts that begin with the program's name. */
function disagreements(item: Case, byteOrder: ByteOrder, runner: Runner): string[] {
  return item.runs.flatMap((run) => {
    const place = `${item.name}(${Object.entries(run.inputs ?? {}).map(([name, value]) => `${name}=${value}`)})`;
    try {
      const { result, data } = runner(item.name, packetOf(item, run, byteOrder));
      const expected = run.result ?? 2;
      if (result !== expected) return [`${place} returned ${result}, expected ${expected}`];
      if (run.length !== undefined) return [];
      const outputs = outputsOf(item, data, byteOrder);
      return Object.entries(run.outputs ?? {}).flatMap(([name, value]) =>
        outputs[name] === value ? [] : [`${place} ${name} = ${outputs[name]}, expected ${value}`],
      );
    } catch (error) {
      return [`${place} ${String(error)}`];
    }
  });
}

const kernel = canLoad();
const hostByteOrder: ByteOrder = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? "little" : "big";

declare module "vitest" {
  interface TaskMeta {
    /** The small programs that a test runs, by class and name, and those of them that failed. */
    conformance?: { readonly programs: readonly string[]; readonly failed: readonly string[] };
  }
}

/** Fails with the texts, and tells the reporter of `npm run conformance` which programs they speak of. */
function judge(
  meta: TaskMeta,
  ran: readonly ConformanceClass[],
  found: readonly (readonly string[])[],
): void {
  const programs = ran.flatMap(({ name, cases }) => cases.map((item) => `${name}.${item.name}`));
  meta.conformance = {
    programs,
    failed: programs.filter((_program, index) => (found[index] ?? []).length > 0),
  };
  expect(found.flat()).toEqual([]);
}

/** As `judge`, of programs that could not be made. */
function judgeAll(meta: TaskMeta, ran: readonly ConformanceClass[]): void {
  const programs = ran.flatMap(({ name, cases }) => cases.map((item) => `${name}.${item.name}`));
  meta.conformance = { programs, failed: programs };
}

/** Registers the tests of these classes: compiled together, each way in `variants`; `extra` are more files, by name; `oldest` is the oldest kernel. */
export function conformance(
  title: string,
  classes: readonly ConformanceClass[],
  variants: readonly Variant[] = levels,
  extra: Readonly<Record<string, string>> = {},
  oldest: string | null = null,
): void {
  const runs = classes.flatMap(({ cases }) => cases.map((item) => item.runs.length));
  const count = `${runs.length} programs, ${runs.reduce((sum, one) => sum + one, 0)} runs`;
  describe(`${title} (${count})`, () => {
    let folder = "";
    const files = classes.map(({ name }) => `${name}.ts`);
    const objects = new Map<Variant, Map<string, Uint8Array>>();

    beforeAll(() => {
      folder = mkdtempSync(join(here, ".build-"));
      for (const item of classes) writeFileSync(join(folder, `${item.name}.ts`), sourceOf(item));
      for (const [name, text] of Object.entries(extra)) writeFileSync(join(folder, name), text);
    });
    afterAll(() => {
      rmSync(folder, { recursive: true, force: true });
    });

    describe.each(variants)("$byteOrder endian, level $optimize, cpu v$cpu", (variant) => {
      const object = (name: string): Uint8Array => {
        const bytes = objects.get(variant)?.get(name);
        if (bytes === undefined) expect.fail(`${name} was not compiled`);
        return bytes;
      };

      test("compiles without a word", ({ task }) => {
        judgeAll(task.meta, classes);
        const { optimize, ...target } = variant;
        const newer =
          target.cpu === 4
            ? { ...target, kernel: "6.6" }
            : oldest === null
              ? target
              : { ...target, kernel: oldest };
        const options: CompileOptions = { files, cwd: folder, target: newer, optimize, check: true };
        const { classes: compiled, diagnostics } = compile(options);
        objects.set(
          variant,
          new Map(
            compiled.map((item) => [item.name, link([{ name: item.name, bytes: item.object }]).object]),
          ),
        );
        expect(formatDiagnostics(diagnostics, { color: false, cwd: folder })).toBe("");
        expect(compiled.map(({ name }) => name).sort()).toEqual(classes.map(({ name }) => name).sort());
        task.meta.conformance = { programs: [], failed: [] };
      });

      test.for(classes)("$name in process", (item, { task }) => {
        judgeAll(task.meta, [item]);
        const sim = simulateObject(object(item.name), { config: item.config ?? {} });
        const found = item.cases.map((one) =>
          disagreements(one, variant.byteOrder, (name, data) => {
            const program = sim.programs[name];
            if (program === undefined) throw new Error("no such program");
            const output = program.run({ data });
            return { result: output.result, data: output.data ?? new Uint8Array() };
          }),
        );
        judge(task.meta, [item], found);
      });

      // The kernel takes programs of its own byte order.
      if (variant.byteOrder !== hostByteOrder) return;
      test.skipIf(!kernel.ok)(
        `in the kernel${kernel.ok ? "" : ` (skipped: ${kernel.reason})`}`,
        ({ task }) => {
          judgeAll(task.meta, classes);
          const found = classes.flatMap((item) => {
            using app = loadObject(object(item.name), { config: item.config ?? {} });
            return item.cases.map((one) =>
              disagreements(one, variant.byteOrder, (name, data) => {
                const program = app.programs[name];
                if (program === undefined) throw new Error("no such program");
                return program.testRun({ data });
              }),
            );
          });
          judge(task.meta, classes, found);
        },
      );
    });
  });
}

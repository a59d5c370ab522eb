/** Runs small XDP programs every way that there is and compares what they leave in the packet with what the test says. */
import type { ByteOrder } from "@waggle/object";
import { canLoad, loadObject } from "@waggle/userspace";
import { simulateObject } from "@waggle/vm";
import { afterAll, beforeAll, describe, expect, type TaskMeta, test } from "vitest";
import { buildGroup, writeGroup } from "./build.js";
import { disagreements } from "./packets.js";
import { type ConformanceClass, type Group, levels, type Variant, waysToRun } from "./program.js";

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

/** Registers the tests of a group: each of its ways, in process and in the kernel. */
export function conformance(group: Group): void {
  const { title, classes, variants = levels } = group;
  const runs = classes.flatMap(({ cases }) => cases.map((item) => item.runs.length));
  const count = `${runs.length} programs, ${runs.reduce((sum, one) => sum + one, 0)} runs`;
  describe(`${title} (${count})`, () => {
    let files: ReturnType<typeof writeGroup> | null = null;
    const built = new Map<Variant, ReadonlyMap<string, Uint8Array>>();

    beforeAll(() => {
      files = writeGroup(group);
    });
    afterAll(() => files?.remove());

    describe.each(waysToRun(variants))("$byteOrder endian, level $optimize, cpu v$cpu", (variant) => {
      const object = (name: string): Uint8Array => {
        const bytes = built.get(variant)?.get(name);
        if (bytes === undefined) expect.fail(`${name} was not compiled`);
        return bytes;
      };

      test("compiles without a word", ({ task }) => {
        judgeAll(task.meta, classes);
        const { objects, said } = buildGroup(group, files?.folder ?? "", variant);
        built.set(variant, objects);
        expect(said).toBe("");
        expect([...objects.keys()].sort()).toEqual(classes.map(({ name }) => name).sort());
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

/** Tail calls, in process and in the kernel. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile, formatDiagnostics } from "@waggle/compiler";
import { link } from "@waggle/linker";
import { canLoad, loadObject, MapError } from "@waggle/userspace";
import { simulateObject, VmError } from "@waggle/vm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const here = fileURLToPath(new URL(".", import.meta.url));
const source = `import { noinline, ProgramArray, u8, u32, u64, xdp, XdpAction } from "@waggle/kernel";
import type { XdpContext } from "@waggle/kernel";
export class Tail {
  static readonly next = new ProgramArray<"xdp">({ maxEntries: 4 });
  static calls: u64 = 0n;
  private static after(ctx: XdpContext, index: u32): void { Tail.next.call(ctx, index); }
  @xdp() static first(ctx: XdpContext): XdpAction {
    Tail.calls += 1n;
    Tail.after(ctx, ctx.length & 7);
    const byte = ctx.at<u8>(0);
    if (byte === null) return XdpAction.Aborted;
    byte.value = 7;
    return XdpAction.Drop;
  }
  @xdp() static second(_ctx: XdpContext): XdpAction { Tail.calls += 10n; return XdpAction.Tx; }
  @noinline private static leap(ctx: XdpContext): void { Tail.next.call(ctx, 1); Tail.calls += 100n; }
  @xdp() static apart(ctx: XdpContext): XdpAction { Tail.leap(ctx); return XdpAction.Drop; }
  @xdp() static again(ctx: XdpContext): XdpAction {
    Tail.calls += 1n;
    Tail.next.call(ctx, 1);
    return XdpAction.Pass;
  }
}
`;
const objects: Uint8Array[] = [];
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(here, ".build-"));
  writeFileSync(join(folder, "tail.ts"), source);
  for (const optimize of [0, 1, 2] as const) {
    const { classes, diagnostics } = compile({ files: ["tail.ts"], cwd: folder, optimize, check: true });
    expect(formatDiagnostics(diagnostics, { color: false, cwd: folder })).toBe("");
    objects.push(link(classes.map((item) => ({ name: item.name, bytes: item.object }))).object);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const objectAt = (level: number): Uint8Array => objects[level] ?? new Uint8Array();

/** What both sides have of a program array. */
interface Places {
  set(index: number, program: unknown): void;
  has(index: number): boolean;
  delete(index: number): boolean;
}
interface Side {
  readonly next: Places;
  readonly programs: Readonly<Record<string, unknown>>;
  run(name: string, bytes: number): { result: number; data: Uint8Array };
  calls(): bigint;
  reset(): void;
}

function check({ next, programs, run, calls, reset }: Side): void {
  // 64 & 7 is 0, 66 & 7 is 2, 71 & 7 is 7, which is no place of the array.
  expect([run("first", 64).result, run("first", 71).result]).toEqual([1, 1]);
  expect(run("first", 64).data[0]).toBe(7);
  next.set(0, programs.second);
  next.set(2, programs.first);
  expect([next.has(0), next.has(1), next.has(2)]).toEqual([true, false, true]);
  reset();
  expect([run("first", 64).result, calls()]).toEqual([3, 11n]);
  expect(run("first", 64).data[0]).toBe(0);
  reset();
  // It calls itself: 33 times, and the 34th goes on after the call.
  expect([run("first", 66).result, calls()]).toEqual([1, 34n]);
  next.set(1, programs.again);
  reset();
  expect([run("again", 64).result, calls()]).toEqual([2, 34n]);
  expect([next.delete(0), next.delete(0), next.has(0)]).toEqual([true, false, false]);
  expect(run("first", 64).result).toBe(1);
}

test.each([0, 1, 2])("in process, level %i", (level) => {
  const sim = simulateObject(objectAt(level));
  check({
    next: sim.maps.next as unknown as Places,
    programs: sim.programs,
    run: (name, bytes) => {
      const { result, data } = sim.programs[name]?.run({ data: new Uint8Array(bytes) }) ?? { result: -1 };
      return { result, data: data ?? new Uint8Array() };
    },
    calls: () => sim.variables.calls?.get() as bigint,
    reset: () => sim.variables.calls?.set(0n),
  });
  const next = sim.maps.next as unknown as Places;
  expect(() => next.set(9, sim.programs.second)).toThrow(VmError);
  expect(() => next.set(0, { name: "second" })).toThrow("map next takes simulated programs");
});

const kernel = canLoad();
describe.skipIf(!kernel.ok)(`in the kernel${kernel.ok ? "" : ` (skipped: ${kernel.reason})`}`, () => {
  test.each([0, 1, 2])("level %i", (level) => {
    using app = loadObject(objectAt(level));
    const next = app.maps.next as unknown as Places;
    check({
      next,
      programs: app.programs,
      run: (name, bytes) => {
        const program = app.programs[name];
        if (program === undefined) expect.fail(`no program ${name}`);
        return program.testRun({ data: new Uint8Array(bytes) });
      },
      calls: () => app.variables.calls?.get() as bigint,
      reset: () => app.variables.calls?.set(0n),
    });
    expect(app.btfProblems).toEqual([]);
    // Out of a function of its own that gives nothing: the program that is called comes back to that one's caller.
    const apart = (): unknown => {
      app.variables.calls?.set(0n);
      return [app.programs.apart?.testRun({ data: new Uint8Array(64) }).result, app.variables.calls?.get()];
    };
    next.set(1, app.programs.second);
    expect(apart()).toEqual([1, 10n]);
    next.delete(1);
    expect(apart()).toEqual([1, 100n]);
    expect(() => next.set(9, app.programs.second)).toThrow("The map has 4 places");
    expect(() => next.set(0, { name: "second" })).toThrow(MapError);
  });
});

/** Variables of a kernel class from user space, in process and in the kernel. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile, formatDiagnostics } from "@waggle/compiler";
import type { FixedArray, u8, u64, VariablesOf, XdpContext } from "@waggle/kernel";
import { link } from "@waggle/linker";
import { ClosedError, canLoad, loadObject, MapError } from "@waggle/userspace";
import { simulateObject, VmError } from "@waggle/vm";
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from "vitest";

const here = fileURLToPath(new URL(".", import.meta.url));
const source = `import { config, RingBuffer, u32, u64, xdp, XdpAction, zeroed } from "@waggle/kernel";
import type { CString, FixedArray, u8, XdpContext } from "@waggle/kernel";
interface Point { x: u32; y: u64 }
interface Event { length: u32 }
let calls: u64 = 0n;
export class Vars {
  static readonly events = new RingBuffer<Event>({ bytes: 4096 });
  static hits: u64 = 0n;
  static step: u32 = 3;
  static bytes: FixedArray<u8, 3> = [1, 2, 3];
  static last: Point = { x: 1, y: 2n };
  static name: CString<8> = zeroed<CString<8>>();
  static readonly table: FixedArray<u32, 2> = [5, 6];
  @config static scale: u32 = 2;
  @xdp() static count(ctx: XdpContext): XdpAction {
    calls += 1n;
    Vars.hits += u64(Vars.step * Vars.scale);
    Vars.last = { x: ctx.length, y: calls };
    Vars.bytes[0] += 1;
    Vars.events.output({ length: Vars.table[ctx.length & 1] });
    Vars.name.set("seen");
    return XdpAction.Pass;
  }
}
`;
let folder = "";
let object: Uint8Array = new Uint8Array();
beforeAll(() => {
  folder = mkdtempSync(join(here, ".build-"));
  writeFileSync(join(folder, "vars.ts"), source);
  const { classes, diagnostics } = compile({ files: ["vars.ts"], cwd: folder });
  expect(formatDiagnostics(diagnostics, { color: false, cwd: folder })).toBe("");
  object = link(classes.map((item) => ({ name: item.name, bytes: item.object }))).object;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const names = ["bytes", "hits", "last", "name", "scale", "step", "table"];
const packet = new Uint8Array(60);

describe("in process", () => {
  test("variables are read and set between runs; what is private is not there", () => {
    const { programs, variables } = simulateObject(object, { config: { step: 5, scale: 3 } });
    expect(Object.keys(variables).sort()).toEqual(names);
    expect(variables.hits?.get()).toBe(0n);
    programs.count?.run({ data: packet });
    expect(variables.hits?.get()).toBe(15n);
    expect(variables.last?.get()).toEqual({ x: 60, y: 1n });
    expect(variables.bytes?.get()).toEqual(new Uint8Array([2, 2, 3]));
    expect(variables.name?.get()).toBe("seen");
    variables.hits?.set(100n);
    variables.step?.set(1);
    variables.last?.set({ x: 7, y: 8n });
    expect(variables.last?.get()).toEqual({ x: 7, y: 8n });
    programs.count?.run({ data: packet });
    expect(variables.hits?.get()).toBe(103n);
    expect(variables.table?.get()).toEqual([5, 6]);
  });

  test("constants are not set", () => {
    const { variables } = simulateObject(object);
    expect([variables.scale?.readOnly, variables.hits?.readOnly]).toEqual([true, false]);
    const set = (): void => variables.scale?.set(5);
    expect(set).toThrow(VmError);
    expect(set).toThrow(/^scale is constant once the object is made/);
    expect(() => variables.step?.set(-1)).toThrow(/step/);
  });

  test("private variables have no initial value from outside", () => {
    expect(() => simulateObject(object, { config: { calls: 5n } })).toThrow(
      /config calls: the object has no variable of this name/,
    );
    expect(() => simulateObject(object, { config: { events__lost: 5n } })).toThrow(/no variable/);
  });
});

const kernel = canLoad();
describe.skipIf(!kernel.ok)(`in the kernel${kernel.ok ? "" : ` (skipped: ${kernel.reason})`}`, () => {
  test("variables are read and set while programs run", () => {
    using app = loadObject(object, { config: { step: 5, scale: 3 } });
    const { variables, programs } = app;
    const run = (): unknown => programs.count?.testRun({ data: packet });
    expect(Object.keys(variables).sort()).toEqual(names);
    run();
    expect(variables.hits?.get()).toBe(15n);
    expect(variables.last?.get()).toEqual({ x: 60, y: 1n });
    expect(variables.bytes?.get()).toEqual(new Uint8Array([2, 2, 3]));
    expect(variables.name?.get()).toBe("seen");
    variables.hits?.set(100n);
    variables.step?.set(1);
    variables.last?.set({ x: 7, y: 8n });
    expect(variables.last?.get()).toEqual({ x: 7, y: 8n });
    run();
    expect(variables.hits?.get()).toBe(103n);
    expect(variables.last?.get()).toEqual({ x: 60, y: 2n });
    expect([variables.scale?.get(), variables.table?.get()]).toEqual([3, [5, 6]]);
  });

  test("constants are not set, and closed apps not read", () => {
    const app = loadObject(object);
    const set = (): void => app.variables.scale?.set(5);
    expect(set).toThrow(MapError);
    expect(set).toThrow(
      "scale is constant once it is loaded: give it to load, as in load({ config: { scale: … } }).",
    );
    const wrong = (): void => app.variables.step?.set(-1);
    expect(wrong).toThrow(MapError);
    expect(wrong).toThrow(/step/);
    app.close();
    expect(() => app.variables.hits?.get()).toThrow(ClosedError);
    expect(() => app.variables.hits?.set(1n)).toThrow(ClosedError);
    expect(() => app.variables.scale?.get()).toThrow(ClosedError);
  });
});

test("types follow from the class", () => {
  class Shape {
    declare static hits: u64;
    declare static bytes: FixedArray<u8, 3>;
    declare static readonly table: FixedArray<u64, 2>;
    declare static run: (ctx: XdpContext) => number;
  }
  expectTypeOf<VariablesOf<typeof Shape>>().toEqualTypeOf<{ hits: bigint; bytes: Uint8Array }>();
});

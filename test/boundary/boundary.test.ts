/** Values of every kind of type, there and back: written by user space, read and answered by a program, read again. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile, formatDiagnostics } from "@waggle/compiler";
import type {
  Bits,
  be32,
  ConfigOf,
  CString,
  FixedArray,
  HashMap,
  Packed,
  Union,
  UserInput,
  UserValue,
  u8,
  u16,
  u32,
  u64,
  VariablesOf,
} from "@waggle/kernel";
import { link } from "@waggle/linker";
import type { ByteOrder } from "@waggle/object";
import { type App, canLoad, loadObject } from "@waggle/userspace";
import { type Simulation, simulateObject } from "@waggle/vm";
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from "vitest";

const here = fileURLToPath(new URL(".", import.meta.url));
const source = `import { ArrayMap, be32, HashMap, i32, u16, u32, u64, u8, union, xdp, XdpAction } from "@waggle/kernel";
import type { Bits, CString, FixedArray, i16, Packed, Union, XdpContext } from "@waggle/kernel";
enum Sign { Minus = -1, None = 0, Plus = 1 }
const enum Level { Low = 1, High = 200 }
interface Addr extends Union { v4: be32; bytes: FixedArray<u8, 8>; halves: FixedArray<u16, 4> }
interface Head { version: Bits<u8, 4>; length: Bits<u8, 4>; delta: Bits<i32, 7>; on: Bits<boolean, 1>; big: Bits<u64, 40> }
interface Tight extends Packed { tag: u8; number: u32; wide: u64; minus: i16 }
interface Cell { x: u8; pair: FixedArray<u16, 2> }
interface All { addr: Addr; head: Head; tight: Tight; cells: FixedArray<FixedArray<Cell, 2>, 3>; sign: Sign; level: Level; name: CString<8>; flag: boolean }
export class Boundary {
  static readonly all = new HashMap<u32, All>({ maxEntries: 4 });
  static readonly listed = new ArrayMap<Tight>({ maxEntries: 2 });
  static readonly byTight = new HashMap<Tight, Head>({ maxEntries: 4 });
  @xdp() static answer(ctx: XdpContext): XdpAction {
    const given = Boundary.all.get(1);
    const place = Boundary.all.get(2);
    const listed = Boundary.listed.get(1);
    if (given === null || place === null || listed === null) return XdpAction.Aborted;
    place.addr.v4 = be32(u32(given.addr.v4) + 1);
    place.head.version = u8(given.head.version + 1) & 15;
    place.head.length = given.head.length;
    const delta = given.head.delta - 1;
    if (delta >= -64 && delta < 64) place.head.delta = i32(delta);
    place.head.on = !given.head.on;
    place.head.big = (given.head.big + 1n) & 0xffffffffffn;
    place.tight.tag = given.tight.tag;
    place.tight.number = given.tight.number + 1;
    place.tight.wide = given.tight.wide + 1n;
    place.tight.minus = given.tight.minus;
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 2; j++) {
        place.cells[i][j].x = u8(given.cells[i][j].x + 1);
        place.cells[i][j].pair[0] = given.cells[i][j].pair[1];
        place.cells[i][j].pair[1] = given.cells[i][j].pair[0];
      }
    }
    place.sign = given.sign === Sign.Minus ? Sign.Plus : Sign.None;
    place.level = given.level === Level.Low ? Level.High : Level.Low;
    place.name.set("back");
    place.flag = given.name.equals("there");
    listed.number = given.tight.number;
    listed.minus = given.tight.minus;
    const head = Boundary.byTight.get(given.tight);
    if (head === null) return XdpAction.Drop;
    head.version = 9;
    return XdpAction.Pass;
  }
}
`;

const zeroes = (count: number): unknown[] => Array.from({ length: count }, () => ({ x: 0, pair: [0, 0] }));
const empty = {
  addr: { bytes: new Uint8Array(8) },
  head: { version: 0, length: 0, delta: 0, on: false, big: 0n },
  tight: { tag: 0, number: 0, wide: 0n, minus: 0 },
  cells: [zeroes(2), zeroes(2), zeroes(2)],
  sign: 0,
  level: 0,
  name: "",
  flag: false,
};
const tight = { tag: 7, number: 0xfffffffe, wide: (1n << 63n) + 5n, minus: -300 };
const cell = (n: number): unknown => ({ x: n, pair: [n * 100, n * 100 + 1] });
const sent = {
  addr: { v4: 0x0a0000ff },
  head: { version: 5, length: 15, delta: -63, on: true, big: (1n << 40n) - 2n },
  tight,
  cells: [
    [cell(1), cell(2)],
    [cell(3), cell(4)],
    [cell(5), cell(6)],
  ],
  sign: -1,
  level: 1,
  name: "there",
  flag: false,
};
const turned = (n: number): unknown => ({ x: n + 1, pair: [n * 100 + 1, n * 100] });

/** What is read back of `addr`, whose first four bytes are 10.0.Y.Z big-endian and whose others are zero. */
const address = (last: readonly [number, number], byteOrder: ByteOrder): unknown => {
  const bytes = [10, 0, ...last, 0, 0, 0, 0];
  const half = (at: number): number => {
    const [first = 0, second = 0] = bytes.slice(at, at + 2);
    return byteOrder === "little" ? first + second * 256 : first * 256 + second;
  };
  return {
    v4: 0x0a000000 + last[0] * 256 + last[1],
    bytes: new Uint8Array(bytes),
    halves: [half(0), half(2), 0, 0],
  };
};
const received = (byteOrder: ByteOrder): unknown => ({
  addr: address([1, 0], byteOrder),
  head: { version: 6, length: 15, delta: -64, on: false, big: (1n << 40n) - 1n },
  tight: { tag: 7, number: 0xffffffff, wide: (1n << 63n) + 6n, minus: -300 },
  cells: [
    [turned(1), turned(2)],
    [turned(3), turned(4)],
    [turned(5), turned(6)],
  ],
  sign: 1,
  level: 200,
  name: "back",
  flag: true,
});

interface AnyMap {
  get(key: unknown): unknown;
  set(key: unknown, value: unknown): void;
}

const isTable = (map: object | undefined): map is AnyMap => map !== undefined && "get" in map && "set" in map;

/** Writes, lets the program answer, and reads. */
function exchange(maps: Readonly<Record<string, object>>, byteOrder: ByteOrder, run: () => number): void {
  const { all, listed, byTight } = maps;
  if (!isTable(all) || !isTable(listed) || !isTable(byTight)) expect.fail("a map is no table");
  all.set(1, sent);
  all.set(2, empty);
  expect(all.get(1)).toEqual({ ...sent, addr: address([0, 255], byteOrder) });
  expect(run()).toBe(1);
  byTight.set(tight, { ...sent.head, version: 0 });
  expect(run()).toBe(2);
  expect(all.get(2)).toEqual(received(byteOrder));
  expect(listed.get(1)).toEqual({ tag: 0, number: 0xfffffffe, wide: 0n, minus: -300 });
  expect(byTight.get(tight)).toEqual({ ...sent.head, version: 9 });
}

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(here, ".build-"));
  writeFileSync(join(folder, "boundary.ts"), source);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function object(byteOrder: ByteOrder, optimize: 0 | 2): Uint8Array {
  const { classes, diagnostics } = compile({
    files: ["boundary.ts"],
    cwd: folder,
    target: { byteOrder },
    optimize,
    check: true,
  });
  expect(formatDiagnostics(diagnostics, { color: false, cwd: folder })).toBe("");
  return link(classes.map((item) => ({ name: item.name, bytes: item.object }))).object;
}

const packet = new Uint8Array(60);

describe.each([0, 2] as const)("level %i", (optimize) => {
  test.each(["little", "big"] as const)("in process, %s endian", (byteOrder) => {
    const { maps, programs } = simulateObject(object(byteOrder, optimize));
    exchange(maps, byteOrder, () => programs.answer?.run({ data: packet }).result ?? -1);
  });

  const kernel = canLoad();
  const host = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? "little" : "big";
  test.skipIf(!kernel.ok)(`in the kernel${kernel.ok ? "" : ` (skipped: ${kernel.reason})`}`, () => {
    using app = loadObject(object(host, optimize));
    exchange(app.maps, host, () => app.programs.answer?.testRun({ data: packet }).result ?? -1);
  });
});

test("the types say so", () => {
  interface Addr extends Union {
    v4: be32;
    bytes: FixedArray<u8, 8>;
  }
  interface Tight extends Packed {
    tag: u8;
    wide: u64;
    low: Bits<u8, 4>;
    on: Bits<boolean, 1>;
    big: Bits<u64, 40>;
  }
  interface Whole {
    addr: Addr;
    tight: Tight;
    grid: FixedArray<FixedArray<u16, 2>, 3>;
    name: CString<8>;
    count: u32;
  }
  expectTypeOf<UserValue<Whole>>().toEqualTypeOf<{
    addr: { v4: number; bytes: Uint8Array };
    tight: { tag: number; wide: bigint; low: number; on: boolean; big: bigint };
    grid: number[][];
    name: string;
    count: number;
  }>();
  expectTypeOf<UserInput<Whole>>().toEqualTypeOf<{
    addr: { v4?: number; bytes?: Uint8Array };
    tight: {
      tag: number;
      wide: bigint;
      low: number;
      on: boolean;
      big: bigint;
    };
    grid: readonly (readonly number[])[];
    name: string;
    count: number;
  }>();
  expectTypeOf<UserValue<Whole>>().toExtend<UserInput<Whole>>();
});

test("a union is written by one of its members, typed", () => {
  interface Addr extends Union {
    v4: be32;
    bytes: FixedArray<u8, 8>;
  }
  interface Key {
    addr: Addr;
    port: u32;
  }
  class Typed {
    static readonly byKey: HashMap<Key, Addr>;
    static first: Addr;
  }
  type Maps = Simulation<typeof Typed>["maps"];
  expectTypeOf<Parameters<Maps["byKey"]["set"]>[0]>().toEqualTypeOf<UserInput<Key>>();
  expectTypeOf<Parameters<Maps["byKey"]["set"]>[1]>().toEqualTypeOf<UserInput<Addr>>();
  expectTypeOf<ReturnType<Maps["byKey"]["get"]>>().toEqualTypeOf<UserValue<Addr> | undefined>();
  expectTypeOf<ConfigOf<typeof Typed>>().toEqualTypeOf<{ first: UserInput<Addr> }>();
  expectTypeOf<VariablesOf<typeof Typed>>().toEqualTypeOf<{ first: UserValue<Addr> }>();
  expectTypeOf<App<typeof Typed>["maps"]["byKey"]["delete"]>().parameter(0).toEqualTypeOf<UserInput<Key>>();
});

import { describe, expectTypeOf, test } from "vitest";
import type {
  ConfigOf,
  CString,
  FixedArray,
  MapKey,
  MapKind,
  MapsOf,
  MapValue,
  ProgramsOf,
  TracepointContext,
  UserPtr,
  UserValue,
  XdpContext,
} from "./index.js";
import {
  be16,
  type be32,
  type be64,
  type i64,
  LruHashMap,
  PerCpuArrayMap,
  RingBuffer,
  type u8,
  type u16,
  type u32,
  type u64,
  XdpAction,
} from "./index.js";

interface Key {
  saddr: be32;
  port: be16;
  id: be64;
  protocol: u8;
}
interface Event {
  readonly pid: u32;
  time: u64;
  comm: CString<16>;
  mac: FixedArray<u8, 6>;
  words: FixedArray<u32, 4>;
  ok: boolean;
  inner: { code: i64; address: UserPtr };
}

/** Never executed: its type is what user space sees. */
class Flows {
  static readonly stats = new LruHashMap<Key, u64>({ maxEntries: 1 });
  static readonly scratch = new PerCpuArrayMap<Event>({ maxEntries: 1 });
  static readonly events = new RingBuffer<Event>({ bytes: 4096 });
  static readonly fixed: u32 = 5;
  static verbose: boolean = false;
  static port: u16 = 0;
  static key: be16 = be16(1);
  static count(_ctx: XdpContext): XdpAction {
    return XdpAction.Pass;
  }
  static onExec(_ctx: TracepointContext<"syscalls/sys_enter_execve">): void {}
  static helper(a: u32): u32 {
    return a;
  }
  private static hidden(_ctx: XdpContext): void {}
  static use(): void {
    Flows.hidden satisfies unknown;
  }
}
type C = typeof Flows;

describe("what user space sees of a kernel class", () => {
  test("values", () => {
    expectTypeOf<UserValue<u8>>().toEqualTypeOf<number>();
    expectTypeOf<UserValue<u64>>().toEqualTypeOf<bigint>();
    expectTypeOf<UserValue<boolean>>().toEqualTypeOf<boolean>();
    expectTypeOf<UserValue<be16>>().toEqualTypeOf<number>();
    expectTypeOf<UserValue<be64>>().toEqualTypeOf<bigint>();
    expectTypeOf<UserValue<CString<16>>>().toEqualTypeOf<string>();
    expectTypeOf<UserValue<FixedArray<u8, 6>>>().toEqualTypeOf<Uint8Array>();
    expectTypeOf<UserValue<FixedArray<u16, 6>>>().toEqualTypeOf<number[]>();
    expectTypeOf<UserValue<FixedArray<be32, 4>>>().toEqualTypeOf<number[]>();
    expectTypeOf<UserValue<Event>>().toEqualTypeOf<{
      pid: number;
      time: bigint;
      comm: string;
      mac: Uint8Array;
      words: number[];
      ok: boolean;
      inner: { code: bigint; address: bigint };
    }>();
  });

  test("maps", () => {
    expectTypeOf<keyof MapsOf<C>>().toEqualTypeOf<"stats" | "scratch" | "events">();
    expectTypeOf<MapKind<C["stats"]>>().toEqualTypeOf<"lru-hash">();
    expectTypeOf<MapKey<C["stats"]>>().toEqualTypeOf<Key>();
    expectTypeOf<MapValue<C["stats"]>>().toEqualTypeOf<u64>();
    expectTypeOf<MapKind<C["events"]>>().toEqualTypeOf<"ring-buffer">();
    expectTypeOf<MapKey<C["events"]>>().toBeNever();
    expectTypeOf<MapValue<C["events"]>>().toEqualTypeOf<Event>();
    expectTypeOf<MapKey<C["scratch"]>>().toEqualTypeOf<u32>();
  });

  test("programs", () => {
    expectTypeOf<ProgramsOf<C>>().toEqualTypeOf<{ readonly count: "xdp"; readonly onExec: "tracepoint" }>();
  });

  test("config", () => {
    expectTypeOf<ConfigOf<C>>().toEqualTypeOf<{ verbose: boolean; port: number; key: number }>();
  });
});

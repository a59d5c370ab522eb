import type {
  be32,
  CString,
  HashMap,
  LruHashMap,
  PerCpuArrayMap,
  RingBuffer,
  TracepointContext,
  u8,
  u32,
  u64,
  XdpAction,
  XdpContext,
} from "@waggle/kernel";
import { expectTypeOf, test } from "vitest";
import type { simulate } from "./simulate.js";
import type { SimulateOptions, Simulation } from "./types.js";

interface Key {
  saddr: be32;
  protocol: u8;
}
interface Stats {
  packets: u64;
}
interface Event {
  pid: u32;
  comm: CString<16>;
}

declare class Flows {
  static readonly stats: LruHashMap<Key, Stats>;
  static readonly seen: HashMap<u32, u64>;
  static readonly perCpu: PerCpuArrayMap<u64>;
  static readonly events: RingBuffer<Event>;
  static verbose: boolean;
  static limit: u64;
  static count(ctx: XdpContext): XdpAction;
  static exec(ctx: TracepointContext<"syscalls/sys_enter_execve">): void;
}

type Sim = Simulation<typeof Flows>;
type Input<Name extends keyof Sim["programs"]> = NonNullable<Parameters<Sim["programs"][Name]["run"]>[0]>;

test("maps, programs and config have the types of the class", () => {
  expectTypeOf<keyof Sim["maps"]>().toEqualTypeOf<"stats" | "seen" | "perCpu" | "events">();
  expectTypeOf<keyof Sim["programs"]>().toEqualTypeOf<"count" | "exec">();
  expectTypeOf<NonNullable<SimulateOptions<typeof Flows>["config"]>>().toEqualTypeOf<{
    verbose?: boolean;
    limit?: bigint;
  }>();
  expectTypeOf<ReturnType<typeof simulate<typeof Flows>>>().toEqualTypeOf<Sim>();
});

test("keys, values and records are plain values", () => {
  expectTypeOf<ReturnType<Sim["maps"]["stats"]["get"]>>().toEqualTypeOf<{ packets: bigint } | undefined>();
  expectTypeOf<Parameters<Sim["maps"]["stats"]["set"]>[0]>().toEqualTypeOf<{
    saddr: number;
    protocol: number;
  }>();
  expectTypeOf<ReturnType<Sim["maps"]["perCpu"]["get"]>>().toEqualTypeOf<bigint[] | undefined>();
  expectTypeOf<ReturnType<Sim["maps"]["events"]["records"]>>().toEqualTypeOf<
    { pid: number; comm: string }[]
  >();
  expectTypeOf<Sim["maps"]["perCpu"]>().not.toHaveProperty("delete");
  expectTypeOf<Sim["maps"]["seen"]>().toHaveProperty("delete");
});

test("inputs and results are those of the program's kind", () => {
  expectTypeOf<Input<"count">["data"]>().toEqualTypeOf<Uint8Array>();
  expectTypeOf<ReturnType<Sim["programs"]["count"]["run"]>["result"]>().toEqualTypeOf<number>();
  expectTypeOf<ReturnType<Sim["programs"]["count"]["run"]>["data"]>().toEqualTypeOf<Uint8Array>();
  expectTypeOf<Input<"exec">>().not.toHaveProperty("data");
  type Fields = Exclude<NonNullable<Input<"exec">["fields"]>, Uint8Array>;
  expectTypeOf<keyof Fields>().toEqualTypeOf<"__syscall_nr" | "filename" | "argv" | "envp">();
  expectTypeOf<Fields["filename"]>().toEqualTypeOf<bigint | string | Uint8Array | undefined>();
  expectTypeOf<Fields["__syscall_nr"]>().toEqualTypeOf<number | undefined>();
});

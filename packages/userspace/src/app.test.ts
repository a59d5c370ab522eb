import type {
  RingBuffer as KernelRing,
  LruHashMap,
  PerCpuArrayMap,
  TracepointContext,
  u32,
  u64,
  XdpContext,
} from "@waggle/kernel";
import { describe, expectTypeOf, it } from "vitest";
import type { App, LoadOptions } from "./app.js";
import { bpfModule } from "./bpf-module.js";
import type { RingBuffer } from "./maps/ring-buffer.js";
import type { ArrayMap, BpfMap } from "./maps/types.js";
import type { TracepointProgram, XdpProgram } from "./program.js";

interface Key {
  saddr: u32;
}
interface Stats {
  packets: u64;
}
declare class Flows {
  static readonly stats: LruHashMap<Key, Stats>;
  static readonly hits: PerCpuArrayMap<u64>;
  static readonly events: KernelRing<Stats>;
  static verbose: boolean;
  static count(ctx: XdpContext): u32;
  static exec(ctx: TracepointContext<"syscalls/sys_enter_execve">): u32;
}
type FlowsApp = App<typeof Flows>;
type Names<T> = keyof T;

describe("types of an app", () => {
  it("come from the kernel class", () => {
    expectTypeOf<FlowsApp["maps"]["stats"]>().toEqualTypeOf<BpfMap<{ saddr: number }, { packets: bigint }>>();
    expectTypeOf<FlowsApp["maps"]["hits"]>().toEqualTypeOf<ArrayMap<number, bigint[]>>();
    expectTypeOf<FlowsApp["maps"]["events"]>().toEqualTypeOf<RingBuffer<{ packets: bigint }>>();
    expectTypeOf<Names<FlowsApp["maps"]>>().toEqualTypeOf<"stats" | "hits" | "events">();
    expectTypeOf<FlowsApp["programs"]["count"]>().toEqualTypeOf<XdpProgram>();
    expectTypeOf<FlowsApp["programs"]["exec"]>().toEqualTypeOf<TracepointProgram>();
    expectTypeOf<LoadOptions<typeof Flows>["config"]>().toEqualTypeOf<{ verbose?: boolean } | undefined>();
    expectTypeOf<NonNullable<LoadOptions<typeof Flows>["programs"]>[number]>().toEqualTypeOf<
      "count" | "exec"
    >();
  });

  it("are those of the module", () => {
    const flows = bpfModule<typeof Flows>("");
    expectTypeOf(flows.load).returns.toEqualTypeOf<FlowsApp>();
    expectTypeOf(flows.load).parameter(0).toEqualTypeOf<LoadOptions<typeof Flows> | undefined>();
  });
});

import { describe, expect, expectTypeOf, test } from "vitest";
import type { Ref, TracepointContext, XdpContext } from "./index.js";
import {
  be16,
  config,
  currentPid,
  HashMap,
  KernelOnlyError,
  ktimeGetNs,
  RingBuffer,
  sizeof,
  tracepoint,
  type u8,
  u32,
  type u64,
  XdpAction,
  xdp,
} from "./index.js";
import { EthProto, type IpHdr, IpProto, ipHeaderLength, type TcpHdr } from "./net/index.js";

describe("executed by JavaScript", () => {
  test.each([
    ["u32()", () => u32(1)],
    ["be16()", () => be16(1)],
    ["sizeof()", () => sizeof<u8>()],
    ["ktimeGetNs()", () => ktimeGetNs()],
    ["getCurrentPidTgid()", () => currentPid()],
    ["@xdp()", () => xdp()],
    ["@tracepoint()", () => tracepoint("syscalls", "sys_enter_execve")],
    ["a map", () => new HashMap<u32, u32>({ maxEntries: 1 })],
    ["a map", () => new RingBuffer<IpHdr>({ bytes: 4096 })],
  ])("%s throws", (name, run) => {
    expect(run).toThrow(KernelOnlyError);
    expect(run).toThrow(`${name}: kernel code runs in the kernel: build it with xtask`);
  });

  test("constants are values", () => {
    expect(XdpAction).toEqual({ Aborted: 0, Drop: 1, Pass: 2, Tx: 3, Redirect: 4 });
    expect(EthProto.Ipv6).toBe(0x86dd);
    expect(IpProto.Udp).toBe(17);
  });
});

/** Only checked, never run. */
export function typesOnly(ctx: XdpContext, ip: IpHdr, tcp: TcpHdr): void {
  let small: u8 = 1;
  let wide: u32 = small;
  wide = small;
  // @ts-expect-error narrowing
  small = wide;
  // @ts-expect-error 32 bits are not 64
  const mixed: u64 = wide;
  // @ts-expect-error network order is not host order
  if (tcp.dest === 443) small = 2;
  if (tcp.dest === be16(443)) small = 2;
  // @ts-expect-error no arithmetic on network order
  small = tcp.dest + 1;
  // @ts-expect-error not checked
  small = ctx.at<IpHdr>(14).ttl;
  expectTypeOf(ctx.at<u8>(0)).toEqualTypeOf<Ref<u8> | null>();
  expectTypeOf(ipHeaderLength(ip)).toEqualTypeOf<u32>();
  void [small, wide, mixed];
}

/** Only checked, never run. */
export function decoratorsOnly(): unknown {
  return class {
    @config static limit: u32 = 1;
    // @ts-expect-error a field of an instance
    @config other: u32 = 1;
    @xdp() static good(_ctx: XdpContext): XdpAction {
      return XdpAction.Pass;
    }
    // @ts-expect-error not static
    @xdp() instance(_ctx: XdpContext): XdpAction {
      return XdpAction.Pass;
    }
    // @ts-expect-error any number is not an action
    @xdp() static result(_ctx: XdpContext): number {
      return 7;
    }
    // @ts-expect-error another context
    @xdp() static context(_ctx: TracepointContext<"sched/sched_switch">): XdpAction {
      return XdpAction.Pass;
    }
    @tracepoint("sched", "sched_switch") static onSwitch(
      _ctx: TracepointContext<"sched/sched_switch">,
    ): void {}
    // @ts-expect-error another tracepoint
    @tracepoint("sched", "sched_switch") static onExec(
      _ctx: TracepointContext<"syscalls/sys_enter_execve">,
    ): void {}
    // @ts-expect-error no such tracepoint
    @tracepoint("sched", "sched_swich") static onTypo(_ctx: TracepointContext<"sched/sched_switch">): void {}
  };
}

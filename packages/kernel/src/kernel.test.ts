import { describe, expect, test } from "vitest";
import {
  be16,
  currentPid,
  HashMap,
  KernelOnlyError,
  ktimeGetNs,
  RingBuffer,
  sizeof,
  tracepoint,
  type u8,
  u32,
  XdpAction,
  xdp,
} from "./index.js";
import { EthProto, type IpHdr, IpProto } from "./net/index.js";

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

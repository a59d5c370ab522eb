import { XdpAction } from "@waggle/kernel";
import { IpProto } from "@waggle/kernel/net";
import { expect, test } from "vitest";
import counter from "./ebpf/packet-counter.js";
import { ipv4Packet } from "./packets.js";

// The compiled program runs in this process: no root, no Linux.
test("counts packets and bytes by protocol, and lets all pass", () => {
  const sim = counter.simulate();
  for (const packet of [
    ipv4Packet(IpProto.Udp, 8),
    ipv4Packet(IpProto.Udp, 28),
    ipv4Packet(IpProto.Tcp, 20),
  ]) {
    expect(sim.programs.count.run({ data: packet }).result).toBe(XdpAction.Pass);
  }
  expect(sim.maps.protocols.get(IpProto.Udp)).toEqual({ packets: 2n, bytes: 104n });
  expect(sim.maps.protocols.get(IpProto.Tcp)).toEqual({ packets: 1n, bytes: 54n });
});

test("a packet that ends too early is passed and not counted", () => {
  const sim = counter.simulate();
  expect(sim.programs.count.run({ data: ipv4Packet(IpProto.Udp, 0).subarray(0, 20) }).result).toBe(
    XdpAction.Pass,
  );
  expect([...sim.maps.protocols]).toEqual([]);
});

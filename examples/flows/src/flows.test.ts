import { readFile } from "node:fs/promises";
import { XdpAction } from "@waggle/kernel";
import { IpProto } from "@waggle/kernel/net";
import { expect, test } from "vitest";
import flows from "./ebpf/flows.js";
import { readPcap } from "./pcap.js";
import { formatAddress, topFlows } from "./table.js";

const capture = readPcap(await readFile(new URL("../captures/sample.pcap", import.meta.url)));

function replay(config: { protocol?: number } = {}) {
  const sim = flows.simulate({ config });
  const results = capture.map((data) => sim.programs.count.run({ data }).result);
  return { sim, results };
}

const mapped = (a: number, b: number, c: number, d: number) => [
  0,
  0,
  0xffff,
  ((a << 24) | (b << 16) | (c << 8) | d) >>> 0,
];

test("every packet passes, whatever is in it", () => {
  expect(new Set(replay().results)).toEqual(new Set([XdpAction.Pass]));
});

test("packets and bytes are counted by flow, each direction on its own", () => {
  const { stats } = replay().sim.maps;
  const request = {
    source: mapped(192, 0, 2, 10),
    destination: mapped(198, 51, 100, 7),
    sourcePort: 51234,
    destinationPort: 443,
    protocol: IpProto.Tcp,
  };
  expect(stats.get(request)).toEqual({ packets: 6n, bytes: BigInt(6 * (14 + 20 + 20 + 40)) });
  const reply = {
    source: request.destination,
    destination: request.source,
    sourcePort: 443,
    destinationPort: 51234,
    protocol: IpProto.Tcp,
  };
  expect(stats.get(reply)).toEqual({ packets: 6n, bytes: BigInt(6 * (14 + 20 + 20 + 400)) });
});

test("a VLAN tag is stepped over", () => {
  expect(
    replay().sim.maps.stats.get({
      source: mapped(203, 0, 113, 5),
      destination: mapped(203, 0, 113, 9),
      sourcePort: 5353,
      destinationPort: 5353,
      protocol: IpProto.Udp,
    }),
  ).toEqual({ packets: 4n, bytes: BigInt(4 * (14 + 4 + 20 + 8 + 60)) });
});

test("IPv6 flows have their addresses and ports", () => {
  const lines = topFlows(replay().sim.maps.stats, 100);
  expect(lines.filter((line) => line.includes("[2001:db8::53]:53"))).toHaveLength(6);
});

test("ports come after the IP options; a later fragment and other protocols have none", () => {
  const ports = (last: number) => {
    const [flow] = [...replay().sim.maps.stats.keys()].filter(
      ({ source }) => source[3] === mapped(192, 0, 2, last)[3],
    );
    return [flow?.sourcePort, flow?.destinationPort];
  };
  expect(ports(11)).toEqual([123, 123]);
  expect(ports(12)).toEqual([0, 0]);
});

test("what is not IP or is cut short is not counted", () => {
  const sources = [...replay().sim.maps.stats.keys()].map(({ source }) => formatAddress(source));
  expect([...new Set(sources)].sort()).toEqual([
    "192.0.2.10",
    "192.0.2.11",
    "192.0.2.12",
    "198.51.100.7",
    "2001:db8::10",
    "2001:db8::53",
    "203.0.113.5",
    "fe80::1",
  ]);
});

test("the protocol to count is a config constant", () => {
  const protocols = [...replay({ protocol: IpProto.Udp }).sim.maps.stats.keys()].map(
    ({ protocol }) => protocol,
  );
  expect(new Set(protocols)).toEqual(new Set([IpProto.Udp]));
});

test("the table shows the largest flows first", () => {
  const { stats } = replay().sim.maps;
  const [heading, first] = topFlows(stats, 3);
  expect(heading).toMatch(/^PROTO +SOURCE +DESTINATION +PACKETS +BYTES$/);
  expect(first).toMatch(/^tcp +198\.51\.100\.7:443 +192\.0\.2\.10:51234 +6 +2724$/);
  expect(topFlows(stats, 3)).toHaveLength(4);
});

test("addresses read as people write them", () => {
  expect(formatAddress([0, 0, 0xffff, 0xc0000201])).toBe("192.0.2.1");
  expect(formatAddress([0x20010db8, 0, 0, 1])).toBe("2001:db8::1");
  expect(formatAddress([0, 0, 0, 0])).toBe("::");
  expect(formatAddress([0xfe800000, 1, 0, 1])).toBe("fe80:0:0:1::1");
});

test("a file that is no capture is refused with the reason", () => {
  expect(() => readPcap(new Uint8Array(4))).toThrow("shorter than its 24-byte header");
  expect(() => readPcap(new Uint8Array(24))).toThrow("not a pcap file");
});

// Writes sample.pcap: a few conversations over Ethernet, one of them in a VLAN, with the packets that a flow counter
// must not trip over (ARP, a fragment, a packet cut short). Run it with `node captures/make-sample.js`.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const bytes = (...parts) =>
  Buffer.concat(parts.map((part) => (typeof part === "number" ? Buffer.from([part]) : part)));
const be16 = (value) => Buffer.from([value >> 8, value & 255]);
const be32 = (value) => bytes(be16(value >>> 16), be16(value & 0xffff));
const fill = (size) => Buffer.alloc(size, 0x77);

const ip4 = (text) => Buffer.from(text.split(".").map(Number));
const ip6 = (text) => {
  const [head, tail = ""] = text.split("::");
  const groups = (side) => (side === "" ? [] : side.split(":").map((group) => Number.parseInt(group, 16)));
  const [before, after] = [groups(head), groups(tail)];
  return bytes(
    ...before.map(be16),
    Buffer.alloc(16 - 2 * (before.length + after.length)),
    ...after.map(be16),
  );
};

const ethernet = (type, payload) =>
  bytes(Buffer.from("020000000002020000000001", "hex"), be16(type), payload);
const vlan = (id, type, payload) => ethernet(0x8100, bytes(be16(id), be16(type), payload));

function ipv4({ from, to, protocol, payload, options = Buffer.alloc(0), fragment = 0 }) {
  const words = 5 + options.length / 4;
  const header = bytes(
    0x40 | words,
    0,
    be16(words * 4 + payload.length),
    be16(1),
    be16(fragment),
    64,
    protocol,
    be16(0),
    ip4(from),
    ip4(to),
    options,
  );
  let sum = 0;
  for (let at = 0; at < header.length; at += 2) sum += header.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  header.writeUInt16BE(~sum & 0xffff, 10);
  return bytes(header, payload);
}
const ipv6 = ({ from, to, protocol, payload }) =>
  bytes(be32(0x60000000), be16(payload.length), protocol, 64, ip6(from), ip6(to), payload);
const tcp = (source, destination, size) =>
  bytes(be16(source), be16(destination), be32(1), be32(1), 0x50, 0x18, be16(512), be32(0), fill(size));
const udp = (source, destination, size) =>
  bytes(be16(source), be16(destination), be16(8 + size), be16(0), fill(size));

const packets = [];
for (let turn = 0; turn < 6; turn++) {
  packets.push(
    ethernet(
      0x0800,
      ipv4({ from: "192.0.2.10", to: "198.51.100.7", protocol: 6, payload: tcp(51234, 443, 40) }),
    ),
  );
  packets.push(
    ethernet(
      0x0800,
      ipv4({ from: "198.51.100.7", to: "192.0.2.10", protocol: 6, payload: tcp(443, 51234, 400) }),
    ),
  );
}
for (let turn = 0; turn < 3; turn++) {
  packets.push(
    ethernet(
      0x86dd,
      ipv6({ from: "2001:db8::10", to: "2001:db8::53", protocol: 17, payload: udp(40000 + turn, 53, 30) }),
    ),
  );
  packets.push(
    ethernet(
      0x86dd,
      ipv6({ from: "2001:db8::53", to: "2001:db8::10", protocol: 17, payload: udp(53, 40000 + turn, 90) }),
    ),
  );
}
for (let turn = 0; turn < 4; turn++) {
  packets.push(
    vlan(
      7,
      0x0800,
      ipv4({ from: "203.0.113.5", to: "203.0.113.9", protocol: 17, payload: udp(5353, 5353, 60) }),
    ),
  );
}
packets.push(vlan(7, 0x86dd, ipv6({ from: "fe80::1", to: "ff02::1", protocol: 58, payload: fill(32) })));
packets.push(ethernet(0x0800, ipv4({ from: "192.0.2.10", to: "192.0.2.1", protocol: 1, payload: fill(64) })));
// Options in the header: the ports are 8 bytes further on.
packets.push(
  ethernet(
    0x0800,
    ipv4({
      from: "192.0.2.11",
      to: "192.0.2.1",
      protocol: 17,
      options: Buffer.alloc(8, 1),
      payload: udp(123, 123, 48),
    }),
  ),
);
// A later fragment has no ports.
packets.push(
  ethernet(
    0x0800,
    ipv4({ from: "192.0.2.12", to: "192.0.2.1", protocol: 17, fragment: 185, payload: fill(100) }),
  ),
);
packets.push(ethernet(0x0806, fill(28)));
// Cut short within the IPv4 header.
packets.push(
  ethernet(
    0x0800,
    ipv4({ from: "192.0.2.13", to: "192.0.2.1", protocol: 6, payload: tcp(1, 2, 0) }),
  ).subarray(0, 26),
);

const header = Buffer.alloc(24);
header.writeUInt32LE(0xa1b2c3d4, 0);
header.writeUInt16LE(2, 4);
header.writeUInt16LE(4, 6);
header.writeUInt32LE(65535, 16);
header.writeUInt32LE(1, 20);
const records = packets.flatMap((packet, index) => {
  const record = Buffer.alloc(16);
  record.writeUInt32LE(1_700_000_000 + index, 0);
  record.writeUInt32LE(packet.length, 8);
  record.writeUInt32LE(packet.length, 12);
  return [record, packet];
});
writeFileSync(fileURLToPath(new URL("sample.pcap", import.meta.url)), bytes(header, ...records));

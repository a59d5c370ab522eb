import { createSocket } from "node:dgram";
import { setTimeout } from "node:timers/promises";
import { IpProto } from "@waggle/kernel/net";
import { BpfError, canLoad } from "@waggle/userspace";
import counter from "./ebpf/packet-counter.js";
import { ipv4Packet } from "./packets.js";

const device = process.argv[2] ?? "lo";
const names = new Map<number, string>(Object.entries(IpProto).map(([name, protocol]) => [protocol, name]));

const kernel = canLoad();
if (kernel.ok) {
  try {
    await countInKernel();
  } catch (error) {
    if (!(error instanceof BpfError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
} else {
  console.log(`The kernel is out of reach: ${kernel.reason}`);
  console.log("Counting three made-up packets in process instead; for real ones: sudo -E npm start\n");
  const sim = counter.simulate();
  for (const protocol of [IpProto.Udp, IpProto.Tcp, IpProto.Tcp]) {
    sim.programs.count.run({ data: ipv4Packet(protocol, 20) });
  }
  print(sim.maps.protocols);
}

async function countInKernel(): Promise<void> {
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  // Leaving this function detaches the program and frees its maps.
  using app = counter.load();
  app.programs.count.attach({ interface: device });
  console.log(`Counting packets on ${device}; Ctrl-C ends. Another interface: npm start -- eth0`);
  while (!stop.signal.aborted) {
    if (device === "lo") sendOne();
    await setTimeout(1000, undefined, { signal: stop.signal }).catch(() => {});
    print(app.maps.protocols);
  }
}

function print(protocols: Iterable<[number, { packets: bigint; bytes: bigint }]>): void {
  const rows = [...protocols].map(([protocol, traffic]) => ({
    protocol: names.get(protocol) ?? protocol,
    packets: Number(traffic.packets),
    bytes: Number(traffic.bytes),
  }));
  console.table(rows);
}

/** Little happens on `lo` by itself: a datagram to nobody, so that there is something to count. */
function sendOne(): void {
  const socket = createSocket("udp4");
  socket.send("hello", 9, "127.0.0.1", () => socket.close());
}

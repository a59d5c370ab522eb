// Runs in the guest: the examples' objects, loaded, attached and seen to work. One line a check: "ok NAME" or "not ok NAME".
import { deepStrictEqual, ok } from "node:assert";
import { execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { VerifierError } from "@waggle/userspace";
import execsnoop from "../../../examples/execsnoop/src/ebpf/execsnoop.js";
import flows from "../../../examples/flows/src/ebpf/flows.js";
import { readPcap } from "../../../examples/flows/src/pcap.js";

const XDP_PASS = 2;
const UDP = 17;
const PORT = 5300;

const checks: Readonly<Record<string, () => void | Promise<void>>> = {
  "flows counts packets on lo": async () => {
    using app = flows.load();
    deepStrictEqual(app.btfProblems, []);
    app.programs.count.attach({ interface: "lo" });
    const socket = createSocket("udp4");
    for (let turn = 0; turn < 3; turn++) {
      await new Promise<void>((sent) => socket.send(Buffer.alloc(100), PORT, "127.0.0.1", () => sent()));
    }
    await sleep(100);
    socket.close();
    const counted = [...app.maps.stats].filter(
      ([key]) => key.protocol === UDP && key.destinationPort === PORT,
    );
    deepStrictEqual(
      counted.map(([, stats]) => stats),
      [{ packets: 3n, bytes: BigInt(3 * (14 + 20 + 8 + 100)) }],
    );
  },

  "flows agrees with the in-process machine on the capture": () => {
    const capture = readPcap(readFileSync("examples/flows/captures/sample.pcap"));
    const sim = flows.simulate();
    using app = flows.load();
    for (const data of capture) {
      deepStrictEqual(app.programs.count.testRun({ data }).result, XDP_PASS);
      sim.programs.count.run({ data });
    }
    const expected = sorted(sim.maps.stats);
    ok(expected.length > 5);
    deepStrictEqual(sorted(app.maps.stats), expected);
  },

  "flows counts one protocol when it is told so": () => {
    const capture = readPcap(readFileSync("examples/flows/captures/sample.pcap"));
    using app = flows.load({ config: { protocol: UDP }, maps: { stats: { maxEntries: 128 } } });
    for (const data of capture) app.programs.count.testRun({ data });
    deepStrictEqual(new Set([...app.maps.stats.keys()].map(({ protocol }) => protocol)), new Set([UDP]));
  },

  "execsnoop sees an execve": async () => {
    using app = execsnoop.load();
    deepStrictEqual(app.btfProblems, []);
    app.programs.onExecve.attach();
    execFileSync("/bin/true");
    const signal = AbortSignal.timeout(90_000);
    for await (const event of app.maps.events.read({ signal })) {
      if (event.filename !== "/bin/true") continue;
      deepStrictEqual([event.uid, event.pid > 0, event.comm], [0, true, "node"]);
      return;
    }
    throw new Error("no event came within 90 s");
  },
};

function sorted(entries: Iterable<unknown>): string[] {
  const text = (entry: unknown) =>
    JSON.stringify(entry, (_, value) => (typeof value === "bigint" ? `${value}n` : value));
  return [...entries].map(text).sort();
}

for (const [name, check] of Object.entries(checks)) {
  try {
    await check();
    console.log(`ok ${name}`);
  } catch (error) {
    process.exitCode = 1;
    console.log(`not ok ${name}`);
    console.log(error);
    if (error instanceof VerifierError) console.log(error.log);
  }
}

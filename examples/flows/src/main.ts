import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { BpfError, canLoad } from "@waggle/userspace";
import flows from "./ebpf/flows.js";
import { readPcap } from "./pcap.js";
import { topFlows } from "./table.js";

const help = `Counts packets and bytes by flow.

  node dist/main.js [interface]     on a network interface (default lo), in the kernel, until Ctrl-C
  node dist/main.js --replay FILE   over the packets of a pcap file, in process: no root, any OS

Options:
  --mode MODE      how to attach: auto, generic, driver or offload (default auto)
  --top N          how many flows to show (default 10)
  --seconds N      stop after N seconds
  --help

Examples:
  sudo node dist/main.js eth0
  node dist/main.js --replay captures/sample.pcap`;

const modes = ["auto", "generic", "driver", "offload"] as const;
const sample = fileURLToPath(new URL("../captures/sample.pcap", import.meta.url));

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    replay: { type: "string" },
    mode: { type: "string", default: "auto" },
    top: { type: "string", default: "10" },
    seconds: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

/** Runs in process over a capture file and prints the flows in it. */
async function replay(file: string, top: number): Promise<void> {
  const packets = readPcap(await readFile(file));
  const sim = flows.simulate();
  for (const data of packets) sim.programs.count.run({ data });
  console.log(`Ran in process over ${packets.length} packets of ${file}:\n`);
  console.log(topFlows(sim.maps.stats, top).join("\n"));
}

/** Attaches to an interface and shows the top flows every second until `signal`. */
async function watch(
  name: string,
  mode: (typeof modes)[number],
  top: number,
  signal: AbortSignal,
): Promise<void> {
  using app = flows.load();
  app.programs.count.attach({ interface: name, mode });
  const heading = `Counting in the kernel on ${name}; Ctrl-C stops.\n`;
  console.log(heading);
  const show = () => {
    if (process.stdout.isTTY) console.log(`\x1b[H\x1b[J${heading}`);
    console.log(topFlows(app.maps.stats, top).join("\n"));
  };
  while (!signal.aborted) {
    await sleep(1000, undefined, { signal }).catch(() => undefined);
    if (process.stdout.isTTY && !signal.aborted) show();
  }
  show();
}

async function main(): Promise<void> {
  const top = Number(options.top);
  const mode = modes.find((known) => known === options.mode);
  const seconds = options.seconds === undefined ? null : Number(options.seconds);
  if (!(top > 0) || mode === undefined || (seconds !== null && !(seconds > 0)) || positionals.length > 1) {
    console.error(help);
    process.exitCode = 2;
    return;
  }
  if (options.help) return console.log(help);
  if (options.replay !== undefined) return replay(options.replay, top);

  const kernel = canLoad();
  if (!kernel.ok) {
    console.log(`Not in the kernel: ${kernel.reason}\n`);
    return replay(sample, top);
  }
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  process.once("SIGTERM", () => stop.abort());
  const timer = seconds === null ? undefined : setTimeout(() => stop.abort(), seconds * 1000);
  await watch(positionals[0] ?? "lo", mode, top, stop.signal).finally(() => clearTimeout(timer));
}

main().catch((error: unknown) => {
  console.error(error instanceof BpfError ? error.message : error);
  process.exitCode = 1;
});

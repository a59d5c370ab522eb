import { setInterval } from "node:timers/promises";
import { parseArgs } from "node:util";
import { BpfError } from "@waggle/userspace";
import tokenBucket from "./ebpf/token-bucket.js";
import { report } from "./report.js";

const usage = `Usage: node dist/main.js INTERFACE [--rate BYTES] [--burst BYTES]

Holds what INTERFACE sends to each IPv4 address to RATE bytes in a second (1000000), with BURST bytes at once after a rest (100000),
until Ctrl-C. Prints every second what went and what was dropped.

Example:
  $ sudo node dist/main.js eth0 --rate 125000`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rate: { type: "string", default: "1000000" },
      burst: { type: "string", default: "100000" },
      help: { type: "boolean", short: "h" },
    },
  });
  const [device] = positionals;
  if (values.help === true || device === undefined) {
    console.log(usage);
    return;
  }
  for (const name of ["rate", "burst"] as const)
    if (!/^\d+$/.test(values[name]))
      throw new TypeError(`--${name} takes a number of bytes, not ${values[name]}`);
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  process.once("SIGTERM", () => stop.abort());

  using app = tokenBucket.load({ config: { rate: BigInt(values.rate), burst: BigInt(values.burst) } });
  app.programs.limit.attach({ interface: device, direction: "egress" });
  console.log(`Limiting what ${device} sends; Ctrl-C stops.`);
  try {
    for await (const _ of setInterval(1000, null, { signal: stop.signal }))
      console.log(report(app).join("\n"));
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof BpfError || error instanceof TypeError ? error.message : error);
  process.exitCode = 1;
});

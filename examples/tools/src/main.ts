import { parseArgs } from "node:util";
import { BpfError } from "@waggle/userspace";
import { tools } from "./tools.js";

const usage = `Usage: node dist/main.js TOOL [options]

Tools:
${Object.entries(tools)
  .map(([name, { about }]) => `  ${name.padEnd(15)} ${about}`)
  .join("\n")}

Options:
  --pid N      only this process
  --port N     only connections of this port (tcplife, tcpstates)
  --seconds N  stop after so long; otherwise at Ctrl-C
  -h, --help   this text

Examples:
  $ sudo node dist/main.js opensnoop
  $ sudo node dist/main.js runqlat --seconds 5
  $ sudo node dist/main.js tcplife --port 443`;

/** What was asked for is not there. */
class UsageError extends Error {}

function number(text: string | undefined, name: string): number {
  if (text === undefined) return 0;
  if (!/^\d+$/.test(text)) throw new UsageError(`--${name} takes a number, not ${text}`);
  return Number(text);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      pid: { type: "string" },
      port: { type: "string" },
      seconds: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  const name = positionals[0];
  if (values.help === true || name === undefined) {
    console.log(usage);
    return;
  }
  const tool = Object.hasOwn(tools, name) ? tools[name] : undefined;
  if (tool === undefined) throw new UsageError(`there is no tool ${name}; --help lists them`);
  for (const option of ["pid", "port"] as const)
    if (values[option] !== undefined && !tool.takes.includes(option))
      throw new UsageError(`${name} takes no --${option}`);
  const seconds = number(values.seconds, "seconds");
  const stop = new AbortController();
  if (seconds > 0) setTimeout(() => stop.abort(), seconds * 1000).unref();
  process.once("SIGINT", () => stop.abort());
  process.once("SIGTERM", () => stop.abort());
  // What waits for the end has nothing else that keeps the process alive.
  const alive = setInterval(() => {}, 60_000);
  stop.signal.addEventListener("abort", () => clearInterval(alive));
  const filter = { pid: number(values.pid, "pid"), port: number(values.port, "port") };
  for await (const line of tool.run(filter, stop.signal)) console.log(line);
  clearInterval(alive);
}

main().catch((error: unknown) => {
  const isUsage = error instanceof UsageError || (error instanceof TypeError && "code" in error);
  console.error(error instanceof BpfError || isUsage ? error.message : error);
  process.exit(isUsage ? 2 : 1);
});

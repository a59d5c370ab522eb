import { parseArgs } from "node:util";
import { BpfError } from "@waggle/userspace";
import fileGuard from "./ebpf/file-guard.js";
import { denials, guard } from "./guard.js";

const usage = `Usage: node dist/main.js FILE… --uid UID

Lets only the user UID open the files, until Ctrl-C: not even root may otherwise. Needs a kernel whose security modules have "bpf" among
them (cat /sys/kernel/security/lsm).

Example:
  $ sudo node dist/main.js /etc/shadow --uid 0`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { uid: { type: "string" }, help: { type: "boolean", short: "h" } },
  });
  if (values.help === true || positionals.length === 0 || values.uid === undefined) {
    console.log(usage);
    return;
  }
  if (!/^\d+$/.test(values.uid)) throw new TypeError(`--uid takes a number, not ${values.uid}`);
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  process.once("SIGTERM", () => stop.abort());

  using app = fileGuard.load();
  for (const path of positionals) guard(app, path, Number(values.uid));
  app.programs.onOpen.attach();
  console.log(`Guarding ${positionals.join(", ")}; Ctrl-C stops.`);
  for await (const line of denials(app, stop.signal)) console.log(line);
}

main().catch((error: unknown) => {
  const isPlain = error instanceof BpfError || error instanceof TypeError;
  console.error(isPlain || (error instanceof Error && "syscall" in error) ? error.message : error);
  process.exitCode = 1;
});

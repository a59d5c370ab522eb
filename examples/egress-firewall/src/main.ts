import { parseArgs } from "node:util";
import { BpfError } from "@waggle/userspace";
import egressFirewall from "./ebpf/egress-firewall.js";
import { addRule, blocked } from "./firewall.js";

const usage = `Usage: node dist/main.js CGROUP [--allow PREFIX …] [--deny PREFIX …] [--otherwise allow|deny]

Decides where the processes of a cgroup may send to, until Ctrl-C: the longest prefix that an address lies in says; "deny" where none does.

Examples:
  $ sudo node dist/main.js /sys/fs/cgroup/app.slice --allow 10.0.0.0/8 --allow 127.0.0.0/8
  $ sudo node dist/main.js /sys/fs/cgroup/app.slice --otherwise allow --deny 169.254.169.254`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      allow: { type: "string", multiple: true, default: [] },
      deny: { type: "string", multiple: true, default: [] },
      otherwise: { type: "string", default: "deny" },
      help: { type: "boolean", short: "h" },
    },
  });
  const [cgroup] = positionals;
  if (values.help === true || cgroup === undefined) {
    console.log(usage);
    return;
  }
  if (values.otherwise !== "allow" && values.otherwise !== "deny")
    throw new TypeError(`--otherwise takes allow or deny, not ${values.otherwise}`);
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  process.once("SIGTERM", () => stop.abort());

  using app = egressFirewall.load({ config: { otherwise: values.otherwise === "allow" } });
  // Rules come first: the cgroup is never without them.
  for (const prefix of values.allow) addRule(app, prefix, true);
  for (const prefix of values.deny) addRule(app, prefix, false);
  app.programs.egress.attach({ cgroup });
  console.log(`Watching what ${cgroup} sends; Ctrl-C stops.`);
  for await (const line of blocked(app, stop.signal)) console.log(line);
}

main().catch((error: unknown) => {
  console.error(error instanceof BpfError || error instanceof TypeError ? error.message : error);
  process.exitCode = 1;
});

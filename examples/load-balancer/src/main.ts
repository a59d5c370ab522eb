import { setInterval } from "node:timers/promises";
import { parseArgs } from "node:util";
import { BpfError } from "@waggle/userspace";
import { ip4, setBackends } from "./balancer.js";
import loadBalancer from "./ebpf/load-balancer.js";

const usage = `Usage: node dist/main.js INTERFACE --service ADDRESS:PORT --backend ADDRESS,MAC [--backend …]

Hands what comes to the service on to the backends, as IP in IP, until Ctrl-C. A backend unwraps it (ip link add type ipip), has the
service's address on its loopback, and answers clients itself.

Example:
  $ sudo node dist/main.js eth0 --service 192.0.2.1:80 --backend 192.0.2.10,02:00:00:00:00:0a --backend 192.0.2.11,02:00:00:00:00:0b`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      service: { type: "string" },
      backend: { type: "string", multiple: true, default: [] },
      help: { type: "boolean", short: "h" },
    },
  });
  const [device] = positionals;
  if (values.help === true || device === undefined || values.service === undefined) {
    console.log(usage);
    return;
  }
  const [address = "", port = ""] = values.service.split(":");
  if (!/^\d{1,5}$/.test(port)) throw new TypeError("--service takes ADDRESS:PORT");
  const backends = values.backend.map((text) => {
    const [backend = "", mac = ""] = text.split(",");
    return { address: backend, mac };
  });
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  process.once("SIGTERM", () => stop.abort());

  using app = loadBalancer.load({ config: { address: ip4(address), port: Number(port) } });
  setBackends(app, backends);
  app.programs.balance.attach({ interface: device });
  console.log(`Balancing ${values.service} over ${backends.length} backends; Ctrl-C stops.`);
  try {
    for await (const _ of setInterval(1000, null, { signal: stop.signal }))
      for (const [number, { address: to, packets, bytes }] of app.maps.backends)
        if (to !== 0) console.log(`backend ${number}: ${packets} packets, ${bytes} bytes`);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof BpfError || error instanceof TypeError ? error.message : error);
  process.exitCode = 1;
});

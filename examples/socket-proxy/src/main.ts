import { once } from "node:events";
import { parseArgs } from "node:util";
import { BpfError } from "@waggle/userspace";
import socketProxy from "./ebpf/socket-proxy.js";
import { serve } from "./proxy.js";

const usage = `Usage: node dist/main.js PORT HOST:PORT [--cgroup FOLDER]

Listens on PORT of 127.0.0.1 and proxies connections to the service at HOST:PORT (IPv4), until Ctrl-C. What goes through a connection
does not come through this process once it is open. FOLDER is the cgroup that this process is in, /sys/fs/cgroup when not given.

Example:
  $ sudo node dist/main.js 8080 127.0.0.1:80`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      cgroup: { type: "string", default: "/sys/fs/cgroup" },
      help: { type: "boolean", short: "h" },
    },
  });
  const [port, service] = positionals;
  if (values.help === true || port === undefined || service === undefined) {
    console.log(usage);
    return;
  }
  const [, host = "", target = ""] = /^(\d+(?:\.\d+){3}):(\d+)$/.exec(service) ?? [];
  if (!/^\d+$/.test(port) || host === "")
    throw new TypeError("give a port, and an address with one: 127.0.0.1:80");
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  process.once("SIGTERM", () => stop.abort());

  using app = socketProxy.load({ config: { port: Number(port), target: Number(target) } });
  app.programs.forward.attach({ map: app.maps.sockets });
  app.programs.establish.attach({ cgroup: values.cgroup });
  const server = await serve(app, {
    host: "127.0.0.1",
    port: Number(port),
    target: { host, port: Number(target) },
    onError: ({ message }) => console.error(message),
    onClose: ({ fromClient, fromService }) =>
      console.log(
        `closed: ${fromClient.redirected + fromService.redirected} bytes by the kernel, ${fromClient.passed + fromService.passed} by user space`,
      ),
  });
  console.log(`Listening on 127.0.0.1:${port} for ${service}; Ctrl-C stops.`);
  if (!stop.signal.aborted) await once(stop.signal, "abort");
  server.close();
}

main()
  .then(() => process.exit())
  .catch((error: unknown) => {
    console.error(error instanceof BpfError || error instanceof TypeError ? error.message : error);
    process.exit(1);
  });

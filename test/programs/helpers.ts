import { ok, strictEqual } from "node:assert";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { App } from "@waggle/userspace";
import { type Suite, until } from "./check.js";
import { inCgroup } from "./in-cgroup.js";
import type { Helpers } from "./kernel/helpers.js";

type Kernel = typeof Helpers;
const port = 47_051;
const seen = (app: App<Kernel>, index: number): bigint => app.maps.seen.get(index) ?? -1n;

export const helperChecks: Suite<Kernel> = {
  className: "Helpers",
  file: "helpers",
  kernel: "5.10",
  checks: [
    {
      name: "helpers of packets do what they say",
      kinds: ["xdp"],
      run: (load) => {
        using app = load({ programs: ["cut", "away"] });
        const data = new Uint8Array(64).map((_, index) => index);
        const result = app.programs.cut.testRun({ data });
        strictEqual(result.result, 2);
        strictEqual(result.data.length, 60);
        strictEqual(result.data[0], 4);
        strictEqual((result.data[12] ?? 0) * 256 + (result.data[13] ?? 0), 0x1234);
        strictEqual(seen(app, 0), 4n);
        strictEqual(seen(app, 1), 0x20n);
        strictEqual(seen(app, 2), 0x35n);
        strictEqual(app.programs.away.testRun({ data }).result, 4);
      },
    },
    {
      name: "sockets and routes are looked up",
      kinds: ["classifier"],
      run: async (load) => {
        const socket = createSocket("udp4");
        socket.bind(port, "127.0.0.1");
        await once(socket, "listening");
        using app = load({ config: { port }, programs: ["find"] });
        const data = new Uint8Array(64);
        data[12] = 8;
        const result = app.programs.find.testRun({ data });
        strictEqual(result.result, 0);
        strictEqual(result.data[20], 1);
        strictEqual(seen(app, 3), BigInt(port));
        strictEqual(seen(app, 4), 0n);
        strictEqual(seen(app, 5), 0n);
        // A packet to this machine itself is not forwarded, or forwarding is off.
        ok([4n, 5n].includes(seen(app, 6)));
        socket.close();
      },
    },
    {
      name: "sockets are known by their packets",
      kinds: ["cgroup-skb"],
      run: (load) =>
        inCgroup(async (path) => {
          using app = load({ programs: ["who"] });
          app.programs.who.attach({ cgroup: path });
          const server = createServer((socket) => socket.on("error", () => {}).end("hi"));
          server.listen(port, "127.0.0.1");
          await once(server, "listening");
          const client = connect(port, "127.0.0.1").on("data", () => {});
          await once(client, "close");
          server.close();
          await until(() => seen(app, 10) > 0n, "a packet");
          ok(seen(app, 7) > 0n);
          strictEqual(seen(app, 8), BigInt(process.getuid?.() ?? 0));
          strictEqual(seen(app, 9), 1n);
        }),
    },
    {
      name: "files of /proc/sys have names",
      kinds: ["cgroup-sysctl"],
      run: (load) =>
        inCgroup((path) => {
          using app = load({ programs: ["name"] });
          app.programs.name.attach({ cgroup: path });
          readFileSync("/proc/sys/net/ipv4/ip_default_ttl");
          strictEqual(app.maps.names.get(0), "net/ipv4/ip_default_ttl");
        }),
    },
  ],
};

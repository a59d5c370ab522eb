import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { App } from "@waggle/userspace";
import { type Suite, until } from "./check.js";
import { inCgroup } from "./in-cgroup.js";
import type { Sockets } from "./kernel/sockets.js";
import { sharedSocket } from "./shared-socket.js";

type Kernel = typeof Sockets;
const port = 47_041;
const other = 47_042;
const config = { port, other };
const hits = (app: App<Kernel>, index: number): bigint => app.maps.hits.get(index) ?? 0n;
const seen = (app: App<Kernel>, index: number): bigint => app.maps.seen.get(index) ?? 0n;

interface Listening {
  readonly server: Server;
  /** What came in. */
  readonly got: string[];
  readonly sockets: Socket[];
}

async function listen(at: number): Promise<Listening> {
  const got: string[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => {}).on("data", (data) => got.push(String(data)));
  });
  server.listen(at, "127.0.0.1");
  await once(server, "listening");
  return { server, got, sockets };
}

async function connected(at: number): Promise<Socket> {
  const socket = connect(at, "127.0.0.1");
  socket.setNoDelay(true);
  await once(socket, "connect");
  return socket;
}

export const sockets: Suite<Kernel> = {
  className: "Sockets",
  file: "sockets",
  kernel: "5.10",
  checks: [
    {
      name: "messages go from socket to socket by a map",
      kinds: ["sk-msg", "sock-ops"],
      run: (load) =>
        inCgroup(async (path) => {
          using app = load({ config, programs: ["remember", "shortcut"] });
          app.programs.remember.attach({ cgroup: path });
          const link = app.programs.shortcut.attach({ map: app.maps.byPort });
          const { server, got, sockets: ends } = await listen(port);
          const client = await connected(port);
          await until(() => hits(app, 0) === 2n && ends.length === 1, "both ends");
          strictEqual(seen(app, 0), 0n);
          client.write("hello");
          await until(() => got.join("") === "hello", "the message");
          strictEqual(seen(app, 1), 5n);
          link.detach();
          client.destroy();
          for (const end of ends) end.destroy();
          server.close();
        }),
    },
    {
      name: "messages of a stream are judged",
      kinds: ["sk-skb"],
      // Linux 5.10 never comes back from giving a message to its socket (sk_psock_backlog).
      since: "6.1",
      run: async (load) => {
        using app = load({ config, programs: ["parse", "judge"] });
        const { server, got, sockets: ends } = await listen(port);
        const client = await connected(port);
        await until(() => ends.length === 1, "the connection");
        app.programs.parse.attach({ map: app.maps.targets });
        app.programs.judge.attach({ map: app.maps.targets });
        app.maps.targets.set(0, ends[0] ?? 0);
        client.write("xgone");
        await until(() => hits(app, 2) >= 1n, "the verdict");
        client.write("stays");
        await until(() => hits(app, 2) >= 2n, "the verdict");
        await sleep(50);
        ok(!got.join("").includes("xgone"));
        client.destroy();
        for (const end of ends) end.destroy();
        server.close();
      },
    },
    {
      name: "connections to a port go to a socket on another",
      kinds: ["sk-lookup"],
      run: async (load) => {
        using app = load({ config, programs: ["steer"] });
        const { server, got, sockets: ends } = await listen(other);
        app.maps.targets.set(0, server);
        const link = app.programs.steer.attach();
        const client = await connected(port);
        client.write("steered");
        await until(() => got.join("") === "steered", "the connection");
        strictEqual(seen(app, 3), 6n);
        client.destroy();
        for (const end of ends) end.destroy();
        link.detach();
        const refused = connect(port, "127.0.0.1");
        const [error] = await once(refused, "error");
        strictEqual(error.code, "ECONNREFUSED");
        server.close();
      },
    },
    {
      name: "one of the sockets that share a port is chosen",
      kinds: ["sk-reuseport"],
      run: async (load) => {
        using app = load({ config, programs: ["choose"] });
        const got: number[] = [];
        const made = [0, 1, 2].map((index) => createSocket("udp4").on("message", () => got.push(index)));
        for (const socket of made) {
          const ready = once(socket, "listening");
          socket.bind({ fd: sharedSocket(port) });
          await ready;
        }
        for (const [index, socket] of made.entries()) app.maps.group.set(index, socket);
        const [first] = made;
        if (first === undefined) return;
        app.programs.choose.attach({ socket: first });
        const sender = createSocket("udp4");
        for (let i = 0; i < 6; i++)
          await new Promise((resolve) => sender.send("x", port, "127.0.0.1", resolve));
        await until(() => got.length === 6, "the datagrams");
        deepStrictEqual(new Set(got), new Set([1]));
        strictEqual(seen(app, 4), 17n);
        sender.close();
        for (const socket of made) socket.close();
      },
    },
    {
      name: "each socket has a value of its own",
      kinds: ["cgroup-skb"],
      since: "5.11",
      run: (load) =>
        inCgroup(async (path) => {
          using app = load({ programs: ["account"] });
          app.programs.account.attach({ cgroup: path });
          const send = (): Promise<void> =>
            new Promise((resolve) => {
              const socket = createSocket("udp4");
              socket.send("12345", port, "127.0.0.1", () => {
                socket.send("12345", port, "127.0.0.1", () => {
                  socket.close();
                  resolve();
                });
              });
            });
          await send();
          strictEqual(seen(app, 5), 66n);
          await send();
          strictEqual(seen(app, 5), 66n);
        }),
    },
  ],
};

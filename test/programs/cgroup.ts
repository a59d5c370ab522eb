import { deepStrictEqual, ok, rejects, strictEqual, throws } from "node:assert";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import type { App } from "@waggle/userspace";
import { type Suite, until } from "./check.js";
import { inCgroup } from "./in-cgroup.js";
import type { Cgroup } from "./kernel/cgroup.js";

type Kernel = typeof Cgroup;
const port = 47_011;
const other = 47_012;
const config = { port, other };

const hits = (app: App<Kernel>, index: number): bigint => app.maps.hits.get(index) ?? 0n;
const seen = (app: App<Kernel>, index: number): bigint => app.maps.seen.get(index) ?? 0n;

async function datagramSocket(at = 0, address = "127.0.0.1"): Promise<Socket> {
  const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
  socket.bind(at, address);
  await Promise.race([
    once(socket, "listening"),
    once(socket, "error").then(([error]) => {
      throw error;
    }),
  ]);
  return socket;
}

async function send(socket: Socket, to: number): Promise<void> {
  await new Promise<void>((resolve, reject) =>
    socket.send("hello", to, "127.0.0.1", (error) => (error === null ? resolve() : reject(error))),
  );
}

async function server(at: number, address: string): Promise<Server> {
  const made = createServer((socket) => socket.on("error", () => {}).end("hi"));
  made.listen(at, address);
  await once(made, "listening");
  return made;
}

async function answerOf(at: number, address: string): Promise<string> {
  const socket = connect(at, address);
  let text = "";
  socket.on("data", (data) => {
    text += String(data);
  });
  await once(socket, "close");
  return text;
}

const loopback = 0x7f00_0001n;

export const cgroup: Suite<Kernel> = {
  className: "Cgroup",
  file: "cgroup",
  kernel: "5.10",
  checks: [
    {
      name: "a cgroup sees the packets that come in",
      kinds: ["cgroup-skb"],
      run: (load) =>
        inCgroup(async (path) => {
          using app = load({ programs: ["skbIngress"] });
          app.programs.skbIngress.attach({ cgroup: path });
          const socket = await datagramSocket();
          await send(socket, socket.address().port);
          await once(socket, "message");
          socket.close();
          ok(hits(app, 0) >= 1n);
          strictEqual(seen(app, 0), 20n + 8n + 5n);
        }),
    },
    {
      name: "a cgroup drops packets that go out",
      kinds: ["cgroup-skb"],
      run: (load) =>
        inCgroup(async (path) => {
          using app = load({ config, programs: ["skbEgress"] });
          const link = app.programs.skbEgress.attach({ cgroup: path });
          const socket = await datagramSocket();
          await rejects(send(socket, port), { code: "EPERM" });
          strictEqual(hits(app, 1), 1n);
          strictEqual(seen(app, 1), 7n);
          link.detach();
          await send(socket, port);
          socket.close();
          strictEqual(hits(app, 1), 1n);
        }),
    },
    {
      name: "sockets of a cgroup are marked when they are made, and seen when they are closed",
      kinds: ["cgroup-sock"],
      run: (load) =>
        inCgroup(async (path) => {
          using app = load({ programs: ["sockCreate", "sockRelease"] });
          app.programs.sockCreate.attach({ cgroup: path });
          app.programs.sockRelease.attach({ cgroup: path });
          const socket = await datagramSocket();
          strictEqual(seen(app, 2), 2n);
          socket.close();
          await until(() => hits(app, 3) > 0n, "sock_release");
          strictEqual(seen(app, 3), 42n);
        }),
    },
    {
      name: "a cgroup refuses a port that is bound to",
      kinds: ["cgroup-sock"],
      run: (load) =>
        inCgroup(async (path) => {
          using app = load({ config, programs: ["postBind4", "postBind6"] });
          app.programs.postBind4.attach({ cgroup: path });
          app.programs.postBind6.attach({ cgroup: path });
          await rejects(datagramSocket(port), { code: "EPERM" });
          strictEqual(seen(app, 4), loopback);
          await rejects(datagramSocket(port, "::1"), { code: "EPERM" });
          strictEqual(seen(app, 5), 1n);
          (await datagramSocket(other)).close();
        }),
    },
    {
      name: "bind goes to another port",
      kinds: ["cgroup-sock-addr"],
      run: (load) =>
        inCgroup(async (path) => {
          using app = load({ config, programs: ["bind4", "bind6"] });
          app.programs.bind4.attach({ cgroup: path });
          app.programs.bind6.attach({ cgroup: path });
          const four = await datagramSocket(port);
          strictEqual(four.address().port, other);
          strictEqual(seen(app, 6), loopback);
          four.close();
          const six = await datagramSocket(port, "::1");
          strictEqual(six.address().port, other);
          strictEqual(seen(app, 7), 1n);
          six.close();
        }),
    },
    {
      name: "connections go elsewhere than they were meant to",
      kinds: ["cgroup-sock-addr"],
      run: (load) =>
        inCgroup(async (path) => {
          using app = load({ config, programs: ["connect4", "connect6"] });
          app.programs.connect4.attach({ cgroup: path });
          app.programs.connect6.attach({ cgroup: path });
          const four = await server(other, "127.0.0.1");
          strictEqual(await answerOf(port, "192.0.2.7"), "hi");
          strictEqual(seen(app, 8), 0xc000_0207n);
          four.close();
          const six = await server(other, "::1");
          strictEqual(await answerOf(port, "::1"), "hi");
          strictEqual(seen(app, 9), 1n);
          six.close();
        }),
    },
    {
      name: "datagrams go elsewhere, and say that they come from elsewhere",
      kinds: ["cgroup-sock-addr"],
      run: (load) =>
        inCgroup(async (path) => {
          using app = load({ config, programs: ["sendmsg4", "recvmsg4"] });
          app.programs.sendmsg4.attach({ cgroup: path });
          app.programs.recvmsg4.attach({ cgroup: path });
          const receiver = await datagramSocket(other);
          const sender = await datagramSocket();
          const message = once(receiver, "message");
          await send(sender, port);
          const [, from] = await message;
          strictEqual(from.port, port);
          strictEqual(seen(app, 11), BigInt(sender.address().port));
          ok(hits(app, 10) >= 1n);
          receiver.close();
          sender.close();
        }),
    },
    {
      name: "addresses of sockets are told as a program likes",
      kinds: ["cgroup-sock-addr"],
      run: (load) =>
        inCgroup(async (path) => {
          const listening = await server(0, "127.0.0.1");
          const { port: real } = listening.address() as AddressInfo;
          using app = load({ config, programs: ["getsockname4", "getpeername4"] });
          app.programs.getsockname4.attach({ cgroup: path });
          app.programs.getpeername4.attach({ cgroup: path });
          const socket = connect(real, "127.0.0.1");
          await once(socket, "connect");
          strictEqual(socket.remotePort, port);
          strictEqual(socket.localPort, other);
          strictEqual(seen(app, 13), BigInt(real));
          socket.destroy();
          listening.close();
        }),
    },
    {
      name: "socket options are refused and changed",
      kinds: ["cgroup-sockopt"],
      run: (load) =>
        inCgroup(async (path) => {
          using app = load({ programs: ["setsockopt", "getsockopt"] });
          app.programs.getsockopt.attach({ cgroup: path });
          const socket = await datagramSocket();
          // The kernel doubles what it is asked for; the program says another number.
          strictEqual(socket.getSendBufferSize(), 4242);
          strictEqual(seen(app, 15), 1n);
          app.programs.setsockopt.attach({ cgroup: path });
          throws(() => socket.setTTL(9), { code: "EPERM" });
          strictEqual(seen(app, 14), 9n);
          socket.close();
        }),
    },
    {
      name: "files of /proc/sys are read and not written",
      kinds: ["cgroup-sysctl"],
      run: (load) =>
        inCgroup((path) => {
          const file = "/proc/sys/net/ipv4/ip_default_ttl";
          using app = load({ programs: ["sysctl"] });
          app.programs.sysctl.attach({ cgroup: path });
          const ttl = readFileSync(file, "utf8");
          strictEqual(seen(app, 16), 0n);
          let code: unknown = null;
          try {
            writeFileSync(file, ttl);
          } catch (error) {
            code = error instanceof Error && "code" in error ? error.code : null;
          }
          strictEqual(code, "EPERM");
          strictEqual(seen(app, 16), 1n);
        }),
    },
    {
      name: "a device is read and not written",
      kinds: ["cgroup-device"],
      run: (load) =>
        inCgroup((path) => {
          using app = load({ programs: ["device"] });
          app.programs.device.attach({ cgroup: path });
          closeSync(openSync("/dev/full", "r"));
          strictEqual(hits(app, 17), 1n);
          let code: unknown = null;
          try {
            closeSync(openSync("/dev/full", "w"));
          } catch (error) {
            code = error instanceof Error && "code" in error ? error.code : null;
          }
          strictEqual(code, "EPERM");
        }),
    },
    {
      name: "events of TCP connections are seen",
      kinds: ["sock-ops"],
      run: (load) =>
        inCgroup(async (path) => {
          using app = load({ config, programs: ["sockOps"] });
          app.programs.sockOps.attach({ cgroup: path });
          const listening = await server(port, "127.0.0.1");
          strictEqual(await answerOf(port, "127.0.0.1"), "hi");
          listening.close();
          const operations = new Set(app.maps.operations.keys());
          // The connection is begun, and established on both sides.
          deepStrictEqual(
            [3, 4, 5, 11].filter((op) => !operations.has(op)),
            [],
          );
          strictEqual(seen(app, 18), 2n);
        }),
    },
    {
      name: "the older way of attaching is undone",
      kinds: ["cgroup-skb"],
      run: (load) =>
        inCgroup(async (path) => {
          using app = load({ config, programs: ["skbEgress"] });
          const link = app.programs.skbEgress.attach({ cgroup: path, mechanism: "attach" });
          strictEqual(link.mechanism, "attach");
          const socket = await datagramSocket();
          await rejects(send(socket, port), { code: "EPERM" });
          link.detach();
          await send(socket, port);
          socket.close();
        }),
    },
    {
      name: "a link is updated in place",
      kinds: ["cgroup-skb"],
      run: (load) =>
        inCgroup(async (path) => {
          using app = load({ config, programs: ["skbEgress"] });
          using next = load({ config: { port: other }, programs: ["skbEgress"] });
          const link = app.programs.skbEgress.attach({ cgroup: path });
          link.update(next.programs.skbEgress);
          const socket = await datagramSocket();
          await send(socket, port);
          await rejects(send(socket, other), { code: "EPERM" });
          strictEqual(hits(next, 1), 1n);
          socket.close();
        }),
    },
  ],
};

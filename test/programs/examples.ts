/** The larger examples, each at its work. */
import { deepStrictEqual, match, ok, rejects, strictEqual, throws } from "node:assert";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { addRule, blocked } from "../../examples/egress-firewall/src/firewall.js";
import type { EgressFirewall } from "../../examples/egress-firewall/src/kernel/egress-firewall.js";
import { denials, guard } from "../../examples/file-guard/src/guard.js";
import type { FileGuard } from "../../examples/file-guard/src/kernel/file-guard.js";
import { ip4, setBackends } from "../../examples/load-balancer/src/balancer.js";
import type { LoadBalancer } from "../../examples/load-balancer/src/kernel/load-balancer.js";
import type { SocketProxy } from "../../examples/socket-proxy/src/kernel/socket-proxy.js";
import { serve, type Traffic } from "../../examples/socket-proxy/src/proxy.js";
import type { TokenBucket } from "../../examples/token-bucket/src/kernel/token-bucket.js";
import { report } from "../../examples/token-bucket/src/report.js";
import { type Suite, until } from "./check.js";
import { sendDatagram } from "./datagrams.js";
import { inCgroup } from "./in-cgroup.js";

const folderOf = (example: string): URL => new URL(`../../examples/${example}/src/kernel`, import.meta.url);

const tokenBucket: Suite<typeof TokenBucket> = {
  className: "TokenBucket",
  file: "token-bucket",
  folder: folderOf("token-bucket"),
  kernel: "5.10",
  checks: [
    {
      name: "a token bucket holds what is sent to a rate",
      kinds: ["classifier"],
      run: async (load) => {
        const size = 500;
        const frame = 14 + 20 + 8 + size;
        using app = load({ config: { rate: BigInt(frame * 4), burst: BigInt(frame * 5) } });
        app.programs.limit.attach({ interface: "lo", direction: "egress" });
        const started = performance.now();
        // What the bucket held at first, what came in since, and one frame that it may be short of.
        const most = (): number => 5 + (4 * (performance.now() - started)) / 1000 + 1;
        for (let turn = 0; turn < 12; turn++) await sendDatagram(Buffer.alloc(size), 47_081, "127.0.0.77");
        const passed = (): number => Number(app.maps.buckets.get(ip4("127.0.0.77"))?.passedBytes) / frame;
        const first = passed();
        ok(first >= 5 && first <= most(), `${first} of 12 went at once, ${most()} may have`);
        // Others have a bucket of their own.
        await sendDatagram(Buffer.alloc(size), 47_081, "127.0.0.78");
        strictEqual(app.maps.buckets.get(ip4("127.0.0.78"))?.passedBytes, BigInt(frame));
        await sleep(600);
        for (let turn = 0; turn < 12; turn++) await sendDatagram(Buffer.alloc(size), 47_081, "127.0.0.77");
        const more = passed() - first;
        ok(more >= 2 && first + more <= most(), `${more} more went after 0.6 s, ${most() - first} may have`);
        const dropped = Number(app.maps.buckets.get(ip4("127.0.0.77"))?.droppedBytes) / frame;
        strictEqual(passed() + dropped, 24);
        match(
          report(app).join("\n"),
          new RegExp(`^127\\.0\\.0\\.77 +${passed() * frame} +${dropped * frame}$`, "m"),
        );
      },
    },
  ],
};

/** A TCP segment without data from a client. */
function segment(client: string, port: number, to: string, service: number): Uint8Array {
  const frame = new DataView(new ArrayBuffer(14 + 20 + 20));
  for (const [index, byte] of [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2].entries()) frame.setUint8(index, byte);
  frame.setUint16(12, 0x0800);
  frame.setUint8(14, 0x45);
  frame.setUint16(16, 40);
  frame.setUint8(22, 64);
  frame.setUint8(23, 6);
  frame.setUint32(26, ip4(client));
  frame.setUint32(30, ip4(to));
  frame.setUint16(34, port);
  frame.setUint16(36, service);
  frame.setUint8(46, 0x50);
  return new Uint8Array(frame.buffer);
}

/** What a frame has, of an IPv4 packet within an IPv4 packet. */
function unwrap(bytes: Uint8Array): { readonly mac: string; readonly to: number; readonly sum: number } {
  const frame = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  strictEqual(frame.getUint8(23), 4);
  strictEqual(frame.getUint16(16), bytes.length - 14);
  let sum = 0;
  for (let at = 14; at < 34; at += 2) sum += frame.getUint16(at);
  return {
    mac: Buffer.from(bytes.subarray(0, 6)).toString("hex"),
    to: frame.getUint32(30),
    sum: (sum >>> 16) + (sum & 0xffff),
  };
}

const loadBalancer: Suite<typeof LoadBalancer> = {
  className: "LoadBalancer",
  file: "load-balancer",
  folder: folderOf("load-balancer"),
  kernel: "5.10",
  checks: [
    {
      name: "a load balancer wraps packets for its backends",
      kinds: ["xdp"],
      run: (load) => {
        using app = load({ config: { address: ip4("192.0.2.1"), port: 80 } });
        const backends = [1, 2, 3, 4].map((number) => ({
          address: `198.51.100.${number}`,
          mac: `02:00:00:00:01:0${number}`,
        }));
        setBackends(app, backends);
        const sendFrom = (client: number): { readonly result: number; readonly data: Uint8Array } =>
          app.programs.balance.testRun({
            data: segment(`203.0.113.${client}`, 40_000 + client, "192.0.2.1", 80),
          });
        const places = (): number[] =>
          Array.from({ length: 200 }, (_, client) => {
            const { result, data } = sendFrom(client);
            strictEqual(result, 3);
            const { mac, to, sum } = unwrap(data);
            strictEqual(sum, 0xffff);
            strictEqual(mac, `02000000010${to & 0xff}`);
            deepStrictEqual(
              data.subarray(34),
              segment(`203.0.113.${client}`, 40_000 + client, "192.0.2.1", 80).subarray(14),
            );
            return to & 0xff;
          });
        const before = places();
        for (const number of [1, 2, 3, 4]) {
          const share = before.filter((place) => place === number).length;
          ok(share > 20 && share < 80, `backend ${number} has ${share} of 200 clients`);
        }
        setBackends(app, backends.slice(0, 3));
        const after = places();
        // Who was with one that is still there stays with it.
        ok(after.every((place, client) => place <= 3 && (before[client] === 4 || before[client] === place)));
        const other = app.programs.balance.testRun({ data: segment("203.0.113.1", 4000, "192.0.2.1", 81) });
        strictEqual(other.result, 2);
        deepStrictEqual(other.data, segment("203.0.113.1", 4000, "192.0.2.1", 81));
        const counted = [...app.maps.backends].reduce((sum, [, { packets }]) => sum + packets, 0n);
        strictEqual(counted, 400n - BigInt(before.filter((place) => place === 4).length));
        setBackends(app, []);
        strictEqual(sendFrom(1).result, 1);
      },
    },
  ],
};

const egressFirewall: Suite<typeof EgressFirewall> = {
  className: "EgressFirewall",
  file: "egress-firewall",
  folder: folderOf("egress-firewall"),
  kernel: "5.10",
  checks: [
    {
      name: "a firewall keeps a cgroup from sending where it may not",
      kinds: ["cgroup-skb"],
      run: (load) =>
        inCgroup(async (cgroup) => {
          using app = load();
          addRule(app, "127.0.0.0/8", true);
          addRule(app, "127.1.0.0/16", false);
          addRule(app, "127.1.2.3", true);
          addRule(app, "::1", true);
          throws(() => addRule(app, "127.0.0.0/33", true), /0 to 32/);
          app.programs.egress.attach({ cgroup });
          deepStrictEqual(
            await Promise.all(
              ["127.0.0.1", "127.1.2.4", "127.1.2.3"].map((address) =>
                sendDatagram(Buffer.alloc(10), 47_083, address),
              ),
            ),
            [null, "EPERM", null],
          );
          const stop = new AbortController();
          const lines: string[] = [];
          for await (const line of blocked(app, stop.signal)) {
            lines.push(line);
            stop.abort();
          }
          deepStrictEqual(lines, ["blocked UDP to 127.1.2.4, 38 bytes"]);
        }),
    },
  ],
};

const fileGuard: Suite<typeof FileGuard> = {
  className: "FileGuard",
  file: "file-guard",
  folder: folderOf("file-guard"),
  kernel: "5.10",
  checks: [
    {
      name: "a guard keeps files from whom they are not for",
      kinds: ["lsm"],
      needs: ["trampoline", "lsm"],
      run: async (load) => {
        const folder = mkdtempSync(join(tmpdir(), "waggle-guard-"));
        const [guarded, free] = [join(folder, "guarded"), join(folder, "free")];
        for (const path of [guarded, free]) writeFileSync(path, "text");
        const open = (path: string): void => closeSync(openSync(path, "r"));
        try {
          using app = load();
          guard(app, guarded, 4711);
          const link = app.programs.onOpen.attach();
          throws(() => open(guarded), { code: "EACCES" });
          open(free);
          const stop = new AbortController();
          for await (const line of denials(app, stop.signal)) {
            match(line, new RegExp(`^denied inode \\d+ to .+ \\(process ${process.pid}, user 0\\)$`));
            stop.abort();
          }
          guard(app, guarded, 0);
          open(guarded);
          guard(app, guarded, 4711);
          link.detach();
          open(guarded);
        } finally {
          rmSync(folder, { recursive: true });
        }
      },
    },
  ],
};

const port = 47_085;
const target = 47_086;

const socketProxy: Suite<typeof SocketProxy> = {
  className: "SocketProxy",
  file: "socket-proxy",
  folder: folderOf("socket-proxy"),
  kernel: "5.10",
  checks: [
    {
      name: "a proxy leaves its work to the kernel",
      kinds: ["sk-skb", "sock-ops"],
      // Linux 5.10 never comes back from giving a message to its socket (sk_psock_backlog).
      since: "6.1",
      run: (load) =>
        inCgroup(async (cgroup) => {
          using app = load({ config: { port, target } });
          app.programs.forward.attach({ map: app.maps.sockets });
          app.programs.establish.attach({ cgroup });
          // Answers each piece, and the end with how much there was.
          const service = createServer({ allowHalfOpen: true }, (socket) => {
            let bytes = 0;
            socket.on("data", (data) => {
              bytes += data.length;
              if (data.length < 100) socket.write(`got ${data}`);
            });
            socket.on("end", () => socket.end(`all ${bytes}`));
          });
          service.listen(target, "127.0.0.1");
          await once(service, "listening");
          const traffic: Traffic[] = [];
          const errors: Error[] = [];
          const server = await serve(app, {
            host: "127.0.0.1",
            port,
            target: { host: "127.0.0.1", port: target },
            onClose: (one) => traffic.push(one),
            onError: (error) => errors.push(error),
          });
          const client = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
          let got = "";
          client.on("data", (data) => {
            got += data;
          });
          await once(client, "connect");
          for (const word of ["one", "two", "three"]) {
            client.write(word);
            await until(() => got.endsWith(`got ${word}`), `the answer to ${word}`);
          }
          client.write(Buffer.alloc(1 << 20));
          client.end();
          await until(() => got.endsWith(`all ${11 + (1 << 20)}`), `the end of ${got}`);
          await until(() => traffic.length === 1, "the report");
          deepStrictEqual(errors, []);
          const [all] = traffic;
          ok(all !== undefined);
          strictEqual(all.fromClient.passed + all.fromClient.redirected, 11n + (1n << 20n));
          // What user space saw is no more than what came before it had connected.
          ok(all.fromClient.passed <= 11n, `${all.fromClient.passed} bytes came through user space`);
          strictEqual(all.fromService.passed, 0n);
          client.destroy();
          server.close();
          service.close();
          await rejects(once(connect(port, "127.0.0.1"), "connect"), { code: "ECONNREFUSED" });
        }),
    },
  ],
};

export const examples = [
  tokenBucket,
  loadBalancer,
  egressFirewall,
  fileGuard,
  socketProxy,
] as unknown as readonly Suite<never>[];

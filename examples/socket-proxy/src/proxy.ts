/** A proxy for TCP over IPv4 that the kernel takes the work from: user space connects, and sends on what comes before it has. */
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { App } from "@waggle/userspace";
import type { SocketProxy } from "./kernel/socket-proxy.js";

type ProxyApp = App<typeof SocketProxy>;
type Key = Parameters<ProxyApp["maps"]["received"]["get"]>[0];

export interface ProxyOptions {
  /** Where clients connect to; the port is the kernel side's `port`. */
  readonly host: string;
  readonly port: number;
  /** The service; the port is the kernel side's `target`. */
  readonly target: { readonly host: string; readonly port: number };
  /** Told when a connection is over: what came from the client and from the service, and how much of it user space has seen. */
  readonly onClose?: (traffic: Traffic) => void;
  /** Told when one fails: both sides are closed then. */
  readonly onError?: (error: Error) => void;
}

/** Bytes of a connection. */
export interface Traffic {
  readonly fromClient: { readonly passed: bigint; readonly redirected: bigint };
  readonly fromService: { readonly passed: bigint; readonly redirected: bigint };
}

const ip4 = (text: string): number => text.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);

/** A socket's connection, as the kernel side names it. */
function keyOf({ localAddress, remoteAddress, localPort, remotePort }: Socket): Key {
  if (
    localAddress === undefined ||
    remoteAddress === undefined ||
    localPort === undefined ||
    remotePort === undefined
  )
    throw new Error("the connection is over already");
  return { localIp: ip4(localAddress), remoteIp: ip4(remoteAddress), localPort, remotePort };
}

/** Serves until it is closed. The app's programs must be attached. */
export async function serve(
  app: ProxyApp,
  { host, port, target, onClose, onError }: ProxyOptions,
): Promise<Server> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
    const service = connect({ ...target, allowHalfOpen: true });
    const fail = (error: Error): void => {
      client.destroy();
      service.destroy();
      onError?.(error);
    };
    client.on("error", fail);
    service.on("error", fail);
    service.once("connect", () => {
      splice(app, client, service)
        .then((traffic) => onClose?.(traffic))
        .catch(fail);
    });
  });
  server.listen(port, host);
  await once(server, "listening");
  return server;
}

async function splice(app: ProxyApp, client: Socket, service: Socket): Promise<Traffic> {
  const [fromClient, fromService] = [keyOf(client), keyOf(service)];
  try {
    await Promise.all([
      // The service's connection was opened here: its confirmed bytes have the SYN among them.
      forward(app, { socket: client, key: fromClient }, { socket: service, key: fromService }, 1n),
      forward(app, { socket: service, key: fromService }, { socket: client, key: fromClient }, 0n),
    ]);
    const none = { passed: 0n, redirected: 0n };
    const { received } = app.maps;
    return {
      fromClient: received.get(fromClient) ?? none,
      fromService: received.get(fromService) ?? none,
    };
  } finally {
    for (const key of [fromClient, fromService])
      for (const map of [app.maps.forwarding, app.maps.received, app.maps.acknowledged]) map.delete(key);
  }
}

interface End {
  readonly socket: Socket;
  readonly key: Key;
}

/** Sends on what user space is given, tells the kernel how far it is, and at last ends the other side. */
async function forward(app: ProxyApp, from: End, to: End, opening: bigint): Promise<void> {
  let forwarded = 0n;
  const tell = (): void => app.maps.forwarding.set(from.key, { peer: to.key, forwarded });
  tell();
  // The end of what comes is not yet that of what goes: the socket stays.
  for await (const chunk of from.socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    await new Promise<void>((resolve, reject) =>
      to.socket.write(chunk, (error) => (error == null ? resolve() : reject(error))),
    );
    forwarded += BigInt(chunk.length);
    tell();
  }
  // The kernel sends on in its own time: the end must not come before that. What came with the end is still being judged.
  await sleep(5);
  const { passed, redirected } = app.maps.received.get(from.key) ?? { passed: 0n, redirected: 0n };
  const all = passed + redirected + (passed + redirected > 0n ? opening : 0n);
  while ((app.maps.acknowledged.get(to.key) ?? 0n) < all && !to.socket.destroyed) await sleep(5);
  to.socket.end();
}

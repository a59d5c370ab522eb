/** Datagrams on this machine. */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";

/** Sends a datagram; the errno of what the kernel says to it, or null. */
export function sendDatagram(
  data: string | Uint8Array,
  port: number,
  address = "127.0.0.1",
): Promise<string | null> {
  const socket = createSocket("udp4");
  return new Promise((resolve) =>
    socket.send(data, port, address, (error) => {
      socket.close();
      resolve(error === null ? null : ((error as NodeJS.ErrnoException).code ?? String(error)));
    }),
  );
}

/** A socket on the port that keeps what it gets. */
export async function datagramReceiver(
  port: number,
): Promise<{ readonly socket: Socket; readonly got: string[] }> {
  const socket = createSocket("udp4");
  const got: string[] = [];
  socket.on("message", (data) => got.push(String(data)));
  socket.bind(port, "127.0.0.1");
  await once(socket, "listening");
  return { socket, got };
}

/** Whether a datagram comes through. */
export async function datagramArrives(data: string | Uint8Array, port: number): Promise<boolean> {
  const { socket, got } = await datagramReceiver(port);
  await sendDatagram(data, port);
  await sleep(60);
  // A timer that is late runs before what has arrived meanwhile is read.
  await nextTurn();
  socket.close();
  return got.length > 0;
}

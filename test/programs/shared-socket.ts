/** Sockets that share a port, which Node 20 does not make. */
import { NativeMemory } from "../../packages/userspace/src/sys/memory.js";
import { bind, setsockopt, socket } from "../../packages/userspace/src/sys/system-calls.js";

const [AF_INET, SOCK_DGRAM, SOL_SOCKET, SO_REUSEPORT] = [2, 2, 1, 15];

/** The descriptor of a socket for datagrams that is bound to a port of 127.0.0.1, beside others. */
export function sharedSocket(port: number): number {
  const fd = socket(AF_INET, SOCK_DGRAM, 0);
  const one = new NativeMemory(4);
  one.setU32(0, 1);
  setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, one, 4);
  // `struct sockaddr_in`
  const address = new NativeMemory(16);
  address.setU16(0, AF_INET);
  address.bytes.set([port >> 8, port & 255, 127, 0, 0, 1], 2);
  const result = bind(fd, address.address, 16);
  if (fd < 0 || result < 0) throw new Error(`no socket on port ${port}: ${fd}, ${result}`);
  return fd;
}

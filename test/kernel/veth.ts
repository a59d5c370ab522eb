import { execFileSync } from "node:child_process";

/** A pair of network interfaces, the far one in a network namespace of its own. Disposing it removes both. */
export interface Veth extends Disposable {
  /** The interface on this side, with the address `nearAddress`. */
  readonly near: string;
  readonly nearAddress: string;
  readonly farAddress: string;
  /** Sends UDP datagrams of `size` bytes from the far side. */
  send(count: number, size: number, port: number): void;
}

const ip = (...args: string[]): void => {
  execFileSync("ip", args, { stdio: ["ignore", "ignore", "pipe"] });
};

const nearMac = "02:00:00:00:00:01";

const sender = `
  const [count, size, port, host] = process.argv.slice(1);
  const socket = require("node:dgram").createSocket("udp4");
  socket.bind(4242, () => {
    let left = Number(count);
    const next = () => left-- > 0 ? socket.send(Buffer.alloc(Number(size)), Number(port), host, next) : socket.close();
    next();
  });`;

/** Makes the pair; `name` keeps tests that run at one time apart. Needs root and iproute2. */
export function makeVeth(name: string): Veth {
  const near = `${name}n`;
  const far = `${name}f`;
  // Addresses for benchmarks (RFC 2544): those for documentation may be the machine's own.
  const [nearAddress, farAddress] = ["198.18.77.1", "198.18.77.2"];
  ip("netns", "add", name);
  try {
    ip("link", "add", near, "address", nearMac, "type", "veth", "peer", "name", far, "netns", name);
    ip("address", "add", `${nearAddress}/30`, "dev", near);
    ip("link", "set", near, "up");
    ip("-n", name, "address", "add", `${farAddress}/30`, "dev", far);
    ip("-n", name, "link", "set", far, "up");
    // Packets go out at once, without address resolution before them.
    ip("-n", name, "neighbour", "add", nearAddress, "lladdr", nearMac, "dev", far, "nud", "permanent");
  } catch (error) {
    ip("netns", "del", name);
    throw error;
  }
  return {
    near,
    nearAddress,
    farAddress,
    send: (count, size, port) =>
      ip(
        "netns",
        "exec",
        name,
        process.execPath,
        "-e",
        sender,
        String(count),
        String(size),
        String(port),
        nearAddress,
      ),
    [Symbol.dispose]: () => ip("netns", "del", name),
  };
}

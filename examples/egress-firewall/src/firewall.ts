/** Rules and reports of the kernel side. */
import { SocketAddress } from "node:net";
import type { App } from "@waggle/userspace";
import type { EgressFirewall } from "./kernel/egress-firewall.js";

type FirewallApp = App<typeof EgressFirewall>;

/** The words of an address, of IPv4 mapped into IPv6. @throws TypeError when it is none */
function words(text: string): number[] {
  try {
    const family = text.includes(":") ? "ipv6" : "ipv4";
    const { address } = new SocketAddress({ address: text, family });
    if (family === "ipv4") {
      const number = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
      return [0, 0, 0xffff, number];
    }
    const [head = "", tail] = address.split("::");
    const groups = (part: string): number[] =>
      part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16));
    const [before, after] = [groups(head), groups(tail ?? "")];
    const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
    const all = [...before, ...new Array<number>(zeros).fill(0), ...after];
    return [0, 2, 4, 6].map((at) => (all[at] ?? 0) * 0x1_0000 + (all[at + 1] ?? 0));
  } catch {
    throw new TypeError(`${text} is no address`);
  }
}

/** Says whether addresses of a prefix, `192.0.2.0/24` or `2001:db8::/32`, may be sent to. @throws TypeError when it is none */
export function addRule(app: FirewallApp, prefix: string, allow: boolean): void {
  const [address = "", length] = prefix.split("/");
  const isIp4 = !address.includes(":");
  const most = isIp4 ? 32 : 128;
  const bits = length === undefined ? most : Number(length);
  if (!Number.isInteger(bits) || bits < 0 || bits > most)
    throw new TypeError(`${prefix} has no length from 0 to ${most}`);
  app.maps.rules.set({ prefixLength: isIp4 ? 96 + bits : bits, data: words(address) }, allow);
}

const protocols: Readonly<Record<number, string>> = { 1: "ICMP", 6: "TCP", 17: "UDP", 58: "ICMPv6" };

/** A line for each packet that was kept from leaving, until the signal. */
export async function* blocked(app: FirewallApp, signal: AbortSignal): AsyncGenerator<string> {
  for await (const { address, protocol, length } of app.maps.blocked.read({ signal })) {
    const text = address.flatMap((word) => [word >>> 16, word & 0xffff]).map((group) => group.toString(16));
    const to = new SocketAddress({ family: "ipv6", address: text.join(":") }).address.replace(/^::ffff:/, "");
    yield `blocked ${protocols[protocol] ?? `protocol ${protocol}`} to ${to}, ${length} bytes`;
  }
}

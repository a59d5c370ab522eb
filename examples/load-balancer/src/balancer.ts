/** The tables of the kernel side. */
import type { App } from "@waggle/userspace";
import type { LoadBalancer } from "./kernel/load-balancer.js";

/** A machine that serves. */
export interface BackendAddress {
  /** `192.0.2.10`. */
  readonly address: string;
  /** `02:00:00:00:00:0a`. */
  readonly mac: string;
}

const ringSize = 1021;

/** The number of an IPv4 address. @throws TypeError when it is none */
export function ip4(text: string): number {
  const parts = text.split(".").map(Number);
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 255))
    throw new TypeError(`${text} is no IPv4 address`);
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

/** The bytes of a hardware address. @throws TypeError when it is none */
export function mac(text: string): Uint8Array {
  if (!/^([\da-f]{2}:){5}[\da-f]{2}$/i.test(text)) throw new TypeError(`${text} is no hardware address`);
  return new Uint8Array(text.split(":").map((part) => Number.parseInt(part, 16)));
}

/** FNV-1a, 32 bits. */
function hash(text: string, seed: number): number {
  let sum = (0x811c_9dc5 ^ seed) >>> 0;
  for (const letter of text) sum = Math.imul(sum ^ letter.charCodeAt(0), 0x0100_0193) >>> 0;
  return sum;
}

/**
 * Which backend each place of a ring belongs to, as an index of `names`: about the same number for each, and few places change hands when
 * a backend comes or goes. Each backend prefers places in an order of its own, and they take turns (Maglev, NSDI 2016).
 */
export function maglev(names: readonly string[], size: number): number[] {
  const ring = new Array<number>(size).fill(-1);
  const next = names.map((name) => ({
    offset: hash(name, 1) % size,
    skip: (hash(name, 2) % (size - 1)) + 1,
  }));
  for (let filled = 0; filled < size && names.length > 0; )
    for (const [index, place] of next.entries()) {
      while (ring[place.offset] !== -1) place.offset = (place.offset + place.skip) % size;
      ring[place.offset] = index;
      if (++filled === size) break;
    }
  return ring;
}

/** Makes these the backends, in the place of those before. Conversations with one that stays go on with it. */
export function setBackends(app: App<typeof LoadBalancer>, backends: readonly BackendAddress[]): void {
  const { backends: table, ring } = app.maps;
  if (backends.length >= table.maxEntries)
    throw new RangeError(`there are ${backends.length} backends, and room for ${table.maxEntries - 1}`);
  const wanted = new Map(backends.map((backend) => [ip4(backend.address), backend]));
  const numbers = new Map<number, number>();
  for (const [number, { address }] of table) {
    if (number === 0 || address === 0) continue;
    if (wanted.has(address)) numbers.set(address, number);
  }
  const none = { address: 0, mac: new Uint8Array(6), packets: 0n, bytes: 0n };
  const free = [...table.keys()].filter((number) => number > 0 && ![...numbers.values()].includes(number));
  for (const [address, backend] of wanted) {
    if (numbers.has(address)) continue;
    const number = free.shift() ?? 0;
    numbers.set(address, number);
    table.set(number, { ...none, address, mac: mac(backend.mac) });
  }
  const addresses = [...numbers.keys()];
  for (const [place, index] of maglev(addresses.map(String), ringSize).entries())
    ring.set(place, numbers.get(addresses[index] ?? 0) ?? 0);
  // Last: until then conversations with those that go have somewhere to go to.
  for (const number of free) if (table.get(number)?.address !== 0) table.set(number, none);
}

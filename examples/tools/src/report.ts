/** What the tools' reports are made of: lines of columns, histograms, addresses. */
import { SocketAddress } from "node:net";

/** A line of columns: a positive width puts the text at its end, a negative one at its start. The last column is as wide as its text. */
export function columns(widths: readonly number[], texts: readonly (string | number | bigint)[]): string {
  const cells = texts.map((text, index) => {
    const width = widths[index] ?? 0;
    return width < 0 ? String(text).padEnd(-width) : String(text).padStart(width);
  });
  return cells.join("  ").trimEnd();
}

/** Bars for counts by power of two, from the first that is not 0 to the last. */
export function histogram(unit: string, counts: Iterable<readonly [number, bigint]>): string[] {
  const rows = [...counts].map(([power, count]) => ({ power, count: Number(count) }));
  const [first, last] = [rows.findIndex(isUsed), rows.findLastIndex(isUsed)];
  if (first < 0) return ["nothing was seen"];
  const most = Math.max(...rows.map(({ count }) => count));
  const widths = [-25, 9, -40];
  return [
    columns(widths, [unit, "count", ""]),
    ...rows.slice(first, last + 1).map(({ power, count }) => {
      const from = power === 0 ? 0 : 2 ** power;
      const bar = "#".repeat(Math.ceil((count / most) * 40));
      return columns(widths, [`${from} to ${2 ** (power + 1) - 1}`, count, bar]);
    }),
  ];
}

const isUsed = ({ count }: { readonly count: number }): boolean => count > 0;

/** Waits until the signal is given. */
export function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** `192.0.2.1` of its number. */
export const ip4Text = (address: number): string =>
  [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join(".");

/** `2001:db8::1` of its 32-bit words. An IPv4 address within an IPv6 one is that. */
export function ip6Text(words: readonly number[]): string {
  const groups = words.flatMap((word) => [word >>> 16, word & 0xffff]);
  const text = groups.map((group) => group.toString(16)).join(":");
  const { address } = new SocketAddress({ family: "ipv6", address: text });
  return address.startsWith("::ffff:") ? address.slice(7) : address;
}

/** The same of its 16 bytes. */
export function ipText(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return ip6Text([0, 4, 8, 12].map((offset) => view.getUint32(offset)));
}

/** Of IPv4 the first word, of IPv6 all four. */
export const addressText = (version: number, words: readonly number[]): string =>
  version === 4 ? ip4Text(words[0] ?? 0) : ip6Text(words);

/** Nanoseconds as milliseconds, `12.345`. */
export const milliseconds = (nanoseconds: bigint): string => (Number(nanoseconds) / 1e6).toFixed(3);

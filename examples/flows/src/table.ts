import type { UserValue } from "@waggle/kernel";
import type { FlowKey, FlowStats } from "./kernel/flows.js";

/** A flow as user space reads it from the map. */
export type Flow = readonly [UserValue<FlowKey>, UserValue<FlowStats>];

const protocolNames: Readonly<Record<number, string>> = { 1: "icmp", 6: "tcp", 17: "udp", 58: "icmp6" };

/** The flows with the most bytes, as lines of a table with a heading. */
export function topFlows(flows: Iterable<Flow>, count: number): string[] {
  const top = [...flows].sort(([, a], [, b]) => Number(b.bytes - a.bytes)).slice(0, count);
  const rows = top.map(([key, { packets, bytes }]) => [
    protocolNames[key.protocol] ?? String(key.protocol),
    endpoint(key.source, key.sourcePort),
    endpoint(key.destination, key.destinationPort),
    String(packets),
    String(bytes),
  ]);
  const table = [["PROTO", "SOURCE", "DESTINATION", "PACKETS", "BYTES"], ...rows];
  const widths = table.reduce(
    (widest, row) => row.map((cell, column) => Math.max(cell.length, widest[column] ?? 0)),
    [] as number[],
  );
  return table.map((row) =>
    row
      .map((cell, column) =>
        column < 3 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  "),
  );
}

function endpoint(address: readonly number[], port: number): string {
  const text = formatAddress(address);
  if (port === 0) return text;
  return text.includes(":") ? `[${text}]:${port}` : `${text}:${port}`;
}

/** An address of four words as text: dotted for one that is mapped from IPv4, else IPv6 as RFC 5952 writes it. */
export function formatAddress(words: readonly number[]): string {
  const [a = 0, b = 0, c = 0, d = 0] = words;
  if (a === 0 && b === 0 && c === 0xffff)
    return [d >>> 24, (d >>> 16) & 255, (d >>> 8) & 255, d & 255].join(".");
  const groups = [a, b, c, d]
    .flatMap((word) => [word >>> 16, word & 0xffff])
    .map((group) => group.toString(16));
  const zeros = longestRunOfZeros(groups);
  if (zeros.length < 2) return groups.join(":");
  return `${groups.slice(0, zeros.start).join(":")}::${groups.slice(zeros.start + zeros.length).join(":")}`;
}

function longestRunOfZeros(groups: readonly string[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let length = 0;
  for (const [index, group] of groups.entries()) {
    length = group === "0" ? length + 1 : 0;
    if (length > best.length) best = { start: index - length + 1, length };
  }
  return best;
}

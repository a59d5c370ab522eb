/** From records in the ring buffer to messages. */
import type { ByteOrder } from "../byte-order.js";
import { LOG_HEADER, type LogLevel, type LogSite, type LogValue } from "./site.js";

/** A message of a program. */
export interface LogRecord {
  readonly level: LogLevel;
  readonly message: string;
  /** The values in the message's gaps, in order: numbers up to 32 bits, bigints, booleans, text and bytes. */
  readonly values: readonly (number | bigint | boolean | string | Uint8Array)[];
  /** Where it was sent from. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The CPU that the program ran on. */
  readonly cpu: number;
  /** Nanoseconds since the machine was started, without the time that it slept. */
  readonly time: bigint;
}

/** What only the place that reads records knows. */
export interface LogWorld {
  readonly byteOrder: ByteOrder;
  /** The function that an address of the kernel is in, `vfs_read+0x12`; null when it is not known. */
  readonly symbol?: (address: bigint) => string | null;
  /** The name of an errno, "EACCES"; null when it has none. */
  readonly errno?: (number: number) => string | null;
}

/** The message of a record; null for one that no site is known of, or that is too short for its site. */
export function decodeLogRecord(
  bytes: Uint8Array,
  sites: ReadonlyMap<number, LogSite>,
  world: LogWorld,
): LogRecord | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = world.byteOrder === "little";
  if (bytes.length < LOG_HEADER) return null;
  const site = sites.get(view.getUint32(0, little));
  const end = Math.max(LOG_HEADER, ...(site?.values.map(({ offset, size }) => offset + size) ?? []));
  if (site === undefined || bytes.length < end) return null;
  const values = site.values.map((value) => read(view, value, little));
  const { level, file, line, column, texts } = site;
  const message = texts
    .map((text, index) => {
      const [value, seen] = [site.values[index], values[index]];
      return value === undefined || seen === undefined ? text : text + show(seen, value, world);
    })
    .join("");
  const [cpu, time] = [view.getUint32(4, little), view.getBigUint64(8, little)];
  return { level, message, values, file, line, column, cpu, time };
}

type Seen = LogRecord["values"][number];
type Read = (view: DataView, offset: number, little: boolean, size: number) => Seen;

const bytesAt = (view: DataView, offset: number, size: number): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset + offset, size).slice();

const readers: Readonly<Record<LogValue["type"], Read>> = {
  u8: (view, at) => view.getUint8(at),
  u16: (view, at, little) => view.getUint16(at, little),
  u32: (view, at, little) => view.getUint32(at, little),
  u64: (view, at, little) => view.getBigUint64(at, little),
  i8: (view, at) => view.getInt8(at),
  i16: (view, at, little) => view.getInt16(at, little),
  i32: (view, at, little) => view.getInt32(at, little),
  i64: (view, at, little) => view.getBigInt64(at, little),
  bool: (view, at) => view.getUint8(at) !== 0,
  be16: (view, at) => view.getUint16(at, false),
  be32: (view, at) => view.getUint32(at, false),
  be64: (view, at) => view.getBigUint64(at, false),
  bytes: (view, at, _little, size) => bytesAt(view, at, size),
  text: (view, at, _little, size) => {
    const bytes = bytesAt(view, at, size);
    const nul = bytes.indexOf(0);
    return new TextDecoder().decode(nul < 0 ? bytes : bytes.subarray(0, nul));
  },
};

const read = (view: DataView, { type, offset, size }: LogValue, little: boolean): Seen =>
  readers[type](view, offset, little, size);

const digits = (bytes: Uint8Array, between: string): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(between);

function show(seen: Seen, { hint }: LogValue, world: LogWorld): string {
  switch (hint) {
    case "ip4": {
      const number = Number(seen);
      return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join(".");
    }
    case "ip6":
      return seen instanceof Uint8Array ? ip6(seen) : String(seen);
    case "mac":
      return seen instanceof Uint8Array ? digits(seen, ":") : String(seen);
    case "hex":
      return seen instanceof Uint8Array
        ? digits(seen, " ")
        : `0x${BigInt.asUintN(64, BigInt(seen)).toString(16)}`;
    case "symbol": {
      const address = BigInt.asUintN(64, BigInt(seen as bigint));
      return world.symbol?.(address) ?? `0x${address.toString(16)}`;
    }
    case "errno": {
      const name = Number(seen) < 0 ? (world.errno?.(-Number(seen)) ?? null) : null;
      return name === null ? String(seen) : `${seen} (${name})`;
    }
    case "plain":
      return seen instanceof Uint8Array ? digits(seen, " ") : String(seen);
  }
}

/** RFC 5952: the longest run of zero groups, two at least, is left out. */
function ip6(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[i * 2] ?? 0) << 8) | (bytes[i * 2 + 1] ?? 0));
  let [start, length] = [-1, 1];
  for (let i = 0; i < 8; i++) {
    let run = 0;
    while (groups[i + run] === 0) run++;
    if (run > length) [start, length] = [i, run];
  }
  const text = (list: readonly number[]): string => list.map((group) => group.toString(16)).join(":");
  return start < 0 ? text(groups) : `${text(groups.slice(0, start))}::${text(groups.slice(start + length))}`;
}

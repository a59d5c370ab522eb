/** Messages of programs: read from their ring buffer, put together, and given to whoever wants them. */
import { readFileSync } from "node:fs";
import {
  decodeLogRecord,
  hostByteOrder,
  type LogLevel,
  type LogRecord,
  type LogSite,
  logLevels,
} from "@waggle/object";
import { errnoName } from "../errors/errno.js";
import { LoadError } from "../errors/errors.js";
import type { RingBufferReader } from "../maps/ring-buffer.js";

/** What takes messages by level: `console`, a logger of pino, winston and the like. */
export type Logger = Readonly<Record<LogLevel, (...values: never[]) => unknown>>;

/** Which messages of programs are sent, and where they go. */
export interface LogOptions {
  /** Less urgent ones are not even made; "info" when not given. */
  readonly level?: LogLevel | "off";
  /**
   * "console" (when not given) prints a line for each on standard error. A function is given each record. An object with a method for
   * each level is given its text, after an object with the place, the CPU and the time where it is called `bindings` as pino's are. null
   * leaves them to be read with `app.logs`.
   */
  readonly to?: "console" | ((record: LogRecord) => void) | Logger | null;
}

/** The messages of an app's programs. */
export interface Logs extends AsyncIterable<LogRecord> {
  /** Messages that did not fit the buffer. */
  readonly lost: bigint;
  /** Takes those that are there now, without waiting. Returns how many. */
  drain(visit: (record: LogRecord) => void): number;
}

/** The number that programs compare levels with. */
export function levelNumber(level: LogLevel | "off" | undefined): number {
  if (level === "off") return 255;
  const found = logLevels.indexOf(level ?? "info");
  if (found >= 0) return found;
  throw new LoadError(
    "bad-option",
    `there is no log level ${String(level)}: it is one of ${logLevels.join(", ")}, off.`,
  );
}

/** Functions of the kernel by address, ascending; read when the first address is shown. */
let symbols: { readonly addresses: BigUint64Array; readonly names: readonly string[] } | null = null;

function loadSymbols(): NonNullable<typeof symbols> {
  if (symbols !== null) return symbols;
  let text = "";
  try {
    text = readFileSync("/proc/kallsyms", "utf8");
  } catch {
    // Without it addresses are shown as numbers.
  }
  const rows = text
    .split("\n")
    .flatMap((line) => {
      const [address = "", kind = "", name = ""] = line.split(/\s/);
      return /^[tTwW]$/.test(kind) && !/^0+$/.test(address)
        ? [{ address: BigInt(`0x${address}`), name }]
        : [];
    })
    .sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
  symbols = {
    addresses: BigUint64Array.from(rows, ({ address }) => address),
    names: rows.map(({ name }) => name),
  };
  return symbols;
}

/** The function of the kernel that an address is in, `vfs_read+0x12`; null when the kernel does not tell. */
export function kernelSymbol(address: bigint): string | null {
  const { addresses, names } = loadSymbols();
  let [low, high] = [0, addresses.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((addresses[middle] ?? 0n) <= address) low = middle + 1;
    else high = middle;
  }
  const start = addresses[low - 1];
  const name = names[low - 1];
  if (start === undefined || name === undefined) return null;
  const offset = address - start;
  return offset === 0n ? name : `${name}+0x${offset.toString(16)}`;
}

const world = {
  byteOrder: hostByteOrder,
  symbol: kernelSymbol,
  errno: (number: number): string | null => {
    const name = errnoName(number);
    return name.startsWith("E") ? name : null;
  },
};

/** Reads the messages of one app. */
export class LogReader implements Logs, Disposable {
  #told = 0n;
  #stop: AbortController | null = null;
  #closed = false;

  constructor(
    readonly ring: RingBufferReader<Uint8Array>,
    readonly sites: ReadonlyMap<number, LogSite>,
    readonly to: LogOptions["to"],
  ) {}

  get lost(): bigint {
    return this.ring.lost;
  }

  drain(visit: (record: LogRecord) => void): number {
    return this.ring.drain((bytes) => {
      const record = decodeLogRecord(bytes, this.sites, world);
      if (record !== null) visit(record);
    });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<LogRecord, undefined> {
    for await (const bytes of this.ring.read()) {
      const record = decodeLogRecord(bytes, this.sites, world);
      if (record !== null) yield record;
    }
    return undefined;
  }

  /** Gives records to where the options say as they come, without keeping the process alive. */
  start(): void {
    if (this.to === null) return;
    this.#stop = new AbortController();
    void this.#run(this.#stop.signal);
  }

  async #run(signal: AbortSignal): Promise<void> {
    for await (const bytes of this.ring.read({ signal, background: true })) this.#give(bytes);
  }

  #give(bytes: Uint8Array): void {
    const record = decodeLogRecord(bytes, this.sites, world);
    if (record === null) return;
    const lost = this.ring.lost;
    if (lost > this.#told) {
      const text = `${lost - this.#told} messages of programs were lost: the buffer was full`;
      this.#told = lost;
      deliver(this.to, { ...record, level: "warn", message: text, values: [] });
    }
    deliver(this.to, record);
  }

  /** Gives what is still there, and ends. */
  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stop?.abort();
    if (this.to !== null) this.ring.drain((bytes) => this.#give(bytes));
  }
}

function deliver(to: LogOptions["to"], record: LogRecord): void {
  if (to === null) return;
  const { level, message, values, ...place } = record;
  if (typeof to === "function") to(record);
  else if (to === undefined || to === "console")
    process.stderr.write(`${level.toUpperCase().padEnd(5)} ${message}  (${place.file}:${place.line})\n`);
  else {
    const target: object = to;
    const method: unknown = Reflect.get(target, level);
    if (typeof method !== "function") return;
    // Loggers that keep fields apart from the text take them first.
    if ("bindings" in target)
      Reflect.apply(method, target, [{ ...place, time: String(place.time) }, message]);
    else Reflect.apply(method, target, [message]);
  }
}

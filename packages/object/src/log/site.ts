/**
 * Where programs send messages from. The object has what stays the same of each, text and place, in the section of names
 * (`NAMES_SECTION`); a record in the ring buffer has the number of its site and the values.
 */

/** The ring buffer that messages go through. */
export const LOG_MAP = "waggle_log";
/** The constant in `.rodata` that says which levels are sent: the index of the last of `logLevels`, or 255 for none. */
export const LOG_LEVEL = "waggle_log_level";

/** Levels of messages, the most urgent first. */
export const logLevels = ["error", "warn", "info", "debug", "trace"] as const;
/** A level of messages. */
export type LogLevel = (typeof logLevels)[number];

const hints = ["plain", "ip4", "ip6", "mac", "hex", "symbol", "errno"] as const;
/** How a value is shown. */
export type LogHint = (typeof hints)[number];

const types = [
  "u8",
  "u16",
  "u32",
  "u64",
  "i8",
  "i16",
  "i32",
  "i64",
  "bool",
  "be16",
  "be32",
  "be64",
  "text",
  "bytes",
] as const;
/** What a value is in the record. Addresses are u64; "be16" and the like are in network order; "text" ends at its first NUL. */
export type LogType = (typeof types)[number];

/** A value of a message. */
export interface LogValue {
  /** Bytes from the start of the record. */
  readonly offset: number;
  /** In bytes. */
  readonly size: number;
  readonly type: LogType;
  readonly hint: LogHint;
}

/** A place that sends messages. */
export interface LogSite {
  /** In records, their first 4 bytes. */
  readonly id: number;
  readonly level: LogLevel;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The text around the values, one more than they are. */
  readonly texts: readonly string[];
  readonly values: readonly LogValue[];
}

/** Bytes that every record begins with: the site's number and the CPU, 4 each; nanoseconds since boot, 8. */
export const LOG_HEADER = 16;

/** A site as a line of the section of names. */
export const encodeLogSite = (site: LogSite): string => `L ${JSON.stringify(site)}\n`;

/** The sites in a section of names; lines that mean nothing are skipped. */
export function parseLogSites(data: Uint8Array): ReadonlyMap<number, LogSite> {
  const sites = new Map<number, LogSite>();
  for (const line of new TextDecoder().decode(data).split(/[\n\0]/)) {
    if (!line.startsWith("L ")) continue;
    const site = siteOf(line.slice(2));
    if (site !== null) sites.set(site.id, site);
  }
  return sites;
}

const isCount = (value: unknown): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0;

function siteOf(text: string): LogSite | null {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof found !== "object" || found === null) return null;
  const site: Partial<Record<keyof LogSite, unknown>> = found;
  const { id, level, file, line, column, texts, values } = site;
  const isPlace = isCount(id) && isCount(line) && isCount(column) && typeof file === "string";
  if (!isPlace || !logLevels.some((one) => one === level) || !Array.isArray(texts) || !Array.isArray(values))
    return null;
  if (!texts.every((one) => typeof one === "string") || texts.length !== values.length + 1) return null;
  return values.every(isValue) ? (found as LogSite) : null;
}

function isValue(value: unknown): value is LogValue {
  if (typeof value !== "object" || value === null) return false;
  const { offset, size, type, hint }: Partial<Record<keyof LogValue, unknown>> = value;
  const isPlaced = isCount(offset) && isCount(size) && offset >= LOG_HEADER;
  return isPlaced && types.some((one) => one === type) && hints.some((one) => one === hint);
}

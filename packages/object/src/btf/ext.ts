import type { ByteOrder } from "../byte-order.js";
import { ObjectError } from "../errors.js";
import { BTF_MAGIC, BTF_VERSION } from "./kinds.js";
import type { StringTable } from "./string-table.js";
import type { BtfCoreRelocation, BtfExt, BtfFunctionInfo, BtfLineInfo } from "./types.js";
import { WordWriter } from "./word-writer.js";

/** Bytes of `struct btf_ext_header` without and with the CO-RE area. */
const SHORT_HEADER = 24;
const FULL_HEADER = 32;
/** The highest line and column of `struct bpf_line_info`, which packs both into a word. */
const MAX_LINE = 0x3fffff;
const MAX_COLUMN = 0x3ff;

/** Reads a 32-bit word of a record by its index. */
type Word = (index: number) => number;

/**
 * Reads `.BTF.ext` (Documentation/bpf/btf.rst): function information, source lines and CO-RE relocations.
 *
 * @param stringAt reads the string table of the object's `.BTF`
 * @throws ObjectError "bad-btf-ext"
 */
export function parseBtfExt(bytes: Uint8Array, stringAt: (offset: number) => string): BtfExt {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < SHORT_HEADER)
    throw problem(`is cut short: ${bytes.length} bytes cannot hold its header`);
  const little = view.getUint16(0, true) === BTF_MAGIC;
  if (!little && view.getUint16(0, false) !== BTF_MAGIC) throw problem("has the wrong magic number");
  if (view.getUint8(2) !== BTF_VERSION) throw problem(`has the unknown version ${view.getUint8(2)}`);
  const headerLength = view.getUint32(4, little);
  if (headerLength < SHORT_HEADER || headerLength > bytes.length) {
    throw problem(`has a header length of ${headerLength}, which is out of bounds`);
  }
  const area = <Entry>(
    field: number,
    what: string,
    recordSize: number,
    make: (section: string, word: Word) => Entry,
  ): Entry[] => {
    if (field + 8 > headerLength) return [];
    const start = headerLength + view.getUint32(field, little);
    const length = view.getUint32(field + 4, little);
    if (length === 0) return [];
    if (start + length > bytes.length) throw problem(`is cut short: its ${what} ends past the last byte`);
    const part = new DataView(bytes.buffer, bytes.byteOffset + start, length);
    return readArea(part, little, what, recordSize, stringAt, make);
  };
  return {
    functions: area(8, "function information", 8, (section, word) => ({
      section,
      offset: word(0),
      type: word(1),
    })),
    lines: area(16, "line information", 16, (section, word) => ({
      section,
      offset: word(0),
      file: stringAt(word(1)),
      source: stringAt(word(2)),
      line: word(3) >>> 10,
      column: word(3) & MAX_COLUMN,
    })),
    relocations: area(24, "CO-RE relocations", 16, (section, word) => ({
      section,
      offset: word(0),
      type: word(1),
      access: stringAt(word(2)),
      kind: word(3),
    })),
  };
}

function readArea<Entry>(
  view: DataView,
  little: boolean,
  what: string,
  recordSize: number,
  stringAt: (offset: number) => string,
  make: (section: string, word: Word) => Entry,
): Entry[] {
  if (view.byteLength < 4) throw problem(`is cut short in its ${what}`);
  // Records may grow in later versions of the format: what is past the words known here is skipped.
  const size = view.getUint32(0, little);
  if (size < recordSize || size % 4 !== 0) throw problem(`has records of ${size} bytes in its ${what}`);
  const entries: Entry[] = [];
  let at = 4;
  while (at < view.byteLength) {
    if (view.byteLength - at < 8) throw problem(`is cut short in its ${what}`);
    const section = stringAt(view.getUint32(at, little));
    const count = view.getUint32(at + 4, little);
    at += 8;
    if (count * size > view.byteLength - at) {
      throw problem(`says ${count} records for section "${section}" in its ${what}, past its end`);
    }
    for (let index = 0; index < count; index++, at += size) {
      const record = at;
      entries.push(make(section, (word) => view.getUint32(record + word * 4, little)));
    }
  }
  return entries;
}

/**
 * Writes `.BTF.ext`; its strings go to `strings`. Records are put in the order of sections as they first come, and of
 * offsets within, as the kernel wants them. Columns above 1023 are written as 1023.
 *
 * @throws ObjectError "bad-btf-ext" for a line past 4194303
 */
export function encodeExt(ext: BtfExt, strings: StringTable, byteOrder: ByteOrder): Uint8Array {
  const areas = [
    writeArea(ext.functions, strings, byteOrder, 8, functionWords),
    writeArea(ext.lines, strings, byteOrder, 16, lineWords),
    writeArea(ext.relocations, strings, byteOrder, 16, relocationWords),
  ];
  const out = new Uint8Array(areas.reduce((sum, area) => sum + area.length, FULL_HEADER));
  const view = new DataView(out.buffer);
  const little = byteOrder === "little";
  view.setUint16(0, BTF_MAGIC, little);
  view.setUint8(2, BTF_VERSION);
  view.setUint32(4, FULL_HEADER, little);
  let at = FULL_HEADER;
  for (const [index, area] of areas.entries()) {
    view.setUint32(8 + index * 8, at - FULL_HEADER, little);
    view.setUint32(12 + index * 8, area.length, little);
    out.set(area, at);
    at += area.length;
  }
  return out;
}

function writeArea<Entry extends { readonly section: string; readonly offset: number }>(
  entries: readonly Entry[],
  strings: StringTable,
  byteOrder: ByteOrder,
  recordSize: number,
  words: (entry: Entry, strings: StringTable) => number[],
): Uint8Array {
  const out = new WordWriter(byteOrder);
  if (entries.length === 0) return out.finish();
  out.words(recordSize);
  for (const [section, list] of groupBySection(entries)) {
    out.words(strings.offsetOf(section), list.length);
    for (const entry of list) out.words(...words(entry, strings));
  }
  return out.finish();
}

function groupBySection<Entry extends { readonly section: string; readonly offset: number }>(
  entries: readonly Entry[],
): Map<string, Entry[]> {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const group = groups.get(entry.section);
    if (group === undefined) groups.set(entry.section, [entry]);
    else group.push(entry);
  }
  for (const group of groups.values()) group.sort((a, b) => a.offset - b.offset);
  return groups;
}

const functionWords = (entry: BtfFunctionInfo): number[] => [entry.offset, entry.type];

const lineWords = (entry: BtfLineInfo, strings: StringTable): number[] => {
  if (entry.line > MAX_LINE) {
    throw problem(`cannot hold line ${entry.line} of ${entry.file}: lines end at ${MAX_LINE}`);
  }
  const place = (entry.line << 10) | Math.min(entry.column, MAX_COLUMN);
  return [entry.offset, strings.offsetOf(entry.file), strings.offsetOf(entry.source), place];
};

const relocationWords = (entry: BtfCoreRelocation, strings: StringTable): number[] => [
  entry.offset,
  entry.type,
  strings.offsetOf(entry.access),
  entry.kind,
];

function problem(what: string): ObjectError {
  return new ObjectError("bad-btf-ext", `.BTF.ext ${what}`, { section: ".BTF.ext" });
}

/** Functions of programs and libraries: the symbol tables of an ELF file (elf(5)), read without the rest of it. */
import { closeSync, openSync, readSync } from "node:fs";

const ELF_HEADER = 64;
const PROGRAM_HEADER = 56;
const SECTION_HEADER = 64;
const SYMBOL = 24;
const LOADED = 1;
/** SHT_SYMTAB and SHT_DYNSYM. */
const symbolTables: readonly number[] = [2, 11];
/** STT_FUNC and STT_GNU_IFUNC. */
const functionTypes: readonly number[] = [2, 10];

/** Reads parts of a file. A part that reaches beyond its end is cut. */
class Parts {
  constructor(readonly fd: number) {}

  at(offset: number, size: number): DataView {
    const bytes = Buffer.alloc(size);
    const got = readSync(this.fd, bytes, 0, size, offset);
    if (got < size) throw new RangeError("the file ends too early");
    return new DataView(bytes.buffer, bytes.byteOffset, size);
  }
}

const number = (view: DataView, at: number): number => Number(view.getBigUint64(at, true));

/**
 * The functions of a 64-bit little-endian program or library, by name: where each begins in the file, in bytes.
 *
 * @throws RangeError with what is wrong with the file
 */
export function elfFunctions(path: string): ReadonlyMap<string, number> {
  const fd = openSync(path, "r");
  try {
    return readFunctions(new Parts(fd));
  } finally {
    closeSync(fd);
  }
}

function readFunctions(parts: Parts): ReadonlyMap<string, number> {
  const header = parts.at(0, ELF_HEADER);
  if (header.getUint32(0) !== 0x7f454c46) throw new RangeError("it is no ELF file");
  if (header.getUint8(4) !== 2 || header.getUint8(5) !== 1)
    throw new RangeError("it is not of 64 bits and little-endian");
  const segments = loadedSegments(parts, header);
  const [start, count] = [number(header, 40), header.getUint16(60, true)];
  const sections = parts.at(start, count * SECTION_HEADER);
  const found = new Map<string, number>();
  for (let index = 0; index < count; index++) {
    const at = index * SECTION_HEADER;
    if (!symbolTables.includes(sections.getUint32(at + 4, true))) continue;
    const link = sections.getUint32(at + 40, true) * SECTION_HEADER;
    if (link >= sections.byteLength) throw new RangeError("a symbol table has no names");
    const names = parts.at(number(sections, link + 24), number(sections, link + 32));
    readSymbols(parts.at(number(sections, at + 24), number(sections, at + 32)), names, segments, found);
  }
  return found;
}

interface Segment {
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

function loadedSegments(parts: Parts, header: DataView): Segment[] {
  const [start, count] = [number(header, 32), header.getUint16(56, true)];
  const table = parts.at(start, count * PROGRAM_HEADER);
  return Array.from({ length: count }, (_, index) => index * PROGRAM_HEADER)
    .filter((at) => table.getUint32(at, true) === LOADED)
    .map((at) => ({
      offset: number(table, at + 8),
      address: number(table, at + 16),
      size: number(table, at + 32),
    }));
}

function readSymbols(
  table: DataView,
  names: DataView,
  segments: readonly Segment[],
  found: Map<string, number>,
): void {
  const text = Buffer.from(names.buffer, names.byteOffset, names.byteLength);
  for (let at = 0; at + SYMBOL <= table.byteLength; at += SYMBOL) {
    const isDefined = table.getUint16(at + 6, true) !== 0;
    if (!isDefined || !functionTypes.includes(table.getUint8(at + 4) & 15)) continue;
    const address = number(table, at + 8);
    const segment = segments.find((each) => address >= each.address && address < each.address + each.size);
    const name = table.getUint32(at, true);
    const end = text.indexOf(0, name);
    if (segment === undefined || end < 0) continue;
    found.set(text.toString("utf8", name, end), address - segment.address + segment.offset);
  }
}

/** A program's or library's ELF file (elf(5)), read in parts: headers, segments and sections, without the rest of it. */
import { fstatSync, readSync } from "node:fs";

const ELF_HEADER = 64;
const PROGRAM_HEADER = 56;
const SECTION_HEADER = 64;
const LOADED = 1;

/** A section: what it holds, and where. */
export interface ElfPart {
  /** `SHT_*` of elf.h. */
  readonly type: number;
  /** Index of the section that this one refers to. */
  readonly link: number;
  readonly offset: number;
  readonly size: number;
}

interface Segment {
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

const number = (view: DataView, at: number): number => Number(view.getBigUint64(at, true));

/** A 64-bit little-endian ELF file that is open. Whatever is wrong with it is a RangeError that says what. */
export class ElfParts {
  readonly sections: readonly ElfPart[];
  readonly #fileSize: number;
  readonly #segments: readonly Segment[];

  constructor(readonly fd: number) {
    this.#fileSize = fstatSync(fd).size;
    const header = this.#bytes(0, ELF_HEADER);
    if (header.getUint32(0) !== 0x7f454c46) throw new RangeError("it is no ELF file");
    if (header.getUint8(4) !== 2 || header.getUint8(5) !== 1)
      throw new RangeError("it is not of 64 bits and little-endian");
    this.#segments = this.#readSegments(number(header, 32), header.getUint16(56, true));
    this.sections = this.#readSections(number(header, 40), header.getUint16(60, true));
  }

  /** The bytes of a section. */
  content({ offset, size }: ElfPart): DataView {
    return this.#bytes(offset, size);
  }

  /** Where the byte that is loaded to an address lies in the file; null when the file does not have it. */
  fileOffset(address: number): number | null {
    const segment = this.#segments.find(
      (each) => address >= each.address && address < each.address + each.size,
    );
    return segment === undefined ? null : address - segment.address + segment.offset;
  }

  #bytes(offset: number, size: number): DataView {
    if (offset + size > this.#fileSize) throw new RangeError("the file ends too early");
    const bytes = Buffer.alloc(size);
    if (readSync(this.fd, bytes, 0, size, offset) < size) throw new RangeError("the file ends too early");
    return new DataView(bytes.buffer, bytes.byteOffset, size);
  }

  #readSegments(start: number, count: number): Segment[] {
    const table = this.#bytes(start, count * PROGRAM_HEADER);
    return Array.from({ length: count }, (_, index) => index * PROGRAM_HEADER)
      .filter((at) => table.getUint32(at, true) === LOADED)
      .map((at) => ({
        offset: number(table, at + 8),
        address: number(table, at + 16),
        size: number(table, at + 32),
      }));
  }

  #readSections(start: number, count: number): ElfPart[] {
    const table = this.#bytes(start, count * SECTION_HEADER);
    return Array.from({ length: count }, (_, index) => index * SECTION_HEADER).map((at) => ({
      type: table.getUint32(at + 4, true),
      link: table.getUint32(at + 40, true),
      offset: number(table, at + 24),
      size: number(table, at + 32),
    }));
  }
}

/** Reads NUL-terminated names of a string table; null for one that does not end in it. */
export function nameReader(table: DataView): (at: number) => string | null {
  const text = Buffer.from(table.buffer, table.byteOffset, table.byteLength);
  return (at) => {
    const end = text.indexOf(0, at);
    return end < 0 ? null : text.toString("utf8", at, end);
  };
}

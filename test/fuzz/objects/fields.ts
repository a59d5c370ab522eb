/** Where an undamaged object holds what readers decide by: the places that are worth changing. */
import { readElf, SectionType } from "@waggle/object";

/** What a field belongs to. Fields of one group and width swap their values now and then. */
export type FieldGroup =
  | "elf header"
  | "section header"
  | "symbol"
  | "relocation"
  | "btf"
  | "btf.ext"
  | "code"
  | "strings"
  | "data";

/** A number in an object: `width` bytes at byte `at`. */
export interface Field {
  readonly at: number;
  readonly width: 1 | 2 | 4 | 8;
  readonly group: FieldGroup;
}

type Layout = readonly (readonly [offset: number, width: Field["width"]])[];

/** Records of the ELF format, field by field (elf(5)). */
const identAndHeader: Layout = [
  [4, 1],
  [5, 1],
  [6, 1],
  [16, 2],
  [18, 2],
  [20, 4],
  [24, 8],
  [32, 8],
  [40, 8],
  [48, 4],
  [52, 2],
  [54, 2],
  [56, 2],
  [58, 2],
  [60, 2],
  [62, 2],
];
const sectionHeader: Layout = [
  [0, 4],
  [4, 4],
  [8, 8],
  [16, 8],
  [24, 8],
  [32, 8],
  [40, 4],
  [44, 4],
  [48, 8],
  [56, 8],
];
const symbol: Layout = [
  [0, 4],
  [4, 1],
  [5, 1],
  [6, 2],
  [8, 8],
  [16, 8],
];
const relocation: Layout = [
  [0, 8],
  [8, 4],
  [12, 4],
];
const instruction: Layout = [
  [0, 1],
  [1, 1],
  [2, 2],
  [4, 4],
];
const word: Layout = [[0, 4]];
const byte: Layout = [[0, 1]];

const SECTION_HEADER_SIZE = 64;

/** The fields of an object. */
export function fieldsOf(object: Uint8Array): readonly Field[] {
  const elf = readElf(object);
  const view = new DataView(object.buffer, object.byteOffset, object.byteLength);
  const headers = Number(view.getBigUint64(40, elf.byteOrder === "little"));
  const fields: Field[] = [];
  const add = (group: FieldGroup, layout: Layout, start: number, size: number, stride: number): void => {
    for (let record = start; record + stride <= start + size; record += stride)
      for (const [offset, width] of layout) fields.push({ at: record + offset, width, group });
  };
  add("elf header", identAndHeader, 0, 64, 64);
  add(
    "section header",
    sectionHeader,
    headers,
    elf.sections.length * SECTION_HEADER_SIZE,
    SECTION_HEADER_SIZE,
  );
  for (const { name, type, flags, data } of elf.sections) {
    const start = data.byteOffset - object.byteOffset;
    if (data.length === 0) continue;
    if (type === SectionType.Symtab) add("symbol", symbol, start, data.length, 24);
    else if (type === SectionType.Rel) add("relocation", relocation, start, data.length, 16);
    else if (type === SectionType.Strtab) add("strings", byte, start, data.length, 1);
    else if (name === ".BTF") addBtf(start, data);
    else if (name === ".BTF.ext") add("btf.ext", word, start, data.length, 4);
    else if ((flags & 4) !== 0) add("code", instruction, start, data.length, 8);
    else add("data", byte, start, data.length, 1);
  }
  return fields;

  /** Types are words; strings follow them. */
  function addBtf(start: number, data: Uint8Array): void {
    const strings = 24 + new DataView(data.buffer, data.byteOffset).getUint32(16, elf.byteOrder === "little");
    add("btf", word, start, strings, 4);
    add("strings", byte, start + strings, data.length - strings, 1);
  }
}

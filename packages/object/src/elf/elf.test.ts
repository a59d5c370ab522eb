import { describe, expect, test } from "vitest";
import { ObjectError } from "../errors.js";
import { readElf } from "./read.js";
import type { ElfInput, ElfSymbolInput } from "./types.js";
import { RelocationType, SectionFlag, SectionType, SymbolBind, SymbolType } from "./types.js";
import { writeElf } from "./write.js";

const symbol = (name: string, fields: Partial<ElfSymbolInput> = {}): ElfSymbolInput => ({
  name,
  section: 0,
  value: 0,
  size: 8,
  bind: SymbolBind.Global,
  type: SymbolType.Object,
  ...fields,
});

const input = (byteOrder: "little" | "big" = "little"): ElfInput => ({
  byteOrder,
  symbols: [
    symbol("main", { type: SymbolType.Func, size: 16 }),
    symbol("counter", { section: 1, bind: SymbolBind.Local, visibility: 2 }),
    symbol("extern", { section: null, size: 0, type: SymbolType.NoType, bind: SymbolBind.Weak }),
    symbol("a.ts", { section: null, size: 0, type: SymbolType.File, bind: SymbolBind.Local }),
  ],
  sections: [
    {
      name: "xdp",
      flags: SectionFlag.Alloc | SectionFlag.ExecInstr,
      align: 8,
      data: Uint8Array.from({ length: 16 }, (_, index) => index),
      relocations: [
        { offset: 0, symbol: 1, type: RelocationType.Map64 },
        { offset: 8, symbol: 2, type: RelocationType.Call32 },
      ],
    },
    {
      name: ".bss",
      type: SectionType.Nobits,
      flags: SectionFlag.Alloc | SectionFlag.Write,
      align: 4,
      size: 12,
      data: new Uint8Array(0),
    },
    { name: "license", flags: SectionFlag.Alloc, data: new TextEncoder().encode("GPL\0") },
  ],
});

describe.each(["little", "big"] as const)("%s endian", (byteOrder) => {
  const file = readElf(writeElf(input(byteOrder)));

  test("sections are read back, with those that the writer makes behind them", () => {
    expect(file.byteOrder).toBe(byteOrder);
    expect(file.sections.map((section) => section.name)).toEqual([
      "",
      "xdp",
      ".bss",
      "license",
      ".relxdp",
      ".symtab",
      ".strtab",
      ".shstrtab",
    ]);
    expect([...(file.sections[1]?.data ?? [])]).toEqual([...Array(16).keys()]);
    expect(file.sections[2]).toMatchObject({ type: SectionType.Nobits, size: 12, align: 4 });
    expect(file.sections[2]?.data).toHaveLength(0);
  });
  test("local symbols come first, and sh_info counts them", () => {
    expect(file.symbols.map(({ name, section }) => [name, section])).toEqual([
      ["", 0],
      ["counter", 2],
      ["a.ts", 0xfff1],
      ["main", 1],
      ["extern", 0],
    ]);
    expect(file.sections[5]).toMatchObject({ type: SectionType.Symtab, info: 3, link: 6 });
    expect(file.symbols[1]).toMatchObject({ bind: SymbolBind.Local, visibility: 2, size: 8 });
  });
  test("relocations follow their symbols to the new places", () => {
    expect([...file.relocations]).toEqual([
      [
        1,
        [
          { offset: 0, type: RelocationType.Map64, symbol: 1 },
          { offset: 8, type: RelocationType.Call32, symbol: 4 },
        ],
      ],
    ]);
  });
});

test("equal input gives equal bytes", () => {
  expect(writeElf(input())).toEqual(writeElf(input()));
});

test("an object without symbols has the null symbol", () => {
  const file = readElf(writeElf({ byteOrder: "little", symbols: [], sections: [] }));
  expect(file.symbols).toHaveLength(1);
});

test("names of many bytes are read as UTF-8", () => {
  const file = readElf(
    writeElf({ ...input(), symbols: [symbol("zähler"), symbol("b"), symbol("c"), symbol("d")] }),
  );
  expect(file.symbols[1]?.name).toBe("zähler");
});

describe("what the writer refuses", () => {
  const base = input();
  const first = base.sections[0];
  const cases: [string, Partial<ElfInput>][] = [
    ["a name cannot contain NUL", { symbols: [symbol("a\0b")] }],
    ["a section without a name", { sections: [{ name: "", flags: 0, data: new Uint8Array(0) }] }],
    [
      "alignment 3 is not a power of two",
      { sections: [{ name: "a", flags: 0, data: new Uint8Array(0), align: 3 }] },
    ],
    [
      "size 9 does not go with 1 bytes",
      { sections: [{ name: "a", flags: 0, data: new Uint8Array(1), size: 9 }] },
    ],
    ["is in section 7, but there are 3 sections", { symbols: [symbol("a", { section: 7 })] }],
    ["-1 is not a value or size", { symbols: [symbol("a", { value: -1 })] }],
    ["relocation 0 (byte 0, symbol 1) is outside", { symbols: [] }],
    [
      "relocation 0 (byte 16, symbol 0) is outside",
      {
        sections:
          first === undefined ? [] : [{ ...first, relocations: [{ offset: 16, symbol: 0, type: 1 }] }],
      },
    ],
  ];
  test.each(cases)("%s", (message, change) => {
    const wrong = { ...base, symbols: change.sections ? [symbol("a")] : [], ...change };
    expect(() => writeElf(wrong)).toThrow(ObjectError);
    expect(() => writeElf(wrong)).toThrow(message);
  });
  test("too many sections", () => {
    const sections = Array.from({ length: 0xff00 }, () => ({ name: "a", flags: 0, data: new Uint8Array(0) }));
    expect(() => writeElf({ byteOrder: "little", sections, symbols: [] })).toThrow("at most 65279");
  });
});

/** Changes numbers of the little-endian sample; sections and symbols are found by their index. */
function damaged(
  change: (view: DataView, sectionAt: (index: number) => number, dataAt: (index: number) => number) => void,
) {
  const bytes = writeElf(input());
  const view = new DataView(bytes.buffer);
  const headers = Number(view.getBigUint64(40, true));
  const sectionAt = (index: number) => headers + index * 64;
  change(view, sectionAt, (index) => Number(view.getBigUint64(sectionAt(index) + 24, true)));
  return bytes;
}

describe("what the reader refuses", () => {
  const symtab = 5;
  const rel = 4;
  const names = 7;
  const huge = 1n << 60n;
  const cases: [string, string, Uint8Array][] = [
    ["not-elf", "does not start with \\x7fELF", new Uint8Array(0)],
    ["not-elf", "does not start with \\x7fELF", new TextEncoder().encode("export {};")],
    ["truncated", "the ELF header is cut off: 20 of 64 bytes", writeElf(input()).subarray(0, 20)],
    ["unsupported-elf", "ELF class 1", damaged((view) => view.setUint8(4, 1))],
    ["unsupported-elf", "neither little (1) nor big endian (2)", damaged((view) => view.setUint8(5, 3))],
    ["unsupported-elf", "ELF version 9", damaged((view) => view.setUint8(6, 9))],
    ["not-bpf", "for machine 62, not for BPF", damaged((view) => view.setUint16(18, 62, true))],
    ["unsupported-elf", "ELF type 2", damaged((view) => view.setUint16(16, 2, true))],
    ["bad-section", "no section headers", damaged((view) => view.setBigUint64(40, 0n, true))],
    ["bad-section", "out of all bounds", damaged((view) => view.setBigUint64(40, huge, true))],
    ["truncated", "beyond the file's end", damaged((view) => view.setBigUint64(40, 1n << 40n, true))],
    ["bad-section", "section headers of 40 bytes", damaged((view) => view.setUint16(58, 40, true))],
    ["unsupported-elf", "without extended section numbers", damaged((view) => view.setUint16(60, 0, true))],
    [
      "unsupported-elf",
      "without extended section numbers",
      damaged((view) => view.setUint16(62, 0xffff, true)),
    ],
    ["truncated", "9 section headers", damaged((view) => view.setUint16(60, 9, true))],
    [
      "bad-section",
      "in section 1, which is not a string table",
      damaged((view) => view.setUint16(62, 1, true)),
    ],
    [
      "truncated",
      "section 1: 1099511627776 bytes",
      damaged((view, at) => view.setBigUint64(at(1) + 32, 1n << 40n, true)),
    ],
    [
      "bad-section",
      "the size of section 1",
      damaged((view, at) => view.setBigUint64(at(1) + 32, huge, true)),
    ],
    ["bad-section", "alignment of 6", damaged((view, at) => view.setBigUint64(at(1) + 48, 6n, true))],
    [
      "bad-section",
      "name of section 1 is at byte 9999",
      damaged((view, at) => view.setUint32(at(1), 9999, true)),
    ],
    [
      "bad-section",
      "does not end within its table",
      damaged((view, at) => view.setBigUint64(at(names) + 32, 3n, true)),
    ],
    ["bad-section", "is not UTF-8", damaged((view, _, data) => view.setUint8(data(names) + 2, 0xff))],
    [
      "bad-section",
      "both symbol tables",
      damaged((view, at) => view.setUint32(at(3) + 4, SectionType.Symtab, true)),
    ],
    [
      "unsupported-elf",
      "extended section numbers of symbols",
      damaged((view, at) => view.setUint32(at(3) + 4, SectionType.SymtabShndx, true)),
    ],
    [
      "unsupported-elf",
      "relocations with addends (RELA)",
      damaged((view, at) => view.setUint32(at(rel) + 4, SectionType.Rela, true)),
    ],
    [
      "bad-symbol",
      "entries of 24 bytes were expected",
      damaged((view, at) => view.setBigUint64(at(symtab) + 56, 23n, true)),
    ],
    [
      "bad-symbol",
      "which is not a string table",
      damaged((view, at) => view.setUint32(at(symtab) + 40, 1, true)),
    ],
    [
      "bad-symbol",
      "is in section 500, but there are 8",
      damaged((view, _, data) => view.setUint16(data(symtab) + 24 + 6, 500, true)),
    ],
    [
      "bad-symbol",
      "name of symbol 1 is at byte 70000",
      damaged((view, _, data) => view.setUint32(data(symtab) + 24, 70000, true)),
    ],
    [
      "bad-symbol",
      "out of all bounds",
      damaged((view, _, data) => view.setBigUint64(data(symtab) + 24 + 8, huge, true)),
    ],
    [
      "bad-relocation",
      "patches section 88, which does not exist",
      damaged((view, at) => view.setUint32(at(rel) + 44, 88, true)),
    ],
    [
      "bad-relocation",
      "which is not the symbol table",
      damaged((view, at) => view.setUint32(at(rel) + 40, 1, true)),
    ],
    [
      "bad-relocation",
      "symbol 77, but there are 5",
      damaged((view, _, data) => view.setUint32(data(rel) + 12, 77, true)),
    ],
    [
      "bad-relocation",
      "patches byte 16 of xdp, which has 16",
      damaged((view, _, data) => view.setBigUint64(data(rel), 16n, true)),
    ],
  ];
  test.each(cases)("%s: %s", (code, message, bytes) => {
    expect(() => readElf(bytes)).toThrow(ObjectError);
    expect(() => readElf(bytes)).toThrow(message);
    expect(() => readElf(bytes)).toThrow(expect.objectContaining({ code }));
  });
  test("a name without end in sight", () => {
    const long = writeElf({
      byteOrder: "little",
      sections: [],
      symbols: [symbol("x".repeat(5000), { section: null })],
    });
    expect(() => readElf(long)).toThrow("the name of symbol 1 is longer than 4096 bytes");
  });
});

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseBtf, readElf } from "@waggle/object";
import { describe, expect, test } from "vitest";
import type { IntType, StructType } from "./data-type.js";
import { integers } from "./integers.js";
import { type LayoutForm, layOutStruct, type Member } from "./layout.js";

const { u8, u16, u32, u64, i8, i16, i32, i64, bool } = integers;
const cNames: Readonly<Record<string, string>> = { bool: "_Bool" };

type Row = readonly [name: string, form: LayoutForm, members: readonly (readonly [IntType | Row, number?])[]];

const rows: readonly Row[] = [
  ["plain", {}, [[u8], [u32], [u16], [u64], [bool]]],
  ["packed", { packed: true }, [[u8], [u32], [u64], [i16], [u8]]],
  ["aligned", { aligned: 16 }, [[u8]]],
  ["packed_aligned", { packed: true, aligned: 4 }, [[u8], [u32]]],
  ["choice", { union: true }, [[u8], [u64], [i16]]],
  ["choice_packed", { union: true, packed: true }, [[u8], [u64], [i16]]],
  ["bits_u8", {}, [[u8, 4], [u8, 4], [u8, 5], [u8, 4], [u8]]],
  [
    "bits_mixed",
    {},
    [[u8, 4], [u8, 4], [u16, 3], [u16, 13], [bool, 1], [i32, 7], [u32, 24], [u64, 40], [u8]],
  ],
  ["bits_then_byte", {}, [[u32, 3], [u8], [u32, 5], [i64, 60], [i64, 5]]],
  ["bits_packed", { packed: true }, [[u32, 5], [u32, 30], [u8], [u64, 37], [i16]]],
  ["bits_union", { union: true }, [[u32, 5], [u16, 9], [u8]]],
  [
    "bits_signed",
    {},
    [
      [i8, 3],
      [i16, 9],
      [i32, 31],
      [i64, 33],
      [i8, 8],
    ],
  ],
  [
    "nested",
    {},
    [[u8], [["inner", { packed: true }, [[u8], [u32]]]], [u16], [["lined", { aligned: 32 }, [[u16]]]], [u8]],
  ],
  ["nested_union", {}, [[u8], [["either", { union: true }, [[u32], [u8]]]], [u8, 3]]],
];

const isRow = (type: IntType | Row): type is Row => Array.isArray(type);

function laidOut([name, form, members]: Row): StructType {
  const made = members.map(
    ([type, bits], index): Member => ({
      name: `f${index}`,
      type: isRow(type) ? laidOut(type) : type,
      bits: bits ?? null,
    }),
  );
  return layOutStruct(name, made, form);
}

function inC([name, { union, packed, aligned }, members]: Row): string {
  const before = members.flatMap(([type]) => (isRow(type) ? [inC(type)] : []));
  const keyword = (of: LayoutForm): string => (of.union ? "union" : "struct");
  const fields = members.map(([type, bits], index) => {
    const text = isRow(type) ? `${keyword(type[1])} ${type[0]}` : (cNames[type.name] ?? type.name);
    return `${text} f${index}${bits === undefined ? "" : `:${bits}`};`;
  });
  const marks = [...(packed ? ["packed"] : []), ...(aligned === undefined ? [] : [`aligned(${aligned})`])];
  const form = marks.length === 0 ? "" : ` __attribute__((${marks.join()}))`;
  return [...before, `${union ? "union" : "struct"}${form} ${name} { ${fields.join(" ")} };`].join("\n");
}

const heading = `typedef unsigned char u8; typedef unsigned short u16; typedef unsigned u32; typedef unsigned long long u64;
typedef signed char i8; typedef short i16; typedef int i32; typedef long long i64;
`;

function hasClang(): boolean {
  try {
    execFileSync("clang-19", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!hasClang())("layouts are clang-19's (skipped where it is missing)", () => {
  test.each(["bpfel", "bpfeb"])("%s", (target) => {
    const folder = mkdtempSync(join(tmpdir(), "waggle-layout-"));
    try {
      const source = rows.map(
        (row) => `${inC(row)}\n${row[1].union ? "union" : "struct"} ${row[0]} of_${row[0]};`,
      );
      writeFileSync(join(folder, "a.c"), heading + source.join("\n"));
      execFileSync("clang-19", [
        "-target",
        target,
        "-g",
        "-c",
        "-O2",
        join(folder, "a.c"),
        "-o",
        join(folder, "a.o"),
      ]);
      const section = readElf(new Uint8Array(readFileSync(join(folder, "a.o")))).sections.find(
        ({ name }) => name === ".BTF",
      );
      const { btf } = parseBtf(section?.data ?? new Uint8Array());
      for (const row of rows) {
        const theirs = btf.types.find(
          (type) => (type.kind === "struct" || type.kind === "union") && type.name === row[0],
        );
        if (theirs?.kind !== "struct" && theirs?.kind !== "union") throw new Error(`no ${row[0]}`);
        const ours = laidOut(row);
        expect({
          name: ours.name,
          size: ours.size,
          members: ours.fields.map(({ bits, offset }) => [bits?.offset ?? offset * 8, bits?.size ?? 0]),
        }).toEqual({
          name: theirs.name,
          size: theirs.size,
          members: theirs.members.map(({ bitOffset, bitSize }) => [bitOffset, bitSize]),
        });
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

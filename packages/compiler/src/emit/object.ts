/** Compiled functions, maps and data to a relocatable BPF object, laid out as libbpf and other loaders expect it. */
import type { ByteOrder, ElfSectionInput, ElfSymbolInput } from "@waggle/object";
import {
  CALL_OPCODE,
  encodeBtf,
  encodeInstructions,
  encodeLogSite,
  encodeNames,
  joinReads,
  type LogSite,
  mapTypeByName,
  NAMES_SECTION,
  RelocationType,
  SectionFlag,
  SectionType,
  SymbolBind,
  SymbolType,
  writeElf,
} from "@waggle/object";
import { BugError } from "../ir/bug-error.js";
import { printModule } from "../ir/print.js";
import type { Module } from "../ir/types.js";
import type { CompiledFunction } from "../target/generate.js";
import { buildBtf } from "./btf.js";
import type { CodeSection, DataSection, PlacedMap } from "./layout.js";
import { layoutCode, layoutData, layoutMaps, subprogramSection } from "./layout.js";

export interface EmitOptions {
  readonly byteOrder: ByteOrder;
}

/**
 * Writes one module's object file.
 * @param functions the code of every function of `module`
 * @throws BugError when the code names something that the module does not have
 */
export function emitObject(
  module: Module,
  functions: readonly CompiledFunction[],
  options: EmitOptions,
): Uint8Array {
  const { byteOrder } = options;
  const code = layoutCode(functions);
  const data = layoutData(module);
  const maps = layoutMaps(module, (map) => {
    const row = mapTypeByName(map.type);
    if (row === null) throw new BugError(`emit: no map type is called ${map.type}`, printModule(module));
    return row.value;
  });
  const license = {
    name: "license",
    flags: SectionFlag.Alloc | SectionFlag.Write,
    data: textBytes(module.license),
  };
  const dataStart = code.length + 1 + (maps.length > 0 ? 1 : 0);
  const symbols = [
    ...functionSymbols(code),
    ...mapSymbols(maps, code.length + 1),
    ...variableSymbols(data, dataStart),
    ...externSymbols(module),
    ...textSymbol(code),
  ];
  const indexes = new Map(symbols.map((symbol, index) => [symbol.name, index]));
  const offsets = new Map(
    code.flatMap(({ functions }) => functions.map(({ function: f, offset }) => [f.name, offset])),
  );
  const symbolIndex = (name: string): number => {
    const index = indexes.get(name);
    if (index === undefined)
      throw new BugError(`emit: code refers to ${name}, which the module does not have`, printModule(module));
    return index;
  };
  const { btf, ext } = buildBtf(module, { code, data, maps });
  const encoded = encodeBtf(btf, ext, byteOrder);
  const sections: ElfSectionInput[] = [
    ...code.map((section) => codeSection(section, byteOrder, symbolIndex, offsets)),
    license,
    ...(maps.length === 0 ? [] : [mapSection(maps)]),
    ...data.map(dataSection),
    { name: ".BTF", flags: 0, align: 4, data: encoded.btf },
    ...(encoded.ext === null ? [] : [{ name: ".BTF.ext", flags: 0, align: 4, data: encoded.ext }]),
    ...namesSection(functions, module.logs ?? []),
  ];
  return writeElf({ byteOrder, sections, symbols });
}

function namesSection(functions: readonly CompiledFunction[], logs: readonly LogSite[]): ElfSectionInput[] {
  const names = functions.map(
    (f) => [f.name, { registers: joinReads(f.names, f.instructions), frame: f.variables }] as const,
  );
  const lines = logs.map(encodeLogSite).join("");
  const data = Buffer.concat([encodeNames(new Map(names)), Buffer.from(lines, "utf8")]);
  return data.length === 0 ? [] : [{ name: NAMES_SECTION, flags: 0, align: 1, data }];
}

function textBytes(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\0`);
}

function functionSymbols(code: readonly CodeSection[]): readonly ElfSymbolInput[] {
  return code.flatMap(({ name, functions }, section) =>
    functions.map(({ function: f, offset }) => ({
      name: f.name,
      section,
      value: offset,
      size: f.instructions.length * 8,
      bind: name === subprogramSection && f.linkage === "static" ? SymbolBind.Local : SymbolBind.Global,
      type: SymbolType.Func,
    })),
  );
}

function mapSymbols(maps: readonly PlacedMap[], section: number): readonly ElfSymbolInput[] {
  return maps.map(({ map, offset, fields }) => ({
    name: map.name,
    section,
    value: offset,
    size: fields.length * 8,
    bind: SymbolBind.Global,
    type: SymbolType.Object,
  }));
}

function variableSymbols(data: readonly DataSection[], first: number): readonly ElfSymbolInput[] {
  return data.flatMap(({ variables }, index) =>
    variables.map(({ data: definition, offset }) => ({
      name: definition.name,
      section: first + index,
      value: offset,
      size: definition.initial.length,
      bind: definition.isPrivate === true ? SymbolBind.Local : SymbolBind.Global,
      type: SymbolType.Object,
    })),
  );
}

/** Undefined, without a type, as clang has them. */
function externSymbols({ externs }: Module): readonly ElfSymbolInput[] {
  return externs.map(({ name, weak }) => ({
    name,
    section: null,
    value: 0,
    size: 0,
    bind: weak === true ? SymbolBind.Weak : SymbolBind.Global,
    type: SymbolType.NoType,
  }));
}

/** libbpf takes the address of a static function as the section's own symbol and an offset in the instruction, as clang has it. */
function textSymbol(code: readonly CodeSection[]): readonly ElfSymbolInput[] {
  const section = code.findIndex(({ name }) => name === subprogramSection);
  const taken = code.some(({ functions }) =>
    functions.some(({ function: f }) =>
      f.relocations.some(({ instruction, symbol }) => symbol.kind === "function" && !isCall(f, instruction)),
    ),
  );
  if (!taken) return [];
  return [{ name: "", section, value: 0, size: 0, bind: SymbolBind.Local, type: SymbolType.Section }];
}

function isCall(f: CompiledFunction, instruction: number): boolean {
  return f.instructions[instruction]?.opcode === CALL_OPCODE;
}

function codeSection(
  { name, functions }: CodeSection,
  byteOrder: ByteOrder,
  symbolIndex: (name: string) => number,
  offsets: ReadonlyMap<string, number>,
): ElfSectionInput {
  const addresses = (f: CompiledFunction) =>
    new Map(
      f.relocations
        .filter(({ symbol, instruction }) => symbol.kind === "function" && !isCall(f, instruction))
        .map(({ instruction, symbol }) => [instruction, offsets.get(symbol.name) ?? 0]),
    );
  const instructions = functions.flatMap(({ function: f }) => {
    const taken = addresses(f);
    return f.instructions.map((each, index) => ({ ...each, imm: taken.get(index) ?? each.imm }));
  });
  const relocations = functions.flatMap(({ function: f, offset }) =>
    f.relocations.map(({ instruction, symbol }) => ({
      offset: offset + instruction * 8,
      type: isCall(f, instruction) ? RelocationType.Call32 : RelocationType.Map64,
      symbol: symbolIndex(symbol.kind === "function" && !isCall(f, instruction) ? "" : symbol.name),
    })),
  );
  const flags = SectionFlag.Alloc | SectionFlag.ExecInstr;
  return { name, flags, align: 8, data: encodeInstructions(instructions, byteOrder), relocations };
}

function mapSection(maps: readonly PlacedMap[]): ElfSectionInput {
  const size = maps.reduce((sum, { fields }) => sum + fields.length * 8, 0);
  return {
    name: ".maps",
    flags: SectionFlag.Alloc | SectionFlag.Write,
    align: 8,
    data: new Uint8Array(size),
  };
}

function dataSection({ name, variables, size, align }: DataSection): ElfSectionInput {
  const readOnly = name.startsWith(".rodata");
  const flags = SectionFlag.Alloc | (readOnly ? 0 : SectionFlag.Write);
  if (name.startsWith(".bss"))
    return { name, type: SectionType.Nobits, flags, align, data: new Uint8Array(0), size };
  const data = new Uint8Array(size);
  for (const { data: definition, offset } of variables) data.set(definition.initial, offset);
  return { name, flags, align, data };
}

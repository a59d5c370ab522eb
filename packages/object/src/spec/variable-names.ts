import type { Instruction } from "../isa/instruction.js";

/**
 * The section with the names of variables, for reports of the verifier's errors. Other loaders ignore it, as all `.debug_*`.
 * It is text, a line each, so that linking is joining; positions count from the start of the function named last:
 *
 *     F name                 a function
 *     R first last reg name  the register that instructions `first` to `last` read it in
 *     S offset size name     a place of the frame, in bytes from r10
 */
export const NAMES_SECTION = ".debug_waggle";

/** Names of the variables of one function. */
export interface FunctionNames {
  readonly registers: readonly {
    readonly first: number;
    readonly last: number;
    readonly register: number;
    readonly name: string;
  }[];
  readonly frame: readonly { readonly offset: number; readonly size: number; readonly name: string }[];
}

/** Writes the section. A name with white space is left out. */
export function encodeNames(functions: ReadonlyMap<string, FunctionNames>): Uint8Array {
  const lines: string[] = [];
  for (const [name, { registers, frame }] of functions) {
    if (registers.length === 0 && frame.length === 0) continue;
    lines.push(`F ${name}`);
    for (const one of registers) {
      if (!/\s/.test(one.name)) lines.push(`R ${one.first} ${one.last} ${one.register} ${one.name}`);
    }
    for (const one of frame) if (!/\s/.test(one.name)) lines.push(`S ${one.offset} ${one.size} ${one.name}`);
  }
  return new TextEncoder().encode(lines.map((line) => `${line}\n`).join(""));
}

/** Reads the section; lines that mean nothing are skipped, as they decide nothing. A function that comes twice has no names. */
export function parseNames(data: Uint8Array): ReadonlyMap<string, FunctionNames> {
  const functions = new Map<string, FunctionNames>();
  let registers: FunctionNames["registers"][number][] = [];
  let frame: FunctionNames["frame"][number][] = [];
  for (const line of new TextDecoder().decode(data).split(/[\n\0]/)) {
    const [kind, ...words] = line.split(" ");
    const [a, b, c] = words.map(Number);
    const name = words.at(-1) ?? "";
    if (kind === "F") {
      registers = [];
      frame = [];
      functions.set(name, functions.has(name) ? { registers: [], frame: [] } : { registers, frame });
    } else if (kind === "R" && words.length === 4 && isWhole(a) && isWhole(b) && isWhole(c)) {
      registers.push({ first: a, last: b, register: c, name });
    } else if (kind === "S" && words.length === 3 && isWhole(a) && isWhole(b)) {
      frame.push({ offset: a, size: b, name });
    }
  }
  return functions;
}

const isWhole = (value: number | undefined): value is number =>
  value !== undefined && Number.isSafeInteger(value);

/** Names of single reads as ranges: neighbours with one register and one name are joined. */
export function joinReads(
  reads: readonly { readonly instruction: number; readonly register: number; readonly name: string }[],
  instructions: readonly Instruction[],
): FunctionNames["registers"] {
  const ranges: { first: number; last: number; register: number; name: string }[] = [];
  for (const { instruction, register, name } of reads) {
    const open = ranges.findLast((range) => range.register === register);
    const next = open !== undefined && (open.last === instruction || open.last + 1 === instruction);
    const kept =
      open !== undefined && next && (open.last === instruction || instructions[open.last]?.dst !== register);
    if (open !== undefined && kept && open.name === name) open.last = instruction;
    else ranges.push({ first: instruction, last: instruction, register, name });
  }
  return ranges;
}

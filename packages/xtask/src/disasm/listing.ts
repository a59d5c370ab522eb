import type { ObjectSpec, ProgramSpec } from "@waggle/object";
import { disassemble, isWide } from "@waggle/object";

/** A program's instructions with what is known about each; `xtask disasm --json` prints a list of these. */
export interface Listing {
  readonly program: string;
  readonly section: string;
  readonly instructions: readonly ListedInstruction[];
}

export interface ListedInstruction {
  /** Slot number, as the kernel counts. The second slot of a 64-bit load is not listed. */
  readonly index: number;
  /** In the style of the kernel's verifier. */
  readonly text: string;
  /** Function that begins here; null elsewhere. */
  readonly function: string | null;
  /** Source line that begins here; null where the one before goes on. */
  readonly source: {
    readonly file: string;
    readonly line: number;
    readonly column: number;
    readonly text: string;
  } | null;
  /** Map whose address is loaded here, or null. */
  readonly map: string | null;
}

/** Disassembles the programs of an object, in its order. */
export function listPrograms(spec: ObjectSpec): Listing[] {
  return spec.programs.map((program) => listProgram(program, spec));
}

function listProgram(program: ProgramSpec, spec: ObjectSpec): Listing {
  const { functions, references, kernelCalls } = program;
  const texts = disassemble(program.instructions, {
    byteOrder: spec.byteOrder,
    functions,
    references,
    kernelCalls,
  });
  const functionAt = new Map(functions.map((each) => [each.instruction, each.name]));
  const lineAt = new Map(program.lines.map((each) => [each.instruction, each]));
  const mapAt = new Map(references.map((each) => [each.instruction, each.map]));
  const instructions: ListedInstruction[] = [];
  let last = "";
  for (let index = 0; index < program.instructions.length; index++) {
    const line = lineAt.get(index);
    const place = line === undefined ? last : `${line.file}:${line.line}:${line.column}`;
    const name = functionAt.get(index) ?? null;
    instructions.push({
      index,
      text: texts[index] ?? "",
      function: name,
      source:
        line === undefined || (place === last && name === null)
          ? null
          : { file: line.file, line: line.line, column: line.column, text: line.source.trim() },
      map: mapAt.get(index) ?? null,
    });
    last = place;
    const instruction = program.instructions[index];
    if (instruction !== undefined && isWide(instruction)) index++;
  }
  return { program: program.name, section: program.section, instructions };
}

/** How the parts of a listing are coloured. */
export interface ListingPaint {
  readonly label: (text: string) => string;
  readonly source: (text: string) => string;
}

/** Text of a listing: a label for each function, source lines as comments above their instructions. */
export function formatListing(listing: Listing, paint: ListingPaint): string {
  const last = listing.instructions.at(-1);
  const width = String(last?.index ?? 0).length + 2;
  const lines: string[] = [];
  for (const { index, text, function: name, source } of listing.instructions) {
    if (name !== null) {
      const section = index === 0 ? `  ${paint.source(`; section ${listing.section}`)}` : "";
      lines.push(...(index === 0 ? [] : [""]), `${paint.label(`${name}:`)}${section}`);
    }
    if (source !== null) {
      lines.push(paint.source(`; ${source.file}:${source.line}:${source.column}  ${source.text}`.trimEnd()));
    }
    lines.push(`${String(index).padStart(width)}: ${text}`);
  }
  return `${lines.join("\n")}\n`;
}

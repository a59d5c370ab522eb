import {
  type Btf,
  type BtfExt,
  encodeBtf,
  INSTRUCTION_SIZE,
  type ObjectSpec,
  type ProgramSpec,
} from "@waggle/object";
import { resultName, tryBpf } from "../sys/bpf.js";
import { Descriptor } from "../sys/descriptor.js";
import { withLockedMemory } from "../sys/memlock.js";
import { NativeMemory } from "../sys/memory.js";
import { BpfCommand } from "../sys/uapi.js";
import { extRecords, type InfoRecords } from "./ext-records.js";
import { forKernel, olderForms } from "./older-btf.js";

/** BTF in the kernel, with what each program hands over along with it. */
export interface LoadedBtf {
  readonly descriptor: Descriptor;
  readonly functions: ReadonlyMap<string, InfoRecords>;
  readonly lines: ReadonlyMap<string, InfoRecords>;
}

const LOG_SIZE = 64 * 1024;

// The kernel wants a function record for each subprogram or for none, the first at 0 (check_btf_func, verifier.c).
const describesEveryFunction = (program: ProgramSpec): boolean =>
  program.functions.length > 0 &&
  program.functions[0]?.instruction === 0 &&
  program.functions.every((f) => f.type !== null);

// It wants a line record at the start of each subprogram, or no lines (check_btf_line).
const describesEveryStart = (program: ProgramSpec): boolean => {
  const starts = new Set(program.lines.map((line) => line.instruction));
  return program.functions.every((f) => starts.has(f.instruction));
};

function extOf(programs: readonly ProgramSpec[]): BtfExt {
  const described = programs.filter(describesEveryFunction);
  return {
    relocations: [],
    functions: described.flatMap((program) =>
      program.functions.map((f) => ({
        section: program.name,
        offset: f.instruction * INSTRUCTION_SIZE,
        type: f.type ?? 0,
      })),
    ),
    lines: described.filter(describesEveryStart).flatMap((program) =>
      program.lines.map((line) => ({
        section: program.name,
        offset: line.instruction * INSTRUCTION_SIZE,
        file: line.file,
        source: line.source,
        line: line.line,
        column: line.column,
      })),
    ),
  };
}

function request(btf: NativeMemory, log: NativeMemory | null): NativeMemory {
  const attribute = new NativeMemory(28);
  attribute.setPointer(0, btf);
  attribute.setU32(16, btf.size);
  if (log !== null) {
    attribute.setPointer(8, log);
    attribute.setU32(20, log.size);
    attribute.setU32(24, 1);
  }
  return attribute;
}

/**
 * Loads an object's BTF (BPF_BTF_LOAD, Linux 4.18), on an older kernel without what that does not know yet. Programs and
 * maps work without BTF, so a kernel that rejects it is answered with the reason, which the app keeps.
 */
export function loadBtf(
  spec: ObjectSpec,
  programs: readonly ProgramSpec[],
): LoadedBtf | { readonly reason: string } {
  if (spec.btf === null) return { reason: "the object has no BTF" };
  const ext = extOf(programs);
  const btf = forKernel(spec.btf);
  const first = tryLoad(btf, ext, spec);
  if (!("reason" in first)) return first;
  for (const older of olderForms(btf)) {
    const answer = tryLoad(older.btf, ext, spec);
    if (!("reason" in answer)) return answer;
  }
  return first;
}

function tryLoad(btf: Btf, ext: BtfExt, spec: ObjectSpec): LoadedBtf | { readonly reason: string } {
  const encoded = encodeBtf(btf, ext, spec.byteOrder);
  const bytes = NativeMemory.from(encoded.btf);
  const fd = withLockedMemory(() => tryBpf(BpfCommand.BtfLoad, request(bytes, null)));
  if (fd < 0) {
    const log = new NativeMemory(LOG_SIZE);
    const again = tryBpf(BpfCommand.BtfLoad, request(bytes, log));
    if (again < 0) return { reason: `BPF_BTF_LOAD: ${resultName(fd)}. ${log.text().trim()}`.trim() };
    return loaded(again, encoded, spec);
  }
  return loaded(fd, encoded, spec);
}

function loaded(
  fd: number,
  encoded: { readonly btf: Uint8Array; readonly ext: Uint8Array | null },
  spec: ObjectSpec,
): LoadedBtf {
  const none: ReadonlyMap<string, InfoRecords> = new Map();
  const records =
    encoded.ext === null
      ? { functions: none, lines: none }
      : extRecords(encoded.btf, encoded.ext, spec.byteOrder);
  return { descriptor: new Descriptor(fd, "BTF"), ...records };
}

import { readFileSync } from "node:fs";
import { type ObjectSpec, type ProgramSpec, parseBtf, relocateProgram } from "@waggle/object";
import { asLoadError, LoadError } from "../errors/errors.js";

const VMLINUX = "/sys/kernel/btf/vmlinux";

/**
 * The programs with their CO-RE relocations done for the running kernel, whose types are read only when one has some.
 *
 * @throws LoadError "unsupported-relocation" when the kernel does not tell its types, or a record cannot be right
 */
export function relocateAll(spec: ObjectSpec, programs: readonly ProgramSpec[]): readonly ProgramSpec[] {
  const { btf } = spec;
  const first = programs.find((program) => program.coreRelocations.length > 0);
  if (first === undefined) return programs;
  if (btf === null) {
    throw new LoadError(
      "unsupported-relocation",
      `program ${first.name} has CO-RE relocations, but the object has no BTF that tells what they are about.`,
    );
  }
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(VMLINUX);
  } catch {
    throw new LoadError(
      "unsupported-relocation",
      `program ${first.name} reads kernel structs, whose layout this kernel does not tell: ${VMLINUX} cannot be read. ` +
        "It needs Linux 5.2 or newer, built with CONFIG_DEBUG_INFO_BTF.",
    );
  }
  return asLoadError(() => {
    const target = parseBtf(bytes).btf;
    return programs.map((program) => ({
      ...program,
      instructions: relocateProgram(program, btf, target, spec.byteOrder),
    }));
  });
}

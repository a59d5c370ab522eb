import { readFileSync } from "node:fs";
import {
  type Btf,
  findType,
  kernelFactOf,
  nearest,
  type ObjectSpec,
  openBtf,
  POISON_HELPER,
  type ProgramSpec,
  relocateProgram,
} from "@waggle/object";
import { asLoadError, LoadError } from "../errors/errors.js";
import { thisMachine } from "../sys/machine.js";

const VMLINUX = "/sys/kernel/btf/vmlinux";
/** Those of this kernel, which stay as they are for as long as it runs. */
let known: Btf | null = null;

/** Types of the running kernel; `why` says what asks for them. */
export function kernelTypes(why: string): Btf {
  if (known !== null) return known;
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(VMLINUX);
  } catch {
    throw new LoadError(
      "unsupported-relocation",
      `${why}, which this kernel does not tell: ${VMLINUX} cannot be read. ` +
        "It needs Linux 5.2 or newer, built with CONFIG_DEBUG_INFO_BTF.",
    );
  }
  known = asLoadError(() => openBtf(bytes, VMLINUX));
  return known;
}

/**
 * The programs with what they ask of the running kernel filled in: CO-RE relocations and the ids of the kernel functions that
 * they call. The kernel's types are read only when one asks.
 *
 * @throws LoadError "unsupported-relocation" when the kernel does not tell its types, has no such function, or a record
 * cannot be right
 */
export function resolveKernelTypes(
  spec: ObjectSpec,
  programs: readonly ProgramSpec[],
): readonly ProgramSpec[] {
  const asked = new Set(
    spec.maps
      .flatMap(({ data }) => data?.variables ?? [])
      .map(({ name }) => kernelFactOf(name))
      .flatMap((fact) => (fact?.kind === "kfunc" ? [fact.about] : [])),
  );
  return programs.map((program) => withKernelCalls(relocated(spec, program), asked));
}

function relocated(spec: ObjectSpec, program: ProgramSpec): ProgramSpec {
  const { btf } = spec;
  if (program.coreRelocations.length === 0) return program;
  if (btf === null) {
    throw new LoadError(
      "unsupported-relocation",
      `program ${program.name} has CO-RE relocations, but the object has no BTF that tells what they are about.`,
    );
  }
  const target = kernelTypes(`program ${program.name} reads kernel structs, whose layout`);
  return asLoadError(() => ({
    ...program,
    instructions: relocateProgram(program, btf, target, spec.byteOrder),
  }));
}

/** Functions that the program asks about (`asked`) are called only where the kernel has them: elsewhere the call is never reached. */
function withKernelCalls(program: ProgramSpec, asked: ReadonlySet<string>): ProgramSpec {
  const calls = program.kernelCalls ?? [];
  if (calls.length === 0) return program;
  const target = kernelTypes(`program ${program.name} calls functions of the kernel, whose numbers`);
  const instructions = [...program.instructions];
  for (const { instruction, name } of calls) {
    const call = instructions[instruction];
    const id = asLoadError(() => findType(target, "function", name));
    if (id === null && call !== undefined && asked.has(name)) {
      instructions[instruction] = { ...call, src: 0, imm: POISON_HELPER, offset: 0 };
      continue;
    }
    if (id === null || call === undefined) throw noFunction(program, name, target);
    instructions[instruction] = { ...call, imm: id, offset: 0 };
  }
  return { ...program, instructions };
}

function noFunction(program: ProgramSpec, name: string, target: Btf): LoadError {
  const functions = target.types.flatMap((type) => (type.kind === "function" ? [type.name] : []));
  const close = nearest(name, functions);
  return new LoadError(
    "unsupported-relocation",
    `program ${program.name} calls the kernel's ${name}, and Linux ${thisMachine().release} has no such function` +
      `${close === null ? "" : ` (it has ${close})`}. A newer kernel may have it; functions of kernel modules cannot be called yet.`,
  );
}

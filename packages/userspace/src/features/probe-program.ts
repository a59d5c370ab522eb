/** The smallest programs of each kind, loaded to see what the kernel says. */
import {
  EXIT_OPCODE,
  hostByteOrder,
  type Instruction,
  type ObjectSpec,
  type ProgramKindRow,
  type SectionDefinition,
  sectionDefinitions,
} from "@waggle/object";

/** Something of every kernel that programs of the kind can be loaded for. */
const targets: Readonly<Record<string, string>> = {
  "btf-tracepoint": "sched_switch",
  fentry: "vfs_read",
  fexit: "vfs_read",
  fsession: "vfs_read",
  "fmod-ret": "security_file_open",
  lsm: "file_open",
  "lsm-cgroup": "socket_bind",
  iter: "task",
};

/** What those return that must not return 0. */
const results: Readonly<Record<string, number>> = {
  BPF_CGROUP_UDP4_RECVMSG: 1,
  BPF_CGROUP_INET4_GETPEERNAME: 1,
  BPF_CGROUP_INET4_GETSOCKNAME: 1,
};

/** `r0 = imm`. */
const MOVE = 0xb7;

const instruction = (opcode: number, imm = 0): Instruction => ({ opcode, dst: 0, src: 0, offset: 0, imm });

/** The section that programs of a kind are loaded by, without anything special. */
export const sectionOf = (kind: ProgramKindRow): SectionDefinition | null =>
  sectionDefinitions.find((row) => row.kind === kind && !row.sleepable && !row.frags) ??
  sectionDefinitions.find((row) => row.kind === kind) ??
  null;

/** An object with a program of the kind that does nothing, or that begins with the given code. */
export function probeObject(
  kind: ProgramKindRow,
  section: SectionDefinition,
  before: readonly Instruction[] = [],
  license = "GPL",
): ObjectSpec {
  const attachTarget = targets[kind.name] ?? null;
  return {
    byteOrder: hostByteOrder,
    license,
    btf: null,
    maps: [],
    programs: [
      {
        name: "waggle_probe",
        section: section.prefix,
        type: kind.type,
        kind,
        expectedAttachType: section.expectedAttachType,
        attachTarget,
        flags: section.programFlags,
        instructions: [
          ...before,
          instruction(MOVE, results[section.attachType ?? ""] ?? 0),
          instruction(EXIT_OPCODE),
        ],
        references: [],
        coreRelocations: [],
        functions: [],
        lines: [],
      },
    ],
  };
}

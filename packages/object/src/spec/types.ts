import type { Btf, BtfCoreRelocation, TypeId } from "../btf/types.js";
import type { ByteOrder } from "../byte-order.js";
import type { MapTypeRow } from "../interface/map-types.js";
import type { ProgramKindRow } from "../interface/program-kinds.js";
import type { ProgramTypeRow } from "../interface/program-types.js";
import type { Instruction } from "../isa/instruction.js";
import type { LogSite } from "../log/site.js";
import type { FunctionNames } from "./variable-names.js";

/**
 * What an object holds, read without privileges and without a kernel: the loader and the in-process machine both start
 * from it. It is plain readonly data; to change a map's size or a config value, copy with changes.
 */
export interface ObjectSpec {
  readonly byteOrder: ByteOrder;
  /** Content of the `license` section; "" when there is none. */
  readonly license: string;
  readonly btf: Btf | null;
  readonly programs: readonly ProgramSpec[];
  /** Maps of `.maps`, then one array map for each data section that programs use (`.rodata`, `.data`, `.bss`, …). */
  readonly maps: readonly MapSpec[];
  /** Programs that are loaded only when asked for (`SEC("?…")`) and whose section names no program type: asking for one is an error. Absent when none. */
  readonly untypedPrograms?: readonly { readonly name: string; readonly problem: string }[];
  /** Where programs send messages from, by number; absent where they send none. */
  readonly logs?: ReadonlyMap<number, LogSite>;
}

export interface ProgramSpec {
  /** Name of the function. */
  readonly name: string;
  /** ELF section name, e.g. `xdp` or `tracepoint/syscalls/sys_enter_execve`. */
  readonly section: string;
  readonly type: ProgramTypeRow;
  /** What users know it as: kinds of one type are told apart by how they are attached. */
  readonly kind: ProgramKindRow;
  /** `BPF_*` expected attach type of linux/bpf.h; 0 when the type has none. */
  readonly expectedAttachType: number;
  /** What follows the program type in the section name, e.g. `syscalls/sys_enter_execve`; null when nothing does. */
  readonly attachTarget: string | null;
  /** `BPF_F_SLEEPABLE`, `BPF_F_XDP_HAS_FRAGS`, … as the section name asks. */
  readonly flags: number;
  /** Loaded only when it is asked for by its name: its section starts with `?`. Absent for the others. */
  readonly autoload?: false;
  /** The program with every subprogram it reaches appended; calls between them are resolved. */
  readonly instructions: readonly Instruction[];
  /** Loads of map and data addresses that are still to be patched by whoever runs the program. */
  readonly references: readonly MapReference[];
  /** CO-RE relocations; `instruction` replaces the byte offset. */
  readonly coreRelocations: readonly (BtfCoreRelocation & { readonly instruction: number })[];
  /** Calls of kernel functions (`BPF_PSEUDO_KFUNC_CALL`): whoever loads the program puts the BTF id of the function into `imm`. */
  readonly kernelCalls?: readonly { readonly instruction: number; readonly name: string }[];
  /** Functions in `instructions`, the program itself first at 0, by first instruction, ascending. */
  readonly functions: readonly {
    readonly instruction: number;
    readonly name: string;
    readonly type: TypeId | null;
  }[];
  /** Source lines, by instruction, ascending. */
  readonly lines: readonly LineSpec[];
  /** Names of variables, by function; absent in objects without the section `.debug_waggle`. */
  readonly names?: ReadonlyMap<string, FunctionNames>;
}

export interface LineSpec {
  readonly instruction: number;
  readonly file: string;
  readonly source: string;
  readonly line: number;
  readonly column: number;
}

/** `instructions[instruction]` is a 64-bit immediate load that takes the address of a map, or of a place in its value. */
export interface MapReference {
  readonly instruction: number;
  /** Name of a `MapSpec`. */
  readonly map: string;
  /**
   * null: the map itself. A number: bytes into its first value. The instruction says so already (`BPF_PSEUDO_MAP_FD` or
   * `BPF_PSEUDO_MAP_VALUE`, the offset in its second slot): whoever loads it puts the descriptor into `imm` of the first.
   */
  readonly valueOffset: number | null;
}

export interface MapSpec {
  readonly name: string;
  readonly type: MapTypeRow;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  /** `BPF_F_*` of linux/bpf.h. */
  readonly flags: number;
  readonly keyType: TypeId | null;
  readonly valueType: TypeId | null;
  /** "by-name": pinned under the default directory by its name (`LIBBPF_PIN_BY_NAME`). */
  readonly pinning: "none" | "by-name";
  /** Set for a data section: its first content and the variables in it. */
  readonly data: DataSectionSpec | null;
  /** NUMA node to allocate on; absent when the definition names none. */
  readonly numaNode?: number;
  /** `map_extra` of `BPF_MAP_CREATE` (Linux 5.16), e.g. the hash functions of a Bloom filter; absent when not given. */
  readonly mapExtra?: bigint;
  /** What each map in this map of maps is like; absent for others. */
  readonly inner?: MapSpec;
  /** First values of a map of maps or of a program array: `name` is a `MapSpec` or `ProgramSpec`. Absent when none. */
  readonly slots?: readonly { readonly index: number; readonly name: string }[];
}

export interface DataSectionSpec {
  /** ELF section name, e.g. `.rodata`. */
  readonly section: string;
  readonly readOnly: boolean;
  /** Its first bytes; those behind are zero. A section that is all zero has none, however large it is. */
  readonly initial: Uint8Array;
  readonly variables: readonly DataVariable[];
}

export interface DataVariable {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  readonly type: TypeId;
  /** BTF says that it is static: of the object alone, and not for user space. Absent means that it is not. */
  readonly isPrivate?: true;
}

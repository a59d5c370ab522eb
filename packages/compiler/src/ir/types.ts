/**
 * The intermediate representation: typed SSA. A function is a list of basic blocks; a block has parameters instead of
 * phis, then instructions, then one terminator that passes arguments to its successors. `docs/ir.md` is its written form.
 *
 * Values are `i32`, `i64` or `ptr` (BPF's registers; narrower integers exist in memory only and are kept zero- or
 * sign-extended in an `i32` by the frontend, which emits the extension where a result may overflow its type).
 */
import type { LogSite } from "@waggle/object";
import type { DataType, HasTags } from "../types/data-type.js";

declare const valueBrand: unique symbol;
declare const blockBrand: unique symbol;
declare const slotBrand: unique symbol;
/** Names a value within its function: a block parameter or the result of an instruction. */
export type ValueId = number & { readonly [valueBrand]: true };
/** Names a block within its function. */
export type BlockId = number & { readonly [blockBrand]: true };
/** Names a stack slot within its function. */
export type SlotId = number & { readonly [slotBrand]: true };

export type IrType = "i32" | "i64" | "ptr";

/** A place in the source, for line info and diagnostics. Line and column count from 1. */
export interface SourceLocation {
  /** Index into `Module.sources`. */
  readonly file: number;
  readonly line: number;
  readonly column: number;
}

/** Both operands and the result have one type, i32 or i64. Shifts take the amount modulo the width. Division by zero gives 0, modulo by zero the dividend. */
export type BinaryOp =
  | "add"
  | "sub"
  | "mul"
  | "udiv"
  | "sdiv"
  | "umod"
  | "smod"
  | "and"
  | "or"
  | "xor"
  | "shl"
  | "lshr"
  | "ashr";
/** Operands have one type, any; the result is an i32, 0 or 1. Pointers compare with eq, ne and the unsigned orders. */
export type CompareOp = "eq" | "ne" | "ult" | "ule" | "ugt" | "uge" | "slt" | "sle" | "sgt" | "sge";
/**
 * neg, and the extensions of the low 8 or 16 bits in place: type to same type. zext32 and sext32: i32 to i64. trunc32:
 * i64 to i32. ptrtoint: ptr to i64. be16 and be32 (i32 to i32; be16 zero-extends its low 16 bits) and be64 (i64): host
 * order to big-endian or back, which is a swap on a little-endian target and nothing on a big-endian one. opaque (i64): the same number, of
 * which the verifier knows nothing.
 */
export type UnaryOp =
  | "neg"
  | "zext8"
  | "zext16"
  | "sext8"
  | "sext16"
  | "zext32"
  | "sext32"
  | "trunc32"
  | "ptrtoint"
  | "be16"
  | "be32"
  | "be64"
  | "opaque";
/**
 * What memory an access touches, as far as the frontend knows: passes may only reorder or merge what this allows. `kernel` is memory of
 * the kernel through a pointer that the verifier trusts: loads only, which never fault.
 */
export type Region = "stack" | "context" | "packet" | "map" | "readonly" | "kernel" | "unknown";
export type AtomicOp = "add" | "and" | "or" | "xor" | "exchange";

/** A question to the kernel that loads the object, answered by its loader from BTF (CO-RE). */
export interface CoreRelocation {
  /** `enum bpf_core_relo_kind` of linux/bpf.h. */
  readonly kind: number;
  /** The type that `access` starts at. */
  readonly root: DataType;
  /** Indexes of members and elements, "0:1:2", or of an enumerator, "3". */
  readonly access: string;
  /** The number for the type as the source declares it: what the instruction holds before it is relocated. */
  readonly fallback: bigint;
}

/** `result` is null for instructions without one. All operand ids precede their use (dominate it). */
export type Instruction = {
  readonly result: ValueId | null;
  readonly location: SourceLocation | null;
} & Operation;

export type Operation =
  /** i32 or i64, wrapped with BigInt.asUintN; ptr only with 0n (null). */
  | { readonly op: "const"; readonly type: IrType; readonly value: bigint }
  | {
      readonly op: "binary";
      readonly operator: BinaryOp;
      readonly type: "i32" | "i64";
      readonly left: ValueId;
      readonly right: ValueId;
    }
  | { readonly op: "compare"; readonly operator: CompareOp; readonly left: ValueId; readonly right: ValueId }
  | { readonly op: "unary"; readonly operator: UnaryOp; readonly type: IrType; readonly operand: ValueId }
  /** Pointer plus signed i64 bytes. The pointer stays on the left: the verifier knows `pointer += scalar` only. */
  | { readonly op: "offset"; readonly pointer: ValueId; readonly bytes: ValueId }
  /** Reads `width` bytes at `pointer + displacement`, zero- or (when `signed`) sign-extended to `type`. A context's packet pointers are 4 bytes wide in memory and `ptr` in type. */
  | {
      readonly op: "load";
      readonly type: IrType;
      readonly width: 1 | 2 | 4 | 8;
      readonly signed: boolean;
      readonly pointer: ValueId;
      readonly displacement: number;
      readonly region: Region;
    }
  /** Writes the low `width` bytes of `value`. */
  | {
      readonly op: "store";
      readonly width: 1 | 2 | 4 | 8;
      readonly pointer: ValueId;
      readonly displacement: number;
      readonly value: ValueId;
      readonly region: Region;
    }
  /** Atomic read-modify-write of 4 or 8 bytes. `result` (the old value) needs cpu v3; null works everywhere for "add". */
  | {
      readonly op: "atomic";
      readonly operator: AtomicOp;
      readonly type: "i32" | "i64";
      readonly pointer: ValueId;
      readonly displacement: number;
      readonly value: ValueId;
    }
  /** Atomic compare-and-exchange of 4 or 8 bytes: `value` is written when `expected` is there; the result is the old value. Cpu v3. */
  | {
      readonly op: "compare-exchange";
      readonly type: "i32" | "i64";
      readonly pointer: ValueId;
      readonly displacement: number;
      readonly expected: ValueId;
      readonly value: ValueId;
    }
  /** Sets `size` bytes to zero. `align` is what is known of the address; 8 for slots and map values. */
  | {
      readonly op: "zero";
      readonly pointer: ValueId;
      readonly displacement: number;
      readonly size: number;
      readonly align: number;
      readonly region: Region;
    }
  /** Copies `size` bytes between places that do not overlap. */
  | {
      readonly op: "copy";
      readonly target: ValueId;
      readonly source: ValueId;
      readonly size: number;
      readonly align: number;
      readonly targetRegion: Region;
      readonly sourceRegion: Region;
    }
  /** Address of a stack slot. */
  | { readonly op: "slot"; readonly slot: SlotId }
  /** Address of a map (`MapDefinition.name`) for helper arguments. */
  | { readonly op: "map"; readonly map: string }
  /** Address of a global variable (`DataDefinition.name`). Never null. */
  | { readonly op: "global"; readonly data: string }
  /** Address of a static subprogram of this module, for helpers that call back (Linux 5.13). */
  | { readonly op: "function"; readonly function: string }
  /** The number that the loader puts here. */
  | { readonly op: "relocated"; readonly type: "i32" | "i64"; readonly relocation: CoreRelocation }
  /**
   * What a loop over a map has in this turn: whether there is one (i32), and the addresses of the element's key and value. Only in loops
   * whose hint has a driver of kind "map"; `loops-to-callbacks` replaces it.
   */
  | { readonly op: "element"; readonly part: "more" | "key" | "value"; readonly map: string }
  /** A kernel helper by its UAPI name, up to 5 arguments. `type` is that of the result; null when it is not used or has none. */
  | {
      readonly op: "helper";
      readonly helper: string;
      readonly type: IrType | null;
      readonly args: readonly ValueId[];
    }
  /** A function of the kernel (`Module.externs`), up to 5 arguments. `type` as a helper's. */
  | {
      readonly op: "kfunc";
      readonly name: string;
      readonly type: IrType | null;
      readonly args: readonly ValueId[];
    }
  /** A function of this module, up to 5 arguments. */
  | {
      readonly op: "call";
      readonly callee: string;
      readonly type: IrType | null;
      readonly args: readonly ValueId[];
    };

export interface Target {
  readonly block: BlockId;
  readonly args: readonly ValueId[];
}
export type Terminator = { readonly location: SourceLocation | null } & (
  | { readonly op: "jump"; readonly target: Target }
  /** `condition` is an i32 or i64; not zero goes to `then`. */
  | { readonly op: "branch"; readonly condition: ValueId; readonly then: Target; readonly else: Target }
  | { readonly op: "return"; readonly value: ValueId | null }
  | { readonly op: "unreachable" }
);

export interface BlockParam {
  readonly id: ValueId;
  readonly type: IrType;
}
export interface Block {
  readonly id: BlockId;
  readonly params: readonly BlockParam[];
  readonly instructions: readonly Instruction[];
  readonly terminator: Terminator;
}

/** A piece of stack. Its bytes are undefined until written. */
export interface Slot {
  readonly id: SlotId;
  /** The variable it holds, for diagnostics. */
  readonly name: string;
  readonly size: number;
  readonly align: 1 | 2 | 4 | 8;
}

/** What decides how often a loop goes round, where the form of the loop makes use of it. */
export type LoopDriver =
  /**
   * `index` is the one parameter of the header, an i32 or i64 that is 0 at first and 1 more each turn; the header ends in a branch on
   * `ult index, count`, whose first side is the body. `count` has the index's type and is computed before the loop.
   */
  | { readonly kind: "loop"; readonly index: ValueId; readonly count: ValueId }
  /** The header has only an `element.more` of the map and a branch on it, whose first side is the body. */
  | { readonly kind: "map"; readonly map: string };

/**
 * How a natural loop is to be made. A loop without a hint stays as it is, as does one with "bounded". "unroll" needs `turns`, "callback"
 * Linux 5.17 (5.13 with a map), "iterator" Linux 6.4.
 */
export interface LoopHint {
  /** Dominates the loop's blocks; every back edge goes to it. */
  readonly header: BlockId;
  readonly form: "unroll" | "bounded" | "callback" | "iterator";
  /** The most turns of the body; null when that is not known. */
  readonly turns: bigint | null;
  readonly driver: LoopDriver | null;
  readonly location: SourceLocation | null;
}

/** A parameter as BTF has it. */
export interface Parameter extends HasTags {
  readonly name: string;
  readonly type: DataType;
}

/** Blocks in a printable order, the entry first: its params are the function's. */
export interface IrFunction extends HasTags {
  readonly name: string;
  /** ELF section of a program, e.g. `xdp`; null for a subprogram (`.text`). */
  readonly section: string | null;
  /** "global": a subprogram that the verifier checks on its own, whatever its callers pass. Programs are global in any case. */
  readonly linkage: "static" | "global";
  /** Hint and command: "always" must be inlined, "never" must not, "auto" leaves it to the pass. */
  readonly inline: "always" | "never" | "auto";
  readonly returns: IrType | null;
  /** The BTF prototype. A program's context parameter is a pointer to the kernel's context struct. */
  readonly prototype: {
    readonly params: readonly Parameter[];
    readonly returns: DataType | null;
  };
  readonly location: SourceLocation | null;
  /** Empty after the passes that make loops. */
  readonly loops: readonly LoopHint[];
  readonly slots: readonly Slot[];
  readonly blocks: readonly Block[];
  /** Source variables that values hold, for reports of the verifier's errors. Not part of the text form; a hint that passes may lose. */
  readonly names?: ReadonlyMap<ValueId, string>;
}

/** A function of the kernel that the module calls. */
export interface ExternDefinition {
  readonly name: string;
  readonly prototype: IrFunction["prototype"];
  /** Whether the object loads where the kernel does not have it; not part of the text form. Absent means that it does not. */
  readonly weak?: boolean;
}

export interface MapDefinition extends HasTags {
  readonly name: string;
  /** `MapTypeRow.name` of @waggle/object, e.g. "lru-hash". */
  readonly type: string;
  /** null for kinds without keys or values (ring buffers). */
  readonly key: DataType | null;
  readonly value: DataType | null;
  readonly maxEntries: number;
  readonly flags: number;
  readonly pinned: boolean;
  /** Types that readers need in BTF though the map has no key or value: a ring buffer's record. */
  readonly record: DataType | null;
  /** `map_extra` of linux/bpf.h, such as the hash functions of a Bloom filter; absent means 0. */
  readonly extra?: number;
  /** Of a map of maps: what each is like. */
  readonly inner?: MapDefinition;
  readonly location: SourceLocation | null;
}

export interface DataDefinition extends HasTags {
  readonly name: string;
  /** `.rodata` for `@config` constants, `.data`, `.bss`. */
  readonly section: string;
  readonly type: DataType;
  /** Initial content in the target's byte order, as long as the type. */
  readonly initial: Uint8Array;
  /** Whether programs or user space may write it while programs run. */
  readonly mutable: boolean;
  /** Of the object alone: no symbol of other objects, and not for user space. Absent means that it is not. */
  readonly isPrivate?: boolean;
}

/** One kernel class: what becomes one object. */
export interface Module {
  readonly name: string;
  readonly license: string;
  readonly sources: readonly { readonly path: string; readonly text: string }[];
  readonly functions: readonly IrFunction[];
  readonly maps: readonly MapDefinition[];
  readonly data: readonly DataDefinition[];
  readonly externs: readonly ExternDefinition[];
  /** Where messages are sent from; not part of the text form. */
  readonly logs?: readonly LogSite[];
}

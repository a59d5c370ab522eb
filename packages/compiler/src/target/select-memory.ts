/** Selection of loads, stores, atomics, and of zeroing and copying as sequences of the widest aligned accesses. */
import { AtomicOp } from "@waggle/object";
import type { CoreRelocation, AtomicOp as IrAtomicOp, Operation, Region, ValueId } from "../ir/types.js";
import type { AccessWidth, Register } from "./machine.js";
import { fitsImmediate, frameRegister, resultRegister } from "./machine.js";
import { forget, type Step, signExtend64, unaryRows, zeroExtend32 } from "./select-rows.js";
import type { Selection } from "./selection.js";
import {
  addressOf,
  constantOf,
  emit,
  emitConverted,
  emitSteps,
  homeOf,
  newRegister,
  readInto,
  readRegister,
} from "./selection.js";
import { TargetError, type TargetOptions, targetErrorCodes } from "./target-error.js";

type Of<Op extends Operation["op"]> = Extract<Operation, { readonly op: Op }>;

/** `BPF_CORE_ENUMVAL_EXISTS` of linux/bpf.h: the kinds from here on speak of enumerators. */
const firstEnumeratorKind = 10;

/** More accesses than this in one `zero` or `copy` are refused: the program would be mostly copying. */
const maxUnrolled = 1024;

export function selectLoad(s: Selection, result: ValueId, load: Of<"load">): void {
  const dst = homeOf(s, result);
  const { base, displacement } = addressOf(s, load.pointer, load.displacement, load.width);
  const { width } = load;
  // The kernel rewrites context accesses and does so for plain loads everywhere.
  const native =
    load.signed && load.type === "i64" && width < 8 && s.options.cpu >= 4 && load.region !== "context";
  emit(s, { op: "load", dst, base, offset: displacement, width, signed: native });
  if (load.type !== "ptr" && !followsLoad(s, base, load.region)) {
    emitSteps(s, dst, forget(s.options));
    if (!load.signed && width !== 8) emitSteps(s, dst, zeroExtensionOf(width, s.options));
  }
  if (load.type === "i32" && width === 8) emitSteps(s, dst, zeroExtend32(s.options));
  if (!load.signed || native || width === 8) return;
  if (load.type === "i64") emitSteps(s, dst, signExtend64(bitsOf(width), s.options));
  else if (width < 4) emitSteps(s, dst, unaryRows[width === 1 ? "sext8" : "sext16"]("i32", s.options));
}

/** Whether every verifier follows what a load gives (see verifier/stack-pointers.ts). */
function followsLoad(s: Selection, base: Register, region: Region): boolean {
  if (s.options.followsStackPointers !== false || base === frameRegister) return true;
  return region !== "stack" && region !== "unknown";
}

function zeroExtensionOf(width: 1 | 2 | 4, options: TargetOptions): readonly Step[] {
  return width === 4 ? zeroExtend32(options) : unaryRows[width === 1 ? "zext8" : "zext16"]("i32", options);
}

function bitsOf(width: 1 | 2 | 4): 8 | 16 | 32 {
  return width === 1 ? 8 : width === 2 ? 16 : 32;
}

export function selectStore(s: Selection, store: Of<"store">): void {
  const { width } = store;
  const constant = constantOf(s, store.value);
  // Immediate stores to the context are refused by the verifier.
  const immediate =
    constant !== null && store.region !== "context" && (width < 8 || fitsImmediate(constant))
      ? BigInt.asIntN(32, constant)
      : null;
  const src = immediate ?? readRegister(s, store.value);
  const { base, displacement } = addressOf(s, store.pointer, store.displacement, width);
  emit(s, { op: "store", base, offset: displacement, width, src });
}

const atomicOperators: Readonly<Record<IrAtomicOp, number>> = {
  add: AtomicOp.Add,
  and: AtomicOp.And,
  or: AtomicOp.Or,
  xor: AtomicOp.Xor,
  exchange: AtomicOp.Xchg,
};

/** @throws TargetError WG3003 for what only cpu v3 has */
export function selectAtomic(s: Selection, result: ValueId | null, atomic: Of<"atomic">): void {
  const { operator } = atomic;
  const fetches = result !== null || operator === "exchange";
  if ((fetches || operator !== "add") && s.options.cpu < 3) {
    throw new TargetError(
      targetErrorCodes.needsNewerCpu,
      `an atomic \`${operator}\`${fetches ? " that gives the old value" : ""} needs cpu v3`,
      s.location,
      ["v3 is Linux 5.12 and newer"],
      "target cpu v3, or add atomically without using the result",
    );
  }
  const width = atomic.type === "i32" ? 4 : 8;
  const { base, displacement } = addressOf(s, atomic.pointer, atomic.displacement, width);
  const src = fetches ? newRegister(s) : readRegister(s, atomic.value);
  if (fetches) readInto(s, src, atomic.value);
  const code = atomicOperators[operator] | (fetches ? AtomicOp.Fetch : 0);
  emit(s, { op: "atomic", base, offset: displacement, width, operator: code, src, fetches });
  if (result !== null) emit(s, { op: "move", dst: homeOf(s, result), src });
}

/**
 * The instruction compares with r0 and leaves the old value there.
 * @throws TargetError WG3003 before cpu v3
 */
export function selectCompareExchange(s: Selection, result: ValueId, exchange: Of<"compare-exchange">): void {
  if (s.options.cpu < 3) {
    throw new TargetError(
      targetErrorCodes.needsNewerCpu,
      "an atomic `compareExchange` needs cpu v3",
      s.location,
      ["v3 is Linux 5.12 and newer"],
      "target cpu v3",
    );
  }
  const width = exchange.type === "i32" ? 4 : 8;
  const { base, displacement } = addressOf(s, exchange.pointer, exchange.displacement, width);
  const src = readRegister(s, exchange.value);
  readInto(s, resultRegister, exchange.expected);
  emit(s, { op: "compare-exchange", base, offset: displacement, width, src });
  emit(s, { op: "move", dst: homeOf(s, result), src: resultRegister });
}

/** libbpf patches the immediate of a move, or both of a 64-bit load; clang loads the values of enumerators in the second way. */
export function selectRelocated(
  s: Selection,
  result: ValueId,
  type: "i32" | "i64",
  relocation: CoreRelocation,
): void {
  const wide = type === "i64";
  const long = wide && (relocation.kind >= firstEnumeratorKind || !fitsImmediate(relocation.fallback));
  emit(s, { op: "relocated", dst: homeOf(s, result), wide, long, relocation });
}

interface Piece {
  readonly offset: number;
  readonly width: AccessWidth;
}

/** Cuts `size` bytes at an address that is `align`-aligned into the widest accesses that stay aligned. */
function pieces(s: Selection, size: number, align: number, what: string): readonly Piece[] {
  const list: Piece[] = [];
  const widths = [8, 4, 2, 1] as const;
  for (let offset = 0; offset < size; ) {
    const width = widths.find((w) => w <= align && offset % w === 0 && offset + w <= size) ?? 1;
    list.push({ offset, width });
    offset += width;
    if (list.length > maxUnrolled) {
      throw new TargetError(
        targetErrorCodes.tooLargeToCopy,
        `${what} ${size} bytes at once takes more than ${maxUnrolled} instructions`,
        s.location,
        [`what is known of the address allows accesses of ${align} bytes`],
        "work on a smaller part, or keep the value in a map and change it in place",
      );
    }
  }
  return list;
}

/** What is known of an address: the IR's word, or the frame's when it lies there. */
function alignOf(s: Selection, pointer: ValueId, displacement: number, known: number): number {
  let total = displacement;
  let current = pointer;
  for (;;) {
    const definition = s.definitions.get(current);
    if (definition?.op === "offset") {
      const bytes = constantOf(s, definition.bytes);
      if (bytes === null) return known;
      total += Number(BigInt.asIntN(64, bytes));
      current = definition.pointer;
    } else if (definition?.op === "slot") {
      const align = s.frame.aligns.get(definition.slot) ?? 1;
      const lowest = total === 0 ? align : Math.min(align, total & -total);
      return Math.max(known, lowest);
    } else return known;
  }
}

export function selectZero(s: Selection, zero: Of<"zero">): void {
  const align = alignOf(s, zero.pointer, zero.displacement, zero.align);
  const list = pieces(s, zero.size, align, "zeroing");
  const { base, displacement } = addressOf(s, zero.pointer, zero.displacement, zero.size);
  for (const { offset, width } of list) {
    emit(s, { op: "store", base, offset: displacement + offset, width, src: 0n });
  }
}

export function selectCopy(s: Selection, copy: Of<"copy">): void {
  const align = Math.min(alignOf(s, copy.target, 0, copy.align), alignOf(s, copy.source, 0, copy.align));
  const list = pieces(s, copy.size, align, "copying");
  const source = addressOf(s, copy.source, 0, copy.size);
  const target = addressOf(s, copy.target, 0, copy.size);
  for (const { offset, width } of list) {
    const moved = newRegister(s);
    emit(s, {
      op: "load",
      dst: moved,
      base: source.base,
      offset: source.displacement + offset,
      width,
      signed: false,
    });
    if (!followsLoad(s, source.base, copy.sourceRegion)) emitSteps(s, moved, forget(s.options));
    emit(s, { op: "store", base: target.base, offset: target.displacement + offset, width, src: moved });
  }
}

/** The address of a variable or, for a variable offset, pointer plus scalar in that order: the verifier knows no other. */
export function selectGlobal(s: Selection, result: ValueId, name: string): void {
  emit(s, { op: "address", dst: homeOf(s, result), symbol: { kind: "global", name } });
}

/** Turns what a call left in r0, or a parameter, into a clean value of its type. */
export function receive(s: Selection, result: ValueId, from: Parameters<typeof emitConverted>[2]): void {
  const steps = s.types.get(result) === "i32" ? zeroExtend32(s.options) : [];
  emitConverted(s, homeOf(s, result), from, steps);
}

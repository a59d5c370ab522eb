import { AtomicOp, MemorySize } from "@waggle/object";
import { VmError } from "../errors.js";
import { Access, type RegionKind } from "../memory/region.js";
import type { Handler, Machine, Operation } from "./machine.js";
import { loadHandler, storeHandler } from "./memory-access.js";

/** The new value from the old one and the operand, both unsigned. */
type Combine = (old: bigint, operand: bigint) => bigint;

const combinations: Readonly<Record<number, Combine>> = {
  [AtomicOp.Add]: (old, operand) => old + operand,
  [AtomicOp.Or]: (old, operand) => old | operand,
  [AtomicOp.And]: (old, operand) => old & operand,
  [AtomicOp.Xor]: (old, operand) => old ^ operand,
};

interface Cell {
  readonly view: DataView;
  readonly offset: number;
}

/** Atomics are not allowed on these (check_atomic_rmw, kernel/bpf/verifier.c). */
const forbidden: ReadonlySet<RegionKind> = new Set<RegionKind>(["context", "packet"]);

function cellOf(machine: Machine, op: Operation, size: number): Cell {
  const { space } = machine;
  const region = space.locate(
    machine.hi[op.dst] as number,
    machine.lo[op.dst] as number,
    op.offset,
    size,
    Access.Atomic,
  );
  const { offset } = space;
  if (forbidden.has(region.kind)) {
    throw new VmError(
      "bad-access",
      `atomic operations are not allowed on the ${region.name}`,
      "use them on map values, on ring buffer records or on the stack",
    );
  }
  if (offset % size !== 0) {
    throw new VmError(
      "misaligned",
      `atomic operation of ${size} bytes at offset ${offset - region.start} of the ${region.name} is not aligned to its size`,
      "atomic operations need fields that are aligned to their size",
    );
  }
  return { view: region.view, offset };
}

function read(machine: Machine, cell: Cell, size: number): bigint {
  return size === 8
    ? cell.view.getBigUint64(cell.offset, machine.littleEndian)
    : BigInt(cell.view.getUint32(cell.offset, machine.littleEndian));
}

function write(machine: Machine, cell: Cell, size: number, value: bigint): void {
  if (size === 8) cell.view.setBigUint64(cell.offset, BigInt.asUintN(64, value), machine.littleEndian);
  else cell.view.setUint32(cell.offset, Number(BigInt.asUintN(32, value)), machine.littleEndian);
}

function operand(machine: Machine, register: number, size: number): bigint {
  return BigInt.asUintN(size * 8, machine.big(register));
}

/** An atomic operation made ready, with the registers that it reads beside the address, and those that it sets. */
export interface AtomicHandler {
  readonly execute: Handler;
  readonly readsSource: boolean;
  readonly reads0: boolean;
  readonly sets: "none" | "source" | "r0" | "destination";
}

/** The handler of an atomic operation by its size bits and immediate; undefined when there is none such. */
export function atomicHandler(sizeBits: number, selector: number): AtomicHandler | undefined {
  if (selector === AtomicOp.LoadAcquire) {
    const load = loadHandler(sizeBits, false);
    return load && { execute: load, readsSource: true, reads0: false, sets: "destination" };
  }
  if (selector === AtomicOp.StoreRelease) {
    const store = storeHandler(sizeBits);
    return store && { execute: store, readsSource: true, reads0: false, sets: "none" };
  }
  const size = sizeBits === MemorySize.DW ? 8 : sizeBits === MemorySize.W ? 4 : 0;
  if (size === 0) return undefined;
  if (selector === AtomicOp.Xchg) {
    return {
      readsSource: true,
      reads0: false,
      sets: "source",
      execute: (machine, op) => {
        const cell = cellOf(machine, op, size);
        const old = read(machine, cell, size);
        write(machine, cell, size, operand(machine, op.src, size));
        machine.setBig(op.src, old);
        return op.next;
      },
    };
  }
  if (selector === AtomicOp.CmpXchg) {
    return {
      readsSource: true,
      reads0: true,
      sets: "r0",
      execute: (machine, op) => {
        const cell = cellOf(machine, op, size);
        const old = read(machine, cell, size);
        if (old === operand(machine, 0, size)) write(machine, cell, size, operand(machine, op.src, size));
        machine.setBig(0, old);
        return op.next;
      },
    };
  }
  const fetch = (selector & AtomicOp.Fetch) !== 0;
  const combine = combinations[selector & ~AtomicOp.Fetch];
  if (combine === undefined) return undefined;
  return {
    readsSource: true,
    reads0: false,
    sets: fetch ? "source" : "none",
    execute: (machine, op) => {
      const cell = cellOf(machine, op, size);
      const old = read(machine, cell, size);
      write(machine, cell, size, combine(old, operand(machine, op.src, size)));
      if (fetch) machine.setBig(op.src, old);
      return op.next;
    },
  };
}

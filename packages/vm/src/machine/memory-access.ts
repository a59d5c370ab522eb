import { MemorySize } from "@waggle/object";
import { Access } from "../memory/region.js";
import type { Handler } from "./machine.js";

const load32: Handler = (machine, op) => {
  const region = machine.space.locate(
    machine.hi[op.src] as number,
    machine.lo[op.src] as number,
    op.offset,
    4,
    Access.Load,
  );
  const { offset } = machine.space;
  const pointer = region.pointerAt?.(offset) ?? null;
  machine.lo[op.dst] = pointer === null ? region.view.getInt32(offset, machine.littleEndian) : pointer.lo;
  machine.hi[op.dst] = pointer === null ? 0 : pointer.hi;
  return op.next;
};

const load64: Handler = (machine, op) => {
  const { littleEndian, space } = machine;
  const { view } = space.locate(
    machine.hi[op.src] as number,
    machine.lo[op.src] as number,
    op.offset,
    8,
    Access.Load,
  );
  const { offset } = space;
  machine.lo[op.dst] = view.getInt32(littleEndian ? offset : offset + 4, littleEndian);
  machine.hi[op.dst] = view.getInt32(littleEndian ? offset + 4 : offset, littleEndian);
  return op.next;
};

type Read = (view: DataView, offset: number, littleEndian: boolean) => number;

function narrowLoad(size: number, signed: boolean, read: Read): Handler {
  return (machine, op) => {
    const { view } = machine.space.locate(
      machine.hi[op.src] as number,
      machine.lo[op.src] as number,
      op.offset,
      size,
      Access.Load,
    );
    const value = read(view, machine.space.offset, machine.littleEndian);
    machine.lo[op.dst] = value;
    machine.hi[op.dst] = signed ? value >> 31 : 0;
    return op.next;
  };
}

const loads: Readonly<Record<number, Handler>> = {
  [MemorySize.B]: narrowLoad(1, false, (view, offset) => view.getUint8(offset)),
  [MemorySize.H]: narrowLoad(2, false, (view, offset, little) => view.getUint16(offset, little)),
  [MemorySize.W]: load32,
  [MemorySize.DW]: load64,
};

const signedLoads: Readonly<Record<number, Handler>> = {
  [MemorySize.B]: narrowLoad(1, true, (view, offset) => view.getInt8(offset)),
  [MemorySize.H]: narrowLoad(2, true, (view, offset, little) => view.getInt16(offset, little)),
  [MemorySize.W]: narrowLoad(4, true, (view, offset, little) => view.getInt32(offset, little)),
};

type Write = (view: DataView, offset: number, lo: number, hi: number, littleEndian: boolean) => void;

function store(size: number, write: Write): Handler {
  return (machine, op) => {
    const { view } = machine.space.locate(
      machine.hi[op.dst] as number,
      machine.lo[op.dst] as number,
      op.offset,
      size,
      Access.Store,
    );
    write(
      view,
      machine.space.offset,
      machine.lo[op.src] as number,
      machine.hi[op.src] as number,
      machine.littleEndian,
    );
    return op.next;
  };
}

const stores: Readonly<Record<number, Handler>> = {
  [MemorySize.B]: store(1, (view, offset, lo) => view.setInt8(offset, lo)),
  [MemorySize.H]: store(2, (view, offset, lo, _, little) => view.setInt16(offset, lo, little)),
  [MemorySize.W]: store(4, (view, offset, lo, _, little) => view.setInt32(offset, lo, little)),
  [MemorySize.DW]: store(8, (view, offset, lo, hi, little) => {
    view.setInt32(little ? offset : offset + 4, lo, little);
    view.setInt32(little ? offset + 4 : offset, hi, little);
  }),
};

/** The handler of a load by its size bits; undefined when there is none such. */
export function loadHandler(size: number, signed: boolean): Handler | undefined {
  return (signed ? signedLoads : loads)[size];
}

/** The handler of a store by its size bits, of a register or of a constant. */
export function storeHandler(size: number): Handler | undefined {
  return stores[size];
}

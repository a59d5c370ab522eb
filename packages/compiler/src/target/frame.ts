/**
 * Where the stack slots of a function lie. r10 points behind the frame's last byte, so offsets are negative. Slots with
 * the strictest alignment come first, which leaves no holes between them.
 */
import type { IrFunction, Slot, SlotId } from "../ir/types.js";
import { TargetError, targetErrorCodes } from "./target-error.js";

/** The kernel's `MAX_BPF_STACK`: bytes of one frame, and of all frames along a chain of calls. */
export const maxStackBytes = 512;

export interface Frame {
  /** Offset from r10 of each slot's first byte. */
  readonly offsets: ReadonlyMap<SlotId, number>;
  /** Known alignment of each slot's address, in bytes. */
  readonly aligns: ReadonlyMap<SlotId, number>;
  /** Multiple of 8. */
  readonly bytes: number;
}

const naturalAlign = (size: number): number => (size >= 8 ? 8 : size >= 4 ? 4 : size >= 2 ? 2 : 1);

/** Places the slots. Wider alignment than asked for is given while it fits: zeroing and copying then need fewer accesses. */
export function layoutFrame(slots: readonly Slot[]): Frame {
  const wide = place(slots, (slot) => Math.max(slot.align, naturalAlign(slot.size)));
  return wide.bytes <= maxStackBytes ? wide : place(slots, (slot) => slot.align);
}

function place(slots: readonly Slot[], alignOf: (slot: Slot) => number): Frame {
  const offsets = new Map<SlotId, number>();
  const aligns = new Map<SlotId, number>();
  let depth = 0;
  for (const slot of slots.toSorted((a, b) => alignOf(b) - alignOf(a) || b.size - a.size)) {
    const align = alignOf(slot);
    depth = Math.ceil((depth + slot.size) / align) * align;
    offsets.set(slot.id, -depth);
    aligns.set(slot.id, align);
  }
  return { offsets, aligns, bytes: Math.ceil(depth / 8) * 8 };
}

/**
 * Refuses a frame that no kernel accepts.
 * @throws TargetError WG3001 naming the largest variables
 */
export function checkFrame(f: IrFunction, frameBytes: number, slotBytes: number): void {
  if (frameBytes <= maxStackBytes) return;
  const largest = f.slots
    .toSorted((a, b) => b.size - a.size)
    .slice(0, 5)
    .map((slot) => `\`${slot.name}\` takes ${slot.size} bytes`);
  const saved = frameBytes - slotBytes;
  throw new TargetError(
    targetErrorCodes.stackTooLarge,
    `\`${f.name}\` needs ${frameBytes} bytes of stack, and the kernel allows ${maxStackBytes}`,
    f.location,
    saved > 0 ? [...largest, `values that did not fit in registers take ${saved} bytes`] : largest,
    "keep large values in a map (a per-CPU array of one entry serves as scratch memory), or make them smaller",
  );
}

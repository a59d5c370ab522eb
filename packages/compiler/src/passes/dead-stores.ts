/**
 * Dead store elimination: backward data flow over the bytes of each stack slot, as sets of bits. A store or copy whose
 * bytes are all overwritten before anything may read them, or never read, goes. Zeroing shrinks to what is still read:
 * in each 8 bytes to the narrowest aligned piece of what it covered, so that padding next to a field stays one piece
 * with it. What a helper is given is read to the slot's end, so its padding stays initialised for the verifier.
 */
import { controlFlow } from "../ir/analysis/control-flow.js";
import { targetsOf } from "../ir/operations.js";
import type { Block, BlockId, Instruction, IrFunction, SlotId } from "../ir/types.js";
import { type Effect, type SlotAccesses, slotAccesses } from "./slot-accesses.js";

/** Bit n stands for byte n of the slot, which may be read before it is written. Slots without such bytes are left out. */
export type LiveBytes = ReadonlyMap<SlotId, bigint>;

/** The function without stores to stack slots that nothing reads. */
export function removeDeadStores(f: IrFunction): IrFunction {
  if (f.slots.length === 0) return f;
  const accesses = slotAccesses(f);
  const after = liveBytes(f, accesses).out;
  const blocks = f.blocks.map((block): Block => {
    const live = new Map(after.get(block.id));
    const kept: Instruction[] = [];
    for (const instruction of [...block.instructions].reverse()) {
      const parts = neededParts(instruction, accesses, live);
      for (const part of parts) stepBack(part, accesses, live);
      kept.push(...parts);
    }
    return { ...block, instructions: kept.reverse() };
  });
  return { ...f, blocks };
}

/** The bytes that are live where each block begins and ends. */
export function liveBytes(
  f: IrFunction,
  accesses: SlotAccesses,
): { readonly into: ReadonlyMap<BlockId, LiveBytes>; readonly out: ReadonlyMap<BlockId, LiveBytes> } {
  const flow = controlFlow(f);
  const into = new Map<BlockId, LiveBytes>();
  const out = new Map<BlockId, LiveBytes>();
  const summaries = new Map([...flow.blocks].map(([id, block]) => [id, summaryOf(block, accesses)]));
  const backward = [...flow.reversePostorder].reverse();
  for (let changed = true; changed; ) {
    changed = false;
    for (const id of backward) {
      const block = flow.blocks.get(id);
      if (block === undefined) continue;
      const after = new Map<SlotId, bigint>();
      for (const target of targetsOf(block.terminator)) {
        for (const [slot, bytes] of into.get(target.block) ?? [])
          after.set(slot, (after.get(slot) ?? 0n) | bytes);
      }
      out.set(id, after);
      const live = new Map(after);
      for (const [slot, { reads, writes }] of summaries.get(id) ?? [])
        live.set(slot, ((after.get(slot) ?? 0n) & ~writes) | reads);
      const before = into.get(id);
      changed ||= before === undefined || [...live].some(([slot, bytes]) => before.get(slot) !== bytes);
      into.set(id, live);
    }
  }
  return { into, out };
}

interface Summary {
  /** What a block reads before it writes it. */
  reads: bigint;
  writes: bigint;
}

function summaryOf({ instructions }: Block, accesses: SlotAccesses): ReadonlyMap<SlotId, Summary> {
  const summary = new Map<SlotId, Summary>();
  for (const instruction of [...instructions].reverse()) {
    const effects = accesses.effectsOf(instruction);
    for (const effect of effects) {
      const known = summary.get(effect.slot) ?? { reads: 0n, writes: 0n };
      summary.set(effect.slot, known);
      if (effect.kind !== "write") continue;
      known.writes |= bitsOf(effect);
      known.reads &= ~bitsOf(effect);
    }
    for (const effect of effects) {
      const known = summary.get(effect.slot);
      if (effect.kind === "read" && known !== undefined) known.reads |= bitsOf(effect);
    }
  }
  return summary;
}

/** Takes the live bytes from after an instruction to before it. */
export function stepBack(instruction: Instruction, accesses: SlotAccesses, live: Map<SlotId, bigint>): void {
  const effects = accesses.effectsOf(instruction);
  for (const effect of effects) {
    if (effect.kind === "write") live.set(effect.slot, (live.get(effect.slot) ?? 0n) & ~bitsOf(effect));
  }
  for (const effect of effects) {
    if (effect.kind === "read") live.set(effect.slot, (live.get(effect.slot) ?? 0n) | bitsOf(effect));
  }
}

function bitsOf({ start, end }: Pick<Effect, "start" | "end">): bigint {
  const from = Math.max(start, 0);
  return end <= from ? 0n : ((1n << BigInt(end - from)) - 1n) << BigInt(from);
}

/** What is left of an instruction, last first: itself, nothing, or less zeroing. */
function neededParts(
  instruction: Instruction,
  accesses: SlotAccesses,
  live: LiveBytes,
): readonly Instruction[] {
  if (instruction.op !== "store" && instruction.op !== "zero" && instruction.op !== "copy")
    return [instruction];
  const written = accesses.effectsOf(instruction).find(({ kind }) => kind === "write");
  if (written === undefined) return [instruction];
  const needed = (live.get(written.slot) ?? 0n) & bitsOf(written);
  if (needed === 0n) return [];
  if (instruction.op !== "zero" || needed === bitsOf(written)) return [instruction];
  const shift = instruction.displacement - written.start;
  return pieces(needed, written)
    .map(
      ({ start, end }): Instruction => ({
        ...instruction,
        displacement: start + shift,
        size: end - start,
        align: commonAlign(instruction.align, start - written.start),
      }),
    )
    .reverse();
}

interface Piece {
  readonly start: number;
  readonly end: number;
}

/** The narrowest aligned pieces of the range, one in each 8 bytes, that hold the needed bytes; joined where they meet. */
function pieces(needed: bigint, range: Piece): readonly Piece[] {
  const list: Piece[] = [];
  for (let window = Math.floor(range.start / 8) * 8; window < range.end; window += 8) {
    const piece = narrowest(needed, window, range);
    const last = list.at(-1);
    if (piece === null) continue;
    if (last?.end === piece.start) list.splice(-1, 1, { start: last.start, end: piece.end });
    else list.push(piece);
  }
  return list;
}

function narrowest(needed: bigint, window: number, range: Piece): Piece | null {
  const wanted = needed & bitsOf({ start: window, end: window + 8 });
  if (wanted === 0n) return null;
  for (const width of [1, 2, 4, 8]) {
    for (let start = window; start < window + 8; start += width) {
      const piece = { start: Math.max(start, range.start), end: Math.min(start + width, range.end) };
      if ((wanted & ~bitsOf(piece)) === 0n) return piece;
    }
  }
  return { start: Math.max(window, range.start), end: Math.min(window + 8, range.end) };
}

function commonAlign(align: number, distance: number): number {
  let common = align;
  while (common > 1 && distance % common !== 0) common /= 2;
  return common;
}

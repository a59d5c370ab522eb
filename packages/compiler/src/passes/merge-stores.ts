/**
 * Store merging: within a block, stores and zeroings of one stack slot that nothing reads between are taken as the bytes
 * that they leave, and made anew as the fewest aligned stores: neighbouring constants become one wide constant, and a
 * value next to zeros becomes one wide store where its upper bits are known to be zero. A store takes the place of the
 * last one that it is made of. What takes no fewer stores stays as it was.
 */
import type { ByteOrder } from "@waggle/object";
import { definitions, valueTypes } from "../ir/analysis/values.js";
import { bitsOf } from "../ir/operations.js";
import { type FreshIds, freshIds } from "../ir/rewrite.js";
import type { Block, Instruction, IrFunction, SlotId, ValueId } from "../ir/types.js";
import { type Definitions, incomingArguments, possibleBits } from "./known-bits.js";
import { type SlotAccesses, slotAccesses } from "./slot-accesses.js";

type Width = 1 | 2 | 4 | 8;
type Write = Extract<Instruction, { op: "store" | "zero" }>;

/** A write to a slot with a place in its block. */
interface Member {
  readonly index: number;
  readonly write: Write;
  readonly start: number;
  readonly end: number;
  /** The bits of a constant; null for a value. */
  readonly constant: bigint | null;
}

/** Writes to one slot that may be made in any order that keeps their last bytes. */
interface Group {
  readonly slot: SlotId;
  readonly members: Member[];
}

/** What one store will be made of. */
interface Merged {
  readonly start: number;
  readonly width: Width;
  readonly content: { readonly constant: bigint } | { readonly value: ValueId };
  readonly last: Member;
}

interface Context {
  readonly accesses: SlotAccesses;
  readonly known: Definitions;
  readonly byteOrder: ByteOrder;
  readonly ids: FreshIds;
}

/** The function with neighbouring stores to the stack made one. */
export function mergeStores(f: IrFunction, { byteOrder }: { readonly byteOrder: ByteOrder }): IrFunction {
  if (f.slots.length === 0) return f;
  const defs = definitions(f);
  const types = valueTypes(f);
  const incoming = incomingArguments(f);
  const known: Definitions = {
    definitionOf: (value) => defs.get(value),
    typeOf: (value) => types.get(value) ?? "i64",
    constantOf: (value) => {
      const definition = defs.get(value);
      return definition?.op === "const" ? definition.value : null;
    },
    incomingOf: (value) => incoming.get(value),
  };
  const context: Context = { accesses: slotAccesses(f), known, byteOrder, ids: freshIds(f) };
  return { ...f, blocks: f.blocks.map((block) => mergeInBlock(block, context)) };
}

function mergeInBlock(block: Block, context: Context): Block {
  const replaced = new Map<number, Instruction[]>();
  for (const group of groupsOf(block, context)) {
    const stores = mergeGroup(group, context);
    if (stores === null) continue;
    for (const { index } of group.members) replaced.set(index, []);
    for (const store of stores) replaced.get(store.last.index)?.push(...build(store, context));
  }
  if (replaced.size === 0) return block;
  const instructions = block.instructions.flatMap(
    (instruction, index) => replaced.get(index) ?? [instruction],
  );
  return { ...block, instructions };
}

function groupsOf(block: Block, { accesses, known }: Context): Group[] {
  const done: Group[] = [];
  const open = new Map<SlotId, Group>();
  block.instructions.forEach((instruction, index) => {
    const effects = accesses.effectsOf(instruction);
    for (const { kind, slot, start, end } of effects) {
      const group = open.get(slot);
      const isWrite = kind === "write" && (instruction.op === "store" || instruction.op === "zero");
      if (!isWrite) {
        // Reads and other writes elsewhere in the slot do not matter, but order is kept simply.
        if (group?.members.some((member) => member.start < end && start < member.end) === true)
          open.delete(slot);
        continue;
      }
      const constant = instruction.op === "zero" ? 0n : known.constantOf(instruction.value);
      const member: Member = { index, write: instruction, start, end, constant };
      const cuts = group?.members.some(
        (other) =>
          other.constant === null &&
          other.start < end &&
          start < other.end &&
          !(start <= other.start && other.end <= end),
      );
      if (group === undefined || cuts === true) {
        const fresh = { slot, members: [member] };
        open.set(slot, fresh);
        done.push(fresh);
      } else group.members.push(member);
    }
  });
  return done.filter(({ members }) => members.length > 1);
}

/** The stores of a group made anew; null when that gains nothing. */
function mergeGroup(group: Group, context: Context): Merged[] | null {
  const slot = context.accesses.slots.get(group.slot);
  if (slot === undefined) return null;
  /** The member whose byte is there in the end. */
  const owners = new Map<number, Member>();
  for (const member of group.members)
    for (let at = member.start; at < member.end; at += 1) owners.set(at, member);
  const stores: Merged[] = [];
  const first = Math.min(...owners.keys());
  const end = Math.max(...owners.keys()) + 1;
  for (let start = first; start < end; ) {
    if (!owners.has(start)) {
      start += 1;
      continue;
    }
    const store = widest(start, owners, slot.align, context);
    if (store === null) return null;
    stores.push(store);
    start += store.width;
  }
  const before = group.members.reduce((sum, { write }) => sum + storesOf(write), 0);
  return stores.length < before ? stores : null;
}

/** About how many instructions a write takes. */
function storesOf(write: Write): number {
  if (write.op === "store") return 1;
  let count = 0;
  for (let offset = 0; offset < write.size; count += 1) {
    const left = write.size - offset;
    const align = write.align;
    offset += [8, 4, 2].find((width) => width <= align && width <= left && offset % width === 0) ?? 1;
  }
  return count;
}

function widest(
  start: number,
  owners: ReadonlyMap<number, Member>,
  align: number,
  context: Context,
): Merged | null {
  for (const width of [8, 4, 2, 1] as const) {
    if (start % width !== 0 || width > align) continue;
    const members: Member[] = [];
    for (let at = start; at < start + width; at += 1) {
      const owner = owners.get(at);
      if (owner !== undefined) members.push(owner);
    }
    const [some] = members;
    if (some === undefined || members.length < width) continue;
    const last = members.reduce((a, b) => (b.index > a.index ? b : a), some);
    const content = contentOf(start, width, members, context);
    if (content !== null) return { start, width, content, last };
  }
  // A value that is stored where it is not aligned stays as it is.
  const owner = owners.get(start);
  if (owner?.write.op !== "store" || owner.start !== start) return null;
  return { start, width: owner.write.width, content: { value: owner.write.value }, last: owner };
}

/** What one store of these bytes would store; `members` has the owner of each byte. */
function contentOf(
  start: number,
  width: Width,
  members: readonly Member[],
  { known, byteOrder }: Context,
): Merged["content"] | null {
  const little = byteOrder === "little";
  const values = new Set(members.filter(({ constant }) => constant === null));
  if (values.size === 0) {
    let constant = 0n;
    members.forEach((member, index) => {
      const shift = BigInt(8 * (little ? index : width - 1 - index));
      constant |= byteOf(member, start + index, little) << shift;
    });
    // Stores take constants of 32 bits, sign-extended.
    return width < 8 || BigInt.asIntN(32, constant) === BigInt.asIntN(64, constant) ? { constant } : null;
  }
  const [value] = values;
  if (values.size > 1 || value?.write.op !== "store") return null;
  const { write } = value;
  if (value.start === start && write.width === width) return { value: write.value };
  const lowest = little ? value.start === start : value.end === start + width;
  const type = known.typeOf(write.value);
  if (!lowest || type === "ptr" || width * 8 > bitsOf(type)) return null;
  if (possibleBits(write.value, known) >> BigInt(8 * write.width) !== 0n) return null;
  const zeros = members.every(
    (member, index) => member === value || byteOf(member, start + index, little) === 0n,
  );
  return zeros ? { value: write.value } : null;
}

/** The byte that a constant leaves at a place of the slot. */
function byteOf(member: Member, at: number, little: boolean): bigint {
  const index = little ? at - member.start : member.end - 1 - at;
  return member.write.op === "zero" ? 0n : ((member.constant ?? 0n) >> BigInt(8 * index)) & 0xffn;
}

function build({ start, width, content, last }: Merged, { ids }: Context): Instruction[] {
  const { write } = last;
  const { pointer, location } = write;
  const displacement = write.displacement + start - last.start;
  const store = {
    op: "store",
    width,
    pointer,
    displacement,
    region: write.region,
    location,
    result: null,
  } as const;
  if ("value" in content) return [{ ...store, value: content.value }];
  const result = ids.value();
  const type = width === 8 ? "i64" : "i32";
  const value = BigInt.asUintN(bitsOf(type), content.constant);
  return [
    { op: "const", type, value, result, location },
    { ...store, value: result },
  ];
}

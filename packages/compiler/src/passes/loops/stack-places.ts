/** The places on the stack that a loop changes: locals, fields of structs, elements at constant indexes, before slots become values. */
import type { ControlFlow } from "../../ir/analysis/control-flow.js";
import type { Dominators } from "../../ir/analysis/dominators.js";
import type { Loop } from "../../ir/analysis/loops.js";
import { definitions, valueTypes } from "../../ir/analysis/values.js";
import type { BlockId, Instruction, IrFunction, SlotId, ValueId } from "../../ir/types.js";

/** What a place lies in: a slot, or what a callback is given of its caller's stack. */
export type Base =
  | { readonly kind: "slot"; readonly slot: SlotId }
  | { readonly kind: "param"; readonly value: ValueId };

/** Bytes that are accessed as one. */
export interface Place {
  readonly base: Base;
  readonly start: number;
  readonly width: 1 | 2 | 4 | 8;
}

/** An instruction that reads or writes a place. */
interface Access extends Omit<Place, "width"> {
  readonly kind: "load" | "store" | "fill";
  /** Bytes; of "fill" any number. */
  readonly size: number;
  readonly isPointer: boolean;
  /** Where it stands. */
  readonly block: BlockId;
  readonly index: number;
  /** What a load gives and a store takes. */
  readonly value: ValueId | null;
}

/** All accesses to the stack at constant offsets. */
export interface StackPlaces {
  readonly accesses: readonly Access[];
  /** Those to what a place lies in. */
  accessesTo(base: Base): readonly Access[];
  readonly definitions: ReadonlyMap<ValueId, Instruction>;
  readonly flow: ControlFlow;
}

/** Finds them. In a callback a parameter may point to the caller's stack. */
export function placesOf(f: IrFunction, flow: ControlFlow, isCallback: boolean): StackPlaces {
  const defs = definitions(f);
  const types = valueTypes(f);
  // What inlined functions access has no region yet; one access that has shows what a parameter points to.
  const captured = new Set<ValueId>();
  const addresses = new Map<ValueId, { base: Base; offset: number }>();
  const entry = flow.blocks.get(flow.entry);
  for (const { id, type } of isCallback ? (entry?.params ?? []) : [])
    if (type === "ptr") addresses.set(id, { base: { kind: "param", value: id }, offset: 0 });
  const accesses: Access[] = [];
  // Definitions come first in this order of blocks.
  for (const block of flow.reversePostorder) {
    flow.blocks.get(block)?.instructions.forEach((each, index) => {
      if (each.op === "slot" && each.result !== null)
        addresses.set(each.result, { base: { kind: "slot", slot: each.slot }, offset: 0 });
      if (each.op === "offset" && each.result !== null) {
        const address = addresses.get(each.pointer);
        const bytes = defs.get(each.bytes);
        if (address !== undefined && bytes?.op === "const")
          addresses.set(each.result, {
            ...address,
            offset: address.offset + Number(BigInt.asIntN(64, bytes.value)),
          });
      }
      const pointer = each.op === "copy" ? each.target : "pointer" in each ? each.pointer : null;
      const address = pointer === null ? undefined : addresses.get(pointer);
      if (address === undefined) return;
      if (address.base.kind === "param" && "region" in each && each.region === "stack")
        captured.add(address.base.value);
      const at = { base: address.base, block, index };
      if (each.op === "load")
        accesses.push({
          ...at,
          kind: "load",
          start: address.offset + each.displacement,
          size: each.width,
          isPointer: each.type === "ptr",
          value: each.result,
        });
      else if (each.op === "store")
        accesses.push({
          ...at,
          kind: "store",
          start: address.offset + each.displacement,
          size: each.width,
          isPointer: types.get(each.value) === "ptr",
          value: each.value,
        });
      else if (each.op === "zero" || each.op === "copy")
        accesses.push({
          ...at,
          kind: "fill",
          start: address.offset + (each.op === "zero" ? each.displacement : 0),
          size: each.size,
          isPointer: false,
          value: null,
        });
    });
  }
  const isOnStack = ({ base }: Access) => base.kind === "slot" || captured.has(base.value);
  const onStack = accesses.filter(isOnStack);
  const byBase = new Map<string, Access[]>();
  for (const access of onStack) {
    const known = byBase.get(keyOf(access.base));
    if (known === undefined) byBase.set(keyOf(access.base), [access]);
    else known.push(access);
  }
  const accessesTo = (base: Base): readonly Access[] => byBase.get(keyOf(base)) ?? [];
  return { accesses: onStack, accessesTo, definitions: defs, flow };
}

const keyOf = (base: Base): string => (base.kind === "slot" ? `slot ${base.slot}` : `param ${base.value}`);
const isSameBase = (a: Base, b: Base): boolean =>
  a.kind === "slot" ? b.kind === "slot" && a.slot === b.slot : b.kind === "param" && a.value === b.value;
const isSame = (a: Access, b: Access): boolean =>
  isSameBase(a.base, b.base) && a.start === b.start && a.size === b.size;
const overlap = (a: Access, b: Access): boolean =>
  isSameBase(a.base, b.base) && a.start < b.start + b.size && b.start < a.start + a.size;
const covers = (a: Access, b: Access): boolean =>
  isSameBase(a.base, b.base) && a.start <= b.start && b.start + b.size <= a.start + a.size;

/** The numbers that the loop changes and that have a value where it begins; `keepCounters` leaves out those that it counts with. */
export function changedPlaces(
  { accesses, accessesTo, definitions: defs, flow }: StackPlaces,
  loop: Loop,
  all: readonly Loop[],
  tree: Dominators,
  { keepCounters }: { readonly keepCounters: boolean },
): Place[] {
  const inside = accesses.filter(({ block }) => loop.blocks.has(block));
  const stores = inside.filter(({ kind }) => kind === "store");
  const found: Place[] = [];
  for (const store of stores) {
    if (found.some(({ base, start }) => isSameBase(base, store.base) && start === store.start)) continue;
    const others = accessesTo(store.base).filter((each) => each.kind !== "fill" && overlap(each, store));
    if (others.some((each) => each.isPointer || !isSame(each, store))) continue;
    if (keepCounters && isCounter(store)) continue;
    if (!hasValue(store)) continue;
    const { base, start, size } = store;
    if (size === 1 || size === 2 || size === 4 || size === 8) found.push({ base, start, width: size });
  }
  return found;

  /** Whether each turn changes it once, by its own value and constants alone. */
  function isCounter(store: Access): boolean {
    if (stores.some((each) => each !== store && isSame(each, store))) return false;
    const isInner = all.some(
      ({ header, blocks }) => header !== loop.header && loop.blocks.has(header) && blocks.has(store.block),
    );
    if (isInner || !loop.latches.every((latch) => tree.dominates(store.block, latch))) return false;
    return store.value !== null && isStep(store.value, store);
  }

  function isStep(value: ValueId, of: Access): boolean {
    const each = defs.get(value);
    if (each === undefined) return false;
    if (each.op === "const") return true;
    if (each.op === "unary") return isStep(each.operand, of);
    if (each.op === "binary") return isStep(each.left, of) && isStep(each.right, of);
    return inside.some((load) => load.kind === "load" && load.value === value && isSame(load, of));
  }

  /** Whether there is something to read where the loop begins: else the verifier would refuse the reading. */
  function hasValue(store: Access): boolean {
    const writes = accessesTo(store.base).filter((each) => each.kind !== "load" && covers(each, store));
    const isRead = accessesTo(store.base).some(
      (load) =>
        load.kind === "load" &&
        isSame(load, store) &&
        // What a callback was given of its caller's stack had a value if it is read before the callback writes it.
        (store.base.kind === "param" || load.block === loop.header) &&
        !writes.some((by) => precedes(by, load)),
    );
    return isRead || (store.base.kind === "slot" && isWrittenBefore(writes));
  }

  function precedes(a: Access, b: Access): boolean {
    return a.block === b.block ? a.index < b.index : tree.dominates(a.block, b.block);
  }

  /** Whether no way leads from the entry to the loop past all of the writes. */
  function isWrittenBefore(writes: readonly Access[]): boolean {
    const writing = new Set(writes.map(({ block }) => block));
    const seen = new Set<BlockId>();
    const left = flow.predecessors.get(loop.header)?.filter((block) => !loop.blocks.has(block)) ?? [];
    if (loop.header === flow.entry) return false;
    for (let block = left.pop(); block !== undefined; block = left.pop()) {
      if (seen.has(block) || writing.has(block)) continue;
      if (block === flow.entry) return false;
      seen.add(block);
      left.push(...(flow.predecessors.get(block) ?? []));
    }
    return true;
  }
}

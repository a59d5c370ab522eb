/**
 * What each instruction does to the stack slots. Addresses are followed through `offset`; a slot whose address goes
 * where that does not reach (memory, a block parameter, a number) has escaped, and passes leave it alone. Any other
 * pointer cannot point into a slot that has not escaped.
 */
import { helperByName } from "@waggle/object";
import { controlFlow } from "../ir/analysis/control-flow.js";
import { definitions } from "../ir/analysis/values.js";
import { operandsOf, terminatorOperands } from "../ir/operations.js";
import type { Instruction, IrFunction, Slot, SlotId, ValueId } from "../ir/types.js";

/** Where a value points to. */
export interface Place {
  readonly slot: SlotId;
  /** Bytes from the slot's start; null when it varies. */
  readonly offset: number | null;
}

/** One thing that an instruction does to one slot. `end` is the byte after the last. */
export interface Effect {
  /** "write": all the bytes. "change": some of the bytes, perhaps. */
  readonly kind: "read" | "write" | "change";
  readonly slot: SlotId;
  readonly start: number;
  readonly end: number;
}

export interface SlotAccesses {
  readonly slots: ReadonlyMap<SlotId, Slot>;
  readonly escaped: ReadonlySet<SlotId>;
  placeOf(value: ValueId): Place | undefined;
  /** Reads before writes. Of slots that have escaped it says nothing. */
  effectsOf(instruction: Instruction): readonly Effect[];
}

/** Helpers that only read the memory that they are given. Of any other one it is taken that it also writes there. */
const onlyReads: ReadonlySet<string> = new Set([
  ...["bpf_map_lookup_elem", "bpf_map_update_elem", "bpf_map_delete_elem", "bpf_map_push_elem"],
  ...["bpf_map_lookup_percpu_elem", "bpf_ringbuf_output", "bpf_perf_event_output", "bpf_trace_printk"],
]);

/** Follows the addresses of slots through the function. */
export function slotAccesses(f: IrFunction): SlotAccesses {
  const slots = new Map(f.slots.map((slot) => [slot.id, slot]));
  const places = findPlaces(f);
  const escaped = findEscaped(f, places);
  const known = (value: ValueId) => {
    const place = places.get(value);
    return place === undefined || escaped.has(place.slot) ? undefined : place;
  };
  const range = (kind: Effect["kind"], place: Place, displacement: number, size: number | null): Effect => {
    const length = slots.get(place.slot)?.size ?? 0;
    const { slot, offset } = place;
    if (offset === null) return { kind: kind === "write" ? "change" : kind, slot, start: 0, end: length };
    const start = offset + displacement;
    return { kind, slot, start, end: size === null ? length : start + size };
  };
  const effectsOf = (instruction: Instruction): readonly Effect[] => {
    switch (instruction.op) {
      case "load":
      case "store":
      case "zero": {
        const place = known(instruction.pointer);
        if (place === undefined) return [];
        const size = instruction.op === "zero" ? instruction.size : instruction.width;
        const kind = instruction.op === "load" ? "read" : "write";
        return [range(kind, place, instruction.displacement, size)];
      }
      case "atomic":
      case "compare-exchange": {
        const place = known(instruction.pointer);
        if (place === undefined) return [];
        const size = instruction.type === "i32" ? 4 : 8;
        const at = instruction.displacement;
        return [range("read", place, at, size), range("change", place, at, size)];
      }
      case "copy": {
        const [source, target] = [known(instruction.source), known(instruction.target)];
        const { size } = instruction;
        return [
          ...(source === undefined ? [] : [range("read", source, 0, size)]),
          ...(target === undefined ? [] : [range("write", target, 0, size)]),
        ];
      }
      case "helper":
      case "kfunc":
      case "call": {
        const args = instruction.args.flatMap((arg) => known(arg) ?? []);
        // A callee may go back from the address as well as on.
        const whole = instruction.op !== "helper";
        const given = args.map((place) => (whole ? { ...place, offset: 0 } : place));
        const reads = given.map((place) => range("read", place, 0, null));
        if (instruction.op === "helper" && onlyReads.has(instruction.helper)) return reads;
        return [...reads, ...given.map((place) => range("change", place, 0, null))];
      }
      default:
        return [];
    }
  };
  return { slots, escaped, placeOf: known, effectsOf };
}

/** Definitions come first in this order of blocks. */
function findPlaces(f: IrFunction): Map<ValueId, Place> {
  const flow = controlFlow(f);
  const defs = definitions(f);
  const places = new Map<ValueId, Place>();
  for (const id of flow.reversePostorder) {
    for (const instruction of flow.blocks.get(id)?.instructions ?? []) {
      if (instruction.result === null) continue;
      if (instruction.op === "slot") places.set(instruction.result, { slot: instruction.slot, offset: 0 });
      if (instruction.op !== "offset") continue;
      const base = places.get(instruction.pointer);
      if (base === undefined) continue;
      const bytes = defs.get(instruction.bytes);
      const offset =
        base.offset === null || bytes?.op !== "const"
          ? null
          : base.offset + Number(BigInt.asIntN(64, bytes.value));
      places.set(instruction.result, { slot: base.slot, offset });
    }
  }
  return places;
}

function findEscaped(f: IrFunction, places: ReadonlyMap<ValueId, Place>): Set<SlotId> {
  const escaped = new Set<SlotId>();
  const escapes = (value: ValueId) => {
    const place = places.get(value);
    if (place !== undefined) escaped.add(place.slot);
  };
  for (const block of f.blocks) {
    for (const instruction of block.instructions) {
      switch (instruction.op) {
        case "store":
        case "atomic":
        case "compare-exchange":
          escapes(instruction.value);
          break;
        case "unary":
          escapes(instruction.operand);
          break;
        case "helper": {
          // The helpers that return pointers return none that they were given; one that is not in the table may.
          const returnsOther = helperByName(instruction.helper) !== null;
          if (instruction.type === "ptr" && !returnsOther) instruction.args.forEach(escapes);
          break;
        }
        case "call":
        case "kfunc":
          if (instruction.type === "ptr") operandsOf(instruction).forEach(escapes);
          break;
        default:
          break;
      }
    }
    terminatorOperands(block.terminator).forEach(escapes);
  }
  return escaped;
}

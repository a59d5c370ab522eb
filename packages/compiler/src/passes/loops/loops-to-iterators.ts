/**
 * Open-coded iterators (Linux 6.4): `bpf_iter_num_new` before the loop, `bpf_iter_num_next` at the head of each turn, where null ends
 * it, and `bpf_iter_num_destroy` on every edge that leaves. The verifier follows such a loop until its state repeats, however many turns
 * it has. With a driver the index is what the iterator gives, and the header's own test stays: it is what tells the verifier the bound.
 */
import { iterationsFor } from "../../ir/loop-limit.js";
import { branchTo, mapTargets } from "../../ir/operations.js";
import { freshIds } from "../../ir/rewrite.js";
import type { Block, ExternDefinition, IrFunction, LoopHint, ValueId } from "../../ir/types.js";
import type { DataType } from "../../types/data-type.js";
import {
  constant,
  demoteCrossings,
  jumpBlock,
  type LoopResult,
  lastTest,
  leaves,
  make,
  type Region,
  splitEdges,
} from "./region.js";

const int: DataType = { kind: "int", name: "int", size: 4, signed: true, bigEndian: false };
const u64: DataType = { kind: "int", name: "u64", size: 8, signed: false, bigEndian: false };
const iterator: DataType = {
  kind: "struct",
  name: "bpf_iter_num",
  union: false,
  fields: [{ name: "__opaque", offset: 0, type: { kind: "array", element: u64, length: 1, text: false } }],
  size: 8,
  align: 8,
};
const it = { name: "it", type: { kind: "pointer", to: () => iterator } } as const;
const prototypes: Readonly<Record<string, ExternDefinition["prototype"]>> = {
  bpf_iter_num_new: { params: [it, { name: "start", type: int }, { name: "end", type: int }], returns: int },
  bpf_iter_num_next: { params: [it], returns: { kind: "pointer", to: () => int } },
  bpf_iter_num_destroy: { params: [it], returns: null },
};
/** The kernel functions of include/linux/bpf.h that such loops call. */
export const iteratorFunctions: readonly ExternDefinition[] = Object.entries(prototypes).map(
  ([name, prototype]) => ({ name, prototype }),
);

/** The function with the loop counted by an iterator. */
export function loopToIterator(input: IrFunction, hint: LoopHint, region: Region): LoopResult {
  const { header, driver } = hint;
  const counted = driver?.kind === "loop" ? driver : null;
  const split = splitEdges(demoteCrossings(input, region, "out"), leaves(input, region));
  const { f } = split;
  const exits = new Set(split.added);
  const ids = freshIds(f);
  const slot = ids.slot();
  const [before, next, turn, over] = [ids.block(), ids.block(), ids.block(), ids.block()];
  const head = f.blocks.find(({ id }) => id === header);
  const params = head?.params ?? [];
  const types = new Map(params.map(({ id, type }) => [id, type]));
  /** Parameters of the blocks that lead to the header: all but the index, which comes from the iterator. */
  const carried = () =>
    params.filter(({ id }) => id !== counted?.index).map((param) => ({ ...param, id: ids.value() }));
  const withoutIndex = (args: readonly ValueId[]) =>
    args.filter((_, index) => params[index]?.id !== counted?.index);
  const destroy = (): Block["instructions"] => {
    const pointer = ids.value();
    return [
      make({ op: "slot", slot }, pointer),
      make({ op: "kfunc", name: "bpf_iter_num_destroy", type: null, args: [pointer] }),
    ];
  };

  const blocks = f.blocks.map((block): Block => {
    const terminator = mapTargets(block.terminator, (target) =>
      target.block === header
        ? { block: region.has(block.id) ? next : before, args: withoutIndex(target.args) }
        : target,
    );
    return {
      ...block,
      terminator,
      instructions: exits.has(block.id) ? [...destroy(), ...block.instructions] : block.instructions,
    };
  });
  const beforeParams = carried();
  const nextParams = carried();
  const [pointer, found, none, more] = [ids.value(), ids.value(), ids.value(), ids.value()];
  const made = {
    before: {
      id: before,
      params: beforeParams,
      instructions: startIterator(),
      terminator: {
        op: "jump",
        target: { block: next, args: beforeParams.map(({ id }) => id) },
        location: hint.location,
      },
    },
    next: {
      id: next,
      params: nextParams,
      instructions: [
        make({ op: "slot", slot }, pointer),
        {
          ...make({ op: "kfunc", name: "bpf_iter_num_next", type: "ptr", args: [pointer] }, found),
          location: hint.location,
        },
        make({ op: "const", type: "ptr", value: 0n }, none),
        make({ op: "compare", operator: "ne", left: found, right: none }, more),
      ],
      terminator: branchTo(more, { block: turn, args: [] }, { block: over, args: [] }, hint.location),
    },
    turn: startTurn(),
    over: endOfLoop(),
  } satisfies Record<string, Block>;
  return {
    f: {
      ...f,
      slots: [...f.slots, { id: slot, name: "a loop's iterator", size: 8, align: 8 }],
      blocks: [...blocks, ...Object.values(made)],
    },
  };

  function startIterator(): Block["instructions"] {
    const [address, zero, end, status] = [ids.value(), ids.value(), ids.value(), ids.value()];
    const wide = counted !== null && types.get(counted.index) === "i64";
    const ends =
      counted === null
        ? [constant("i32", iterationsFor(hint.turns), end)]
        : wide
          ? [make({ op: "unary", operator: "trunc32", type: "i32", operand: counted.count }, end)]
          : [];
    const args = [address, zero, counted === null || wide ? end : counted.count];
    return [
      make({ op: "slot", slot }, address),
      constant("i32", 0n, zero),
      ...ends,
      {
        ...make({ op: "kfunc", name: "bpf_iter_num_new", type: "i32", args }, status),
        location: hint.location,
      },
    ];
  }

  function startTurn(): Block {
    const number = ids.value();
    const wide = ids.value();
    const isWide = counted !== null && types.get(counted.index) === "i64";
    const instructions =
      counted === null
        ? []
        : [
            make(
              {
                op: "load",
                type: "i32",
                width: 4,
                signed: false,
                pointer: found,
                displacement: 0,
                region: "kernel",
              },
              number,
            ),
            ...(isWide
              ? [make({ op: "unary", operator: "zext32", type: "i64", operand: number }, wide)]
              : []),
          ];
    const rest = nextParams.map(({ id }) => id);
    const args = params.map(({ id }) =>
      id === counted?.index ? (isWide ? wide : number) : (rest.shift() ?? id),
    );
    return { ...jumpBlock(turn, header, args), instructions };
  }

  function endOfLoop(): Block {
    const tested = lastTest(
      blocks.find(({ id }) => id === header),
      hint,
      over,
      ids,
    );
    if (tested !== null) return tested;
    return {
      id: over,
      params: [],
      instructions: destroy(),
      terminator: { op: "unreachable", location: hint.location },
    };
  }
}

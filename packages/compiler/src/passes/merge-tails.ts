/**
 * Tail merging: two pieces of the graph that do the same, each entered at one block only and going on to the same
 * places, become one. They are compared block by block from their heads. Numbers that come from outside and differ
 * become parameters of the head; constants and addresses are made anew within it; any other difference keeps the pieces
 * apart, above all in pointers, which the verifier should not see joined. This is what a function that was inlined
 * twice leaves behind.
 */
import { type ControlFlow, controlFlow, withoutUnreachable } from "../ir/analysis/control-flow.js";
import { definitions, valueTypes } from "../ir/analysis/values.js";
import { mapTargets, operandsOf, targetsOf, terminatorOperands } from "../ir/operations.js";
import { typeSignature } from "../ir/print-type.js";
import { freshIds, renameUses } from "../ir/rewrite.js";
import type {
  Block,
  BlockId,
  BlockParam,
  Instruction,
  IrFunction,
  IrType,
  Operation,
  ValueId,
} from "../ir/types.js";

/** Fewer instructions than this are not worth the jump. */
const leastGain = 4;
/** How many blocks of one shape are compared with each other. */
const candidateLimit = 8;
/** Larger pieces are not compared: in a long chain of branches each block would be followed to the end. */
const mostBlocks = 32;
/** More parameters than this would not stay in registers. */
const paramLimit = 3;

/** The function with equal pieces merged. */
export function mergeTails(input: IrFunction): IrFunction {
  let f = withoutUnreachable(input);
  // Each round removes a block; the bound is for functions of any shape.
  for (let rounds = 0; rounds < 64; rounds += 1) {
    const next = mergeOne(f);
    if (next === null) break;
    f = next;
  }
  return f;
}

/** Two equal pieces, with what differs. */
interface Match {
  /** From the blocks of the piece that stays to those of the one that goes, heads first. */
  readonly blocks: ReadonlyMap<BlockId, BlockId>;
  /** Numbers from outside that differ: what the one uses where the other uses the other. */
  readonly differing: readonly { readonly stays: ValueId; readonly goes: ValueId; readonly type: IrType }[];
  /** Constants and addresses from outside that are equal but made in two places. */
  readonly remade: ReadonlyMap<ValueId, Instruction>;
}

function mergeOne(f: IrFunction): IrFunction | null {
  const flow = controlFlow(f);
  const facts = { flow, defs: definitions(f), types: valueTypes(f) };
  const byShape = new Map<string, Block[]>();
  for (const id of flow.reversePostorder.slice(1)) {
    const block = flow.blocks.get(id);
    if (block === undefined) continue;
    const shape = shapeOf(block);
    const known = byShape.get(shape) ?? [];
    for (const other of known) {
      const match = compare(other.id, id, facts);
      if (match !== null) return merge(f, match);
    }
    if (known.length < candidateLimit) known.push(block);
    byShape.set(shape, known);
  }
  return null;
}

function shapeOf({ params, instructions, terminator }: Block): string {
  const types = params.map(({ type }) => type).join();
  return `${types} ${instructions.flatMap((each) => (isFixed(each) ? [] : textOf(each))).join(" ")} ${terminator.op}`;
}

/** Whether an operation gives the same value wherever it stands. */
function isFixed({ op }: Operation): boolean {
  return op === "const" || op === "slot" || op === "map" || op === "global";
}

const texts = new WeakMap<Instruction, string>();

/** An operation without its operands, result and place. Kept, because most instructions are asked for many times. */
function textOf(instruction: Instruction): string {
  const text = texts.get(instruction) ?? describe(instruction);
  texts.set(instruction, text);
  return text;
}

function describe(instruction: Instruction): string {
  const names = new Set([
    "result",
    "location",
    "left",
    "right",
    "operand",
    "pointer",
    "bytes",
    "source",
    "target",
  ]);
  if (instruction.op === "relocated") {
    const { root, ...question } = instruction.relocation;
    return `relocated ${instruction.type} ${typeSignature(root)} ${Object.values(question).join(" ")}`;
  }
  if (instruction.op === "store" || instruction.op === "atomic") names.add("value");
  if (instruction.op === "compare-exchange") names.add("value").add("expected");
  return JSON.stringify(instruction, (key, value: unknown) => {
    if (names.has(key)) return undefined;
    if (key === "args" && Array.isArray(value)) return value.length;
    return typeof value === "bigint" ? String(value) : value;
  });
}

interface Facts {
  readonly flow: ControlFlow;
  readonly defs: ReadonlyMap<ValueId, Instruction>;
  readonly types: ReadonlyMap<ValueId, IrType>;
}

/** How the piece that begins with `left` is equal to the one that begins with `right`; null when it is not. */
function compare(left: BlockId, right: BlockId, { flow, defs, types }: Facts): Match | null {
  const blocks = new Map<BlockId, BlockId>([[left, right]]);
  const inner = new Map<ValueId, ValueId>();
  const own = new Set<ValueId>();
  const remade = new Map<ValueId, Instruction>();
  /** Values from outside by what the other piece has for them: itself where they are equal. */
  const outer = new Map<ValueId, ValueId>();
  const sameOuter = (a: ValueId, b: ValueId): boolean => {
    const known = outer.get(a);
    outer.set(a, b);
    return known === undefined || known === b;
  };
  const sameValue = (a: ValueId, b: ValueId): boolean => {
    if (inner.has(a) || own.has(b)) return inner.get(a) === b;
    const [first, second] = [defs.get(a), defs.get(b)];
    if (first !== undefined && second !== undefined && isFixed(first) && textOf(first) === textOf(second)) {
      remade.set(a, first);
      return sameOuter(a, a);
    }
    if (a === b) return sameOuter(a, a);
    const type = types.get(a);
    return type !== undefined && type !== "ptr" && types.get(b) === type && sameOuter(a, b);
  };
  const allSame = (as: readonly ValueId[], bs: readonly ValueId[]) =>
    as.length === bs.length && as.every((a, index) => sameValue(a, bs[index] ?? a));
  const pair = (a: ValueId, b: ValueId) => {
    inner.set(a, b);
    own.add(b);
  };
  let size = 0;
  for (const [leftId, rightId] of blocks) {
    const [a, b] = [flow.blocks.get(leftId), flow.blocks.get(rightId)];
    if (a === undefined || b === undefined || a.params.length !== b.params.length) return null;
    for (const [index, param] of a.params.entries()) {
      const other = b.params[index];
      if (other?.type !== param.type) return null;
      pair(param.id, other.id);
    }
    // Constants and addresses may stand anywhere; they are paired by those that use them.
    const [as, bs] = [a, b].map((block) => block.instructions.filter((each) => !isFixed(each)));
    if (as === undefined || bs === undefined || as.length !== bs.length) return null;
    for (const [index, first] of as.entries()) {
      const second = bs[index];
      if (second === undefined || textOf(first) !== textOf(second)) return null;
      if (!allSame(operandsOf(first), operandsOf(second))) return null;
      if (first.result !== null && second.result !== null) pair(first.result, second.result);
      else if (first.result !== second.result) return null;
      size += 1;
    }
    if (a.terminator.op !== b.terminator.op) return null;
    if (!allSame(terminatorOperands(a.terminator), terminatorOperands(b.terminator))) return null;
    const targets = targetsOf(b.terminator);
    for (const [index, target] of targetsOf(a.terminator).entries()) {
      const [to, other] = [target.block, targets[index]?.block];
      if (other === undefined) return null;
      if (to === other && !blocks.has(to)) continue;
      if (to === left || other === right) return null;
      if (blocks.has(to) ? blocks.get(to) !== other : [...blocks.values()].includes(other)) return null;
      if (blocks.size >= mostBlocks) return null;
      blocks.set(to, other);
    }
    size += a.terminator.op === "jump" ? 0 : 1;
  }
  const differing = [...outer].flatMap(([stays, goes]) =>
    stays === goes ? [] : [{ stays, goes, type: types.get(stays) ?? "i64" }],
  );
  if (differing.length > paramLimit || size - 2 * differing.length < leastGain) return null;
  const [lefts, rights] = [new Set(blocks.keys()), new Set(blocks.values())];
  if ([...lefts].some((id) => rights.has(id))) return null;
  if (!isEnteredAt(left, lefts, flow) || !isEnteredAt(right, rights, flow)) return null;
  return { blocks, differing, remade };
}

function isEnteredAt(head: BlockId, piece: ReadonlySet<BlockId>, flow: ControlFlow): boolean {
  return [...piece].every(
    (id) => id === head || (flow.predecessors.get(id) ?? []).every((from) => piece.has(from)),
  );
}

function merge(f: IrFunction, { blocks, differing, remade }: Match): IrFunction {
  const ids = freshIds(f);
  const [first] = blocks;
  if (first === undefined) return f;
  const [head, gone] = first;
  const params = differing.map(({ type }): BlockParam => ({ id: ids.value(), type }));
  const names = new Map<ValueId, ValueId>();
  const remake: Instruction[] = [];
  for (const [value, instruction] of remade) {
    const result = ids.value();
    remake.push({ ...instruction, result });
    names.set(value, result);
  }
  const goes = new Set(blocks.values());
  const defined = new Set(f.blocks.filter(({ id }) => blocks.has(id)).flatMap(resultsOf));
  const defs = definitions(f);
  /** The block with its jumps to either head sent to the one that stays. */
  const redirected = (block: Block): Block => {
    const made: Instruction[] = [];
    // A constant may be made within the piece, behind where it is passed now.
    const passed = (value: ValueId): ValueId => {
      const definition = defs.get(value);
      if (definition === undefined || !isFixed(definition)) return value;
      const result = ids.value();
      made.push({ ...definition, result });
      return result;
    };
    const terminator = mapTargets(block.terminator, (target) => {
      if (target.block !== head && target.block !== gone) return target;
      const more = differing.map(({ stays, goes: other }) => passed(target.block === head ? stays : other));
      return { block: head, args: [...target.args, ...more] };
    });
    return made.length === 0
      ? { ...block, terminator }
      : { ...block, instructions: [...block.instructions, ...made], terminator };
  };
  const kept = f.blocks
    .filter(({ id }) => !goes.has(id))
    .map((block): Block => {
      if (!blocks.has(block.id)) return redirected(block);
      const renamed = renameUses(block, (value) => {
        const index = differing.findIndex(({ stays }) => stays === value);
        return params[index]?.id ?? (defined.has(value) ? value : (names.get(value) ?? value));
      });
      if (block.id !== head) return renamed;
      return {
        ...renamed,
        params: [...renamed.params, ...params],
        instructions: [...remake, ...renamed.instructions],
      };
    });
  return { ...f, blocks: kept };
}

function resultsOf({ params, instructions }: Block): ValueId[] {
  return [...params.map(({ id }) => id), ...instructions.flatMap(({ result }) => result ?? [])];
}

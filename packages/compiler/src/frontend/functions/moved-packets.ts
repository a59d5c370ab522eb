/**
 * References into a packet that are used after a call that may have moved the packet: the verifier forgets them at the call
 * (`clear_all_pkt_pointers` in kernel/bpf/verifier.c). A forward flow over what was written: which values and variables point into the
 * packet, and which of them are from before such a call. Of a function it is known what it does with parameters that do.
 */
import { contextStructByName } from "@waggle/object";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { controlFlow } from "../../ir/analysis/control-flow.js";
import { definitions, liveness } from "../../ir/analysis/values.js";
import { operandsOf, targetsOf } from "../../ir/operations.js";
import type {
  Block,
  BlockId,
  Instruction,
  IrFunction,
  Module,
  SlotId,
  SourceLocation,
  ValueId,
} from "../../ir/types.js";
import { extentAt } from "../rejections/extent.js";
import { moversOf, titleOfMove } from "./packet-movers.js";

/** A call that may move the packet. */
interface Move {
  /** The helper's name in @waggle/kernel. */
  readonly name: string;
  /** The function that is called there and that leads to the helper; null when the helper itself is called. */
  readonly through: string | null;
  readonly location: SourceLocation | null;
}

/** What is known of a pointer at a point. */
interface Fact {
  /** What it may come from: bit 0 is the packet, bit `1 + i` parameter `i` of the function. */
  readonly origins: number;
  /** The call that it is from before; null while it is good. */
  readonly moved: Move | null;
}

/** A value, or a variable as the negative of its slot's number less one. */
type Cell = number;
type State = Map<Cell, Fact>;

const ofPacket = 1;
const ofParameter = (index: number): number => 2 << index;
const cellOf = (slot: SlotId): Cell => -1 - slot;

/** A use of a reference that is from before a move. */
interface Use {
  readonly move: Move;
  readonly location: SourceLocation | null;
  /** What the reference comes from: one word on each for each move. */
  readonly root: Cell;
}

/** What a function does, for those that call it. */
interface Summary {
  /** The call in it that may move the packet, named as for its callers. */
  readonly moves: Pick<Move, "name"> | null;
  /** Uses that are wrong if the parameter points into the packet, by its index. */
  readonly uses: ReadonlyMap<number, readonly Use[]>;
  /** What it gives; null when it gives no pointer that is followed. */
  readonly result: Fact | null;
}

const nothing: Summary = { moves: null, uses: new Map(), result: null };

/** The mistakes of a module's functions. */
export function checkMovedPackets({
  functions,
  sources,
}: Pick<Module, "functions" | "sources">): Diagnostic[] {
  const movers = moversOf(functions);
  const hasMove = functions.some(({ blocks }) =>
    blocks.some(({ instructions }) => instructions.some((item) => titleOfMove(item, movers) !== null)),
  );
  if (!hasMove) return [];
  const byName = new Map(functions.map((f) => [f.name, f]));
  const summaries = new Map<string, Summary>();
  const found = new Map<string, Diagnostic>();
  const report = (use: Use): void => {
    const made = diagnosticOf(use, sources);
    found.set(`${made.file}:${made.line}:${made.column}`, made);
  };
  const summaryOf = (name: string): Summary => {
    const known = summaries.get(name);
    const f = byName.get(name);
    if (known !== undefined || f === undefined) return known ?? nothing;
    // Recursion is reported elsewhere.
    summaries.set(name, nothing);
    const made = follow(f, (item) => titleOfMove(item, movers), summaryOf, report);
    summaries.set(name, made);
    return made;
  };
  for (const { name } of functions) summaryOf(name);
  return [...found.values()];
}

/** Offsets in its context where a function finds packet pointers, by parameter. */
function packetFields(f: IrFunction): Map<ValueId, ReadonlySet<number>> {
  const fields = new Map<ValueId, ReadonlySet<number>>();
  for (const [index, { id }] of (f.blocks[0]?.params ?? []).entries()) {
    const type = f.prototype.params[index]?.type;
    const target = type?.kind === "pointer" ? (type.to?.() ?? null) : null;
    const layout = target?.kind === "struct" ? contextStructByName(target.name) : null;
    const packet = layout?.fields.filter(({ pointer }) => pointer?.startsWith("data") === true) ?? [];
    if (packet.length > 0) fields.set(id, new Set(packet.map(({ offset }) => offset)));
  }
  return fields;
}

/** Follows the pointers of a function. `report` is told of uses that are wrong whatever its callers pass. */
function follow(
  f: IrFunction,
  titleOf: (item: Instruction) => string | null,
  summaryOf: (name: string) => Summary,
  report: (use: Use) => void,
): Summary {
  const flow = controlFlow(f);
  const made = definitions(f);
  const fields = packetFields(f);
  let moves: Summary["moves"] = null;
  const uses = new Map<number, Use[]>();
  let result: Fact | null = null;
  const told = new Set<string>();

  const slotOf = (pointer: ValueId): SlotId | null => {
    const item = made.get(pointer);
    return item?.op === "slot" ? item.slot : null;
  };
  const rootOf = (value: ValueId): Cell => {
    const item = made.get(value);
    if (item?.op === "offset") return rootOf(item.pointer);
    const slot = item?.op === "load" ? slotOf(item.pointer) : null;
    return slot === null ? value : cellOf(slot);
  };
  const tell = (origins: number, use: Use): void => {
    if (origins & ofPacket) report(use);
    for (let index = 0; origins >> (index + 1) !== 0; index += 1) {
      if (origins & ofParameter(index)) uses.set(index, [...(uses.get(index) ?? []), use]);
    }
  };
  /** Tells of the wrong uses of pointers that an instruction follows. */
  const check = (item: Instruction, state: State): void => {
    for (const pointer of followedBy(item)) {
      const fact = state.get(pointer);
      if (fact?.moved == null) continue;
      const use = { move: fact.moved, location: item.location, root: rootOf(pointer) };
      const key = `${use.root} ${placeOf(use.move.location)}`;
      if (told.has(key)) continue;
      told.add(key);
      tell(fact.origins, use);
    }
    if (item.op !== "call") return;
    for (const [index, wrong] of summaryOf(item.callee).uses) {
      const argument = item.args[index];
      const origins = argument === undefined ? 0 : (state.get(argument)?.origins ?? 0);
      if (origins !== 0) for (const use of wrong) tell(origins, use);
    }
  };
  /** The fact of what a call gives, as its caller sees it. */
  const given = (item: Instruction & { op: "call" }, state: State): Fact | null => {
    const { result: gives } = summaryOf(item.callee);
    if (gives === null) return null;
    const location = item.location;
    const from = item.args.map((argument, index) =>
      gives.origins & ofParameter(index) ? state.get(argument) : undefined,
    );
    return join([
      {
        origins: gives.origins & ofPacket,
        moved: gives.moved && { name: gives.moved.name, through: item.callee, location },
      },
      ...from,
    ]);
  };
  const factOf = (item: Instruction, state: State): Fact | null => {
    if (item.op === "offset") return state.get(item.pointer) ?? null;
    if (item.op === "call") return given(item, state);
    if (item.op !== "load" || item.type !== "ptr") return null;
    if (fields.get(item.pointer)?.has(item.displacement)) return { origins: ofPacket, moved: null };
    const slot = slotOf(item.pointer);
    return slot === null ? null : (state.get(cellOf(slot)) ?? null);
  };
  const moveOf = (item: Instruction): Move | null => {
    const name = titleOf(item);
    if (name !== null) return { name, through: null, location: item.location };
    const inner = item.op === "call" ? summaryOf(item.callee).moves : null;
    return inner === null || item.op !== "call"
      ? null
      : { name: inner.name, through: item.callee, location: item.location };
  };
  /** The state after a block; `visit` sees it before each instruction. */
  const through = (block: Block, before: State, visit: (item: Instruction, state: State) => void): State => {
    const state = new Map(before);
    for (const item of block.instructions) {
      visit(item, state);
      const fact = factOf(item, state);
      const move = moveOf(item);
      if (move !== null) {
        moves ??= { name: move.name };
        for (const [cell, { origins, moved }] of state)
          if (moved === null) state.set(cell, { origins, moved: move });
      }
      if (item.result !== null && fact !== null && fact.origins !== 0) state.set(item.result, fact);
      const slot = item.op === "store" ? slotOf(item.pointer) : null;
      if (item.op !== "store" || slot === null) continue;
      const stored = state.get(item.value);
      if (stored === undefined) state.delete(cellOf(slot));
      else state.set(cellOf(slot), stored);
    }
    return state;
  };

  const live = liveness(flow).liveIn;
  const states = new Map<BlockId, State>();
  const parameters = flow.blocks.get(flow.entry)?.params ?? [];
  const first: State = new Map(
    parameters.flatMap(({ id, type }, index): [Cell, Fact][] =>
      type === "ptr" && !fields.has(id) ? [[id, { origins: ofParameter(index), moved: null }]] : [],
    ),
  );
  states.set(flow.entry, first);
  const work: BlockId[] = [flow.entry];
  for (let id = work.pop(); id !== undefined; id = work.pop()) {
    const block = flow.blocks.get(id);
    const before = states.get(id);
    if (block === undefined || before === undefined) continue;
    const after = through(block, before, () => {});
    for (const target of targetsOf(block.terminator)) {
      const into = enter(target, flow.blocks.get(target.block), after, live.get(target.block));
      const old = states.get(target.block);
      const merged = old === undefined ? into : mergeStates(old, into);
      if (old !== undefined && merged === old) continue;
      states.set(target.block, merged);
      work.push(target.block);
    }
  }
  for (const id of flow.reversePostorder) {
    const block = flow.blocks.get(id);
    const before = states.get(id);
    if (block === undefined || before === undefined) continue;
    const after = through(block, before, check);
    const { terminator } = block;
    if (terminator.op === "return" && terminator.value !== null)
      result = join([result ?? undefined, after.get(terminator.value)]);
  }
  return { moves, uses, result };
}

/** What holds where a jump arrives: of variables, of the values that are still needed there, and of the block's parameters. */
function enter(
  { args }: { readonly args: readonly ValueId[] },
  block: Block | undefined,
  state: State,
  live: ReadonlySet<ValueId> | undefined,
): State {
  const into: State = new Map();
  for (const [cell, fact] of state) if (cell < 0 || live?.has(cell as ValueId) === true) into.set(cell, fact);
  for (const [index, { id }] of (block?.params ?? []).entries()) {
    const argument = args[index];
    const fact = argument === undefined ? undefined : state.get(argument);
    if (fact !== undefined) into.set(id, fact);
  }
  return into;
}

function join(facts: readonly (Fact | undefined)[]): Fact | null {
  const known = facts.filter((fact) => fact !== undefined);
  const origins = known.reduce((sum, fact) => sum | fact.origins, 0);
  return origins === 0 ? null : { origins, moved: known.find(({ moved }) => moved !== null)?.moved ?? null };
}

/** The first state itself when the second adds nothing. */
function mergeStates(a: State, b: State): State {
  let merged = a;
  for (const [cell, fact] of b) {
    const old = a.get(cell);
    const both = join([old, fact]);
    if (both === null || (old?.origins === both.origins && (old.moved === null) === (both.moved === null)))
      continue;
    if (merged === a) merged = new Map(a);
    merged.set(cell, both);
  }
  return merged;
}

/** The pointers that an instruction follows, or gives to what follows them. */
function followedBy(item: Instruction): readonly ValueId[] {
  switch (item.op) {
    case "load":
    case "store":
    case "atomic":
    case "compare-exchange":
    case "zero":
      return [item.pointer];
    case "copy":
      return [item.target, item.source];
    case "helper":
    case "kfunc":
    case "call":
      return operandsOf(item);
    default:
      return [];
  }
}

const placeOf = (location: SourceLocation | null): string =>
  `${location?.file}:${location?.line}:${location?.column}`;

function diagnosticOf({ move, location }: Use, sources: Module["sources"]): Diagnostic {
  const { line, column } = location ?? { line: 1, column: 1 };
  const { path: file, text } = sources[location?.file ?? 0] ?? { path: "", text: "" };
  const call = move.location;
  const at = `on line ${call?.line ?? 1}`;
  const what =
    move.through === null
      ? `${move.name} ${at}, which may have moved it`
      : `${move.through} ${at}, which calls ${move.name} and may have moved it`;
  return {
    code: "WG2018",
    severity: "error",
    message: `this refers to the packet as it was before ${what}`,
    file,
    line,
    column,
    ...extentAt(text, line, column),
    notes:
      call === null
        ? []
        : [
            {
              message: "the packet may be moved here",
              file: sources[call.file]?.path ?? "",
              line: call.line,
              column: call.column,
            },
          ],
    help: "read it again after the call: ctx.at<T>(offset)",
  };
}

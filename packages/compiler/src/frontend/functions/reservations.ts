/**
 * Ring buffer records: each that `reserve` gives is submitted or discarded once on every path, and not touched after.
 * The verifier demands the first; this says it in the source's words. It runs on what was written and again after the
 * passes, where variables and small functions are gone: then what each function does with a record that it is given is known.
 */

import type { Diagnostic } from "../../diagnostics/diagnostic.js";
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
import { type Problem, problemAt } from "./problems.js";
import { type Definitions, slotAt, variableOf } from "./record-variables.js";

/** What a record may be at a point: bits. */
const held = 1;
const missing = 2;
const released = 4;

const releases = new Set(["bpf_ringbuf_submit", "bpf_ringbuf_discard"]);

/** The functions that a call may lead to, by name. */
type Functions = ReadonlyMap<string, IrFunction>;

/**
 * The mistakes of a function.
 * @param functions all of the module; without them, a record that is given to a function is not followed
 */
export function checkReservations(
  f: IrFunction,
  sources: Module["sources"],
  functions: readonly IrFunction[] = [],
): Diagnostic[] {
  const byName = new Map(functions.map((each) => [each.name, each]));
  const problems: Problem[] = [];
  const definitions = definitionsOf(f);
  for (const block of f.blocks) {
    for (const [index, instruction] of block.instructions.entries()) {
      if (instruction.op === "helper" && releases.has(instruction.helper))
        problems.push(...checkOrigin(definitions, instruction.args[0], instruction.location));
      if (
        instruction.op !== "helper" ||
        instruction.helper !== "bpf_ringbuf_reserve" ||
        instruction.result === null
      )
        continue;
      problems.push(...follow(f, block, index, instruction.result, instruction.location, byName).problems);
    }
  }
  return problems.map((problem) => problemAt("WG2012", problem, sources));
}

/** Where a record is put into its variable. */
function keeping(f: IrFunction, record: ValueId): SourceLocation | null {
  const stores = f.blocks.flatMap(({ instructions }) =>
    instructions.filter((item) => item.op === "store" && item.value === record),
  );
  return stores[0]?.location ?? null;
}

function definitionsOf(f: IrFunction): Definitions {
  const definitions = new Map<ValueId, Instruction>();
  for (const { instructions } of f.blocks) {
    for (const item of instructions) if (item.result !== null) definitions.set(item.result, item);
  }
  return definitions;
}

/** What is submitted comes from `reserve`, as far as its origin is known. */
function checkOrigin(
  definitions: Definitions,
  released: ValueId | undefined,
  location: SourceLocation | null,
): Problem[] {
  const origin = released === undefined ? undefined : definitions.get(released);
  const isForeign =
    origin?.op === "offset" || (origin?.op === "helper" && origin.helper !== "bpf_ringbuf_reserve");
  if (!isForeign) return [];
  return [{ message: "this is not a record that reserve gave", help: "output(…) copies a value", location }];
}

function operandsOf(instruction: Instruction): ValueId[] {
  switch (instruction.op) {
    case "load":
    case "zero":
      return [instruction.pointer];
    case "store":
    case "atomic":
      return [instruction.pointer, instruction.value];
    case "copy":
      return [instruction.target, instruction.source];
    case "helper":
    case "call":
      return [...instruction.args];
    default:
      return [];
  }
}

function escapes(f: IrFunction, record: ValueId, functions: Functions, variable: SlotId | null): boolean {
  const definitions = definitionsOf(f);
  return f.blocks.some(
    ({ instructions, terminator }) =>
      instructions.some(
        (item) =>
          (item.op === "call" && item.args.includes(record) && !functions.has(item.callee)) ||
          (item.op === "store" &&
            item.value === record &&
            (variable === null || slotAt(definitions, item.pointer) !== variable)),
      ) ||
      (terminator.op === "jump" && terminator.target.args.includes(record)) ||
      (terminator.op === "branch" &&
        (terminator.then.args.includes(record) || terminator.else.args.includes(record))) ||
      (terminator.op === "return" && terminator.value === record),
  );
}

/** What becomes of a record from a point on. */
interface Fate {
  readonly problems: readonly Problem[];
  /** What it may be where the function returns; 0 when that is not known. */
  readonly atReturn: number;
}

/** What a function does with a record that it is given as its parameter `index`. */
function fateOfParameter(callee: IrFunction | undefined, index: number, functions: Functions): number {
  const [entry] = callee?.blocks ?? [];
  const parameter = entry?.params[index]?.id;
  if (callee === undefined || entry === undefined || parameter === undefined) return 0;
  return follow(callee, entry, -1, parameter, null, functions).atReturn;
}

function follow(
  f: IrFunction,
  start: Block,
  index: number,
  record: ValueId,
  location: SourceLocation | null,
  functions: Functions,
): Fate {
  const definitions = definitionsOf(f);
  const variable = variableOf(f, record, definitions);
  if (escapes(f, record, functions, variable)) return { problems: [], atReturn: 0 };
  const isParameter = index < 0;
  let atReturn = 0;
  const blocks = new Map<BlockId, Block>(f.blocks.map((block) => [block.id, block]));
  const isRecord = (value: ValueId): boolean => {
    if (value === record) return true;
    const made = definitions.get(value);
    return variable !== null && made?.op === "load" && slotAt(definitions, made.pointer) === variable;
  };
  const refersTo = (value: ValueId): boolean => {
    if (isRecord(value)) return true;
    const made = definitions.get(value);
    return made?.op === "offset" && refersTo(made.pointer);
  };
  const problems = new Map<string, Problem>();
  const leaks: Problem[] = [];
  const report = (message: string, help: string | null, at: SourceLocation | null): void => {
    problems.set(message + at?.line, { message, help, location: at });
  };
  const lose = (at: SourceLocation | null): void =>
    report(
      "the record is lost here, neither submitted nor discarded: its variable is given another value",
      "call submit or discard before",
      at,
    );
  const seen = new Map<BlockId, number>();
  const work: { block: Block; from: number; state: number }[] = [
    { block: start, from: index + 1, state: isParameter ? held : held | missing },
  ];
  const enter = (id: BlockId, state: number): void => {
    const block = blocks.get(id);
    const old = seen.get(id) ?? 0;
    if (block === undefined || state === 0 || (old | state) === old) return;
    seen.set(id, old | state);
    work.push({ block, from: 0, state: old | state });
  };
  for (let item = work.pop(); item !== undefined; item = work.pop()) {
    let { state } = item;
    for (const instruction of item.block.instructions.slice(item.from)) {
      if (instruction.result === record) {
        if (state & held && variable !== null) lose(keeping(f, record));
        else if (state & held)
          report(
            "this record may still be reserved when the next is",
            "submit or discard it in the same turn",
            location,
          );
        state = 0;
        break;
      }
      if (
        variable !== null &&
        instruction.op === "store" &&
        instruction.value !== record &&
        slotAt(definitions, instruction.pointer) === variable
      ) {
        if (state & held) lose(instruction.location);
        state = 0;
        break;
      }
      if (instruction.op === "helper" && instruction.helper === "bpf_tail_call" && state & held)
        report(
          "the record is neither submitted nor discarded, and a tail call does not come back",
          "call submit or discard before",
          instruction.location,
        );
      const isKept = instruction.op === "store" && instruction.value === record;
      if (isKept || !operandsOf(instruction).some(refersTo)) continue;
      if (state & released) {
        report(
          "the record is used after it was submitted or discarded",
          "it belongs to the reader then: move this before",
          instruction.location,
        );
        // One word on a record: what follows on this path follows from the same mistake.
        state = 0;
        break;
      }
      if (instruction.op === "helper" && releases.has(instruction.helper)) state = released;
      if (instruction.op !== "call") continue;
      const after = fateOfParameter(
        functions.get(instruction.callee),
        instruction.args.indexOf(record),
        functions,
      );
      if (after === (held | released))
        report(
          `${instruction.callee} submits or discards the record on some of its paths only`,
          "let it do so on every path, or on none",
          instruction.location,
        );
      if (after & released) state = released;
    }
    if (state === 0) continue;
    const { terminator } = item.block;
    if (terminator.op === "return") atReturn |= state & (held | released);
    if (terminator.op === "return" && state & held) {
      leaks.push({
        message: "the record is neither submitted nor discarded on the path that returns here",
        help: "call submit or discard before",
        location: terminator.location,
      });
    }
    if (terminator.op === "jump") enter(terminator.target.block, state);
    if (terminator.op !== "branch") continue;
    const test = definitions.get(terminator.condition);
    const isNullTest =
      test?.op === "compare" && isRecord(test.left) && (test.operator === "ne" || test.operator === "eq");
    const whenTrue = isNullTest ? (test.operator === "ne" ? ~missing : ~held) : ~0;
    const whenFalse = isNullTest ? (test.operator === "ne" ? ~held : ~missing) : ~0;
    enter(terminator.then.block, state & whenTrue);
    enter(terminator.else.block, state & whenFalse);
  }
  const found = [...problems.values()];
  // A record that is lost in another way as well is lost where it returns for the same reason.
  return { problems: found.length > 0 || isParameter ? found : distinct(leaks), atReturn };
}

function distinct(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((each) => [each.location?.line, each])).values()];
}

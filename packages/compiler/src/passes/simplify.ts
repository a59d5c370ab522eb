/**
 * Constant folding and instruction combining: tries the rules of `rules/` on every instruction, blocks in an order in
 * which definitions come first, until none applies. What becomes unused is left to the dead code pass.
 */
import type { ByteOrder } from "@waggle/object";
import { controlFlow } from "../ir/analysis/control-flow.js";
import { definitions, useCounts, valueTypes } from "../ir/analysis/values.js";
import { branchTo, mapOperands, mapTerminatorOperands, operandsOf, resultType } from "../ir/operations.js";
import { freshIds, type Replacements, replaceUses, resolve } from "../ir/rewrite.js";
import type { Block, BlockId, Instruction, IrFunction, Operation, Terminator, ValueId } from "../ir/types.js";
import { incomingArguments, possibleBits } from "./known-bits.js";
import { addressRules, storeRules } from "./rules/address.js";
import { arithmeticRules } from "./rules/arithmetic.js";
import { comparisonRules } from "./rules/comparison.js";
import { extensionRules } from "./rules/extension.js";
import { type Fold, indexRules, type Rule, ruleKey } from "./rules/rule.js";
import { signRules } from "./rules/sign.js";

/** Every rule, in the order in which they are tried. */
export const allRules: readonly Rule[] = [
  ...addressRules,
  ...storeRules,
  ...signRules,
  ...arithmeticRules,
  ...extensionRules,
  ...comparisonRules,
];

/** What to simplify for, and with which rules (all when absent). */
export interface SimplifyOptions {
  readonly byteOrder: ByteOrder;
  readonly rules?: readonly Rule[];
}

/** No chain of rules is this long; it bounds the work should two rows ever undo each other. */
const stepLimit = 32;

/** The function with the rules applied. */
export function simplify(f: IrFunction, { byteOrder, rules = allRules }: SimplifyOptions): IrFunction {
  const index = indexRules(rules);
  const flow = controlFlow(f);
  const ids = freshIds(f);
  const types = valueTypes(f);
  const defs = definitions(f);
  const uses = useCounts(f);
  const incoming = incomingArguments(f);
  const replacements: Replacements = new Map();
  let before: Instruction[] = [];
  let location: Instruction["location"] = null;

  const constantOf = (value: ValueId) => {
    const definition = defs.get(value);
    return definition?.op === "const" ? definition.value : null;
  };
  const definitionOf = (value: ValueId) => defs.get(value);
  const typeOf = (value: ValueId) => types.get(value) ?? "i64";
  const incomingOf = (value: ValueId) => incoming.get(value)?.map((arg) => resolve(replacements, arg));
  const fold: Fold = {
    byteOrder,
    constantOf,
    definitionOf,
    typeOf,
    possibleBits: (value, knower) =>
      possibleBits(value, { constantOf, definitionOf, typeOf, incomingOf }, knower),
    isNonNull: (value) => isNonNull(value, definitionOf),
    hasOneUse: (value) => uses.get(value) === 1,
    emit: (operation) => {
      const result = ids.value();
      define({ ...operation, result, location });
      return result;
    },
  };
  /** Counts may only be too high: then a rule that asks for one use waits for the next run. */
  const use = (value: ValueId, count: number) => uses.set(value, (uses.get(value) ?? 0) + count);
  const define = (instruction: Instruction) => {
    before.push(instruction);
    if (instruction.result === null) return;
    defs.set(instruction.result, instruction);
    const type = resultType(instruction);
    if (type !== null) types.set(instruction.result, type);
  };

  const rewritten = new Map<BlockId, Block>();
  for (const id of flow.reversePostorder) {
    const block = flow.blocks.get(id);
    if (block === undefined) continue;
    before = [];
    for (const original of block.instructions) {
      location = original.location;
      const outcome = rewrite(
        mapOperands(original, (value) => resolve(replacements, value)),
        index,
        fold,
      );
      if (typeof outcome !== "number") {
        define(outcome);
        for (const operand of operandsOf(outcome))
          if (!operandsOf(original).includes(operand)) use(operand, 1);
      } else if (original.result !== null) {
        replacements.set(original.result, outcome);
        use(outcome, uses.get(original.result) ?? 0);
      }
    }
    const terminator = mapTerminatorOperands(block.terminator, (value) => resolve(replacements, value));
    rewritten.set(id, {
      ...block,
      instructions: before,
      terminator: foldBranch(terminator, fold),
    });
  }
  const blocks = f.blocks.flatMap((block) => rewritten.get(block.id) ?? []);
  return replaceUses({ ...f, blocks }, replacements);
}

/** Applies rules until none changes the instruction, or until a value stands for it. */
function rewrite(
  original: Instruction,
  index: ReadonlyMap<string, readonly Rule[]>,
  fold: Fold,
): Instruction | ValueId {
  let instruction = original;
  for (let steps = 0; steps < stepLimit; steps += 1) {
    const next = firstRewrite(instruction, index, fold);
    if (next === null) break;
    if (typeof next === "number") return next;
    instruction = { ...next, result: original.result, location: original.location };
  }
  return instruction;
}

function firstRewrite(
  instruction: Instruction,
  index: ReadonlyMap<string, readonly Rule[]>,
  fold: Fold,
): ValueId | Operation | null {
  for (const row of index.get(ruleKey(instruction)) ?? []) {
    const outcome = row.rewrite(instruction, fold);
    if (outcome !== null) return outcome;
  }
  return null;
}

/** A branch on a truth compared with 0 asks the truth itself, with its sides changed where that is the inverse. */
function foldBranch(terminator: Terminator, fold: Fold): Terminator {
  if (terminator.op !== "branch") return terminator;
  const condition = fold.definitionOf(terminator.condition);
  if (condition?.op !== "compare" || fold.constantOf(condition.right) !== 0n) return terminator;
  if (condition.operator !== "eq" || fold.possibleBits(condition.left) !== 1n) return terminator;
  return branchTo(condition.left, terminator.else, terminator.then, terminator.location);
}

/**
 * Addresses of things that exist, anything reached from a pointer by arithmetic (the verifier allows none on null), and
 * the packet pointers of a context, which are the pointers that are 4 bytes wide in it.
 */
export function isNonNull(
  value: ValueId,
  definitionOf: (value: ValueId) => Instruction | undefined,
): boolean {
  const definition = definitionOf(value);
  if (definition?.op === "load") {
    return definition.type === "ptr" && definition.region === "context" && definition.width === 4;
  }
  const op = definition?.op;
  return op === "slot" || op === "map" || op === "global" || op === "offset";
}

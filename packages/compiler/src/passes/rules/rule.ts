/**
 * What a rewriting rule is. A rule looks at one instruction and what its operands are made of, and says what the
 * instruction may become. To add one, add a row to the table of its kind and a line to `simplify.test.ts`.
 *
 * Rules that hold for every rule here:
 *  - The result is equal for every input, also where the source has undefined bytes or a shift beyond the width.
 *  - A rule that moves a comparison or arithmetic to another value (`x + 1 < 9` to `x < 8`) asks that the value it goes
 *    round has one use. The verifier knows bounds by register: a value that is used after its check must be the one
 *    that was checked.
 *  - A rule never moves a load.
 */
import type { ByteOrder } from "@waggle/object";
import type { Instruction, IrType, Operation, ValueId } from "../../ir/types.js";
import type { Knower } from "../known-bits.js";

/** What a rule may ask and make. */
export interface Fold {
  readonly byteOrder: ByteOrder;
  /** The number that a value is known to be; null when it is not constant. */
  constantOf(value: ValueId): bigint | null;
  /** The instruction that makes a value; undefined for a block parameter. */
  definitionOf(value: ValueId): Instruction | undefined;
  typeOf(value: ValueId): IrType;
  /** A mask of the bits that may be 1, as far as the compiler, or the verifier, knows. */
  possibleBits(value: ValueId, knower?: Knower): bigint;
  isNonNull(value: ValueId): boolean;
  hasOneUse(value: ValueId): boolean;
  /** Puts an operation before the instruction and gives its result. */
  emit(operation: Operation): ValueId;
}

/** A value that stands for the instruction's result, an operation in its place, or null for no change. */
export type Rewrite = ValueId | Operation | null;

/** One row. */
export interface Rule {
  /** The rule as an equation, for tests and for people. */
  readonly name: string;
  /** What `operator` (or `op` where there is none) may be. */
  readonly keys: readonly string[];
  readonly rewrite: (instruction: Instruction, fold: Fold) => Rewrite;
}

type Of<Op extends Operation["op"]> = Extract<Operation, { op: Op }>;

/** A row for one kind of operation. */
export function rule<Op extends Operation["op"]>(
  op: Op,
  keys: readonly string[],
  name: string,
  rewrite: (operation: Of<Op>, fold: Fold) => Rewrite,
): Rule {
  const isOf = (operation: Operation): operation is Of<Op> => operation.op === op;
  return {
    name,
    keys,
    rewrite: (instruction, fold) => (isOf(instruction) ? rewrite(instruction, fold) : null),
  };
}

/** Rows by the operator that they begin from. */
export function indexRules(rules: readonly Rule[]): ReadonlyMap<string, readonly Rule[]> {
  const index = new Map<string, Rule[]>();
  for (const row of rules) {
    for (const key of row.keys) index.set(key, [...(index.get(key) ?? []), row]);
  }
  return index;
}

/** The key that an instruction's rules are found by. */
export function ruleKey(operation: Operation): string {
  return operation.op === "binary" || operation.op === "unary" || operation.op === "compare"
    ? operation.operator
    : operation.op;
}

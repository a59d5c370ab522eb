import { operandsOf } from "./operations.js";
import type { BinaryOp, Operation, UnaryOp, ValueId } from "./types.js";

/** Operators after which 6.18 knows no bound. */
const divisions: ReadonlySet<BinaryOp> = new Set(["udiv", "sdiv", "umod", "smod"]);
/** Operators of which kernels compute the bounds for constant amounts only (`is_safe_to_compute_dst_reg_range`, 6.10). */
const shifts: ReadonlySet<BinaryOp> = new Set(["shl", "lshr", "ashr"]);
/** Operators after which 5.10 knows no bound: `check_alu_op` marks the register unknown. */
const unknown: ReadonlySet<UnaryOp> = new Set(["neg", "be16", "be32", "be64", "opaque"]);

/**
 * Whether every kernel's verifier knows as much of the result as of the operands. `isConstant` says whether the right operand is a constant.
 */
export function isFollowed(
  operation: Extract<Operation, { op: "unary" | "binary" }>,
  isConstant: (value: ValueId) => boolean,
): boolean {
  if (operation.op === "unary") return !unknown.has(operation.operator);
  const { operator, right } = operation;
  return !divisions.has(operator) && (!shifts.has(operator) || isConstant(right));
}

/**
 * The integers whose bounds the verifier knows as well as the compiler does: those that are computed from constants and memory by
 * operators that every kernel follows. A block parameter, or the result of a call, may have a value that is not followed.
 */
export class FollowedValues {
  readonly #values = new Set<ValueId>();
  readonly #constants = new Set<ValueId>();

  has(value: ValueId): boolean {
    return this.#values.has(value);
  }

  /** It is known though it is handed on: a counter that the verifier walks is a constant in each turn. */
  trust(value: ValueId): void {
    this.#values.add(value);
  }

  /** From now on the verifier may know less of it. */
  distrust(value: ValueId): void {
    this.#values.delete(value);
  }

  /** From now on the verifier may know less of all values so far, until the function that is returned is called. */
  distrustAll(): () => void {
    const before = [...this.#values];
    this.#values.clear();
    return () => {
      for (const value of before) this.#values.add(value);
    };
  }

  /** Takes in the result of an operation. */
  add(result: ValueId, operation: Operation): void {
    if (operation.op === "const") this.#constants.add(result);
    if (this.#isFollowed(operation)) this.#values.add(result);
  }

  #isFollowed(operation: Operation): boolean {
    if (operation.op === "call" || operation.op === "kfunc") return false;
    if (operation.op !== "unary" && operation.op !== "binary") return true;
    if (!isFollowed(operation, (value) => this.#constants.has(value))) return false;
    return operandsOf(operation).every((operand) => this.has(operand));
  }
}

import type { BinaryOp, Operation, ValueId } from "./types.js";

const divisions: ReadonlySet<BinaryOp> = new Set(["udiv", "sdiv", "umod", "smod"]);

/**
 * The integers of which the verifier knows what their source says: those that are computed from constants and memory without a
 * division, after which 6.18 knows no bound. What a block parameter or a call hands on may come from one.
 */
export class FollowedValues {
  readonly #values = new Set<ValueId>();

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

  /** Takes in the result of an operation. */
  add(result: ValueId, operation: Operation): void {
    if (this.#isFollowed(operation)) this.#values.add(result);
  }

  #isFollowed(operation: Operation): boolean {
    if (operation.op === "call" || operation.op === "kfunc") return false;
    if (operation.op === "unary") return this.has(operation.operand);
    if (operation.op !== "binary") return true;
    const { operator, left, right } = operation;
    return !divisions.has(operator) && this.has(left) && this.has(right);
  }
}

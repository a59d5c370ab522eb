/**
 * Rules for bits that a sign fills. They run at every level: newer verifiers (that of 6.18 is one) follow both values of a number that is 0 or
 * -1 where a constant masks it (`maybe_fork_scalars`), as if that were a branch. The store of a signed bit field is such a mask.
 */
import { bitsOf } from "../../ir/operations.js";
import { type Rule, rule } from "./rule.js";

/** Masks of shifted numbers. */
export const signRules: readonly Rule[] = [
  rule("binary", ["and"], "(x ashr a) and mask = (x lshr a) and mask", (operation, fold) => {
    const mask = fold.constantOf(operation.right);
    const shifted = fold.definitionOf(operation.left);
    if (mask === null || shifted?.op !== "binary" || shifted.operator !== "ashr") return null;
    const by = fold.constantOf(shifted.right);
    const bits = BigInt(bitsOf(shifted.type));
    if (by === null || by >= bits || mask >= 1n << (bits - by)) return null;
    const { type, left, right } = shifted;
    return { ...operation, left: fold.emit({ op: "binary", operator: "lshr", type, left, right }) };
  }),
];

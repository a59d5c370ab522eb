/**
 * Rules for addresses: constants go into displacements. They run at every level, because kernels before 5.x refuse a
 * context access through a pointer that was moved ("dereference of modified ctx ptr").
 */
import type { ValueId } from "../../ir/types.js";
import { type Fold, type Rule, rule } from "./rule.js";

/** What a load or store instruction can hold: a signed 16-bit offset. */
const fits = (displacement: number) => displacement >= -0x8000 && displacement <= 0x7fff;

/** The pointer and constant of `pointer + constant`. */
function moved(value: ValueId, fold: Fold): { pointer: ValueId; bytes: number } | null {
  const definition = fold.definitionOf(value);
  if (definition?.op !== "offset") return null;
  const bytes = fold.constantOf(definition.bytes);
  if (bytes === null) return null;
  return { pointer: definition.pointer, bytes: Number(BigInt.asIntN(64, bytes)) };
}

function displaced(
  operation: { readonly pointer: ValueId; readonly displacement: number },
  fold: Fold,
): { pointer: ValueId; displacement: number } | null {
  const base = moved(operation.pointer, fold);
  if (base === null) return null;
  const displacement = base.bytes + operation.displacement;
  return fits(displacement) ? { pointer: base.pointer, displacement } : null;
}

/** Offsets by constants. */
export const addressRules: readonly Rule[] = [
  rule("offset", ["offset"], "p + 0 = p", ({ pointer, bytes }, fold) =>
    fold.constantOf(bytes) === 0n ? pointer : null,
  ),
  rule("offset", ["offset"], "(p + a) + b = p + (a + b)", ({ pointer, bytes }, fold) => {
    const base = moved(pointer, fold);
    const more = fold.constantOf(bytes);
    if (base === null || more === null) return null;
    const sum = BigInt.asUintN(64, BigInt(base.bytes) + more);
    return {
      op: "offset",
      pointer: base.pointer,
      bytes: fold.emit({ op: "const", type: "i64", value: sum }),
    };
  }),
  rule("load", ["load"], "load (p + a)+d = load p+(a + d)", (operation, fold) => {
    const place = displaced(operation, fold);
    return place === null ? null : { ...operation, ...place };
  }),
  rule("store", ["store"], "store (p + a)+d = store p+(a + d)", (operation, fold) => {
    const place = displaced(operation, fold);
    return place === null ? null : { ...operation, ...place };
  }),
  rule("atomic", ["atomic"], "atomic (p + a)+d = atomic p+(a + d)", (operation, fold) => {
    const place = displaced(operation, fold);
    return place === null ? null : { ...operation, ...place };
  }),
  rule("zero", ["zero"], "zero (p + a)+d = zero p+(a + d)", (operation, fold) => {
    const place = displaced(operation, fold);
    return place === null ? null : { ...operation, ...place };
  }),
];

/** A store keeps the low bytes only, so extensions before it do nothing. */
export const storeRules: readonly Rule[] = [
  rule("store", ["store"], "store8 (ext8 x) = store8 x", (operation, fold) => {
    const definition = fold.definitionOf(operation.value);
    if (definition?.op !== "unary") return null;
    const kept: Partial<Record<typeof definition.operator, number>> = {
      zext8: 1,
      sext8: 1,
      zext16: 2,
      sext16: 2,
      zext32: 4,
      sext32: 4,
      trunc32: 4,
    };
    return operation.width <= (kept[definition.operator] ?? 0)
      ? { ...operation, value: definition.operand }
      : null;
  }),
];

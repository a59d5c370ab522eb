/** What `Union`, `Packed`, `Aligned` and `Bits` of @waggle/kernel say of a type. */

import type ts from "typescript";
import type { DataType, StructType } from "../../types/data-type.js";
import type { LayoutForm } from "../../types/layout.js";
import { reject } from "../rejections/rejection.js";
import { phantomOf } from "./phantoms.js";
import { tagsOf } from "./tags.js";
import { readableName } from "./type-names.js";

/** The largest alignment that a struct may ask for: a page. */
const mostAlignment = 4096;

/** How the struct departs from C's ordinary layout. */
export function layoutForm(checker: ts.TypeChecker, type: ts.Type, name: string, node: ts.Node): LayoutForm {
  const aligned = phantomOf(checker, type, "ALIGNED", node);
  const bytes = aligned?.isNumberLiteral() === true ? aligned.value : null;
  const isPower =
    bytes !== null && bytes >= 1 && bytes <= mostAlignment && Number.isInteger(Math.log2(bytes));
  if (aligned !== null && !isPower)
    reject(
      node,
      "WG2005",
      `the alignment of ${name} is ${bytes ?? "not a constant"}`,
      `a power of two up to ${mostAlignment}: Aligned<16>`,
    );
  return {
    union: phantomOf(checker, type, "UNION", node) !== null,
    packed: phantomOf(checker, type, "PACKED", node) !== null,
    tags: tagsOf(checker, type, "TAGS", node),
    ...(isPower ? { aligned: bytes } : {}),
  };
}

/** The width of a bit field; null for a type that is none. Rejects a width that its type does not have. */
export function bitsOf(
  checker: ts.TypeChecker,
  type: ts.Type,
  data: () => DataType,
  name: string,
  node: ts.Node,
): number | null {
  // `Bits<boolean, 1>` is a union of its two values.
  const given = phantomOf(checker, type.isUnion() ? (type.types[0] ?? type) : type, "BITS", node);
  if (given === null) return null;
  const base = data();
  if (base.kind !== "int" || base.bigEndian)
    return reject(node, "WG2005", `${name} is not an integer, so it has no bits to count`);
  const most = base.name === "bool" ? 1 : base.size * 8;
  const bits = given.isNumberLiteral() ? given.value : null;
  if (bits === null || !Number.isInteger(bits) || bits < 1 || bits > most)
    return reject(
      node,
      "WG2005",
      `${name} has ${bits ?? "an unknown number of"} bits, a ${readableName(base)} has 1 to ${most}`,
      "write the number of bits: Bits<u8, 4>",
    );
  return bits;
}

/** Rejects a bit field whose bits no word of memory holds. */
export function checkBitFields({ name, fields }: StructType, node: ts.Node): void {
  const wide = fields.find(
    ({ bits }) =>
      bits !== undefined && Math.ceil((bits.offset + bits.size) / 8) - Math.floor(bits.offset / 8) > 8,
  );
  if (wide !== undefined)
    reject(
      node,
      "WG2005",
      `the bits of ${name}.${wide.name} lie in nine bytes, which no word holds`,
      "order the fields so that it begins with a byte",
    );
}

/** `@config` fields. */

import ts from "typescript";
import type { DataDefinition } from "../../ir/types.js";
import type { IntType } from "../../types/data-type.js";
import { reject } from "../rejections/rejection.js";
import type { ClassState } from "../state.js";
import { boundsOf, coerce } from "../values/scalars.js";
import { constantOf, evaluate } from "./constants.js";

/** The variable of a `@config` field, with its initial value. */
export function readConfig(owner: ClassState, member: ts.PropertyDeclaration, name: string): DataDefinition {
  if (member.initializer !== undefined && ts.isNewExpression(member.initializer))
    return reject(
      member.name,
      "WG2008",
      `${name} is no constant`,
      "@config is for numbers and booleans: remove it",
    );
  const type = owner.resolver.data(owner.checker.getTypeAtLocation(member), member.type ?? member.name);
  if (type.kind !== "int")
    return reject(member.name, "WG2010", "a @config field is a number or a boolean for now");
  const initial = new Uint8Array(type.size);
  if (member.initializer !== undefined)
    writeNumber(initial, configNumber(owner, member.initializer, type), type, owner.target.byteOrder);
  return { name, section: ".rodata", type, initial, mutable: false };
}

function configNumber(owner: ClassState, node: ts.Expression, type: IntType): bigint {
  if (type.name === "bool") {
    if (node.kind === ts.SyntaxKind.TrueKeyword) return 1n;
    if (node.kind === ts.SyntaxKind.FalseKeyword) return 0n;
    return reject(node, "WG2010", "the initial value is true or false");
  }
  if (type.bigEndian) {
    const inner = ts.isCallExpression(node) ? node.arguments[0] : undefined;
    return inner === undefined
      ? reject(node, "WG2010", "the initial value is a conversion of a constant", "write be16(443)")
      : constantOf(owner, inner);
  }
  const { value, fn } = evaluate(owner, node);
  const { min, max } = boundsOf(coerce(fn, value, type, node));
  return min === max ? min : reject(node, "WG2010", "this must be a constant number");
}

function writeNumber(bytes: Uint8Array, value: bigint, type: IntType, byteOrder: "little" | "big"): void {
  const little = !type.bigEndian && byteOrder === "little";
  for (let index = 0; index < bytes.length; index += 1) {
    const shift = BigInt(8 * (little ? index : bytes.length - 1 - index));
    bytes[index] = Number((BigInt.asUintN(64, value) >> shift) & 0xffn);
  }
}

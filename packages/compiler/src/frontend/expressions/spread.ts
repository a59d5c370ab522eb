/** `{ ...a, x: 1 }`: a copy of a struct's fields. */

import type ts from "typescript";
import { reject } from "../rejections/rejection.js";
import type { FunctionState } from "../state.js";
import { fieldOf, readPlace, writePlace } from "../values/memory.js";
import { rejectValue } from "../values/scalars.js";
import type { MemoryValue } from "../values/value.js";
import { lowerExpression } from "./expressions.js";

/** Copies the fields that a spread gives to `place`, and adds their names to `written`. */
export function spreadInto(
  fn: FunctionState,
  node: ts.SpreadAssignment,
  place: MemoryValue,
  written: Set<string>,
): void {
  const { type } = place;
  const source = lowerExpression(fn, node.expression, type);
  if (source.kind !== "memory") rejectValue(source, node.expression);
  if (source.type.kind !== "struct" || type.kind !== "struct")
    reject(node, "WG1001", "only the fields of a struct are copied so");
  const names = new Set(type.fields.map(({ name }) => name));
  for (const { name } of source.type.fields) {
    // A field that the struct does not have is one that TypeScript lets through.
    if (!names.has(name)) continue;
    writePlace(fn, fieldOf(place, name, node), readPlace(fn, fieldOf(source, name, node)), node);
    written.add(name);
  }
}

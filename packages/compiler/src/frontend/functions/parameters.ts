/** Parameters as variables. */

import ts from "#typescript";
import type { FunctionState } from "../state.js";
import { assignedIn } from "../statements/compared-variables.js";
import { bindPattern } from "../statements/destructuring.js";
import { nameValue } from "../statements/variables.js";
import { isContextPart, nullableAddress } from "../values/memory.js";
import { keptShape } from "../values/references.js";
import type { ResolvedType } from "../values/resolve-type.js";
import type { Value } from "../values/value.js";

/** Binds a parameter to what is passed. One that is assigned in the body is a variable of its own. */
export function bindParameter(
  fn: FunctionState,
  node: ts.ParameterDeclaration,
  type: ResolvedType,
  value: Value,
): void {
  if (!ts.isIdentifier(node.name)) {
    bindPattern(fn, node.name, value, false);
    return;
  }
  const { owner, builder } = fn;
  const symbol = owner.checker.getSymbolAtLocation(node.name);
  if (symbol === undefined) return;
  const name = node.name.text;
  const isPart = value.kind === "memory" && isContextPart(value);
  if (isPart || !isAssigned(fn, symbol, node.parent)) {
    nameValue(fn, value, name);
    const isNullable = value.kind === "memory" && type.nullable;
    fn.bindings.set(symbol, { kind: "value", value: isNullable ? { ...value, nullable: true } : value });
    return;
  }
  if (value.kind === "scalar") {
    const size = value.type.kind === "int" ? value.type.size : 8;
    const slot = builder.slot(name, size, size);
    builder.store(builder.slotAddress(slot), value.id, { width: size, region: "stack" });
    fn.bindings.set(symbol, { kind: "scalar", type: value.type, slot });
    return;
  }
  if (value.kind === "memory") {
    const slot = builder.slot(name, 8, 8);
    const pointer = nullableAddress(fn, value);
    builder.store(builder.slotAddress(slot), pointer, { width: 8, region: "stack" });
    fn.bindings.set(symbol, { kind: "reference", shape: keptShape(value, pointer), slot, origin: value });
    return;
  }
  fn.bindings.set(symbol, { kind: "value", value });
}

/** Whether a body assigns a variable. */
export const isAssigned = (fn: FunctionState, symbol: ts.Symbol, body: ts.Node): boolean =>
  assignedIn(fn, body).has(symbol);

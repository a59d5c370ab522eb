/** Declarations of variables. */

import ts from "typescript";
import type { DataType } from "../../types/data-type.js";
import { lowerExpression } from "../expressions/expressions.js";
import { reject } from "../rejections/rejection.js";
import { unsupported } from "../rejections/unsupported.js";
import { type Binding, type FunctionState, locationOf } from "../state.js";
import { memoryAt, nullableAddress } from "../values/memory.js";
import { coerce, rejectValue, solid } from "../values/scalars.js";
import type { Value } from "../values/value.js";
import { attempt } from "./statements.js";

/** `const` and `let`. A variable whose declaration was rejected is bound as broken: its uses are not reported again. */
export function lowerVariables(fn: FunctionState, list: ts.VariableDeclarationList): void {
  if (!(list.flags & ts.NodeFlags.BlockScoped))
    reject(list, "WG1001", "var is not in the language", "use const or let");
  for (const declaration of list.declarations) {
    const symbol = ts.isIdentifier(declaration.name)
      ? fn.owner.checker.getSymbolAtLocation(declaration.name)
      : undefined;
    if (symbol !== undefined) fn.bindings.set(symbol, { kind: "broken" });
    attempt(fn, () => {
      if (symbol === undefined) return unsupported(declaration.name);
      fn.builder.location = locationOf(fn.owner, declaration);
      fn.bindings.set(symbol, bind(fn, declaration, (list.flags & ts.NodeFlags.Const) !== 0));
    });
  }
}

/** Lets reports of the verifier's errors call a value by the variable that it is bound to. */
export function nameValue(fn: FunctionState, value: Value, name: string): void {
  if (value.kind === "scalar") fn.builder.name(value.id, name);
  else if (value.kind === "memory") fn.builder.name(value.pointer, name);
}

function bind(fn: FunctionState, declaration: ts.VariableDeclaration, isConst: boolean): Binding {
  const { owner, builder } = fn;
  const declared =
    declaration.type === undefined
      ? null
      : owner.resolver.resolve(owner.checker.getTypeAtLocation(declaration), declaration.type);
  const expected: DataType | null =
    declared?.kind === "data" || declared?.kind === "ref" ? declared.type : null;
  const name = declaration.name.getText();
  if (declaration.initializer === undefined) {
    if (expected?.kind !== "int")
      return reject(declaration, "WG1001", `${name} has no initial value`, "give it one");
    const slot = builder.slot(name, expected.size, expected.size);
    builder.store(builder.slotAddress(slot), builder.const(expected.size === 8 ? "i64" : "i32", 0n), {
      width: expected.size,
      region: "stack",
    });
    return { kind: "scalar", type: expected, slot };
  }
  let value: Value = lowerExpression(fn, declaration.initializer, expected);
  if (value.kind === "text" || value.kind === "void") rejectValue(value, declaration.initializer);
  if (
    declared?.kind === "data" &&
    expected !== null &&
    (expected.kind === "int" || expected.kind === "pointer")
  ) {
    value = coerce(fn, value, expected, declaration.initializer);
  }
  if (isConst && value.kind !== "null") {
    nameValue(fn, value, name);
    return { kind: "value", value };
  }
  if (value.kind === "constant" || value.kind === "kernel") value = solid(fn, value, declaration.initializer);
  if (value.kind === "scalar") {
    const { type } = value;
    const size = type.kind === "int" ? type.size : 8;
    const slot = builder.slot(name, size, size);
    builder.store(builder.slotAddress(slot), value.id, { width: size, region: "stack" });
    return { kind: "scalar", type, slot };
  }
  if (value.kind === "context") return { kind: "value", value };
  if (value.kind !== "memory" && value.kind !== "null") return rejectValue(value, declaration.initializer);
  const shape =
    value.kind === "memory"
      ? value
      : expected !== null
        ? memoryAt(expected, builder.nullPointer(), "unknown")
        : null;
  if (shape === null)
    return reject(declaration, "WG2005", `${name} needs a type`, "declare it: let x: T | null = null");
  const slot = builder.slot(name, 8, 8);
  const pointer = value.kind === "memory" ? nullableAddress(fn, value) : builder.nullPointer();
  builder.store(builder.slotAddress(slot), pointer, { width: 8, region: "stack" });
  return {
    kind: "reference",
    shape: memoryAt(shape.type, pointer, "unknown", { nullable: true, readonly: shape.readonly }),
    slot,
  };
}

/** Declarations of variables. */

import ts from "#typescript";
import type { DataType } from "../../types/data-type.js";
import { dataPlace, literalOf, moduleData } from "../classes/data.js";
import { lowerExpression } from "../expressions/expressions.js";
import { reject } from "../rejections/rejection.js";
import { unsupported } from "../rejections/unsupported.js";
import { type Binding, type FunctionState, locationOf, symbolOf } from "../state.js";
import { isContextPart, memoryAt, nullableAddress } from "../values/memory.js";
import { keptShape } from "../values/references.js";
import { boundsOf, coerce, isNumber, rejectValue, scalar, solid } from "../values/scalars.js";
import type { ScalarValue, Value } from "../values/value.js";
import { noteDeclared, noteLiteral } from "./assigned-facts.js";
import { assignmentsTo } from "./compared-variables.js";
import { bindBroken, bindPattern } from "./destructuring.js";
import { attempt } from "./statements.js";

/** `const` and `let`. A variable whose declaration was rejected is bound as broken: its uses are not reported again. */
export function lowerVariables(fn: FunctionState, list: ts.VariableDeclarationList): void {
  if (!(list.flags & ts.NodeFlags.BlockScoped))
    reject(list, "WG1001", "var is not in the language", "use const or let");
  for (const declaration of list.declarations) {
    bindBroken(fn, declaration.name);
    attempt(fn, declaration, () => {
      fn.builder.location = locationOf(fn.owner, declaration);
      bind(fn, declaration, (list.flags & ts.NodeFlags.Const) !== 0);
    });
  }
}

/** Lets reports of the verifier's errors call a value by the variable that it is bound to. */
export function nameValue(fn: FunctionState, value: Value, name: string): void {
  if (value.kind === "scalar") fn.builder.name(value.id, name);
  else if (value.kind === "memory") fn.builder.name(value.pointer, name);
}

function bind(fn: FunctionState, declaration: ts.VariableDeclaration, isConst: boolean): void {
  const { owner } = fn;
  const { name, initializer, exclamationToken } = declaration;
  if (exclamationToken !== undefined)
    reject(
      exclamationToken,
      "WG1020",
      "the compiler wants to see the assignment, not a promise",
      `give ${name.getText()} a value where it is declared, or on every path that leads to its uses`,
    );
  const declared =
    declaration.type === undefined
      ? null
      : owner.resolver.resolve(owner.checker.getTypeFromTypeNode(declaration.type), declaration.type);
  const expected: DataType | null =
    declared?.kind === "data" || declared?.kind === "ref" ? declared.type : null;
  if (initializer === undefined) {
    if (!ts.isIdentifier(name) || expected?.kind !== "int")
      reject(declaration, "WG1001", `${name.getText()} has no initial value`, "give it one");
    const zero = scalar(expected, fn.builder.const(expected.size === 8 ? "i64" : "i32", 0n));
    bindName(fn, name, zero, false, declaration);
    return;
  }
  if (declared === null && ts.isArrayBindingPattern(name) && ts.isArrayLiteralExpression(initializer)) {
    bindPattern(
      fn,
      name,
      initializer.elements.map((element) => lowerExpression(fn, element)),
      isConst,
    );
    return;
  }
  if (declared === null && isConst && ts.isIdentifier(name) && isTable(initializer)) {
    bindTable(fn, name, declaration, initializer);
    return;
  }
  let value: Value = lowerExpression(fn, initializer, expected);
  if (value.kind === "text" || value.kind === "void") rejectValue(value, initializer);
  if (
    declared?.kind === "data" &&
    expected !== null &&
    (expected.kind === "int" || expected.kind === "pointer")
  ) {
    value = coerce(fn, value, expected, initializer);
  }
  if (ts.isIdentifier(name)) {
    bindName(fn, name, value, isConst, initializer, expected);
    if (!isConst) noteDeclared(fn, name, value);
    else noteLiteral(fn, name, initializer);
  } else bindPattern(fn, name, value, isConst);
}

/** Whether an object or array is constant as a whole: `[1, 2] as const`. */
const isTable = (node: ts.Expression): boolean =>
  ts.isAsExpression(node) && ts.isConstTypeReference(node.type) && literalOf(node) !== null;

/** A table of the function's own lies where those of the module do. */
function bindTable(
  fn: FunctionState,
  name: ts.Identifier,
  declaration: ts.VariableDeclaration,
  initializer: ts.Expression,
): void {
  const symbol = fn.owner.checker.getSymbolAtLocation(name);
  if (symbol === undefined) unsupported(name);
  const local = localIn(fn, initializer);
  if (local !== null)
    reject(
      local,
      "WG2010",
      `a table that is as const is made before the program runs, and ${local.text} is known only then`,
      "declare a type instead: FixedArray<u32, 4>, or that of a struct",
    );
  const place = dataPlace(fn, moduleData(fn.owner, symbol, declaration, "table"));
  fn.bindings.set(symbol, { kind: "place", place });
}

/** A variable of the function, in an expression. */
function localIn(fn: FunctionState, node: ts.Node): ts.Identifier | null {
  if (ts.isPropertyAssignment(node)) return localIn(fn, node.initializer);
  if (ts.isIdentifier(node)) {
    const symbol = symbolOf(fn.owner, node);
    return symbol !== null && fn.bindings.has(symbol) ? node : null;
  }
  return ts.forEachChild(node, (child) => localIn(fn, child) ?? undefined) ?? null;
}

/** A number that a constant keeps has wrapped. */
function kept({ exact: _exact, ...value }: ScalarValue): ScalarValue {
  return value;
}

/** Binds a name to a value: a constant to the value itself, a variable to a slot that holds it. */
export function bindName(
  fn: FunctionState,
  name: ts.Identifier,
  value: Value,
  isConst: boolean,
  node: ts.Node,
  expected: DataType | null = null,
): void {
  const symbol = fn.owner.checker.getSymbolAtLocation(name);
  if (symbol === undefined) unsupported(name);
  // A reference into a packet stays known as such where it is never assigned.
  const isFixed =
    isConst || (value.kind === "memory" && value.region === "packet" && isNeverAssigned(fn, name, symbol));
  fn.bindings.set(symbol, bindingOf(fn, name.text, value, isFixed, node, expected));
}

function isNeverAssigned(fn: FunctionState, name: ts.Identifier, symbol: ts.Symbol): boolean {
  const around = ts.findAncestor<ts.Node>(name, ts.isFunctionLike);
  return around !== undefined && assignmentsTo(fn, around, symbol).length === 0;
}

function bindingOf(
  fn: FunctionState,
  name: string,
  given: Value,
  isConst: boolean,
  node: ts.Node,
  expected: DataType | null,
): Binding {
  const { builder } = fn;
  // A part of a context is only named: what assigns it again is rejected there.
  if ((isConst && given.kind !== "null") || (given.kind === "memory" && isContextPart(given))) {
    nameValue(fn, given, name);
    return { kind: "value", value: given.kind === "scalar" ? kept(given) : given };
  }
  const value = given.kind === "constant" || given.kind === "kernel" ? solid(fn, given, node) : given;
  if (value.kind === "scalar") {
    const { type } = value;
    const size = type.kind === "int" ? type.size : 8;
    const slot = builder.slot(name, size, size);
    builder.store(builder.slotAddress(slot), value.id, { width: size, region: "stack" });
    if (!isNumber(value)) return { kind: "scalar", type, slot };
    const binding = { kind: "scalar", type, slot, initial: boundsOf(value) } as const;
    if (expected !== null || type.kind !== "int" || type.size >= 4) return binding;
    return { ...binding, narrow: { type, wrappedAt: value.wrappedAt ?? null, widenedTo: null } };
  }
  if (value.kind === "context") return { kind: "value", value };
  if (value.kind !== "memory" && value.kind !== "null") return rejectValue(value, node);
  const shape =
    value.kind === "memory"
      ? value
      : expected !== null
        ? memoryAt(expected, builder.nullPointer(), "unknown")
        : null;
  if (shape === null)
    return reject(node, "WG2005", `${name} needs a type`, "declare it: let x: T | null = null");
  const slot = builder.slot(name, 8, 8);
  const pointer = value.kind === "memory" ? nullableAddress(fn, value) : builder.nullPointer();
  builder.store(builder.slotAddress(slot), pointer, { width: 8, region: "stack" });
  return {
    kind: "reference",
    shape: keptShape(shape, pointer),
    slot,
    origin: value.kind === "memory" ? value : null,
  };
}

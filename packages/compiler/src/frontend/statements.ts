/** Statements. A mistake in one is recorded and the next is lowered, so that all are reported at once. */
import ts from "typescript";
import type { DataType } from "../types/data-type.js";
import { passed } from "./calls.js";
import { lowerCondition } from "./conditions.js";
import { lowerExpression } from "./expressions.js";
import { collectFacts, withFacts } from "./facts.js";
import { doesExit, loopBound } from "./loops.js";
import { memoryAt, nullableAddress } from "./memory.js";
import { Rejection, reject } from "./rejection.js";
import { coerce, rejectValue, solid } from "./scalars.js";
import { type Binding, type FunctionState, locationOf } from "./state.js";
import { unsupported } from "./unsupported.js";
import type { Range, Value } from "./value.js";

/** Lowers one statement; its mistakes go to the class's diagnostics. */
export function lowerStatement(fn: FunctionState, node: ts.Statement): void {
  fn.builder.location = locationOf(fn.owner, node);
  attempt(fn, () => {
    if (ts.isBlock(node)) return lowerBlock(fn, node.statements);
    if (ts.isExpressionStatement(node)) return void lowerExpression(fn, node.expression);
    if (ts.isVariableStatement(node)) return lowerVariables(fn, node.declarationList);
    if (ts.isIfStatement(node)) return lowerIf(fn, node);
    if (ts.isReturnStatement(node)) return lowerReturn(fn, node);
    if (ts.isForStatement(node)) return lowerFor(fn, node);
    if (ts.isWhileStatement(node) || ts.isDoStatement(node)) return lowerWhile(fn, node);
    if (ts.isBreakStatement(node) || ts.isContinueStatement(node)) return lowerJump(fn, node);
    if (ts.isEmptyStatement(node) || ts.isTypeAliasDeclaration(node) || ts.isInterfaceDeclaration(node))
      return;
    unsupported(node);
  });
}

function attempt(fn: FunctionState, body: () => void): void {
  try {
    body();
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    if (error.diagnostic !== null) fn.owner.diagnostics.push(error.diagnostic);
  }
}

/** Statements in a row: what a guard that leaves excludes is known after it. */
export function lowerBlock(fn: FunctionState, statements: readonly ts.Statement[]): void {
  const facts = new Map<ts.Symbol, Range>();
  fn.facts.push(facts);
  for (const statement of statements) {
    lowerStatement(fn, statement);
    if (
      ts.isIfStatement(statement) &&
      statement.elseStatement === undefined &&
      doesExit(statement.thenStatement)
    ) {
      collectFacts(fn, statement.expression, false, facts);
    }
  }
  fn.facts.pop();
}

function lowerVariables(fn: FunctionState, list: ts.VariableDeclarationList): void {
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
  if (isConst && value.kind !== "null") return { kind: "value", value };
  if (value.kind === "constant") value = solid(fn, value, declaration.initializer);
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

function lowerIf(fn: FunctionState, node: ts.IfStatement): void {
  const { builder } = fn;
  const [then, otherwise, join] = [builder.block(), builder.block(), builder.block()];
  try {
    lowerCondition(fn, node.expression, then, node.elseStatement === undefined ? join : otherwise);
  } catch (error) {
    // The branches are still looked at, so that their mistakes are reported too.
    if (!(error instanceof Rejection)) throw error;
    if (error.diagnostic !== null) fn.owner.diagnostics.push(error.diagnostic);
  }
  builder.switchTo(then);
  withFacts(fn, node.expression, true, () => lowerStatement(fn, node.thenStatement));
  builder.jump(join);
  const { elseStatement } = node;
  if (elseStatement !== undefined) {
    builder.switchTo(otherwise);
    withFacts(fn, node.expression, false, () => lowerStatement(fn, elseStatement));
    builder.jump(join);
  }
  builder.switchTo(join);
}

function lowerReturn(fn: FunctionState, node: ts.ReturnStatement): void {
  const { builder, returns, entry } = fn;
  if (node.expression === undefined) {
    builder.return(entry.section === null ? null : builder.i32(0));
    return;
  }
  const expected = returns.kind === "data" || returns.kind === "ref" ? returns.type : null;
  const value = lowerExpression(fn, node.expression, expected);
  builder.location = locationOf(fn.owner, node);
  if (returns.kind === "void") {
    if (value.kind !== "void") reject(node, "WG1001", "nothing is returned here");
    builder.return(entry.section === null ? null : builder.i32(0));
    return;
  }
  if (value.kind === "memory" && value.region === "stack") {
    reject(
      node.expression,
      "WG1015",
      "the object is on the stack of this function and is gone when it returns",
      "let the caller pass an object to fill",
    );
  }
  builder.return(passed(fn, value, returns, node.expression));
}

function lowerFor(fn: FunctionState, node: ts.ForStatement): void {
  const { builder } = fn;
  const { initializer, condition, incrementor } = node;
  if (initializer !== undefined) {
    if (ts.isVariableDeclarationList(initializer)) lowerVariables(fn, initializer);
    else lowerExpression(fn, initializer);
  }
  const bound = loopBound(fn, node);
  const [head, body, step, after] = [builder.block(), builder.block(), builder.block(), builder.block()];
  builder.jump(head);
  builder.switchTo(head);
  if (condition === undefined) builder.jump(body);
  else lowerCondition(fn, condition, body, after);
  builder.switchTo(body);
  fn.loops.push({ onBreak: after, onContinue: step, turns: bound.turns });
  fn.facts.push(bound.facts);
  lowerStatement(fn, node.statement);
  fn.facts.pop();
  fn.loops.pop();
  builder.jump(step);
  builder.switchTo(step);
  if (incrementor !== undefined) lowerExpression(fn, incrementor);
  builder.jump(head);
  builder.switchTo(after);
}

function lowerWhile(fn: FunctionState, node: ts.WhileStatement | ts.DoStatement): void {
  const { builder } = fn;
  const bound = loopBound(fn, node);
  const [head, body, after] = [builder.block(), builder.block(), builder.block()];
  builder.jump(ts.isDoStatement(node) ? body : head);
  builder.switchTo(head);
  lowerCondition(fn, node.expression, body, after);
  builder.switchTo(body);
  fn.loops.push({ onBreak: after, onContinue: head, turns: bound.turns });
  fn.facts.push(bound.facts);
  lowerStatement(fn, node.statement);
  fn.facts.pop();
  fn.loops.pop();
  builder.jump(head);
  builder.switchTo(after);
}

function lowerJump(fn: FunctionState, node: ts.BreakOrContinueStatement): void {
  if (node.label !== undefined)
    reject(node, "WG1001", "labels are not compiled yet", "move the inner loop to a function");
  const loop = fn.loops.at(-1);
  const target = ts.isBreakStatement(node) ? loop?.onBreak : loop?.onContinue;
  if (target === undefined || target === null) reject(node, "WG1001", "there is no loop around this");
  fn.builder.jump(target);
}

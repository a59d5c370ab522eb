/** Bodies that are lowered in place of their call: closures, and functions that take closures. */

import ts from "#typescript";
import { lowerExpression } from "../expressions/expressions.js";
import { reject } from "../rejections/rejection.js";
import { type Closure, type FactKey, type FunctionNode, type FunctionState, locationOf } from "../state.js";
import type { Facts } from "../statements/assigned-facts.js";
import { isPath } from "../statements/compared-places.js";
import { isAssignedByClosure } from "../statements/compared-variables.js";
import { lowerBlock } from "../statements/statements.js";
import { memoryAt, newSlot } from "../values/memory.js";
import { packetContextOf } from "../values/packet-elements.js";
import type { Range, Value } from "../values/value.js";
import { nameOfFunction } from "./entries.js";
import { nameOfResult, received } from "./function-calls.js";
import { boundsGiven, leaveWith } from "./returns.js";
import { registerOfResolved, type Signature } from "./signatures.js";

/** Lowers the body of `target` here; `bind` gives its parameters their values. */
export function lowerInPlace(
  fn: FunctionState,
  node: ts.Node,
  target: Closure,
  { result, copies }: Pick<Signature, "result" | "copies">,
  bind: (state: FunctionState) => void,
): Value {
  const { builder, owner } = fn;
  const join = builder.block();
  const copy =
    copies && (result.kind === "data" || result.kind === "ref")
      ? newSlot(fn, nameOfResult(node, "result"), result.type)
      : null;
  const state = stateInPlace(fn, node, target, { join, copyTo: copy, given: [], references: [] }, result);
  const outer = builder.location;
  const isLibrary = isOneLiner(owner, target.node);
  owner.resolver.within(target.types, () => {
    bind(state);
    if (isLibrary) owner.callSites.push(outer ?? locationOf(owner, node));
    try {
      lowerBody(state, target.node);
    } finally {
      if (isLibrary) owner.callSites.pop();
    }
  });
  if (result.kind === "void") builder.jump(join);
  else builder.unreachable();
  const register = copy === null ? registerOfResolved(result) : result.nullable ? "i32" : null;
  const id = register === null ? null : builder.param(join, register);
  builder.switchTo(join);
  builder.location = outer;
  if (copy !== null) return id === null ? copy : { ...copy, nullable: true, present: id };
  if (id === null) return { kind: "void" };
  const [first] = state.leave.references;
  // What lies in a context is accessed from where its pointer points.
  if (first?.region === "context") return { ...first, pointer: id, nullable: result.nullable };
  const value = received(result, id, boundsGiven(state.leave), node);
  if (value.kind !== "memory") return value;
  const isPacket = first !== undefined && state.leave.references.every(({ region }) => region === "packet");
  return memoryAt(value.type, id, isPacket ? "packet" : "unknown", { nullable: result.nullable });
}

/** Whether a function of @waggle/kernel is an expression with a name: what is known of its arguments tells of its result. */
export function isOneLiner({ kernel }: FunctionState["owner"], declaration: FunctionNode): boolean {
  const { body } = declaration;
  const [only, ...others] = body !== undefined && ts.isBlock(body) ? body.statements : [];
  return (
    only !== undefined &&
    ts.isReturnStatement(only) &&
    others.length === 0 &&
    kernel.kernelSources !== "" &&
    declaration.getSourceFile().fileName.startsWith(kernel.kernelSources)
  );
}

/** What holds in a body of what is known where it runs: nothing of fields, nor of variables that some body assigns. */
function factsInBody(scope: FunctionState, known: Facts): Map<FactKey, Range> {
  const facts = new Map<FactKey, Range>();
  for (const [key, range] of known) {
    const kind = isPath(key) ? undefined : scope.bindings.get(key)?.kind;
    if (isPath(key) || kind === undefined) continue;
    if (kind === "value") facts.set(key, range);
    // A body that the kernel calls has the variable in memory.
    else if (!isAssignedByClosure(scope, key)) facts.set(key, { ...range, unseen: true });
  }
  return facts;
}

/** The state for a body that is lowered here. */
export function stateInPlace(
  fn: FunctionState,
  node: ts.Node,
  { node: declaration, scope, types }: Closure,
  leave: FunctionState["leave"],
  returns: FunctionState["returns"],
): FunctionState {
  const { within } = scope ?? fn;
  const name = nameOfFunction(declaration);
  if (within.includes(declaration))
    reject(
      node,
      "WG1008",
      `${name} calls itself: ${[...within.slice(within.indexOf(declaration)), declaration].map(nameOfFunction).join(" → ")}`,
      "write a loop with a constant bound",
    );
  const facts = scope === null ? [] : scope.facts.map((known) => factsInBody(scope, known));
  return {
    owner: fn.owner,
    entry: { ...fn.entry, title: name, declaration, section: null, types, caller: fn.entry },
    builder: fn.builder,
    bindings: new Map(scope?.bindings ?? []),
    facts,
    loops: [],
    jumps: [...fn.jumps],
    chains: new Map(),
    paths: [],
    compared: new Map(),
    ends: new Map(),
    assigned: new Map(),
    stored: new Map(),
    returns,
    leave,
    packet: packetContextOf(fn),
    lock: fn.lock,
    within: [...within, declaration],
  };
}

/** Lowers statements, or the expression that an arrow function gives. */
export function lowerBody(state: FunctionState, { body }: Closure["node"]): void {
  if (body === undefined) return;
  if (ts.isBlock(body)) {
    lowerBlock(state, body.statements);
    return;
  }
  state.builder.location = locationOf(state.owner, body);
  if (state.returns.kind === "void") lowerExpression(state, body);
  else leaveWith(state, body, body);
}

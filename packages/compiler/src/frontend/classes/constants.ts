/** Expressions that must be known when a class is compiled. */

import ts from "#typescript";
import { FunctionBuilder } from "../../ir/builder.js";
import { lowerExpression } from "../expressions/expressions.js";
import { reject } from "../rejections/rejection.js";
import type { ClassState, FunctionEntry, FunctionState } from "../state.js";
import { boundsOf } from "../values/scalars.js";
import { noSubstitution } from "../values/substitution.js";
import type { Value } from "../values/value.js";

/** A function to lower an expression in that must be known now. */
export function constantFunction(owner: ClassState): FunctionState {
  const builder = new FunctionBuilder({
    name: "constant",
    section: null,
    inline: "auto",
    returns: null,
    prototype: { params: [], returns: null },
    location: null,
  });
  const method = ts.factory.createFunctionDeclaration(
    undefined,
    undefined,
    "constant",
    undefined,
    [],
    undefined,
    undefined,
  );
  const entry: FunctionEntry = {
    name: "constant",
    title: "constant",
    declaration: method,
    section: null,
    callees: new Set(),
    types: noSubstitution,
    form: "auto",
    caller: null,
  };
  return {
    owner,
    entry,
    builder,
    bindings: new Map(),
    facts: [],
    loops: [],
    jumps: [],
    chains: new Map(),
    paths: [],
    compared: new Map(),
    ends: new Map(),
    assigned: new Map(),
    stored: new Map(),
    returns: { kind: "void", nullable: false },
    leave: { join: null, copyTo: null, given: [], references: [] },
    packet: null,
    lock: null,
    within: [],
  };
}

/** Evaluates an expression that must be known now. */
export function evaluate(owner: ClassState, node: ts.Expression): { value: Value; fn: FunctionState } {
  const fn = constantFunction(owner);
  return { value: lowerExpression(fn, node), fn };
}

/** A number that must be known now. */
export function constantOf(owner: ClassState, node: ts.Expression): bigint {
  const { value } = evaluate(owner, node);
  if (value.kind === "constant") return value.value;
  if (value.kind === "scalar") {
    const { min, max } = boundsOf(value);
    if (min === max) return min;
  }
  return reject(node, "WG2010", "this must be a constant number");
}

/** `loop(count, (index) => …)` and `Cls.map.forEach((key, value) => …)`: loops whose body is a closure. */

import { kernelHas } from "@waggle/object";
import ts from "#typescript";
import { mostIterations } from "../../ir/loop-limit.js";
import type { BlockId, LoopHint, MapDefinition } from "../../ir/types.js";
import { integers } from "../../types/integers.js";
import { argument } from "../calls/arguments.js";
import { newerKernel } from "../classes/class-rules.js";
import { lowerExpression } from "../expressions/expressions.js";
import { reject } from "../rejections/rejection.js";
import type { Closure, FunctionState } from "../state.js";
import { lowerInForm } from "../statements/callback-bodies.js";
import { callableCount } from "../statements/counted-loops.js";
import {
  firstWithCallbacks,
  isAllowedUnderLock,
  mostTurns,
  unknownTurnsUnderLock,
} from "../statements/loop-form.js";
import { eachEntry } from "../statements/map-loops.js";
import { tokenLocation } from "../token-location.js";
import { newSlot } from "../values/memory.js";
import type { ResolvedType } from "../values/resolve-type.js";
import { boundsOf, coerce, scalar } from "../values/scalars.js";
import type { Value } from "../values/value.js";
import { closureOf } from "./closures.js";
import { lowerBody, stateInPlace } from "./in-place.js";
import { resultsOf } from "./own-objects.js";
import { bindParameter } from "./parameters.js";
import { parametersOf } from "./signatures.js";

/** Constant counts up to this are ordinary loops: a call for each turn would cost more than the verifier's work. */
const mostBounded = 64n;

const boolean: ResolvedType = { kind: "data", type: integers.bool, nullable: false };
const nothing: ResolvedType = { kind: "void", nullable: false };

/** `loop(count, body)`: the number of turns. */
export function callLoop(fn: FunctionState, node: ts.CallExpression): Value {
  const { builder, owner } = fn;
  const given = argument(node, 0);
  const value = lowerExpression(fn, given);
  const { max } = value.kind === "constant" || value.kind === "scalar" ? boundsOf(value) : { max: 0n };
  const isConstant = value.kind === "constant";
  const count = coerce(fn, value, integers.u32, given);
  const hasLoop = kernelHas(owner.target.kernel, firstWithCallbacks);
  if (isConstant && max > mostIterations)
    reject(given, "WG2001", `${max} turns are more than the kernel makes`, `at most ${mostIterations}`);
  if (!hasLoop && !(isConstant && max <= mostTurns))
    reject(
      node,
      "WG2015",
      isConstant
        ? `kernels before ${firstWithCallbacks} take no loop of ${max} turns`
        : `kernels before ${firstWithCallbacks} take no loop whose count is not a constant`,
      newerKernel(owner, firstWithCallbacks),
    );
  const form =
    fn.lock === null
      ? hasLoop
        ? "callback"
        : "bounded"
      : formUnderLock(fn, node, isConstant && max <= mostTurns);
  const isBounded = form === "bounded" || (isConstant && max <= mostBounded);
  const closure = closureOf(fn, argument(node, 1));
  const location = tokenLocation(owner, node);
  const isUsed = !ts.isExpressionStatement(node.parent);
  const turns = isUsed ? newSlot(fn, "turns", integers.u32) : null;
  if (turns !== null) builder.store(turns.pointer, builder.i32(0), { width: 4, region: "stack" });
  const bound = isConstant ? max : null;
  const end = callableCount(fn, count.id, max);
  const [head, body, step, after] = [builder.block(), builder.block(), builder.block(), builder.block()];
  builder.jump(head, [builder.i32(0)]);
  const index = builder.param(head, "i32");
  builder.switchTo(head);
  builder.branch(builder.compare("ult", index, end), body, after);
  const driver = { kind: "loop", index, count: end } as const;
  if (isBounded) builder.trust(index);
  else builder.loop({ header: head, form, turns: bound, driver, location });
  builder.switchTo(body);
  if (turns !== null)
    builder.store(turns.pointer, builder.binary("add", index, builder.i32(1)), {
      width: 4,
      region: "stack",
    });
  const range = { min: 0n, max: max > 0n ? max - 1n : 0n };
  lowerInForm(fn, isBounded ? "bounded" : form, () =>
    visit(
      fn,
      node,
      closure,
      [scalar(integers.u32, index, range)],
      step,
      after,
      isBounded ? (bound ?? 1n) : 1n,
    ),
  );
  builder.switchTo(step);
  builder.location = location;
  builder.jump(head, [builder.binary("add", index, builder.i32(1))]);
  builder.switchTo(after);
  if (turns === null) return { kind: "void" };
  return scalar(integers.u32, builder.load("i32", turns.pointer, { width: 4, region: "stack" }));
}

/** The form of `loop` while a lock is held. */
function formUnderLock({ owner }: FunctionState, node: ts.Node, isShort: boolean): LoopHint["form"] {
  if (isShort) return "bounded";
  if (isAllowedUnderLock("iterator", owner.target.kernel)) return "iterator";
  return reject(
    node,
    "WG1010",
    "a lock is held here, and the kernel then takes no call, which this loop is made of",
    `give it a constant count of up to ${mostTurns}; ${newerKernel(owner, unknownTurnsUnderLock)}`,
  );
}

/** `Cls.map.forEach(visit)`. */
export function callForEach(fn: FunctionState, node: ts.CallExpression, map: MapDefinition): Value {
  const closure = closureOf(fn, argument(node, 0));
  eachEntry(fn, node, map, (key, value, onContinue, onBreak) =>
    visit(fn, node, closure, [key, value], onContinue, onBreak, 1n),
  );
  return { kind: "void" };
}

/** Lowers a turn: the closure's body with its parameters; `true` breaks, and everything else goes on. */
function visit(
  fn: FunctionState,
  node: ts.Node,
  closure: Closure,
  values: readonly Value[],
  onContinue: BlockId,
  onBreak: BlockId,
  turns: bigint,
): void {
  const { builder, owner } = fn;
  const { checker, resolver } = owner;
  const stops = resultsOf(closure.node).some(
    (result) =>
      (checker.getTypeAtLocation(result).flags & (ts.TypeFlags.Void | ts.TypeFlags.Undefined)) === 0,
  );
  const join = builder.block();
  const state = stateInPlace(
    fn,
    node,
    closure,
    { join, copyTo: null, given: [], references: [] },
    stops ? boolean : nothing,
  );
  const outer = fn.jumps.at(-1)?.turns ?? 1n;
  state.jumps.push({ onBreak, onContinue, isBlock: false, labels: [], turns: outer * turns });
  resolver.within(closure.types, () => {
    for (const [index, parameter] of parametersOf(owner, closure.node).entries()) {
      const value = values[index];
      if (value === undefined || parameter.type === null)
        reject(parameter.node, "WG1001", "the loop gives no such value", "leave the parameter out");
      bindParameter(state, parameter.node, parameter.type, value);
    }
    lowerBody(state, closure.node);
  });
  builder.jump(join, stops ? [builder.i32(0)] : []);
  if (stops) {
    const result = builder.param(join, "i32");
    builder.switchTo(join);
    builder.branch(result, onBreak, onContinue);
  } else {
    builder.switchTo(join);
    builder.jump(onContinue);
  }
}

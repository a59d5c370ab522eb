/** `atomic.add(place, n)` and its like. */

import { kernelHas } from "@waggle/object";
import ts from "#typescript";
import type { AtomicOp, Region } from "../../ir/types.js";
import type { IntType } from "../../types/data-type.js";
import { assignedPlace } from "../expressions/assignments.js";
import { lowerExpression } from "../expressions/expressions.js";
import { reject } from "../rejections/rejection.js";
import { type FunctionState, kernelName, symbolOf } from "../state.js";
import { isBitField } from "../values/bit-fields.js";
import { coerce, nameOf, scalar } from "../values/scalars.js";
import type { MemoryValue, Value } from "../values/value.js";
import { argument } from "./arguments.js";

const operators: Readonly<Record<string, AtomicOp>> = {
  add: "add",
  and: "and",
  or: "or",
  xor: "xor",
  exchange: "exchange",
};

/** The kernel that has the operations other than adding: commit 5ca419f2864a "bpf: Add BPF_FETCH field". */
const since = "5.12";

const refused: Partial<Record<Region, string>> = {
  packet: "a packet",
  context: "a context",
  readonly: "constant data",
};

/** Lowers a call of a method of `atomic`; null for other calls. */
export function atomicCall(
  fn: FunctionState,
  node: ts.CallExpression,
  callee: ts.PropertyAccessExpression,
): Value | null {
  const object = ts.isPropertyAccessExpression(callee.expression)
    ? callee.expression.name
    : callee.expression;
  if (kernelName(fn.owner, symbolOf(fn.owner, object)) !== "atomic") return null;
  const method = callee.name.text;
  const given = argument(node, 0);
  const { place, type } = atomicPlace(fn, given);
  const { builder } = fn;
  const used = !ts.isExpressionStatement(node.parent);
  const { kernel } = fn.owner.target;
  if ((method !== "add" || used) && !kernelHas(kernel, since))
    reject(
      callee.name,
      "WG2015",
      method === "add"
        ? `kernels give the old value of an atomic addition from ${since} on`
        : `kernels have an atomic ${method} from ${since} on`,
      `say that no older kernel is meant: target: { kernel: "${since}" } in xtask.config.ts, or --kernel ${since}`,
    );
  const operand = (index: number): ReturnType<typeof coerce> =>
    coerce(fn, lowerExpression(fn, argument(node, index), type), type, argument(node, index));
  if (method === "compareExchange") {
    const [expected, replacement] = [operand(1), operand(2)];
    return scalar(
      type,
      builder.compareExchange(place.pointer, expected.id, replacement.id, place.displacement),
    );
  }
  const operator = operators[method];
  if (operator === undefined) return reject(callee.name, "WG1013", `atomic has no ${method}`);
  const value = operand(1);
  if (used || operator === "exchange")
    return scalar(type, builder.atomicFetch(operator, place.pointer, value.id, place.displacement));
  builder.atomic(operator, place.pointer, value.id, place.displacement);
  return { kind: "void" };
}

function atomicPlace(fn: FunctionState, node: ts.Expression): { place: MemoryValue; type: IntType } {
  const place = assignedPlace(fn, node);
  if (place.readonly) reject(node, "WG1016", "kernel code cannot write here");
  const where = refused[place.region];
  if (where !== undefined)
    reject(
      node,
      "WG1016",
      `the kernel has no atomic operations on ${where}`,
      "they work on map values, variables, records of ring buffers and the stack",
    );
  const { type } = place;
  if (isBitField(place)) reject(node, "WG2003", "a bit field is no place of 32 or 64 bits");
  if (type.kind !== "int" || type.size < 4 || type.bigEndian)
    return reject(
      node,
      "WG2003",
      `atomic operations work on 32 and 64 bits in host order, not on ${type.kind === "int" ? nameOf(type) : "this"}`,
      "declare it u32, i32, u64 or i64",
    );
  if (place.align % type.size !== 0)
    reject(node, "WG2006", "an atomic operation needs an aligned place, and this is in a packed struct");
  return { place, type };
}

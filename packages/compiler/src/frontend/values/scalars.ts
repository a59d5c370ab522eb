/** Numbers: how literals take a type, how types meet, how a value becomes one of another type. */

import type ts from "typescript";
import type { UnaryOp, ValueId } from "../../ir/types.js";
import type { IntType, PointerType } from "../../types/data-type.js";
import { integers, meet, rangeOf } from "../../types/integers.js";
import { kernelPointer } from "../kernel-types/kernel-memory.js";
import { operandOf } from "../rejections/operand.js";
import { reject } from "../rejections/rejection.js";
import type { FunctionState } from "../state.js";
import { widened } from "./late-widening.js";
import { type ConstantValue, type Exact, type Range, type ScalarValue, union, type Value } from "./value.js";

const wrapOps: Readonly<Record<string, UnaryOp>> = { u8: "zext8", u16: "zext16", i8: "sext8", i16: "sext16" };

const hosts = { 1: integers.u8, 2: integers.u16, 4: integers.u32, 8: integers.u64 } as const;

const swapOps = { 2: "be16", 4: "be32", 8: "be64", 1: "be16" } as const;

/** The register type of a scalar. */
export function registerOf(type: IntType | PointerType): "i32" | "i64" {
  return type.kind === "pointer" || type.size === 8 ? "i64" : "i32";
}

/** How a type is called in the source. */
export function nameOf(type: IntType | PointerType): string {
  if (type.kind === "pointer") return "an address";
  return type.name === "bool" ? "boolean" : type.name.replace("__", "");
}

/** A scalar that is known to lie in `range` when that says more than its type. */
export function scalar(type: IntType | PointerType, id: ValueId, range: Range | null = null): ScalarValue {
  return { kind: "scalar", type, id, range };
}

/** A boolean. */
export const boolean = (id: ValueId): ScalarValue => scalar(integers.bool, id);

/** What is known of a number, by its type if by nothing else. */
export function boundsOf(value: ConstantValue | ScalarValue): Range {
  if (value.kind === "constant") return { min: value.value, max: value.value };
  if (value.type.kind === "pointer") return rangeOf(integers.u64);
  return value.range ?? rangeOf(value.type);
}

/** Whether the value is a boolean. */
export const isBoolean = (value: Value): boolean =>
  value.kind === "scalar" && value.type.kind === "int" && value.type.name === "bool";

/** Whether the value is a number in host order. */
export function isNumber(value: Value): value is ConstantValue | (ScalarValue & { readonly type: IntType }) {
  if (value.kind === "constant") return true;
  return (
    value.kind === "scalar" &&
    value.type.kind === "int" &&
    !value.type.bigEndian &&
    value.type.name !== "bool"
  );
}

function constantAs(fn: FunctionState, constant: ConstantValue, type: IntType, node: ts.Node): ScalarValue {
  const { min, max } = rangeOf(type);
  const { value } = constant;
  if (type.bigEndian || type.name === "bool")
    reject(node, "WG2004", `${value} is not a ${nameOf(type)}`, `write ${nameOf(type)}(${value})`);
  if (value < min || value > max)
    reject(
      node,
      "WG2001",
      `${value} does not fit ${nameOf(type)}, which holds ${min} to ${max}`,
      `use a wider type, or ${nameOf(type)}(…) for the low bits`,
    );
  return scalar(type, fn.builder.const(registerOf(type), value), { min: value, max: value });
}

/** The type that a literal has when nothing gives it one. */
export function defaultType(constant: ConstantValue): IntType {
  if (constant.wide) return constant.value < 0n ? integers.i64 : integers.u64;
  return constant.value < 0n ? integers.i32 : integers.u32;
}

/** The type of a number in `range` that was chosen among literals; null when no type of the width holds the range. */
export function literalType({ min, max }: Range, wide: boolean): IntType | null {
  const type = defaultType({ kind: "constant", value: min, wide });
  return max <= rangeOf(type).max ? type : null;
}

const isWide = ({ type }: ScalarValue): boolean => registerOf(type) === "i64";

/** A number that was chosen among literals, in `type`; null for another, and for one that does not fit. */
function literalAs(value: ScalarValue, type: IntType): ScalarValue | null {
  const { min, max } = rangeOf(type);
  const bounds = boundsOf(value);
  const fits = value.isLiteral && isWide(value) === (type.size === 8) && !type.bigEndian;
  return fits && bounds.min >= min && bounds.max <= max ? { ...value, type } : null;
}

/** The value as a scalar of its own type. */
export function solid(fn: FunctionState, value: Value, node: ts.Node): ScalarValue {
  if (value.kind === "scalar") return value;
  if (value.kind === "kernel") return kernelPointer(fn, value);
  if (value.kind === "constant") return constantAs(fn, value, defaultType(value), node);
  return rejectValue(value, node);
}

/** Rejects a value that is no number. */
export function rejectValue(value: Value, node: ts.Node): never {
  const what: Record<string, string> = {
    memory: "a reference",
    context: "a context",
    arguments: "the context's arguments",
    text: "text",
    null: "null",
    void: "nothing",
    kernel: "a place in the kernel's memory",
  };
  if (value.kind === "text")
    reject(
      node,
      "WG1003",
      "a string is not a value in BPF",
      'compare with text.equals("…"), or fill a CString<N> with text.set("…")',
    );
  return reject(
    node,
    "WG1001",
    `${what[value.kind] ?? "this"} is used where a number is needed`,
    value.kind === "memory" && value.type.kind !== "struct"
      ? "read it with .value"
      : value.kind === "null"
        ? "only references may be null: keep a number that stands for nothing, or a boolean beside it"
        : null,
  );
}

/** The value as one of `type`: literals must fit, and nothing may be lost. */
export function coerce(
  fn: FunctionState,
  value: Value,
  type: IntType | PointerType,
  node: ts.Node,
): ScalarValue {
  if (value.kind === "constant" && type.kind === "int") return constantAs(fn, value, type, node);
  const given = solid(fn, value, node);
  const from = widened(fn, given, type);
  if (from.type.kind === "pointer" || type.kind === "pointer") {
    if (from.type.kind === type.kind) return from;
    return reject(
      node,
      "WG2002",
      `${nameOf(from.type)} is not ${nameOf(type)}`,
      "u64(pointer) is the address as a number",
    );
  }
  // Given to a place of its own type, it is to wrap.
  if (from.type.name === type.name) return scalar(type, from.id, from.range);
  if (from.type.bigEndian || type.bigEndian) {
    reject(
      node,
      "WG2004",
      `${nameOf(from.type)} is not ${nameOf(type)}`,
      `write ${nameOf(type)}(…) to convert`,
    );
  }
  if (from.type.name === "bool" || type.name === "bool") {
    reject(
      node,
      "WG2002",
      `${nameOf(from.type)} is not ${nameOf(type)}`,
      type.name === "bool" ? "compare with 0" : `write ${type.name}(…)`,
    );
  }
  const outer = rangeOf(type);
  const inner = boundsOf(from);
  if (inner.min < outer.min || inner.max > outer.max) {
    reject(
      node,
      "WG2002",
      `${nameOf(from.type)} may not fit ${nameOf(type)}`,
      `write ${nameOf(type)}(…) to keep the low ${type.size * 8} bits`,
    );
  }
  if (registerOf(from.type) !== registerOf(type)) {
    reject(
      node,
      "WG2002",
      `${nameOf(from.type)} is not ${nameOf(type)}`,
      `write ${nameOf(type)}(…) to convert`,
    );
  }
  return scalar(type, from.id, inner);
}

/** The explicit conversion `u8(x)`. */
export function convert(fn: FunctionState, value: Value, type: IntType, node: ts.Node): Value {
  const { builder } = fn;
  if (value.kind === "constant") {
    const bits = type.size * 8;
    const { max } = rangeOf(type);
    if (type.bigEndian && (value.value > max || value.value < -(max + 1n) / 2n)) {
      reject(
        node,
        "WG2001",
        `${value.value} does not fit ${nameOf(type)}, which holds 0 to ${max}`,
        `${nameOf(type)}(u${bits}(…)) keeps the low bits`,
      );
    }
    const kept = type.signed ? BigInt.asIntN(bits, value.value) : BigInt.asUintN(bits, value.value);
    if (!type.bigEndian) return scalar(type, builder.const(registerOf(type), kept), { min: kept, max: kept });
    return scalar(type, builder.unary(swapOps[type.size], builder.const(registerOf(type), kept)));
  }
  let from = widened(fn, solid(fn, value, node), type, true);
  if (from.type.kind === "int" && from.type.bigEndian) {
    if (from.type.name === type.name) return from;
    const { size } = from.type;
    from = scalar(hosts[size], builder.unary(swapOps[size], from.id));
  }
  if (type.bigEndian) {
    const host = convertInt(fn, from, hosts[type.size]);
    return scalar(type, builder.unary(swapOps[type.size], host.id));
  }
  return convertInt(fn, from, type);
}

/** A number in host order as one of `type`: extended, or its low bits. */
export function convertInt(fn: FunctionState, from: ScalarValue, type: IntType): ScalarValue {
  const { builder } = fn;
  const outer = rangeOf(type);
  const inner = boundsOf(from);
  const keeps = inner.min >= outer.min && inner.max <= outer.max;
  let id = from.id;
  if (registerOf(from.type) === "i64" && type.size < 8) id = builder.unary("trunc32", id);
  if (registerOf(from.type) === "i32" && type.size === 8) {
    id = builder.unary(from.type.kind === "int" && from.type.signed ? "sext32" : "zext32", id);
  }
  const wrap = wrapOps[type.name];
  if (wrap !== undefined && !keeps) id = builder.unary(wrap, id);
  // Of a wider type, the bounds of the narrow one still hold.
  return scalar(type, id, keeps ? inner : null);
}

/** Both operands in the type they meet at. */
export function meetOperands(
  fn: FunctionState,
  left: Value,
  right: Value,
  node: ts.Node,
): [ScalarValue, ScalarValue, IntType] {
  if (!isNumber(left) || !isNumber(right)) {
    const wrong = isNumber(left) ? right : left;
    const place = operandOf(node, isNumber(left) ? "right" : "left");
    if (wrong.kind === "scalar") {
      if (wrong.type.kind === "int" && wrong.type.bigEndian) {
        reject(
          place,
          "WG2004",
          `a ${nameOf(wrong.type)} is not computed with or put in order`,
          `convert to host order first: u${wrong.type.size * 8}(…)`,
        );
      }
      reject(
        place,
        "WG2003",
        `${nameOf(wrong.type)} is not a number`,
        wrong.type.kind === "int" ? "u32(…) makes 0 or 1 of it" : "u64(…) is the address as a number",
      );
    }
    rejectValue(wrong, place);
  }
  if (left.kind === "constant" && right.kind === "constant") {
    const type = left.value < 0n ? defaultType(left) : defaultType(right);
    const [first, second] = [operandOf(node, "left"), operandOf(node, "right")];
    return [constantAs(fn, left, type, first), constantAs(fn, right, type, second), type];
  }
  if (left.kind === "constant" && right.kind === "scalar") {
    const other = besideLiteral(right, left);
    return [constantAs(fn, left, other.type, operandOf(node, "left")), other, other.type];
  }
  if (right.kind === "constant" && left.kind === "scalar") {
    const other = besideLiteral(left, right);
    return [other, constantAs(fn, right, other.type, operandOf(node, "right")), other.type];
  }
  if (left.kind !== "scalar" || right.kind !== "scalar") return rejectValue(left, node);
  const type = meet(left.type, right.type);
  if (type === null) {
    const asRight = literalAs(left, right.type);
    if (asRight !== null) return [asRight, right, right.type];
    const asLeft = literalAs(right, left.type);
    if (asLeft !== null) return [left, asLeft, left.type];
  }
  if (type === null) {
    reject(
      node,
      "WG2003",
      `${nameOf(left.type)} and ${nameOf(right.type)} have no common type`,
      `convert one: ${nameOf(left.type)}(…) or ${nameOf(right.type)}(…)`,
    );
  }
  return [asMet(fn, left, type), asMet(fn, right, type), type];
}

function asMet(fn: FunctionState, side: ScalarValue, type: IntType): ScalarValue {
  if (side.type.kind === "int" && side.type.name === type.name) return side;
  const from = widened(fn, side, type);
  return scalar(type, from.id, boundsOf(from));
}

/** The number as it meets a literal: one that was itself chosen among literals takes a type that holds both. */
function besideLiteral<T extends ScalarValue & { readonly type: IntType }>(
  value: T,
  literal: ConstantValue,
): T | (ScalarValue & { readonly type: IntType }) {
  const { min, max } = rangeOf(value.type);
  if (!value.isLiteral || (literal.value >= min && literal.value <= max)) return value;
  const range = union([boundsOf(value), { min: literal.value, max: literal.value }]);
  const type = literalType(range, isWide(value));
  return type === null ? value : { ...value, type };
}

/** What a result has from the numbers that it was chosen from or computed with in their own type: where they wrapped. */
export function originOf(
  sides: readonly (ConstantValue | ScalarValue)[],
): Pick<ScalarValue, "wrappedAt" | "variables"> {
  const scalars = sides.filter((side) => side.kind === "scalar");
  const wrappedAt = scalars.find((side) => side.wrappedAt !== undefined)?.wrappedAt;
  const variables = scalars.flatMap((side) => side.variables ?? []);
  return {
    ...(wrappedAt === undefined ? {} : { wrappedAt }),
    ...(variables.length === 0 ? {} : { variables }),
  };
}

/** A number as it is without the wraps on its way; null when that is not known. */
export function exactOf(fn: FunctionState, value: ConstantValue | ScalarValue): Exact | null {
  const range = boundsOf(value);
  if (value.kind === "constant") return { id: fn.builder.i32(value.value), range };
  return value.exact ?? (value.wrappedAt === undefined ? { id: value.id, range } : null);
}

/** The type of 32 bits that holds all the ranges; null when there is none. */
export function sharedType(ranges: readonly [Range, ...Range[]]): IntType | null {
  const { min, max } = union(ranges);
  return literalType({ min, max }, false);
}

/** The result of arithmetic in `type`, wrapped to its width where `range` does not show that it fits. */
export function wrapped(
  fn: FunctionState,
  type: IntType,
  id: ValueId,
  range: Range | null,
  /** Where it is computed; null for an operation whose result fits by itself. */
  node: ts.Node | null,
): ScalarValue {
  const { min, max } = rangeOf(type);
  const fits = range !== null && range.min >= min && range.max <= max;
  const wrap = wrapOps[type.name];
  if (wrap === undefined || fits) return scalar(type, id, fits ? range : null);
  const result = scalar(type, fn.builder.unary(wrap, id));
  return node === null ? result : { ...result, wrappedAt: node };
}

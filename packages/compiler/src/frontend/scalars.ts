/** Numbers: how literals take a type, how types meet, how arithmetic wraps. */
import ts from "typescript";
import type { BinaryOp, CompareOp, UnaryOp, ValueId } from "../ir/types.js";
import type { IntType, PointerType } from "../types/data-type.js";
import { integers, meet, rangeOf, widens } from "../types/integers.js";
import { reject } from "./rejection.js";
import type { FunctionState } from "./state.js";
import { type ConstantValue, intersect, type Range, type ScalarValue, union, type Value } from "./value.js";

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

/** The value as a scalar of its own type. */
export function solid(fn: FunctionState, value: Value, node: ts.Node): ScalarValue {
  if (value.kind === "scalar") return value;
  if (value.kind === "constant") return constantAs(fn, value, defaultType(value), node);
  return rejectValue(value, node);
}

/** Rejects a value that is no number. */
export function rejectValue(value: Value, node: ts.Node): never {
  const what: Record<string, string> = {
    memory: "a reference",
    context: "a context",
    text: "text",
    null: "null",
    void: "nothing",
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
    value.kind === "memory" && value.type.kind !== "struct" ? "read it with .value" : null,
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
  const from = solid(fn, value, node);
  if (from.type.kind === "pointer" || type.kind === "pointer") {
    if (from.type.kind === type.kind) return from;
    return reject(
      node,
      "WG2002",
      `${nameOf(from.type)} is not ${nameOf(type)}`,
      "u64(pointer) is the address as a number",
    );
  }
  if (from.type.name === type.name) return from;
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
  return scalar(type, from.id, from.range);
}

/** The explicit conversion `u8(x)`. */
export function convert(fn: FunctionState, value: Value, type: IntType, node: ts.Node): Value {
  const { builder } = fn;
  if (value.kind === "constant") {
    const bits = type.size * 8;
    const kept = type.signed ? BigInt.asIntN(bits, value.value) : BigInt.asUintN(bits, value.value);
    if (!type.bigEndian) return scalar(type, builder.const(registerOf(type), kept), { min: kept, max: kept });
    return scalar(type, builder.unary(swapOps[type.size], builder.const(registerOf(type), kept)));
  }
  let from = solid(fn, value, node);
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

function convertInt(fn: FunctionState, from: ScalarValue, type: IntType): ScalarValue {
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
  return scalar(type, id, keeps ? from.range : null);
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
    if (wrong.kind === "scalar") {
      if (wrong.type.kind === "int" && wrong.type.bigEndian) {
        reject(
          node,
          "WG2004",
          `a ${nameOf(wrong.type)} is not computed with or put in order`,
          `convert to host order first: u${wrong.type.size * 8}(…)`,
        );
      }
      reject(
        node,
        "WG2003",
        `${nameOf(wrong.type)} is not a number`,
        wrong.type.kind === "int" ? "u32(…) makes 0 or 1 of it" : "u64(…) is the address as a number",
      );
    }
    rejectValue(wrong, node);
  }
  if (left.kind === "constant" && right.kind === "constant") {
    const type = left.value < 0n ? defaultType(left) : defaultType(right);
    return [constantAs(fn, left, type, node), constantAs(fn, right, type, node), type];
  }
  if (left.kind === "constant" && right.kind === "scalar")
    return [constantAs(fn, left, right.type, node), right, right.type];
  if (right.kind === "constant" && left.kind === "scalar")
    return [left, constantAs(fn, right, left.type, node), left.type];
  if (left.kind !== "scalar" || right.kind !== "scalar") return rejectValue(left, node);
  const type = meet(left.type, right.type);
  if (type === null) {
    reject(
      node,
      "WG2003",
      `${nameOf(left.type)} and ${nameOf(right.type)} have no common type`,
      `convert one: ${nameOf(left.type)}(…) or ${nameOf(right.type)}(…)`,
    );
  }
  return [scalar(type, left.id, left.range), scalar(type, right.id, right.range), type];
}

interface Arithmetic {
  readonly signed: BinaryOp;
  readonly unsigned: BinaryOp;
  /** The result for bounds; null when they say nothing. */
  readonly range: (left: Range, right: Range) => Range | null;
}
const corners = (numbers: readonly [bigint, ...bigint[]]): Range => {
  const [first, ...rest] = numbers.map((number) => ({ min: number, max: number }));
  return union(first === undefined ? [{ min: 0n, max: 0n }] : [first, ...rest]);
};
const bitLength = (value: bigint): bigint => BigInt(value.toString(2).length);
const positive = (left: Range, right: Range): boolean => left.min >= 0n && right.min >= 0n;
const orRange = (l: Range, r: Range): Range | null => {
  const top = union([l, r]).max;
  return positive(l, r) ? { min: 0n, max: (1n << bitLength(top)) - 1n } : null;
};
const arithmetic: ReadonlyMap<ts.SyntaxKind, Arithmetic> = new Map([
  [
    ts.SyntaxKind.PlusToken,
    { signed: "add", unsigned: "add", range: (l, r) => ({ min: l.min + r.min, max: l.max + r.max }) },
  ],
  [
    ts.SyntaxKind.MinusToken,
    { signed: "sub", unsigned: "sub", range: (l, r) => ({ min: l.min - r.max, max: l.max - r.min }) },
  ],
  [
    ts.SyntaxKind.AsteriskToken,
    {
      signed: "mul",
      unsigned: "mul",
      range: (l, r) => corners([l.min * r.min, l.min * r.max, l.max * r.min, l.max * r.max]),
    },
  ],
  [
    ts.SyntaxKind.SlashToken,
    { signed: "sdiv", unsigned: "udiv", range: (l, r) => (positive(l, r) ? { min: 0n, max: l.max } : null) },
  ],
  [
    ts.SyntaxKind.PercentToken,
    {
      signed: "smod",
      unsigned: "umod",
      range: (l, r) =>
        positive(l, r) && r.min > 0n
          ? { min: 0n, max: intersect(l, { min: 0n, max: r.max - 1n }).max }
          : positive(l, r)
            ? { min: 0n, max: l.max }
            : null,
    },
  ],
  [
    ts.SyntaxKind.AmpersandToken,
    {
      signed: "and",
      unsigned: "and",
      range: (l, r) =>
        positive(l, r)
          ? { min: 0n, max: intersect(l, r).max }
          : l.min >= 0n
            ? { min: 0n, max: l.max }
            : r.min >= 0n
              ? { min: 0n, max: r.max }
              : null,
    },
  ],
  [ts.SyntaxKind.BarToken, { signed: "or", unsigned: "or", range: orRange }],
  [ts.SyntaxKind.CaretToken, { signed: "xor", unsigned: "xor", range: orRange }],
] as const satisfies [ts.SyntaxKind, Arithmetic][]);

const shifts: ReadonlyMap<ts.SyntaxKind, Omit<Arithmetic, "range">> = new Map([
  [ts.SyntaxKind.LessThanLessThanToken, { signed: "shl", unsigned: "shl" }],
  [ts.SyntaxKind.GreaterThanGreaterThanToken, { signed: "ashr", unsigned: "lshr" }],
  [ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken, { signed: "lshr", unsigned: "lshr" }],
] as const satisfies [ts.SyntaxKind, Omit<Arithmetic, "range">][]);

/** Whether the token is an operator on two numbers with a number for a result. */
export function isArithmetic(operator: ts.SyntaxKind): boolean {
  return arithmetic.has(operator) || shifts.has(operator);
}

/** `left operator right`, wrapped to the type that they meet at. */
export function binary(
  fn: FunctionState,
  operator: ts.SyntaxKind,
  left: Value,
  right: Value,
  node: ts.Node,
): Value {
  if (left.kind === "constant" && right.kind === "constant") {
    return foldConstants(operator, left, right, node);
  }
  if (shifts.has(operator)) return shift(fn, operator, left, right, node);
  const divides = operator === ts.SyntaxKind.SlashToken || operator === ts.SyntaxKind.PercentToken;
  if (divides && right.kind === "constant" && right.value === 0n)
    reject(node, "WG1018", "division by the constant zero");
  const row = arithmetic.get(operator);
  if (row === undefined) return reject(node, "WG1001", "this operator has no meaning in BPF");
  const [a, b, type] = meetOperands(fn, left, right, node);
  const id = fn.builder.binary(type.signed ? row.signed : row.unsigned, a.id, b.id);
  return wrapped(fn, type, id, row.range(boundsOf(a), boundsOf(b)));
}

function wrapped(fn: FunctionState, type: IntType, id: ValueId, range: Range | null): ScalarValue {
  const { min, max } = rangeOf(type);
  const fits = range !== null && range.min >= min && range.max <= max;
  const wrap = wrapOps[type.name];
  return scalar(type, wrap === undefined || fits ? id : fn.builder.unary(wrap, id), fits ? range : null);
}

function shift(fn: FunctionState, operator: ts.SyntaxKind, left: Value, right: Value, node: ts.Node): Value {
  const row = shifts.get(operator);
  if (!isNumber(left) || !isNumber(right) || row === undefined) {
    meetOperands(fn, left, right, node);
    return reject(node, "WG1001", "only numbers are shifted");
  }
  const value = solid(fn, left, node);
  const type = value.type;
  if (type.kind !== "int") return rejectValue(value, node);
  const width = type.size === 8 ? 64n : 32n;
  if (right.kind === "constant" && (right.value < 0n || right.value >= BigInt(type.size * 8))) {
    reject(node, "WG2001", `a shift of ${nameOf(type)} by ${right.value} is not 0 to ${type.size * 8 - 1}`);
  }
  if (operator === ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken && type.signed) {
    reject(
      node,
      "WG2003",
      `>>> takes an unsigned number, not ${nameOf(type)}`,
      "convert with u32(…) first, or use >>",
    );
  }
  const by =
    right.kind === "constant"
      ? fn.builder.const(registerOf(type), right.value)
      : convertInt(fn, solid(fn, right, node), width === 64n ? integers.u64 : integers.u32).id;
  const id = fn.builder.binary(type.signed ? row.signed : row.unsigned, value.id, by);
  const { min, max } = boundsOf(value);
  let range: Range | null = null;
  if (right.kind === "constant") {
    range =
      row.unsigned === "shl"
        ? { min: min << right.value, max: max << right.value }
        : { min: min >> right.value, max: max >> right.value };
  } else if (row.unsigned === "lshr" && min >= 0n) range = { min: 0n, max };
  return wrapped(fn, type, id, range);
}

function foldConstants(
  operator: ts.SyntaxKind,
  left: ConstantValue,
  right: ConstantValue,
  node: ts.Node,
): ConstantValue {
  const [a, b] = [left.value, right.value];
  const isShift = shifts.has(operator);
  if (isShift && (b < 0n || b > 63n)) reject(node, "WG2001", `a shift by ${b} is not 0 to 63`);
  if ((operator === ts.SyntaxKind.SlashToken || operator === ts.SyntaxKind.PercentToken) && b === 0n) {
    reject(node, "WG1018", "division by the constant zero");
  }
  const fold: Partial<Record<ts.SyntaxKind, () => bigint>> = {
    [ts.SyntaxKind.PlusToken]: () => a + b,
    [ts.SyntaxKind.MinusToken]: () => a - b,
    [ts.SyntaxKind.AsteriskToken]: () => a * b,
    [ts.SyntaxKind.SlashToken]: () =>
      left.wide || a % b === 0n ? a / b : reject(node, "WG1002", `${a} / ${b} is not an integer`),
    [ts.SyntaxKind.PercentToken]: () => a % b,
    [ts.SyntaxKind.AmpersandToken]: () => a & b,
    [ts.SyntaxKind.BarToken]: () => a | b,
    [ts.SyntaxKind.CaretToken]: () => a ^ b,
    [ts.SyntaxKind.LessThanLessThanToken]: () => a << b,
    [ts.SyntaxKind.GreaterThanGreaterThanToken]: () => a >> b,
    [ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken]: () =>
      a < 0n ? reject(node, "WG2003", ">>> takes an unsigned number") : a >> b,
  };
  const result = fold[operator];
  if (result === undefined) return reject(node, "WG1001", "this operator has no meaning in BPF");
  return { kind: "constant", value: result(), wide: left.wide };
}

const orders: ReadonlyMap<ts.SyntaxKind, readonly [CompareOp, CompareOp]> = new Map([
  [ts.SyntaxKind.LessThanToken, ["ult", "slt"]],
  [ts.SyntaxKind.LessThanEqualsToken, ["ule", "sle"]],
  [ts.SyntaxKind.GreaterThanToken, ["ugt", "sgt"]],
  [ts.SyntaxKind.GreaterThanEqualsToken, ["uge", "sge"]],
  [ts.SyntaxKind.EqualsEqualsEqualsToken, ["eq", "eq"]],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, ["ne", "ne"]],
] as const satisfies [ts.SyntaxKind, readonly [CompareOp, CompareOp]][]);

/** Whether the token compares. */
export const isComparison = (operator: ts.SyntaxKind): boolean => orders.has(operator);

/** Compares two scalars; 1 or 0. */
export function compare(
  fn: FunctionState,
  operator: ts.SyntaxKind,
  left: Value,
  right: Value,
  node: ts.Node,
): ScalarValue {
  const [unsigned, signed] = orders.get(operator) ?? ["eq", "eq"];
  const equality = unsigned === "eq" || unsigned === "ne";
  if (left.kind === "scalar" && right.kind === "scalar" && equality && left.type.kind === right.type.kind) {
    const same =
      left.type.kind === "pointer" || (right.type.kind === "int" && left.type.name === right.type.name);
    if (same) return boolean(fn.builder.compare(unsigned, left.id, right.id));
  }
  const zero =
    right.kind === "constant" &&
    right.value === 0n &&
    left.kind === "scalar" &&
    left.type.kind === "int" &&
    !left.type.signed &&
    isNumber(left);
  if (zero && (unsigned === "ult" || unsigned === "uge")) {
    reject(node, "WG1018", `${nameOf(left.type)} is never below 0, so this is always ${unsigned === "uge"}`);
  }
  const [a, b, type] = meetOperands(fn, left, right, node);
  return boolean(fn.builder.compare(type.signed ? signed : unsigned, a.id, b.id));
}

/** -x and ~x. */
export function unary(fn: FunctionState, operator: ts.SyntaxKind, value: Value, node: ts.Node): Value {
  if (!isNumber(value)) {
    meetOperands(fn, value, value, node);
    return rejectValue(value, node);
  }
  if (value.kind === "constant") {
    return { ...value, value: operator === ts.SyntaxKind.MinusToken ? -value.value : ~value.value };
  }
  const { builder } = fn;
  const id =
    operator === ts.SyntaxKind.MinusToken
      ? builder.unary("neg", value.id)
      : builder.binary("xor", value.id, builder.const(registerOf(value.type), -1n));
  return wrapped(fn, value.type, id, null);
}

/** Whether a value of type `from` can be assigned to `to` as it is. */
export const assignable = (from: IntType, to: IntType): boolean => widens(from, to);

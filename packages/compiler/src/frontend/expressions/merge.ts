/** Two values that come from two ways become one. */
import type ts from "typescript";
import { BugError } from "../../ir/bug-error.js";
import type { BlockId } from "../../ir/types.js";
import type { DataType, IntType, PointerType } from "../../types/data-type.js";
import { meet, rangeOf } from "../../types/integers.js";
import { alignOf } from "../../types/layout.js";
import { reject } from "../rejections/rejection.js";
import type { FunctionState } from "../state.js";
import { checkLayout, nullableAddress } from "../values/memory.js";
import { rejectOtherPlace } from "../values/references.js";
import {
  boundsOf,
  coerce,
  defaultType,
  exactOf,
  isNumber,
  literalType,
  meetOperands,
  originOf,
  registerOf,
  scalar,
  sharedType,
  solid,
} from "../values/scalars.js";
import {
  type ConstantValue,
  type MemoryValue,
  type ScalarValue,
  union,
  type Value,
} from "../values/value.js";

/** A value, where control is when it is there, and what it was written as. */
export interface Way {
  readonly value: Value;
  readonly end: BlockId;
  readonly node: ts.Node;
}

/** Goes on where both ways meet; the result is the value of the way that was taken, which goes to a place of the `expected` type. */
export function merge(
  fn: FunctionState,
  left: Way,
  right: Way,
  expected: DataType | null,
  node: ts.Node,
): Value {
  const { value: a } = left;
  const { value: b } = right;
  const reference = a.kind === "memory" ? a : b.kind === "memory" ? b : null;
  return reference === null
    ? mergeScalars(fn, left, right, expected, node)
    : mergeReferences(fn, left, right, reference, node);
}

function mergeReferences(
  fn: FunctionState,
  left: Way,
  right: Way,
  reference: MemoryValue,
  node: ts.Node,
): MemoryValue {
  const { builder } = fn;
  const join = builder.block();
  const { value: a } = left;
  const { value: b } = right;
  if (b.kind === "memory") checkLayout(b, reference.type, right.node);
  if (a.kind === "memory" && b.kind === "memory") rejectOtherPlace(a, b, node);
  const isContext = reference.region === "context";
  const ends = [left, right].map(({ value, end }) => {
    if (value.kind !== "memory" && value.kind !== "null")
      reject(
        node,
        "WG1001",
        "one result is a reference and the other a number",
        "read the reference: reference?.value ?? 0",
      );
    builder.switchTo(end);
    if (value.kind === "null") return { pointer: builder.nullPointer(), end };
    // What lies in a context is accessed from where its pointer points.
    const pointer = isContext ? value.pointer : nullableAddress(fn, value);
    return { pointer, end: builder.current };
  });
  const pointer = builder.param(join, "ptr");
  for (const end of ends) {
    builder.switchTo(end.end);
    builder.jump(join, [end.pointer]);
  }
  builder.switchTo(join);
  const both = a.kind === "memory" && b.kind === "memory" ? [a, b] : [];
  const isMixed = both.length > 0 && both[0]?.region !== both[1]?.region;
  const nullable = [a, b].some((side) => side.kind === "null" || (side.kind === "memory" && side.nullable));
  return {
    ...reference,
    pointer,
    displacement: isContext ? reference.displacement : 0,
    present: null,
    nullable,
    readonly: [a, b].some((side) => side.kind === "memory" && side.readonly),
    region: isMixed ? "unknown" : reference.region,
    align: alignOf(reference.type),
  };
}

function mergeScalars(
  fn: FunctionState,
  left: Way,
  right: Way,
  expected: DataType | null,
  node: ts.Node,
): Value {
  const { builder } = fn;
  const join = builder.block();
  const { value: a } = left;
  const { value: b } = right;
  const type = typeOfBoth(fn, left, right, expected, node);
  const result = builder.param(join, registerOf(type));
  // A side of another type was widened, which takes all of it.
  const isKept = (side: Value): boolean =>
    isNumber(side) && type.kind === "int" && typeOf(side).name === type.name;
  const origin = isNumber(a) && isNumber(b) ? originOf([a, b].filter(isKept)) : {};
  const [first, second] = [left, right].map(({ value, end, node: at }) => {
    builder.switchTo(end);
    const given = coerce(fn, value, type, at);
    const isAsked = origin.wrappedAt !== undefined && isNumber(value);
    const exact = isAsked ? exactOf(fn, isKept(value) ? value : given) : null;
    return { given, exact, end: builder.current };
  });
  if (first === undefined || second === undefined) throw new BugError("two ways that meet", fn.entry.name);
  const { exact: one } = first;
  const { exact: other } = second;
  const isExact = one !== null && other !== null && sharedType([one.range, other.range]) !== null;
  const exact = isExact
    ? { id: builder.param(join, "i32"), range: union([one.range, other.range]) }
    : undefined;
  for (const way of [first, second]) {
    builder.switchTo(way.end);
    builder.jump(
      join,
      exact === undefined || way.exact === null ? [way.given.id] : [way.given.id, way.exact.id],
    );
  }
  builder.switchTo(join);
  if (!isNumber(a) || !isNumber(b)) return scalar(type, result);
  const merged = scalar(type, result, union([boundsOf(first.given), boundsOf(second.given)]));
  if (isLiteral(a) && isLiteral(b)) return { ...merged, isLiteral: true };
  return { ...merged, ...origin, ...(exact === undefined ? {} : { exact }) };
}

type HostNumber = ConstantValue | (ScalarValue & { readonly type: IntType });

const isLiteral = (value: HostNumber): boolean => value.kind === "constant" || value.isLiteral === true;

const typeOf = (value: HostNumber): IntType => (value.kind === "constant" ? defaultType(value) : value.type);

const isWide = (value: HostNumber): boolean =>
  value.kind === "constant" ? value.wide : value.type.size === 8;

/** Whether the number can be of the type as it is. */
function fits(value: HostNumber, type: IntType): boolean {
  const [inner, outer] = [boundsOf(value), rangeOf(type)];
  return isWide(value) === (type.size === 8) && inner.min >= outer.min && inner.max <= outer.max;
}

/** The type of the result: one that holds both, or else the expected one, in which each side must fit. */
function typeOfBoth(
  fn: FunctionState,
  left: Way,
  right: Way,
  expected: DataType | null,
  node: ts.Node,
): IntType | PointerType {
  const { value: a } = left;
  const { value: b } = right;
  fn.builder.switchTo(left.end);
  if (!isNumber(a) || !isNumber(b)) {
    const typed = a.kind === "scalar" ? a : b.kind === "scalar" ? b : a;
    return solid(fn, typed, node).type;
  }
  if (isLiteral(a) && isLiteral(b)) {
    const type = literalType(union([boundsOf(a), boundsOf(b)]), isWide(a) || isWide(b));
    if (type !== null) return type;
  }
  if (a.kind === "constant" && fits(a, typeOf(b))) return typeOf(b);
  if (b.kind === "constant" && fits(b, typeOf(a))) return typeOf(a);
  const met = meet(typeOf(a), typeOf(b));
  if (met !== null) return met;
  if (isLiteral(a) && fits(a, typeOf(b))) return typeOf(b);
  if (isLiteral(b) && fits(b, typeOf(a))) return typeOf(a);
  const isExpected = expected?.kind === "int" && !expected.bigEndian && expected.name !== "bool";
  return isExpected ? expected : meetOperands(fn, a, b, node)[2];
}

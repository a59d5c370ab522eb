/** Random expressions of a type. */
import { randomNumber } from "./literals.js";
import { pickNumber, pickPlace } from "./places.js";
import { inside, newName, type State } from "./state.js";
import { statements } from "./statements.js";
import type { CallbackType, Closure, Expression, Given, Key, Making, Place } from "./tree.js";
import {
  type Aggregate,
  allInts,
  type BigEndianType,
  boolean,
  type IntType,
  ints,
  isScalar,
  meet,
  type Scalar,
  sameType,
  sizeOf,
  type Type,
} from "./types.js";
import { partsOf } from "./values.js";

/** A literal that says its type, or takes that of what it meets. */
export function literal(state: State, type: Scalar, bare: boolean): Expression {
  return { kind: "literal", type, value: randomNumber(state.random, type), bare };
}

const bareNumber = (type: IntType, value: bigint): Expression => ({
  kind: "literal",
  type,
  value,
  bare: true,
});

/** A conversion; a result that may have wrapped says its type before it becomes wider. */
function convert(type: Scalar, value: Expression): Expression {
  const isWider = sizeOf(type) > sizeOf(value.type);
  return { kind: "convert", type, value: isWider ? settled(value) : value };
}

/** What may be widened without a word: a result that may have wrapped says its type first. */
export function settled(value: Expression): Expression {
  const plain = ["variable", "read", "convert", "call", "packetLength"].includes(value.kind);
  const isBits = value.kind === "read" && value.place.width !== undefined;
  if ((plain && !isBits) || value.type.kind !== "int" || (value.kind === "literal" && !value.bare))
    return value;
  return { kind: "convert", type: value.type, value };
}

function variableOf(state: State, type: Scalar): Expression | null {
  const found = state.variables.filter((variable) => sameType(variable.type, type));
  return found.length === 0 ? null : { kind: "variable", type, name: state.random.pick(found).name };
}

/** A value that is there: a variable, a part of memory, a literal. */
function leaf(state: State, type: Scalar): Expression {
  const { random } = state;
  // TypeScript narrows by `true` and `false`.
  if (type.kind !== "bool" && random.chance(1, 6)) return literal(state, type, false);
  const variable = variableOf(state, type);
  if (variable !== null && random.chance(1, 2)) return variable;
  const place = pickNumber(state, type, false);
  if (place !== null) return { kind: "read", type, place };
  return variable ?? converted(state, type, 0);
}

interface Row<T> {
  readonly weight: number;
  readonly make: (state: State, type: T, depth: number) => Expression | null;
}

/** Of some number or another, by a conversion. */
function converted(state: State, type: Scalar, depth: number): Expression {
  const { random } = state;
  if (type.kind === "enum") return literal(state, type, false);
  if (type.kind === "bool") return comparison(state, depth);
  const enums = state.shared.types.filter((one) => one.kind === "enum");
  const sources: Scalar[] = [random.pick(allInts), random.pick(allInts), boolean, ...enums];
  if (type.kind === "int" && type.bits >= 16) sources.push(...bigEndianSources(type));
  const source = random.pick(sources);
  if (depth > 0) return convert(type, expression(state, source, depth - 1));
  const variable = variableOf(state, source);
  if (variable !== null) return convert(type, variable);
  const place = pickPlace(state, (part) => part.type.kind === "int");
  if (place !== null && isScalar(place.type)) return convert(type, { kind: "read", type: place.type, place });
  return literal(state, type, false);
}

/** The big-endian numbers that a conversion takes. */
function bigEndianSources(type: IntType): BigEndianType[] {
  const widths: Readonly<Record<string, readonly number[]>> = {
    u16: [16],
    u32: [16, 32],
    i32: [16],
    u64: [16, 32, 64],
    i64: [16, 32],
  };
  return (widths[type.name] ?? []).map((bits) => ({ kind: "be", name: `be${bits}`, bits }));
}

const signs = ["+", "-", "*", "/", "%", "&", "|", "^"];

function binary(state: State, type: IntType, depth: number): Expression {
  const { random } = state;
  const sign = random.pick(signs);
  const left = expression(state, type, depth - 1);
  if (random.chance(1, 3) && left.kind !== "literal") {
    let value = randomNumber(random, type);
    if (value === 0n && (sign === "/" || sign === "%")) value = 1n;
    return { kind: "binary", type, sign, left, right: bareNumber(type, value) };
  }
  return { kind: "binary", type, sign, left, right: expression(state, type, depth - 1) };
}

/** Operands of two types that meet at this one. */
function mixed(state: State, type: IntType, depth: number): Expression | null {
  const { random } = state;
  const pairs = allInts.flatMap((a) =>
    allInts.filter((b) => meet(a, b)?.name === type.name && a !== b).map((b) => [a, b] as const),
  );
  if (pairs.length === 0) return null;
  const [a, b] = random.pick(pairs);
  const [left, right] = [settled(expression(state, a, depth - 1)), settled(expression(state, b, depth - 1))];
  return { kind: "binary", type, sign: random.pick(signs), left, right };
}

function shift(state: State, type: IntType, depth: number): Expression {
  const { random } = state;
  const sign = random.pick(["<<", ">>"]);
  const left = expression(state, type, depth - 1);
  if (random.chance(1, 2)) {
    if (left.kind === "literal") return left;
    return { kind: "binary", type, sign, left, right: bareNumber(type, BigInt(random.below(type.bits))) };
  }
  const by = random.pick(allInts.filter(({ bits }) => (bits === 64) === (type.bits === 64)));
  // TypeScript takes `a << f(b > (c))` for a generic call.
  const right = sign === "<<" ? leaf(state, by) : expression(state, by, depth - 1);
  return { kind: "binary", type, sign, left, right: settled(right) };
}

function ternary(state: State, type: Scalar, depth: number): Expression {
  const test = condition(state, depth - 1);
  return {
    kind: "ternary",
    type,
    test,
    yes: expression(state, type, depth - 1),
    no: expression(state, type, depth - 1),
  };
}

function update(state: State, type: IntType): Expression | null {
  const { random } = state;
  const variables = state.variables.filter((one) => !one.fixed && sameType(one.type, type));
  const place = pickNumber(state, type, true);
  const target =
    variables.length > 0 && random.chance(1, 2)
      ? ({ kind: "variable", type, name: random.pick(variables).name } as const)
      : place;
  if (target === null) return null;
  return { kind: "update", type, target, sign: random.pick(["++", "--"]), prefix: random.chance(1, 2) };
}

function call(state: State, type: Scalar, depth: number): Expression | null {
  const { random, shared } = state;
  const callbacks = state.callbacks.filter(({ type: { gives } }) => gives !== null && sameType(gives, type));
  if (callbacks.length > 0 && random.chance(1, 2)) {
    const { name, type: callback } = random.pick(callbacks);
    return {
      kind: "call",
      type,
      name,
      given: callback.takes.map((takes) => expression(state, takes, depth - 1)),
    };
  }
  const found = shared.functions.filter(
    ({ result }) => result !== null && isScalar(result) && sameType(result, type),
  );
  if (found.length === 0) return null;
  const called = random.pick(found);
  const given = argumentsOf(state, called.name, depth);
  return given === null ? null : { kind: "call", type, name: called.name, given };
}

/** Arguments for a function; null where one cannot be had. */
export function argumentsOf(state: State, name: string, depth: number): readonly Given[] | null {
  const called = state.shared.functions.find((item) => item.name === name);
  if (called === undefined || state.budget.left < 0) return null;
  const given: Given[] = [];
  for (const { type } of called.parameters) {
    if (type.kind === "callback") given.push(closureOf(state, type));
    else if (isScalar(type)) given.push(expression(state, type, Math.max(0, depth - 1)));
    else {
      const place = pickPlace(state, (leaf, reference) => sameType(leaf.type, type) && reference.writable);
      if (place === null) return null;
      given.push(place);
    }
  }
  return given;
}

/** An arrow function, which may use and change what is around it. */
function closureOf(state: State, { takes, gives }: CallbackType): Closure {
  const inner = inside(state, { closed: true, loops: [], callbacks: [], depth: state.depth + 2 });
  const parameters = takes.map((type) => {
    const name = newName(state, "a");
    inner.variables.push({ name, type, fixed: true, below: null });
    return name;
  });
  const body = statements(inner, 1 + state.random.below(2));
  return {
    kind: "closure",
    parameters,
    body,
    result: gives === null ? null : settled(expression(inner, gives, 2)),
  };
}

function generic(state: State, type: Scalar, depth: number): Expression {
  const test = condition(state, depth - 1);
  return {
    kind: "generic",
    type,
    test: test.kind === "truth" ? comparison(state, 0) : test,
    yes: settled(expression(state, type, depth - 1)),
    no: settled(expression(state, type, depth - 1)),
  };
}

/** An element of an array, if the index is one. */
function element(state: State, type: Scalar, depth: number): Expression | null {
  const { random } = state;
  const references = state.references.filter((one) => !state.noinline || !one.constantIndexes);
  const of = pickPlace(
    { ...state, references },
    (part) => part.type.kind === "array" && sameType(part.type.element, type),
  );
  if (of === null) return null;
  const by = random.pick(allInts.filter(({ signed }) => !signed));
  const few: Expression = { kind: "literal", type: by, value: 7n, bare: true };
  const index: Expression = {
    kind: "binary",
    type: by,
    sign: "&",
    left: settled(expression(state, by, 1)),
    right: few,
  };
  const otherwise = expression(state, type, depth - 1);
  return {
    kind: "element",
    type,
    of,
    index: random.chance(3, 4) ? index : settled(expression(state, by, 1)),
    otherwise,
  };
}

/** A key for a map, often one of few. */
export function keyOf(state: State, type: Type, entries: number): Key {
  const { random } = state;
  if (!isScalar(type)) return making(state, type, 1);
  if (type.kind !== "int") return expression(state, type, 1);
  const value = settled(expression(state, type, 1));
  if (random.chance(1, 3)) return literalBelow(type, random.below(entries + 1));
  return value.kind === "literal"
    ? value
    : { kind: "binary", type, sign: "&", left: value, right: bareNumber(type, 7n) };
}

const literalBelow = (type: IntType, value: number): Expression => ({
  kind: "literal",
  type,
  value: BigInt(value),
  bare: false,
});

function lookup(state: State, type: Scalar, depth: number): Expression | null {
  const { random, shared } = state;
  const found = shared.maps.flatMap((map) => {
    if (isScalar(map.value)) return sameType(map.value, type) ? [{ map, path: ["value"] }] : [];
    return partsOf(map.value).flatMap((part) =>
      sameType(part.type, type) ? [{ map, path: [part.name] }] : [],
    );
  });
  if (found.length === 0) return null;
  const { map, path } = random.pick(found);
  const otherwise = expression(state, type, depth - 1);
  return { kind: "lookup", type, map: map.name, key: keyOf(state, map.key, map.entries), path, otherwise };
}

const intRows: readonly Row<IntType>[] = [
  { weight: 10, make: binary },
  { weight: 3, make: mixed },
  { weight: 4, make: shift },
  { weight: 2, make: (state, type, depth) => unary(state, type, depth) },
  { weight: 5, make: (state, type, depth) => converted(state, type, depth) },
  { weight: 3, make: ternary },
  { weight: 1, make: (state, type, depth) => logical(state, type, depth) },
  { weight: 2, make: choose },
  { weight: 2, make: update },
  { weight: 4, make: call },
  { weight: 2, make: lookup },
  { weight: 1, make: generic },
  { weight: 2, make: element },
  {
    weight: 1,
    make: ({ gives }, type) =>
      type === ints.u32 && gives === "action" ? { kind: "packetLength", type } : null,
  },
];

function unary(state: State, type: IntType, depth: number): Expression {
  const value = expression(state, type, depth - 1);
  return { kind: "unary", type, sign: state.random.pick(["-", "~"]), value: settled(value) };
}

function logical(state: State, type: Scalar, depth: number): Expression {
  const left = expression(state, type, depth - 1);
  const right = expression(state, type, depth - 1);
  return { kind: "logical", type, sign: state.random.pick(["&&", "||"]), left, right };
}

function choose(state: State, type: IntType, depth: number): Expression {
  const left = settled(expression(state, type, depth - 1));
  const right = settled(expression(state, type, depth - 1));
  return { kind: "choose", type, name: state.random.pick(["min", "max"]), left, right };
}

const orders = ["<", "<=", ">", ">="];

function comparison(state: State, depth: number): Expression {
  const { random } = state;
  const below = Math.max(0, depth - 1);
  if (random.chance(1, 8)) {
    const type: BigEndianType = random.pick(
      [16, 32, 64].map((bits) => ({ kind: "be", name: `be${bits}`, bits }) as const),
    );
    const sign = random.pick(["===", "!=="]);
    return {
      kind: "compare",
      type: boolean,
      sign,
      left: expression(state, type, below),
      right: expression(state, type, below),
    };
  }
  const a = random.pick(allInts);
  const left = expression(state, a, below);
  const sign = random.pick([...orders, "===", "!=="]);
  if (random.chance(1, 2) && left.kind !== "literal") {
    const value = randomNumber(random, a);
    // What is always so is refused.
    const certain = value === 0n && !a.signed && orders.includes(sign);
    return {
      kind: "compare",
      type: boolean,
      sign: certain ? "!==" : sign,
      left,
      right: bareNumber(a, value),
    };
  }
  const others = allInts.filter((b) => meet(a, b) !== null);
  const b = random.pick(others);
  const right = expression(state, b, below);
  if (a === b) return { kind: "compare", type: boolean, sign, left: settled(left), right: settled(right) };
  const at = meet(a, b) ?? a;
  return { kind: "compare", type: boolean, sign, left: convert(at, settled(left)), right: settled(right) };
}

const booleanRows: readonly Row<Scalar>[] = [
  { weight: 8, make: (state, _type, depth) => comparison(state, depth) },
  { weight: 3, make: (state, type, depth) => logical(state, type, depth) },
  {
    weight: 2,
    make: (state, type, depth) => ({ kind: "not", type, value: expression(state, type, depth - 1) }),
  },
  { weight: 1, make: call },
  { weight: 1, make: has },
];

function has(state: State): Expression | null {
  const { random, shared } = state;
  const maps = shared.maps.filter(({ form }) => form === "HashMap" || form === "LruHashMap");
  if (maps.length === 0) return null;
  const map = random.pick(maps);
  return { kind: "has", type: boolean, map: map.name, key: keyOf(state, map.key, map.entries) };
}

function fromRows<T extends Scalar>(
  rows: readonly Row<T>[],
  state: State,
  type: T,
  depth: number,
): Expression {
  for (let turn = 0; turn < 3; turn++) {
    const made = state.random.weighted(rows).make(state, type, depth);
    if (made !== null) return made;
  }
  return leaf(state, type);
}

/** An expression of the type. */
export function expression(state: State, type: Scalar, depth: number): Expression {
  const { random } = state;
  if (depth <= 0 || random.chance(1, 8)) {
    if (type.kind === "bool" && random.chance(1, 2)) return comparison(state, 0);
    return leaf(state, type);
  }
  if (type.kind === "int") return fromRows(intRows, state, type, depth);
  if (type.kind === "bool") return fromRows(booleanRows, state, type, depth);
  if (type.kind === "enum" || random.chance(1, 2)) return leaf(state, type);
  return random.chance(1, 4)
    ? ternary(state, type, depth)
    : convert(type, expression(state, random.pick(allInts), depth - 1));
}

/** A condition: a boolean, or a number that is asked whether it is not 0. */
export function condition(state: State, depth: number): Expression {
  const { random } = state;
  if (random.chance(1, 8)) {
    const value = expression(state, random.pick(allInts), Math.max(0, depth - 1));
    if (value.kind !== "literal") return { kind: "truth", type: boolean, value };
  }
  const test = fromRows(booleanRows, state, boolean, Math.max(1, depth));
  return test.kind === "literal" ? comparison(state, 0) : test;
}

/** What fits a bit field of `width` bits: the compiler must see that it does. */
export function fitting(state: State, type: IntType, width: number, depth: number): Expression {
  const value = expression(state, type, depth);
  if (value.kind === "literal") return bareNumber(type, randomNumber(state.random, type, width));
  if (!type.signed)
    return {
      kind: "binary",
      type,
      sign: "&",
      left: value,
      right: bareNumber(type, (1n << BigInt(width)) - 1n),
    };
  return {
    kind: "binary",
    type,
    sign: ">>",
    left: value,
    right: bareNumber(type, BigInt(type.bits - width)),
  };
}

/** A number for a part of memory. */
export function partValue(state: State, type: Scalar, width: number | undefined, depth: number): Expression {
  if (width !== undefined && type.kind === "int") return fitting(state, type, width, depth);
  return expression(state, type, depth);
}

/** New memory of a type. */
export function making(state: State, type: Aggregate, depth: number): Making {
  const { random } = state;
  const place = pickPlace(state, (leaf_) => sameType(leaf_.type, type));
  if (place !== null && random.chance(1, 4)) return { kind: "copy", type, of: place };
  if (random.chance(1, 10)) return { kind: "zeroed", type };
  if (place !== null && type.kind === "struct" && random.chance(1, 5)) {
    const fields = type.fields.filter((field) => isScalar(field.type) && random.chance(1, 2));
    const parts = fields.flatMap(({ name, type: part, width }) =>
      isScalar(part) ? [{ name, value: partValue(state, part, width, depth) }] : [],
    );
    if (parts.length > 0) return { kind: "spread", type, of: place, parts };
  }
  if (type.kind === "struct" && random.chance(1, 4)) {
    const makers = state.shared.functions.filter(
      ({ result }) => result?.kind === "struct" && result.name === type.name,
    );
    const maker = makers.length === 0 ? null : random.pick(makers);
    const given = maker === null ? null : argumentsOf(state, maker.name, 1);
    if (maker !== null && given !== null) return { kind: "made", type, name: maker.name, given };
  }
  const parts = partsOf(type).map(({ name, type: part, width }) => ({
    name,
    value: isScalar(part) ? partValue(state, part, width, depth) : innerPart(state, part),
  }));
  return { kind: "fields", type, parts };
}

/** A struct or array in a literal: a literal of its own, or what a place holds. */
function innerPart(state: State, type: Aggregate): Making | Place {
  const place = pickPlace(state, (leaf_) => sameType(leaf_.type, type));
  if (place !== null && state.random.chance(1, 3)) return place;
  const parts = partsOf(type).map(({ name, type: part, width }) => ({
    name,
    value: isScalar(part) ? partValue(state, part, width, 0) : innerPart(state, part),
  }));
  return { kind: "fields", type, parts };
}

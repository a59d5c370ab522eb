/** Places in memory that a statement can reach. */

import type { Reference, State } from "./state.js";
import type { Expression, Place, Step } from "./tree.js";
import { ints, isScalar, type Scalar, sameType, type Type } from "./types.js";
import { partsOf } from "./values.js";

/** A part of memory by the way to it; numbers are the lengths of arrays on the way. */
interface Leaf {
  readonly way: readonly (string | number)[];
  readonly type: Type;
  readonly width: number | null;
}

const known = new Map<Type, readonly Leaf[]>();

/** Every part of a type: itself, its fields, the elements of its arrays, and theirs. */
function leavesOf(type: Type): readonly Leaf[] {
  const old = known.get(type);
  if (old !== undefined) return old;
  const own: Leaf = { way: [], type, width: null };
  const below = (inner: Type, step: string | number): Leaf[] =>
    leavesOf(inner).map((leaf) => ({ ...leaf, way: [step, ...leaf.way] }));
  const parts = isScalar(type)
    ? []
    : type.kind === "array"
      ? below(type.element, type.length)
      : type.fields.flatMap((field) =>
          field.width === undefined
            ? below(field.type, field.name)
            : [{ way: [field.name], type: field.type, width: field.width }],
        );
  const leaves = [own, ...parts];
  known.set(type, leaves);
  return leaves;
}

/** A part of some reference in scope that is as wanted; null when there is none. */
export function pickPlace(
  state: State,
  isWanted: (
    leaf: { readonly type: Type; readonly width: number | null },
    reference: Reference,
    depth: number,
  ) => boolean,
): Place | null {
  const found = state.references.flatMap((reference) =>
    leavesOf(reference.type)
      .filter((leaf) => isWanted(leaf, reference, leaf.way.length))
      .map((leaf) => ({ reference, leaf })),
  );
  if (found.length === 0) return null;
  const { reference, leaf } = state.random.pick(found);
  return placeAt(state, reference, leaf);
}

/** A number of a type that can be read, or written. */
export function pickNumber(state: State, type: Scalar, write: boolean): Place | null {
  return pickPlace(
    state,
    (leaf, reference) => sameType(leaf.type, type) && (!write || reference.writable) && isScalar(leaf.type),
  );
}

function placeAt(state: State, { name, type, constantIndexes }: Reference, leaf: Leaf): Place {
  const steps = leaf.way.map((step): Step => {
    if (typeof step === "string") return { kind: "field", name: step };
    return { kind: "index", index: indexBelow(state, step, constantIndexes) };
  });
  void type;
  return {
    kind: "place",
    type: leaf.type,
    root: name,
    steps,
    ...(leaf.width === null ? {} : { width: leaf.width }),
  };
}

/** An index that the compiler can prove to be below `length`. */
export function indexBelow(state: State, length: number, constant: boolean): Expression {
  const { random, variables } = state;
  const literal: Expression = {
    kind: "literal",
    type: ints.u32,
    value: BigInt(random.below(length)),
    bare: true,
  };
  if (constant || random.chance(1, 3)) return literal;
  const counters = variables.filter(({ below }) => below !== null && below <= length);
  if (counters.length > 0 && random.chance(2, 3)) return { ...random.pick(counters), kind: "variable" };
  const numbers = variables.filter(({ type }) => type.kind === "int" && type.bits < 64 && !type.signed);
  if (numbers.length === 0) return literal;
  const { name, type } = random.pick(numbers);
  if (type.kind !== "int") return literal;
  const value: Expression = { kind: "variable", type, name };
  const bare = (number: bigint): Expression => ({ kind: "literal", type, value: number, bare: true });
  if ((length & (length - 1)) === 0 && random.chance(1, 2))
    return { kind: "binary", type, sign: "&", left: value, right: bare(BigInt(length - 1)) };
  if (random.chance(1, 2))
    return { kind: "choose", type, name: "min", left: value, right: bare(BigInt(length - 1)) };
  return { kind: "binary", type, sign: "%", left: value, right: bare(BigInt(length)) };
}

/** Every number of a type with the steps to it, elements of arrays one by one. */
export function numbersIn(
  type: Type,
): { readonly steps: readonly Step[]; readonly type: Scalar; readonly width: number | null }[] {
  if (isScalar(type)) return [{ steps: [], type, width: null }];
  return partsOf(type).flatMap(({ name, type: part, width }) => {
    const step: Step =
      type.kind === "struct"
        ? { kind: "field", name }
        : { kind: "index", index: { kind: "literal", type: ints.u32, value: BigInt(name), bare: true } };
    return numbersIn(part).map((inner) => ({
      ...inner,
      steps: [step, ...inner.steps],
      width: inner.steps.length === 0 ? (width ?? null) : inner.width,
    }));
  });
}

/** Random loops. */
import { condition, expression } from "./expressions.js";
import { pickPlace } from "./places.js";
import { inside, newName, type State } from "./state.js";
import { block } from "./statements.js";
import type { Expression, Loop, Statement } from "./tree.js";
import { boolean, type IntType, ints, isScalar } from "./types.js";

/** Labels that a body uses are those of loops around it. */
function labelled(state: State): { label: string; mayContinue: boolean } {
  return { label: newName(state, "L"), mayContinue: true };
}

const forms: readonly { readonly weight: number; readonly form: Loop["form"] }[] = [
  { weight: 6, form: "for" },
  { weight: 2, form: "while" },
  { weight: 1, form: "do" },
  { weight: 1, form: "forever" },
  { weight: 2, form: "range" },
];

/** A loop, or null where there are enough around. */
export function loopStatement(state: State): Statement | null {
  const { random } = state;
  if (state.loops.length >= 2) return null;
  const kind = random.weighted([
    { weight: 6, make: counted },
    { weight: 1, make: called },
    { weight: state.shared.modern ? 2 : 0, make: long },
    { weight: 1, make: shrinking },
    { weight: 2, make: eachOf },
  ]);
  return kind.make(state);
}

function counted(state: State): Statement {
  const { random } = state;
  const { form } = random.weighted(forms);
  const most = state.loops.length === 0 ? 9 : 5;
  const turns = 1 + random.below(most);
  const down = form === "for" && random.chance(1, 5);
  const type: IntType =
    form === "range"
      ? ints.u32
      : down
        ? ints.i32
        : random.pick([ints.u32, ints.u32, ints.u8, ints.u16, ints.i32, ints.u64]);
  const step = BigInt(random.pick([1, 1, 1, 2, 3]));
  const first = BigInt(random.below(3));
  const last = first + step * BigInt(turns);
  const [from, to] = down ? [last, first] : [first, last];
  const name = newName(state, "k");
  const label = labelled(state);
  const mayContinue = form === "for" || form === "range";
  const inner = inside(state, { loops: [...state.loops, { ...label, mayContinue }] });
  const bound: Expression = { kind: "literal", type, value: to, bare: true };
  const isVariable = !down && form === "for" && random.chance(1, 3);
  const isIndex = type.bits < 64 && !isVariable && mayContinue;
  inner.variables.push({ name, type, fixed: true, below: isIndex ? Number(last) + (down ? 1 : 0) : null });
  const also = form !== "range" && random.chance(1, 6) ? condition(inner, 1) : null;
  const sign = down ? random.pick([">", ">="]) : "<";
  return {
    kind: "loop",
    form,
    name,
    type,
    from,
    sign,
    to: isVariable ? variableBound(state, type, to) : bound,
    step: down ? -step : step,
    also,
    label: label.label,
    body: block(inner, 3),
  };
}

/** `loop(count, (k) => { … })`. */
function called(state: State): Statement {
  const name = newName(state, "k");
  const turns = 1 + state.random.below(6);
  const inner = inside(state, { loops: [], callbacks: [], closed: true, depth: state.depth + 1 });
  inner.variables.push({ name, type: ints.u32, fixed: true, below: null });
  return {
    kind: "loop",
    form: "callback",
    name,
    type: ints.u32,
    from: 0n,
    sign: "<",
    to: { kind: "literal", type: ints.u32, value: BigInt(turns), bare: true },
    step: 1n,
    also: null,
    label: null,
    body: block(inner, 3),
  };
}

/** Hundreds of turns, often as many as is known at run time only. */
function long(state: State): Statement | null {
  const { random } = state;
  if (state.loops.length > 0 || state.closed) return null;
  const form = random.pick(["for", "range", "while"] as const);
  const type = ints.u32;
  const names = state.variables.filter((variable) => variable.fixed && variable.type === type);
  const to: Expression =
    // A `while` that counts is to have a constant end.
    form !== "while" && names.length > 0 && random.chance(2, 3)
      ? { kind: "variable", type, name: random.pick(names).name }
      : { kind: "literal", type, value: BigInt(30 + random.below(300)), bare: true };
  const name = newName(state, "k");
  const label = newName(state, "L");
  const inner = inside(state, { loops: [...state.loops, { label, mayContinue: form !== "while" }] });
  inner.variables.push({ name, type, fixed: true, below: null });
  const body = block(inner, 2);
  // However many turns are asked for, some hundreds are made.
  const most: Expression = { kind: "literal", type, value: 300n, bare: true };
  const test: Expression = {
    kind: "compare",
    type: boolean,
    sign: ">",
    left: { kind: "variable", type, name },
    right: most,
  };
  const end: Statement = {
    kind: "if",
    test,
    yes: { kind: "block", body: [{ kind: "jump", word: "break", label }] },
    no: null,
  };
  return {
    kind: "loop",
    form,
    name,
    type,
    from: 0n,
    sign: "<",
    to,
    step: 1n,
    also: null,
    label,
    body: { kind: "block", body: [end, ...body.body] },
  };
}

/** A bound that is known at run time only, and small. */
function variableBound(state: State, type: IntType, most: bigint): Expression {
  const numbers = state.variables.filter(
    ({ name, fixed, type: other, below }) =>
      // The counter of another loop is no bound that old kernels are known to follow.
      name.startsWith("v") && fixed && other === type && below !== null && below < 9,
  );
  if (numbers.length === 0) return { kind: "literal", type, value: most, bare: true };
  return { kind: "variable", type, name: state.random.pick(numbers).name };
}

function shrinking(state: State): Statement {
  const { random } = state;
  const type = random.pick([ints.u8, ints.u16, ints.u32]);
  const start = expression(state, type, 1);
  const name = newName(state, "n");
  const label = labelled(state).label;
  const inner = inside(state, { loops: [...state.loops, { label, mayContinue: false }] });
  inner.variables.push({ name, type, fixed: true, below: null });
  const [sign, by] = random.pick([
    [">>", 4n],
    [">>", 7n],
    ["/", 100n],
  ] as const);
  const masked: Expression = {
    kind: "binary",
    type,
    sign: "&",
    left: start,
    right: { kind: "literal", type, value: 0xffn, bare: true },
  };
  return { kind: "shrink", name, type, start: masked, sign, by, label, body: block(inner, 2) };
}

function eachOf(state: State): Statement | null {
  const { random } = state;
  const of = pickPlace(state, (leaf) => leaf.type.kind === "array");
  if (of === null || of.type.kind !== "array") return null;
  const { element, length } = of.type;
  const root = state.references.find(({ name }) => name === of.root);
  const item = newName(state, "x");
  const index = random.chance(1, 2) ? newName(state, "k") : null;
  const label = labelled(state).label;
  const inner = inside(state, { loops: [...state.loops, { label, mayContinue: true }] });
  if (index !== null) inner.variables.push({ name: index, type: ints.u32, fixed: true, below: length });
  state.shared.pinned.add(of.root);
  if (isScalar(element)) inner.variables.push({ name: item, type: element, fixed: true, below: null });
  else {
    state.shared.pinned.add(item);
    inner.references.push({
      name: item,
      type: element,
      constantIndexes: root?.constantIndexes ?? true,
      writable: root?.writable ?? false,
    });
  }
  return { kind: "each", item, index, of, label, body: block(inner, 2) };
}

/** Random statements. */
import {
  argumentsOf,
  condition,
  expression,
  keyOf,
  literal,
  making,
  partValue,
  settled,
} from "./expressions.js";
import { loopStatement } from "./loops.js";
import { pickNumber, pickPlace } from "./places.js";
import { inside, newName, type Reference, type State } from "./state.js";
import type { Action, Block, Case, Expression, MapTree, Place, Statement, Target } from "./tree.js";
import {
  type Aggregate,
  allInts,
  bigEndians,
  boolean,
  ints,
  isScalar,
  type Scalar,
  sameType,
} from "./types.js";

/** Actions that a program returns. */
export const actions: readonly Action[] = ["Aborted", "Drop", "Pass", "Tx", "Redirect"];

interface Row {
  readonly weight: number;
  readonly make: (state: State) => Statement | null;
}

/** A type for a new variable. */
function variableType(state: State): Scalar {
  return state.random.weighted([
    { weight: 12, type: state.random.pick(allInts) },
    { weight: 2, type: boolean },
    { weight: 2, type: state.random.pick(bigEndians) },
  ]).type;
}

function declare(state: State): Statement {
  const { random } = state;
  const type = variableType(state);
  const value = expression(state, type, random.below(4));
  const [name, fixed] = [newName(state, "v"), random.chance(1, 3)];
  state.variables.push({ name, type, fixed, below: null });
  // Without a type it has that of a value which says its own.
  const saysType = ["convert", "variable", "read", "call"].includes(value.kind) && type.kind === "int";
  return { kind: "let", name, type, value, fixed, typed: !fixed || !saysType || random.chance(1, 2) };
}

/** A constant that the compiler knows to be small. */
function declareSmall(state: State): Statement {
  const { random } = state;
  const type = random.pick([ints.u32, ints.u32, ints.u8, ints.u16, ints.i32]);
  const most = random.pick([3, 7]);
  const value: Expression = {
    kind: "binary",
    type,
    sign: "&",
    left: settled(expression(state, type, 1)),
    right: { kind: "literal", type, value: BigInt(most), bare: true },
  };
  const name = newName(state, "v");
  state.variables.push({ name, type, fixed: true, below: most + 1 });
  return { kind: "let", name, type, value, fixed: true, typed: true };
}

function declareStruct(state: State): Statement | null {
  const { random, shared } = state;
  if (shared.structs.length === 0) return null;
  const value = making(state, random.pick(shared.structs), 1);
  const name = newName(state, "s");
  state.references.push({ name, type: value.type, constantIndexes: false, writable: true });
  return { kind: "struct", name, value };
}

function declareArray(state: State): Statement | null {
  const { random } = state;
  const element = random.pick(allInts);
  const value = making(state, { kind: "array", element, length: 2 + random.below(6) }, 1);
  const name = newName(state, "s");
  state.references.push({ name, type: value.type, constantIndexes: false, writable: true });
  return { kind: "struct", name, value };
}

function alias(state: State): Statement | null {
  const of = pickPlace(state, (leaf, _reference, depth) => depth > 0 && !isScalar(leaf.type));
  if (of === null || isScalar(of.type)) return null;
  const name = newName(state, "p");
  state.shared.pinned.add(of.root);
  state.shared.pinned.add(name);
  const root = state.references.find((reference) => reference.name === of.root);
  state.references.push({
    name,
    type: of.type,
    constantIndexes: root?.constantIndexes ?? true,
    writable: root?.writable ?? false,
  });
  return { kind: "alias", name, of };
}

function either(state: State): Statement | null {
  const { random, shared } = state;
  // Both are on the stack.
  const onStack = state.references.filter(({ name }) => /^s\d/.test(name));
  const pairs = onStack.flatMap((a) =>
    onStack.filter((b) => b !== a && sameType(a.type, b.type)).map((b) => [a, b] as const),
  );
  if (pairs.length === 0) return null;
  const [yes, no] = random
    .pick(pairs)
    .map(({ name, type }): Place => ({ kind: "place", type, root: name, steps: [] }));
  if (yes === undefined || no === undefined || isScalar(yes.type)) return null;
  const name = newName(state, "p");
  for (const pinned of [yes.root, no.root, name]) shared.pinned.add(pinned);
  const test = condition(state, 1);
  state.references.push({ name, type: yes.type, constantIndexes: false, writable: true });
  return { kind: "either", name, test, yes, no };
}

/** Something of a type that an assignment may write; null when there is nothing. */
function target(state: State, type: Scalar): Target | null {
  const { random } = state;
  const variables = state.variables.filter((one) => !one.fixed && sameType(one.type, type));
  const place = pickNumber(state, type, true);
  if (variables.length > 0 && (place === null || random.chance(1, 2)))
    return { kind: "variable", type, name: random.pick(variables).name };
  return place;
}

const isPlain = (to: Target): boolean => to.kind === "variable" || to.width === undefined;

function assign(state: State): Statement | null {
  const { random } = state;
  const place = pickPlace(state, (leaf, reference) => isScalar(leaf.type) && reference.writable);
  const type =
    place !== null && isScalar(place.type) && random.chance(2, 3) ? place.type : variableType(state);
  const to = place !== null && place.type === type ? place : target(state, type);
  if (to === null) return null;
  const width = to.kind === "place" ? to.width : undefined;
  return { kind: "assign", target: to, sign: "=", value: partValue(state, type, width, random.below(4)) };
}

const compounds = ["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"];

function compound(state: State): Statement | null {
  const { random } = state;
  const type = random.pick(allInts);
  const to = target(state, type);
  if (to === null) return null;
  const sign = isPlain(to) ? random.pick(compounds) : random.pick(["+", "-", "&"]);
  if (random.chance(1, 3)) {
    const value = literal(state, type, true);
    if (value.kind !== "literal") return null;
    if (isPlain(to) && random.chance(1, 6))
      return {
        kind: "assign",
        target: to,
        sign: random.pick(["||=", "&&="]),
        value: expression(state, type, 2),
      };
    const number =
      sign === "<<" || sign === ">>"
        ? BigInt(random.below(type.bits))
        : value.value === 0n
          ? 1n
          : value.value;
    const fits = to.kind === "place" && to.width !== undefined ? 1n : number;
    return { kind: "assign", target: to, sign: `${sign}=`, value: { ...value, value: fits } };
  }
  return { kind: "assign", target: to, sign: `${sign}=`, value: expression(state, type, random.below(3)) };
}

function update(state: State): Statement | null {
  const to = target(state, state.random.pick(allInts));
  return to === null ? null : { kind: "update", target: to, sign: state.random.pick(["++", "--"]) };
}

/** Statements in braces, in a state of their own. */
export function block(state: State, most: number, changes: Partial<State> = {}): Block {
  const inner = inside(state, changes);
  return { kind: "block", body: statements(inner, 1 + state.random.below(most)) };
}

function choice(state: State): Statement {
  const test = condition(state, 1 + state.random.below(3));
  const yes = block(state, 3);
  return { kind: "if", test, yes, no: state.random.chance(1, 2) ? block(state, 3) : null };
}

function switchOver(state: State): Statement | null {
  const { random, shared } = state;
  const enums = shared.types.filter((type) => type.kind === "enum");
  const [first] = enums;
  const type: Scalar =
    first !== undefined && random.chance(1, 3)
      ? first
      : random.chance(1, 6)
        ? random.pick(bigEndians)
        : random.pick(allInts);
  // Of memory the compiler knows no bounds, so that every case may be met.
  const place = pickPlace(state, (leaf) => sameType(leaf.type, type) && leaf.width === null);
  if (place === null) return null;
  const read: Expression = { kind: "read", type, place };
  const isMasked = type.kind === "int" && random.chance(2, 3);
  const on: Expression =
    type.kind !== "int"
      ? type.kind === "enum"
        ? // TypeScript would know in a case which member a place has.
          { kind: "convert", type, value: read }
        : read
      : { kind: "binary", type, sign: "^", left: read, right: expression(state, type, random.below(3)) };
  const few: Expression = { kind: "literal", type, value: 7n, bare: true };
  const subject: Expression =
    type.kind === "int" && isMasked ? { kind: "binary", type, sign: "&", left: on, right: few } : on;
  const values = new Set<bigint>();
  const count = random.pick([1, 2, 3, 4, 9]);
  for (let turn = 0; turn < count; turn++) {
    const value = literal(state, type, true);
    if (value.kind === "literal") values.add(isMasked ? value.value & 7n : value.value);
  }
  const inner = { inSwitch: true };
  const cases: Case[] = [];
  const left = [...values];
  while (left.length > 0) {
    const taken = left.splice(0, random.chance(1, 4) ? 2 : 1);
    cases.push({
      kind: "case",
      values: taken,
      body: block(state, 2, inner).body,
      falls: random.chance(1, 4),
    });
  }
  if (random.chance(2, 3))
    cases.splice(random.below(cases.length + 1), 0, {
      kind: "case",
      values: null,
      body: block(state, 2, inner).body,
      falls: random.chance(1, 6),
    });
  return { kind: "switch", on: subject, cases };
}

function store(state: State): Statement | null {
  const { random, shared } = state;
  const to = pickPlace(
    state,
    (leaf, reference, depth) =>
      depth > 0 && !isScalar(leaf.type) && reference.writable && !shared.pinned.has(reference.name),
  );
  if (to === null || isScalar(to.type)) return null;
  const { type } = to;
  const from = pickPlace(state, (leaf) => sameType(leaf.type, type));
  if (from !== null && random.chance(1, 2)) return { kind: "store", target: to, value: from };
  const value = making(state, type, 1);
  return { kind: "store", target: to, value };
}

function swap(state: State): Statement | null {
  const type = variableType(state);
  const [left, right] = [target(state, type), target(state, type)];
  if (left === null || right === null || !isPlain(left) || !isPlain(right)) return null;
  return { kind: "swap", left, right };
}

function pattern(state: State): Statement | null {
  const { random } = state;
  const of = pickPlace(
    state,
    // Nothing but a struct is taken apart: no `Ref`.
    ({ type }) => type.kind === "struct" && state.shared.structs.some(({ name }) => name === type.name),
  );
  if (of === null || of.type.kind !== "struct") return null;
  const fields = of.type.fields.filter(({ type }) => isScalar(type) && random.chance(1, 2));
  if (fields.length === 0) return null;
  const names = fields.map(({ name, type }) => {
    const variable = newName(state, "v");
    if (isScalar(type)) state.variables.push({ name: variable, type, fixed: true, below: null });
    return { field: name, name: variable };
  });
  return { kind: "pattern", of, names };
}

function callStatement(state: State): Statement | null {
  const { random, shared } = state;
  const found = shared.functions.filter(({ result }) => result === null);
  if (found.length === 0) return null;
  const called = random.pick(found);
  const given = argumentsOf(state, called.name, 2);
  return given === null ? null : { kind: "call", name: called.name, given };
}

/** A map of the program into which no reference leads here. */
function freeMap(state: State): MapTree | null {
  const maps = state.shared.maps.filter(({ name }) => !state.busy.has(name));
  return maps.length === 0 || state.gives !== "action" ? null : state.random.pick(maps);
}

/** What a map is given as a value. */
function mapValue(state: State, { value }: MapTree): Expression | ReturnType<typeof making> {
  return isScalar(value) ? expression(state, value, 2) : making(state, value, 1);
}

const isHash = ({ form }: MapTree): boolean => form === "HashMap" || form === "LruHashMap";

/** A reference to a value of a map. */
function entryOf({ name: map, value }: MapTree, name: string): Reference {
  const type: Aggregate = isScalar(value)
    ? { kind: "struct", name: `Ref_${map}`, packed: false, fields: [{ name: "value", type: value }] }
    : value;
  return { name, type, constantIndexes: false, writable: true };
}

function getFrom(state: State): Statement | null {
  const { random } = state;
  const map = freeMap(state);
  if (map === null) return null;
  const key = keyOf(state, map.key, map.entries);
  const initial = isHash(map) && random.chance(1, 3) ? mapValue(state, map) : null;
  const name = newName(state, "e");
  const found = entryOf(map, name);
  const busy = new Set([...state.busy, map.name]);
  state.shared.pinned.add(name);
  const yes = block(state, 3, { busy, references: [...state.references, found] });
  const early =
    !state.closed && state.loops.length === 0 && random.chance(1, 6) ? random.pick(actions) : null;
  const no = block(state, 2);
  return { kind: "get", name, map: map.name, key, initial, early, yes, no };
}

function setIn(state: State): Statement | null {
  const map = freeMap(state);
  if (map === null) return null;
  const mode = isHash(map) && state.random.chance(1, 4) ? "create" : "any";
  return {
    kind: "set",
    map: map.name,
    key: keyOf(state, map.key, map.entries),
    value: mapValue(state, map),
    mode,
  };
}

function deleteFrom(state: State): Statement | null {
  const map = freeMap(state);
  if (map === null || !isHash(map)) return null;
  return { kind: "delete", map: map.name, key: keyOf(state, map.key, map.entries) };
}

/** Ends the function. */
function leave(state: State): Statement | null {
  const { random, gives } = state;
  if (state.closed) return null;
  if (gives === "action") {
    const unless = random.chance(1, 3) ? { test: condition(state, 2), action: random.pick(actions) } : null;
    return { kind: "leave", action: random.pick(actions), unless };
  }
  return returnOf(state);
}

/** `return` with what the function gives. */
export function returnOf(state: State): Statement {
  const { gives } = state;
  if (gives === "action" || gives === null) return { kind: "return", value: null };
  if (isScalar(gives)) return { kind: "return", value: expression(state, gives, 2) };
  const made = making(state, gives, 1);
  // A function does not give what another one made, nor a copy beside an object of its own.
  const isOwn = made.kind === "fields" || made.kind === "spread";
  return { kind: "return", value: isOwn ? made : { kind: "zeroed", type: gives } };
}

function guardedEnd(state: State): Statement | null {
  const { random, loops } = state;
  const around = loops.at(-1);
  const test = condition(state, 2);
  const no = null;
  if (around !== undefined && !state.closed && random.chance(3, 4)) {
    const [outer] = loops;
    const isFar = outer !== undefined && loops.length > 1 && random.chance(1, 3);
    const meant = isFar ? outer : around;
    // Behind a `continue`, with whatever label, the compiler finds no step of the loop.
    const mayContinue = isFar ? loops.every((loop) => loop.mayContinue) : around.mayContinue;
    const word = mayContinue && random.chance(1, 2) ? "continue" : "break";
    const label = isFar || (state.inSwitch && word === "break") ? meant.label : null;
    return { kind: "if", test, yes: { kind: "block", body: [{ kind: "jump", word, label }] }, no };
  }
  const end = leave(state);
  return end === null ? null : { kind: "if", test, yes: { kind: "block", body: [end] }, no };
}

const rows: readonly Row[] = [
  { weight: 12, make: declare },
  { weight: 2, make: declareSmall },
  { weight: 3, make: declareStruct },
  { weight: 2, make: declareArray },
  { weight: 2, make: alias },
  { weight: 1, make: either },
  { weight: 14, make: assign },
  { weight: 8, make: compound },
  { weight: 4, make: update },
  { weight: 2, make: store },
  { weight: 1, make: swap },
  { weight: 1, make: pattern },
  { weight: 4, make: callStatement },
  { weight: 4, make: getFrom },
  { weight: 4, make: setIn },
  { weight: 2, make: deleteFrom },
  { weight: 3, make: guardedEnd },
];

function entriesOf(state: State): Statement | null {
  const map = freeMap(state);
  if (map === null || isHash(map) || state.loops.length > 0 || state.closed) return null;
  const [key, item, label] = [newName(state, "k"), newName(state, "e"), newName(state, "L")];
  const variables = [...state.variables, { name: key, type: ints.u32, fixed: true, below: null }];
  const references = [...state.references, entryOf(map, item)];
  state.shared.pinned.add(item);
  const busy = new Set([...state.busy, map.name]);
  const loops = [...state.loops, { label, mayContinue: true }];
  return {
    kind: "entries",
    key,
    item,
    map: map.name,
    label,
    body: block(state, 2, { variables, references, busy, loops }),
  };
}

/** Those with blocks of their own. */
const nested: readonly Row[] = [
  { weight: 5, make: choice },
  { weight: 2, make: switchOver },
  { weight: 4, make: loopStatement },
  { weight: 1, make: entriesOf },
];

/** About so many statements. */
export function statements(state: State, count: number): Statement[] {
  const { random, budget } = state;
  const made: Statement[] = [];
  for (let turn = 0; turn < count && budget.left > 0; turn++) {
    const isNested = state.depth < 4 && random.chance(1, 3);
    budget.left--;
    const statement = random.weighted(isNested ? nested : rows).make(state);
    if (statement !== null) made.push(statement);
  }
  return made;
}

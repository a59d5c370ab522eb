/** A random program from a seed. */
import { type Random, randomFrom } from "../shared/random.js";
import { isModern } from "./configurations.js";
import { expression, making } from "./expressions.js";
import { randomNumber } from "./literals.js";
import { numbersIn } from "./places.js";
import { newName, type Shared, type State } from "./state.js";
import { returnOf, statements } from "./statements.js";
import type {
  CallbackType,
  Expression,
  FunctionTree,
  Input,
  MapTree,
  MemoryTree,
  Parameter,
  ProgramTree,
  Statement,
  StaticTree,
  TableTree,
} from "./tree.js";
import {
  allInts,
  bigEndians,
  boolean,
  type Field,
  ints,
  isScalar,
  type Scalar,
  type StructType,
  sizeOf,
  type Type,
} from "./types.js";

/** The program of a seed. */
export function generate(seed: number): ProgramTree {
  const random = randomFrom(seed);
  const name = `p${seed}`;
  const shared: Shared = {
    prefix: name,
    types: [],
    structs: [],
    maps: [],
    tables: [],
    modern: isModern(seed),
    functions: [],
    pinned: new Set(),
    names: 0,
  };
  if (random.chance(1, 2)) shared.types.push(enumType(random, name));
  for (let count = random.below(4); count > 0; count--) {
    const made = struct(random, shared, `P${seed}_S${shared.structs.length}`, 1 + random.below(4));
    shared.structs.push(made);
    shared.types.push(made);
  }
  const io = ioType(random, shared, `P${seed}_Io`);
  shared.types.push(io);
  const statics = Array.from({ length: random.below(4) }, (_, index) =>
    staticField(random, `${name}_c${index}`),
  );
  shared.tables.push(
    ...Array.from({ length: random.below(2) }, (_, index) => table(random, `${name}_t${index}`)),
  );
  for (let count = random.below(3); count > 0; count--) shared.maps.push(mapOf(random, shared));
  const variables = statics.map((item) => ({
    name: item.name,
    type: item.type,
    fixed: item.config !== null,
    below: null,
  }));
  const tables = shared.tables.map((item) => ({
    name: item.name,
    type: item.type,
    constantIndexes: false,
    writable: false,
  }));
  const memory = Array.from({ length: random.below(2) }, (_, index): MemoryTree => {
    const type = shared.structs.length > 0 && random.chance(2, 3) ? random.pick(shared.structs) : null;
    const array = { kind: "array", element: random.pick(allInts), length: 2 + random.below(6) } as const;
    return { name: `${name}_g${index}`, type: type ?? array };
  });
  const globals = memory.map((item) => ({ ...item, constantIndexes: false, writable: true }));
  const outer: State = {
    random,
    shared,
    variables,
    references: [...tables, ...globals],
    callbacks: [],
    loops: [],
    gives: "action",
    closed: false,
    busy: new Set(),
    inSwitch: false,
    noinline: false,
    depth: 0,
    budget: { left: 0 },
  };
  for (let count = random.below(4); count > 0; count--) shared.functions.push(functionOf(outer));
  const state: State = {
    ...outer,
    variables: [...variables],
    references: [...outer.references, { name: "io", type: io, constantIndexes: true, writable: true }],
    budget: { left: 14 },
  };
  const body = [...filled(state), ...statements(state, 4 + random.below(9)), ...outputs(state)];
  const { maps, functions, types } = shared;
  const inputs = Array.from({ length: 6 }, (_, index) => inputOf(random, io, index));
  return {
    kind: "program",
    seed,
    name,
    types,
    statics,
    tables: shared.tables,
    memory,
    maps,
    functions,
    io,
    body,
    inputs,
  };
}

/** What one CPU has in a map does not depend on earlier runs, which were on any. */
function filled(state: State): Statement[] {
  return state.shared.maps
    .filter(({ form }) => form === "PerCpuArrayMap")
    .flatMap((map) =>
      Array.from({ length: map.entries }, (_, index): Statement => {
        const key: Expression = { kind: "literal", type: ints.u32, value: BigInt(index), bare: true };
        const value = isScalar(map.value) ? expression(state, map.value, 1) : making(state, map.value, 0);
        return { kind: "set", map: map.name, key, value, mode: "any" };
      }),
    );
}

function enumType(random: Random, name: string): Type {
  const values = new Set(Array.from({ length: 2 + random.below(4) }, () => BigInt(random.below(12))));
  return {
    kind: "enum",
    name: `E_${name}`,
    members: [...values].map((value) => ({ name: `M${value}`, value })),
  };
}

/** A type for a field. */
function scalarType(random: Random, shared: Shared): Scalar {
  const enums = shared.types.filter((type) => type.kind === "enum");
  return random.weighted<{ weight: number; type: Scalar }>([
    { weight: 12, type: random.pick(allInts) },
    { weight: 3, type: random.pick(bigEndians) },
    { weight: 1, type: boolean },
    ...enums.map((type) => ({ weight: 1, type })),
  ]).type;
}

function struct(random: Random, shared: Shared, name: string, count: number): StructType {
  const packed = random.chance(1, 5);
  const fields: Field[] = [];
  for (let index = 0; index < count; index++) {
    const field = `f${index}`;
    const kind = random.weighted([
      { weight: 8, kind: "scalar" },
      { weight: 2, kind: "array" },
      { weight: 2, kind: packed ? "scalar" : "bits" },
      { weight: 1, kind: "struct" },
      { weight: 1, kind: "structs" },
    ]).kind;
    const inner = shared.structs.length === 0 ? null : random.pick(shared.structs);
    if (kind === "bits") {
      // Bit fields come in runs.
      const type = random.pick(allInts);
      for (let part = 0; part < 1 + random.below(3); part++)
        fields.push({ name: `${field}_${part}`, type, width: 1 + random.below(type.bits - 1) });
    } else if (kind === "array") {
      fields.push({
        name: field,
        type: { kind: "array", element: scalarType(random, shared), length: 2 + random.below(4) },
      });
    } else if (kind === "struct" && inner !== null && sizeOf(inner) <= 32)
      fields.push({ name: field, type: inner });
    else if (kind === "structs" && inner !== null && sizeOf(inner) <= 16)
      fields.push({ name: field, type: { kind: "array", element: inner, length: 2 } });
    else fields.push({ name: field, type: scalarType(random, shared) });
  }
  return { kind: "struct", name, packed, fields };
}

/** What packets begin with: numbers of every kind, structs, and places for results. */
function ioType(random: Random, shared: Shared, name: string): StructType {
  const inner = struct(random, shared, name, 3 + random.below(4));
  const outs = Array.from({ length: 2 }, (_, index): Field => ({ name: `o${index}`, type: ints.u64 }));
  return { ...inner, packed: false, fields: [...inner.fields, ...outs] };
}

function staticField(random: Random, name: string): StaticTree {
  const type = random.pick(allInts);
  const config = random.chance(1, 2) ? randomNumber(random, type) : null;
  return { name, type, value: randomNumber(random, type), config };
}

function table(random: Random, name: string): TableTree {
  const element = random.pick(allInts);
  const length = random.pick([2, 4, 5, 8]);
  return {
    name,
    type: { kind: "array", element, length },
    values: Array.from({ length }, () => randomNumber(random, element)),
  };
}

function mapOf(random: Random, shared: Shared): MapTree {
  const { prefix, maps, structs } = shared;
  const { form } = random.weighted<{ weight: number; form: MapTree["form"] }>([
    { weight: 2, form: "ArrayMap" },
    { weight: 1, form: "PerCpuArrayMap" },
    { weight: 3, form: "HashMap" },
    { weight: 1, form: "LruHashMap" },
  ]);
  const isArray = form === "ArrayMap" || form === "PerCpuArrayMap";
  const keys = structs.filter((type) => sizeOf(type) <= 24);
  const structKey = !isArray && keys.length > 0 && random.chance(1, 3) ? random.pick(keys) : null;
  const numberKey = isArray ? ints.u32 : random.pick([ints.u8, ints.u16, ints.u32, ints.u64, ints.i32]);
  const structValue = structs.length > 0 && random.chance(1, 2) ? random.pick(structs) : null;
  return {
    name: `${prefix}_m${maps.length}`,
    form,
    key: structKey ?? numberKey,
    value: structValue ?? random.pick(allInts),
    // An LRU map that is full drops what nobody can tell.
    entries: form === "LruHashMap" ? 1024 : 2 + random.below(6),
  };
}

function functionOf(outer: State): FunctionTree {
  const { random, shared } = outer;
  const form = random.pick(["plain", "static", "noinline"] as const);
  const result: FunctionTree["result"] = random.weighted<{ weight: number; result: FunctionTree["result"] }>([
    { weight: 6, result: random.pick(allInts) },
    { weight: 1, result: boolean },
    { weight: 2, result: null },
    ...(shared.structs.length > 0 && form !== "noinline"
      ? [{ weight: 1, result: random.pick(shared.structs) }]
      : []),
  ]).result;
  const takesFunction = form === "plain" && random.chance(1, 3);
  const callback: CallbackType = {
    kind: "callback",
    takes: Array.from({ length: 1 + random.below(2) }, () => random.pick(allInts)),
    gives: random.pick(allInts),
  };
  const callbackName = newName(outer, "g");
  const parameters = Array.from({ length: 1 + random.below(4) }, (): Parameter => {
    const name = newName(outer, "a");
    if (shared.structs.length > 0 && random.chance(1, 3)) return { name, type: random.pick(shared.structs) };
    return { name, type: random.chance(1, 8) ? boolean : random.pick(allInts) };
  });
  if (takesFunction) parameters.push({ name: callbackName, type: callback });
  const state: State = {
    ...outer,
    variables: [...outer.variables],
    references: [...outer.references],
    callbacks: takesFunction ? [{ name: callbackName, type: callback }] : [],
    gives: result,
    noinline: form === "noinline",
    budget: { left: 6 },
    depth: 1,
  };
  for (const { name, type } of parameters) {
    if (type.kind === "struct" || type.kind === "array")
      state.references.push({ name, type, constantIndexes: true, writable: true });
    else if (type.kind !== "callback") state.variables.push({ name, type, fixed: false, below: null });
  }
  const body = statements(state, 1 + random.below(4));
  if (result !== null) body.push(returnOf(state));
  return {
    kind: "function",
    name: `${shared.prefix}_f${shared.functions.length}`,
    form,
    parameters,
    result,
    body,
  };
}

/** Puts what the program computed where it is compared. */
function outputs(state: State): Statement[] {
  const target = (index: number) =>
    ({ kind: "place", type: ints.u64, root: "io", steps: [{ kind: "field", name: `o${index}` }] }) as const;
  const add = (index: number, value: Expression): Statement => {
    const place = target(index % 2);
    const times: Expression = {
      kind: "binary",
      type: ints.u64,
      sign: "*",
      left: { kind: "read", type: ints.u64, place },
      right: { kind: "literal", type: ints.u64, value: 31n, bare: true },
    };
    const sum: Expression = { kind: "binary", type: ints.u64, sign: "+", left: times, right: value };
    return { kind: "assign", target: place, sign: "=", value: sum };
  };
  const asNumber = (value: Expression): Expression => {
    const { type } = value;
    if (type.kind === "enum") return { kind: "convert", type: ints.u64, value };
    return { kind: "convert", type: ints.u64, value };
  };
  const numbers = state.variables.map(
    ({ name, type }): Expression => asNumber({ kind: "variable", type, name }),
  );
  const memory = state.references
    .filter(({ name }) => /^s\d/.test(name))
    .flatMap(({ name, type }) =>
      numbersIn(type).map(
        ({ steps, type: part }): Expression =>
          asNumber({ kind: "read", type: part, place: { kind: "place", type: part, root: name, steps } }),
      ),
    )
    .slice(0, 12);
  return [...numbers, ...memory].map((value, index) => add(index, value));
}

/** A packet; the last one of a program may be too short. */
function inputOf(random: Random, io: StructType, index: number): Input {
  const numbers = numbersIn(io).map(({ type, width }) => randomNumber(random, type, width ?? undefined));
  const size = sizeOf(io);
  const isShort = index === 5 && size > 15 && random.chance(1, 2);
  return { numbers, length: isShort ? size - 1 : Math.max(size, 14) + random.below(9) };
}

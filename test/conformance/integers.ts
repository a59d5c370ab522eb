/** Every operator, conversion and comparison of integers, on the edges of every type. */
import {
  binaryOperators,
  comparisons,
  edgeValues,
  type IntType,
  intTypes,
  literal,
  meet,
  unaryOperators,
  wrap,
} from "./arithmetic.js";
import { type Case, type ConformanceClass, cpus, type Group, type PlaceType } from "./program.js";

const operatorsOf = (type: IntType) =>
  Object.entries(binaryOperators).concat(
    type.signed || type.bits === 64 ? [] : [[">>>", (_, left, right) => left >> (right & 31n)]],
  );
const places = (prefix: string, count: number, type: PlaceType): Record<string, PlaceType> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, type]));
const numbered = (values: readonly bigint[]): Record<string, bigint> =>
  Object.fromEntries(values.map((value, index) => [`r${index}`, value]));
const bit = (value: boolean): bigint => (value ? 1n : 0n);

/** Pairs of edge values, and enough of them. */
function pairsOf(type: IntType): { a: bigint; b: bigint }[] {
  return edgeValues(type).flatMap((a) => edgeValues(type).map((b) => ({ a, b })));
}

function binary(type: IntType): Case {
  const operators = operatorsOf(type);
  return {
    name: `binary_${type.name}`,
    inputs: { a: type.name, b: type.name },
    outputs: places("r", operators.length, type.name),
    body: operators.map(([sign], index) => `io.r${index} = io.a ${sign} io.b;`).join("\n"),
    runs: pairsOf(type).map((pair) => ({
      inputs: pair,
      outputs: numbered(operators.map(([, apply]) => apply(type, pair.a, pair.b))),
    })),
  };
}

function compound(type: IntType): Case {
  const operators = operatorsOf(type);
  return {
    name: `compound_${type.name}`,
    inputs: { a: type.name, b: type.name },
    outputs: places("r", operators.length, "u64"),
    body: operators
      .map(
        ([sign], index) =>
          `let x${index}: ${type.name} = io.a; x${index} ${sign}= io.b; io.r${index} = u64(x${index});`,
      )
      .join("\n"),
    runs: pairsOf(type).map((pair) => ({
      inputs: pair,
      outputs: numbered(operators.map(([, apply]) => BigInt.asUintN(64, apply(type, pair.a, pair.b)))),
    })),
  };
}

function compare(type: IntType): Case {
  const all = Object.entries(comparisons);
  const body = all.map(
    ([sign], index) =>
      `const c${index} = io.a ${sign} io.b; io.r${index} = u64(c${index}); if (io.a ${sign} io.b) io.r${index + all.length} = 1n; else io.r${index + all.length} = 2n;`,
  );
  return {
    name: `compare_${type.name}`,
    inputs: { a: type.name, b: type.name },
    outputs: places("r", all.length * 2, "u64"),
    body: body.join("\n"),
    runs: pairsOf(type).map((pair) => {
      const is = all.map(([, apply]) => apply(pair.a, pair.b));
      return { inputs: pair, outputs: numbered([...is.map(bit), ...is.map((one) => (one ? 1n : 2n))]) };
    }),
  };
}

function unary(type: IntType): Case {
  const one = literal(type, 1n);
  const before = Object.keys(unaryOperators).map((sign) => `${sign}io.a`);
  const body = [
    ...before.map((text, index) => `io.r${index} = u64(${type.name}(${text}));`),
    "io.r2 = u64(!io.a);",
    `let x: ${type.name} = io.a; io.r3 = u64(x++); io.r4 = u64(x); io.r5 = u64(--x); io.r6 = u64(x--); io.r7 = u64(x); io.r8 = u64(++x);`,
    "if (io.a) io.r9 = 1n;",
    `io.copy = io.a; io.copy++; io.copy += ${one};`,
  ];
  return {
    name: `unary_${type.name}`,
    inputs: { a: type.name },
    outputs: { ...places("r", 10, "u64"), copy: type.name },
    body: body.join("\n"),
    runs: edgeValues(type).map((a) => ({
      inputs: { a },
      outputs: {
        ...numbered(
          [-a, ~a, bit(a === 0n), a, a + 1n, a, a, a - 1n, a].map((value, index) =>
            index === 2 ? value : BigInt.asUintN(64, wrap(type, value)),
          ),
        ),
        r9: bit(a !== 0n),
        copy: wrap(type, a + 2n),
      },
    })),
  };
}

/** One operand a constant, on either side; and both, so that folding is what is compared. */
function constants(type: IntType): Case[] {
  const values = edgeValues(type);
  return operatorsOf(type).map(([sign, apply], at) => {
    const usable = values.filter((value) => !/[<>]/.test(sign) || (value >= 0n && value < BigInt(type.bits)));
    const divides = /[/%]/.test(sign);
    const right = usable.filter((value) => !divides || value !== 0n);
    const left = values.slice(0, 8);
    const lines = [
      ...right.map((value) => `io.a ${sign} ${literal(type, value).replace(/^-(.*)/, "-$1")}`),
      ...left.map((value) => `k${value < 0n ? "m" : ""}${value < 0n ? -value : value} ${sign} io.a`),
    ];
    const names = left.map(
      (value) =>
        `const k${value < 0n ? "m" : ""}${value < 0n ? -value : value}: ${type.name} = ${literal(type, value)};`,
    );
    const folded = left.flatMap((x) => right.slice(0, 4).map((y) => ({ x, y })));
    return {
      name: `const_${type.name}_${at}`,
      inputs: { a: type.name },
      outputs: places("r", lines.length + folded.length, "u64"),
      body: [
        ...names,
        ...lines.map((text, index) => `io.r${index} = u64(${type.name}(${text}));`),
        ...folded.map(
          ({ x, y }, index) =>
            `{ let x: ${type.name} = ${literal(type, x)}; let y: ${type.name} = ${literal(type, y)}; io.r${lines.length + index} = u64(${type.name}(x ${sign} y)); }`,
        ),
      ].join("\n"),
      runs: values.map((a) => ({
        inputs: { a },
        outputs: numbered(
          [
            ...right.map((value) => apply(type, a, value)),
            ...left.map((value) => apply(type, value, a)),
            ...folded.map(({ x, y }) => apply(type, x, y)),
          ].map((value) => BigInt.asUintN(64, value)),
        ),
      })),
    };
  });
}

function compareConstants(type: IntType): Case {
  const all = Object.entries(comparisons).flatMap(([sign, apply]) =>
    edgeValues(type)
      .slice(0, 12)
      // The compiler says so when a comparison has one outcome.
      .filter((value) => type.signed || value !== 0n || !["<", ">="].includes(sign))
      .map((value) => ({ sign, apply, value })),
  );
  return {
    name: `comparec_${type.name}`,
    inputs: { a: type.name },
    outputs: places("r", all.length, "u64"),
    body: all
      .map(({ sign, value }, index) => `io.r${index} = io.a ${sign} ${literal(type, value)} ? 1n : 0n;`)
      .join("\n"),
    runs: edgeValues(type).map((a) => ({
      inputs: { a },
      outputs: numbered(all.map(({ apply, value }) => bit(apply(a, value)))),
    })),
  };
}

const conversions: readonly Case[] = intTypes.map((from) => ({
  name: `convert_${from.name}`,
  inputs: { a: from.name },
  outputs: {
    ...Object.fromEntries(intTypes.map((to) => [`to_${to.name}`, to.name])),
    ...Object.fromEntries(intTypes.map((to) => [`via_${to.name}`, "u64" as const])),
    flag: "u64",
  },
  body: [
    ...intTypes.map((to) => `io.to_${to.name} = ${to.name}(io.a);`),
    ...intTypes.map((to) => `io.via_${to.name} = u64(${to.name}(io.a));`),
    `io.flag = u64(${from.name}(io.a > ${literal(from, 1n)}));`,
  ].join("\n"),
  runs: edgeValues(from).map((a) => ({
    inputs: { a },
    outputs: {
      ...Object.fromEntries(intTypes.map((to) => [`to_${to.name}`, wrap(to, a)])),
      ...Object.fromEntries(intTypes.map((to) => [`via_${to.name}`, BigInt.asUintN(64, wrap(to, a))])),
      flag: bit(a > 1n),
    },
  })),
}));

const meetings: readonly Case[] = intTypes.flatMap((left) =>
  intTypes.flatMap((right) => {
    const met = meet(left, right);
    if (met === null || left.name === right.name) return [];
    const signs = ["+", "-", "*", "/", "%", "&", "|", "^"];
    const order = Object.entries(comparisons);
    const sample = (type: IntType) => edgeValues(type).filter((_, index) => index % 2 === 0);
    return [
      {
        name: `meet_${left.name}_${right.name}`,
        inputs: { a: left.name, b: right.name },
        outputs: places("r", signs.length + order.length, "u64"),
        body: [
          ...signs.map((sign, index) => `io.r${index} = u64(${met.name}(io.a ${sign} io.b));`),
          ...order.map(([sign], index) => `io.r${signs.length + index} = u64(io.a ${sign} io.b);`),
        ].join("\n"),
        runs: sample(left).flatMap((a) =>
          sample(right).map((b) => ({
            inputs: { a, b },
            outputs: numbered([
              ...signs.map((sign) => BigInt.asUintN(64, binaryOperators[sign]?.(met, a, b) ?? 0n)),
              ...order.map(([, apply]) => bit(apply(a, b))),
            ]),
          })),
        ),
      },
    ];
  }),
);

const operators: ConformanceClass = {
  name: "Operators",
  cases: intTypes.flatMap((type) => [binary(type), compound(type), compare(type), unary(type)]),
};
const others: readonly ConformanceClass[] = [
  { name: "Constants", cases: intTypes.flatMap((type) => [...constants(type), compareConstants(type)]) },
  { name: "Conversions", cases: [...conversions, ...meetings] },
];

export const groups: readonly Group[] = [
  { title: "integers", classes: [operators, ...others] },
  { title: "integers on other cpu versions", classes: [operators], variants: cpus },
];

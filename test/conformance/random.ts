/** Random expressions, the same in each run. */
import {
  binaryOperators,
  comparisons,
  edgeValues,
  type IntType,
  intTypes,
  literal,
  meet,
  randomNumbers,
  unaryOperators,
  wrap,
} from "./arithmetic.js";
import type { Case, Group } from "./program.js";

/** A well-typed expression: its text, its type and what it means. */
interface Expression {
  readonly type: IntType;
  readonly text: string;
  readonly evaluate: (inputs: Inputs) => bigint;
}
/** A condition. */
interface Condition {
  readonly text: string;
  readonly evaluate: (inputs: Inputs) => boolean;
}
type Inputs = Readonly<Record<string, bigint>>;

const seed = 20_261_123;
const programs = 50;
const random = randomNumbers(seed);
const below = (limit: number): number => random() % limit;
const pick = <T>(items: readonly T[]): T => {
  const item = items[below(items.length)];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
};
const inputOf = (type: IntType, index: number) => `${type.name}_${index}`;

function leaf(type: IntType): Expression {
  const name = inputOf(type, below(2));
  return { type, text: `io.${name}`, evaluate: (inputs) => inputs[name] ?? 0n };
}

/** The sign only: what the compiler proves to be narrower may be narrower, so types are named where they matter. */
function typed(type: IntType, text: string, evaluate: (inputs: Inputs) => bigint): Expression {
  return { type, text: `${type.name}(${text})`, evaluate };
}

function expression(type: IntType, depth: number): Expression {
  if (depth === 0) return leaf(type);
  const kind = below(12);
  if (kind < 5) {
    const [sign, apply] = pick(Object.entries(binaryOperators));
    const left = expression(type, depth - 1);
    if (/[<>]/.test(sign) && below(2) === 0) {
      const by = BigInt(below(type.bits));
      return typed(type, `${left.text} ${sign} ${literal(type, by)}`, (inputs) =>
        apply(type, left.evaluate(inputs), by),
      );
    }
    const right = expression(type, depth - 1);
    return typed(type, `${left.text} ${sign} ${right.text}`, (inputs) =>
      apply(type, left.evaluate(inputs), right.evaluate(inputs)),
    );
  }
  if (kind < 7) {
    const [sign, apply] = pick(Object.entries(binaryOperators).filter(([one]) => !/[<>]/.test(one)));
    const value = pick(edgeValues(type).filter((one) => !/[/%]/.test(sign) || one !== 0n));
    const left = expression(type, depth - 1);
    return typed(type, `${left.text} ${sign} ${literal(type, value)}`, (inputs) =>
      apply(type, left.evaluate(inputs), value),
    );
  }
  if (kind === 7) {
    const [sign, apply] = pick(Object.entries(unaryOperators));
    const inner = expression(type, depth - 1);
    return typed(type, `${sign}${inner.text}`, (inputs) => apply(type, inner.evaluate(inputs)));
  }
  if (kind === 8) {
    const test = condition(depth - 1);
    const yes = expression(type, depth - 1);
    const no = expression(type, depth - 1);
    return typed(type, `${test.text} ? ${yes.text} : ${no.text}`, (inputs) =>
      (test.evaluate(inputs) ? yes : no).evaluate(inputs),
    );
  }
  if (kind === 9) {
    const left = expression(pick(intTypes), depth - 1);
    const right = expression(pick(intTypes), depth - 1);
    const met = meet(left.type, right.type);
    if (met !== null) {
      const [sign, apply] = pick(Object.entries(binaryOperators).filter(([one]) => !/[<>]/.test(one)));
      return typed(type, `${met.name}(${left.text} ${sign} ${right.text})`, (inputs) =>
        wrap(type, apply(met, left.evaluate(inputs), right.evaluate(inputs))),
      );
    }
  }
  const from = expression(pick(intTypes), depth - 1);
  return typed(type, from.text, (inputs) => wrap(type, from.evaluate(inputs)));
}

function condition(depth: number): Condition {
  if (depth > 0 && below(3) === 0) {
    const left = condition(depth - 1);
    const right = condition(depth - 1);
    return below(2) === 0
      ? {
          text: `(${left.text} && ${right.text})`,
          evaluate: (inputs) => left.evaluate(inputs) && right.evaluate(inputs),
        }
      : {
          text: `!(${left.text} || ${right.text})`,
          evaluate: (inputs) => !(left.evaluate(inputs) || right.evaluate(inputs)),
        };
  }
  const type = pick(intTypes);
  const [sign, apply] = pick(Object.entries(comparisons));
  const left = expression(type, Math.max(0, depth - 1));
  const right = expression(type, Math.max(0, depth - 1));
  return {
    text: `${left.text} ${sign} ${right.text}`,
    evaluate: (inputs) => apply(left.evaluate(inputs), right.evaluate(inputs)),
  };
}

const names = intTypes.flatMap((type) => [0, 1].map((index) => [inputOf(type, index), type] as const));

function program(_: unknown, index: number): Case {
  const results = Array.from({ length: 6 }, (_unused, at) => ({
    name: `r${at}`,
    value: expression(pick(intTypes), 2 + below(4)),
  }));
  const [first, second] = [pick(intTypes), pick(intTypes)];
  const step = expression(first, 2);
  const guard = condition(2);
  const start = expression(first, 1);
  const end = expression(second, 2);
  return {
    name: `random_${index}`,
    inputs: Object.fromEntries(names.map(([name, type]) => [name, type.name])),
    outputs: {
      ...Object.fromEntries(results.map(({ name, value }) => [name, value.type.name])),
      loop: first.name,
      branch: second.name,
    },
    body: [
      ...results.map(({ name, value }) => `io.${name} = ${value.text};`),
      `let x: ${first.name} = ${start.text}; for (let k: u32 = 0; k < 5; k++) { x = ${first.name}(x + ${step.text}); if (${guard.text}) x ^= ${first.name}(k); else x <<= ${literal(first, 1n)}; } io.loop = x;`,
      `if (${guard.text}) io.branch = ${end.text}; else { io.branch = ${second.name}(x); }`,
    ].join("\n"),
    runs: Array.from({ length: 6 }, () => {
      const inputs = Object.fromEntries(
        names.map(([name, type]) => [
          name,
          below(2) === 0 ? pick(edgeValues(type)) : wrap(type, (BigInt(random()) << 32n) | BigInt(random())),
        ]),
      );
      let x = start.evaluate(inputs);
      for (let k = 0n; k < 5n; k++) {
        x = wrap(first, x + step.evaluate(inputs));
        x = wrap(first, guard.evaluate(inputs) ? x ^ k : x << 1n);
      }
      return {
        inputs,
        outputs: {
          ...Object.fromEntries(results.map(({ name, value }) => [name, value.evaluate(inputs)])),
          loop: x,
          branch: guard.evaluate(inputs) ? end.evaluate(inputs) : wrap(second, x),
        },
      };
    }),
  };
}

export const groups: readonly Group[] = [
  {
    title: "random expressions",
    classes: [{ name: "Random", cases: Array.from({ length: programs }, program) }],
  },
];

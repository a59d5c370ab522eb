import { nearest } from "@waggle/object";
import type { XtaskConfig } from "./config.js";
import type { Rule } from "./rules.js";
import { configRule } from "./rules.js";

/** A wrong setting. */
export interface ConfigProblem {
  /** Names and indices that lead to it; empty for the whole. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly help: string | null;
}

/** Whether `value` is a configuration; what is wrong with it is added to `problems`, all of it. */
export function isConfig(value: unknown, problems: ConfigProblem[]): value is XtaskConfig {
  check(value, configRule, [], problems);
  return problems.length === 0;
}

type Checkers = { [Kind in Rule["kind"]]: (value: unknown, rule: Rule & { kind: Kind }, at: At) => void };

/** Where a value stands, and where to say what is wrong with it. */
interface At {
  readonly path: ConfigProblem["path"];
  readonly problems: ConfigProblem[];
  readonly fail: (wrong: string, help?: string | null) => void;
}

const checkers: Checkers = {
  text(value, rule, { fail }) {
    const wrong = typeof value === "string" ? rule.wrong?.(value) : undefined;
    if (typeof value !== "string") fail(`is ${describe(value)}; it must be text`, asText(value));
    else if (typeof wrong === "string") fail(`${wrong}: ${JSON.stringify(value)}`);
  },
  "yes-or-no"(value, _rule, { fail }) {
    if (typeof value !== "boolean") fail(`is ${describe(value)}; it must be true or false`);
  },
  choice(value, { choices }, { fail }) {
    if (typeof value === "string" && choices.includes(value)) return;
    const listed = choices.map((choice) => JSON.stringify(choice)).join(", ");
    const close = nearest(String(value), choices);
    fail(
      `is ${describe(value)}; it must be one of ${listed}`,
      close && `did you mean ${JSON.stringify(close)}?`,
    );
  },
  list(value, rule, { path, problems, fail }) {
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) check(item, rule.of, [...path, index], problems);
    } else if (rule.orOne === true) check(value, rule.of, path, problems);
    else fail(`is ${describe(value)}; it must be a list`);
  },
  object(value, { fields, required = [] }, { path, problems, fail }) {
    if (!isPlainObject(value)) {
      fail(`is ${describe(value)}; it must be an object`);
      return;
    }
    for (const [key, inner] of Object.entries(value)) {
      const rule = Object.hasOwn(fields, key) ? fields[key] : undefined;
      // A setting that is undefined is as good as absent: `kernel: process.env.KERNEL`.
      if (rule !== undefined && inner !== undefined) check(inner, rule, [...path, key], problems);
      if (rule === undefined) problems.push(unknownKey([...path, key], key, Object.keys(fields)));
    }
    for (const key of required) if (!Object.hasOwn(value, key)) fail(`has no ${key}`);
  },
};

function check(value: unknown, rule: Rule, path: ConfigProblem["path"], problems: ConfigProblem[]): void {
  const fail = (wrong: string, help: string | null = null): void => {
    problems.push({ path, message: `${nameOf(path)} ${wrong}`, help });
  };
  const at = { path, problems, fail };
  if (rule.kind === "text") checkers.text(value, rule, at);
  else if (rule.kind === "yes-or-no") checkers["yes-or-no"](value, rule, at);
  else if (rule.kind === "choice") checkers.choice(value, rule, at);
  else if (rule.kind === "list") checkers.list(value, rule, at);
  else checkers.object(value, rule, at);
}

function unknownKey(path: ConfigProblem["path"], key: string, known: readonly string[]): ConfigProblem {
  const close = nearest(key, known);
  const help = close === null ? `there are ${known.join(", ")}` : `did you mean ${close}?`;
  return { path, message: `there is no setting ${nameOf(path)}`, help };
}

/** `target.kernel`, `codegen[0].out`. */
function nameOf(path: ConfigProblem["path"]): string {
  if (path.length === 0) return "the configuration";
  return path.reduce<string>(
    (name, part) => (typeof part === "number" ? `${name}[${part}]` : name === "" ? part : `${name}.${part}`),
    "",
  );
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (value instanceof Promise) return "a promise";
  if (typeof value === "object" && value !== null) return "an object";
  if (typeof value === "function") return "a function";
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

/** 5.1 is not the version 5.10, so a number is never taken for one. */
function asText(value: unknown): string | null {
  return typeof value === "number" ? `write it in quotes: "${value}"` : null;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  return Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null;
}

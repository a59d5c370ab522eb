/** `switch`: cases are compared in order; many constant ones are searched by halves. */
import ts from "#typescript";
import type { BlockId } from "../../ir/types.js";
import { rangeOf } from "../../types/integers.js";
import { lowerExpression } from "../expressions/expressions.js";
import { kernelPointer } from "../kernel-types/kernel-memory.js";
import { reject } from "../rejections/rejection.js";
import { type FactKey, type FunctionState, locationOf } from "../state.js";
import { compare } from "../values/comparison.js";
import { coerce, isNumber, nameOf, rejectValue, solid } from "../values/scalars.js";
import { type Range, type ScalarValue, union, type Value } from "../values/value.js";
import { joinClauses, withOuterFacts } from "./assigned-facts.js";
import { comparedValue, isPath, noteCompared } from "./compared-places.js";
import { comparedVariable } from "./compared-variables.js";
import { isOneNumber } from "./facts.js";
import { doAllExit, withJumps } from "./jumps.js";
import { attempt, lowerBlock } from "./statements.js";

/** From so many constant cases on, halving takes fewer comparisons than going through them. */
const fewCases = 6;

interface Case {
  readonly node: ts.CaseClause;
  readonly body: BlockId;
  readonly value: Value;
  /** The number of a constant case. */
  readonly number: bigint | null;
}

/** `switch (subject) { case …: … default: … }`. */
export function lowerSwitch(fn: FunctionState, node: ts.SwitchStatement, labels: readonly string[]): void {
  const { builder } = fn;
  const subject = subjectOf(fn, node.expression);
  noteCompared(fn, node.expression, subject);
  const { clauses } = node.caseBlock;
  const bodies = clauses.map(() => builder.block());
  const after = builder.block();
  const bodyOf = (clause: ts.CaseOrDefaultClause): BlockId => bodies[clauses.indexOf(clause)] ?? after;
  const standard = clauses.find(ts.isDefaultClause);
  const otherwise = standard === undefined ? after : bodyOf(standard);
  const cases: Case[] = [];
  for (const clause of clauses.filter(ts.isCaseClause))
    attempt(fn, clause, () => cases.push(caseOf(fn, subject, clause, bodyOf(clause), cases)));
  dispatch(fn, subject, cases, otherwise);
  const turns = fn.jumps.at(-1)?.turns ?? 1n;
  const before = withOuterFacts(fn, new Map());
  withJumps(fn, { onBreak: after, onContinue: null, isBlock: false, labels, turns }, () => {
    for (const [index, clause] of clauses.entries()) {
      const body = bodies[index] ?? after;
      builder.switchTo(body);
      fn.facts.push(factsOf(fn, node.expression, clauses, index, cases));
      lowerBlock(fn, clause.statements);
      fn.facts.pop();
      builder.jump(bodies[index + 1] ?? after);
    }
  });
  builder.switchTo(after);
  joinClauses(fn, node, before);
}

function subjectOf(fn: FunctionState, node: ts.Expression): ScalarValue {
  const value = lowerExpression(fn, node);
  if (value.kind === "memory" && value.type.kind === "array" && value.type.text)
    return reject(node, "WG1003", "text is not switched on", 'compare it: if (name.equals("…")) … else if …');
  if (value.kind === "kernel") return kernelPointer(fn, value);
  return value.kind === "scalar" || value.kind === "constant"
    ? solid(fn, value, node)
    : rejectValue(value, node);
}

function caseOf(
  fn: FunctionState,
  subject: ScalarValue,
  node: ts.CaseClause,
  body: BlockId,
  before: readonly Case[],
): Case {
  const { expression } = node;
  fn.builder.location = locationOf(fn.owner, expression);
  const value = lowerExpression(fn, expression);
  if (value.kind !== "constant") return { node, body, value, number: null };
  const number = value.value;
  if (before.some((other) => other.number === number))
    reject(expression, "WG1018", `${number} is a case already, so this one is never reached`);
  if (isNumber(subject)) {
    // Only what the type excludes is a mistake: more may be known of the subject where a function is inlined.
    const { min, max } = rangeOf(subject.type);
    if (number < min || number > max)
      reject(
        expression,
        "WG1018",
        `the subject, ${nameOf(subject.type)} from ${min} to ${max}, is never ${number}`,
        "remove the case, or switch on a wider number",
      );
  }
  // A literal takes the subject's type, or says why it cannot.
  coerce(fn, value, subject.type, expression);
  return { node, body, value, number };
}

function dispatch(fn: FunctionState, subject: ScalarValue, cases: readonly Case[], otherwise: BlockId): void {
  const numbers = cases.filter((item) => item.number !== null);
  const isOrdered = numbers.length === cases.length && isNumber(subject);
  if (isOrdered && cases.length > fewCases) {
    const sorted = [...cases].sort((a, b) => ((a.number ?? 0n) < (b.number ?? 0n) ? -1 : 1));
    halve(fn, subject, sorted, otherwise);
  } else goThrough(fn, subject, cases, otherwise);
}

function goThrough(
  fn: FunctionState,
  subject: ScalarValue,
  cases: readonly Case[],
  otherwise: BlockId,
): void {
  const { builder } = fn;
  for (const { node, value, body } of cases) {
    const next = builder.block();
    attempt(fn, node, () => {
      builder.location = locationOf(fn.owner, node.expression);
      const isIt = compare(fn, ts.SyntaxKind.EqualsEqualsEqualsToken, subject, value, node.expression);
      builder.branch(isIt.id, body, next);
    });
    builder.switchTo(next);
  }
  builder.jump(otherwise);
}

function halve(fn: FunctionState, subject: ScalarValue, sorted: readonly Case[], otherwise: BlockId): void {
  const middle = sorted[sorted.length >> 1];
  if (middle === undefined || sorted.length <= 3) {
    goThrough(fn, subject, sorted, otherwise);
    return;
  }
  const { builder } = fn;
  const [low, high] = [builder.block(), builder.block()];
  const isBelow = compare(fn, ts.SyntaxKind.LessThanToken, subject, middle.value, middle.node.expression);
  builder.branch(isBelow.id, low, high);
  builder.switchTo(low);
  halve(fn, subject, sorted.slice(0, sorted.length >> 1), otherwise);
  builder.switchTo(high);
  halve(fn, subject, sorted.slice(sorted.length >> 1), otherwise);
}

/** In a clause that only its own cases come to, the subject is one of their numbers. */
function factsOf(
  fn: FunctionState,
  subject: ts.Expression,
  clauses: readonly ts.CaseOrDefaultClause[],
  index: number,
  cases: readonly Case[],
): Map<FactKey, Range> {
  const facts = new Map<FactKey, Range>();
  const key = comparedVariable(fn, subject, subject);
  const read = key !== null && isPath(key) ? comparedValue(fn, subject) : undefined;
  const first = clauses.slice(0, index).findLastIndex((clause) => clause.statements.length > 0);
  const before = clauses[first];
  const own = clauses.slice(first + 1, index + 1);
  const numbers = own.map((clause) => cases.find(({ node }) => node === clause)?.number ?? null);
  const isOnly = before === undefined || doAllExit(before.statements);
  if (key === null || !isOnly || numbers.includes(null)) return facts;
  const [one, ...more] = numbers
    .filter((number) => number !== null)
    .map((number) => ({ min: number, max: number }));
  if (one === undefined || (isPath(key) && read?.kind !== "scalar")) return facts;
  const unseen = isOneNumber(fn, key) ? {} : { unseen: true as const };
  return facts.set(key, {
    ...union([one, ...more]),
    ...unseen,
    ...(read?.kind === "scalar" ? { read } : {}),
  });
}

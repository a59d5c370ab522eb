/** Which loops end, as far as the source shows. */
import { kernelHas } from "@waggle/object";
import ts from "#typescript";
import type { LoopHint } from "../../ir/types.js";
import type { IntType } from "../../types/data-type.js";
import { integers, rangeOf } from "../../types/integers.js";
import { newerKernel } from "../classes/class-rules.js";
import { reject } from "../rejections/rejection.js";
import { type FunctionState, kernelName, symbolOf } from "../state.js";
import { boundsOf, isNumber } from "../values/scalars.js";
import type { Range } from "../values/value.js";
import { isUnassigned } from "./compared-variables.js";
import { constantNumber } from "./facts.js";
import { firstWithCallbacks, firstWithLoops, loopForm, mostTurns } from "./loop-form.js";
import { workOf } from "./loop-work.js";

const K = ts.SyntaxKind;
/** A turn is three instructions at least (test, step, jump), and the verifier follows a million. */
const mostTurnsTogether = 333_333n;

/** What is known of a loop that ends. */
export interface LoopBound {
  /** Of the counter in the body. */
  readonly facts: Map<ts.Symbol, Range>;
  /** Of it and the loops around it together, as far as the source shows. */
  readonly turns: bigint;
  /** Of it alone; null when that is known only when it runs. */
  readonly own: bigint | null;
  readonly form: LoopHint["form"];
  /** What counts the turns of a `for` whose end does not change while it runs; null when there is nothing such. */
  readonly counter: Counter | null;
  /** What the verifier must follow to see that the loop ends. */
  readonly counters: ReadonlySet<ts.Symbol>;
}

/** `for (let symbol = …; symbol < limit; symbol += step)`. */
export interface Counter {
  readonly symbol: ts.Symbol;
  readonly type: IntType;
  readonly step: { readonly by: bigint; readonly node: ts.Node };
  readonly limit: ts.Expression;
  readonly inclusive: boolean;
  readonly rising: boolean;
}

/** Whether a statement never goes on to the next. */
export function doesExit(node: ts.Statement): boolean {
  if (ts.isReturnStatement(node) || ts.isBreakStatement(node) || ts.isContinueStatement(node)) return true;
  if (ts.isBlock(node)) return node.statements.some(doesExit);
  return (
    ts.isIfStatement(node) &&
    node.elseStatement !== undefined &&
    doesExit(node.thenStatement) &&
    doesExit(node.elseStatement)
  );
}

/** `i++`, `i += 2`, `i -= 1`, `i = i + 1` and the like on the variable. */
function stepOf(fn: FunctionState, node: ts.Node, symbol: ts.Symbol): Counter["step"] | null {
  const isIt = (side: ts.Node): boolean => ts.isIdentifier(side) && symbolOf(fn.owner, side) === symbol;
  if ((ts.isPostfixUnaryExpression(node) || ts.isPrefixUnaryExpression(node)) && isIt(node.operand)) {
    if (node.operator === K.PlusPlusToken) return { by: 1n, node };
    if (node.operator === K.MinusMinusToken) return { by: -1n, node };
  }
  if (!ts.isBinaryExpression(node) || !isIt(node.left)) return null;
  const by = constantNumber(fn, node.right);
  if (by === null || by === 0n) return null;
  if (node.operatorToken.kind === K.PlusEqualsToken) return { by, node };
  return node.operatorToken.kind === K.MinusEqualsToken ? { by: -by, node } : null;
}

function isAssignedElsewhere(
  fn: FunctionState,
  root: ts.Node,
  symbol: ts.Symbol,
  step: ts.Node | null,
): boolean {
  let found = false;
  const visit = (node: ts.Node): void => {
    if (found || node === step) return;
    const target =
      ts.isBinaryExpression(node) &&
      node.operatorToken.kind >= K.FirstAssignment &&
      node.operatorToken.kind <= K.LastAssignment
        ? node.left
        : (ts.isPostfixUnaryExpression(node) || ts.isPrefixUnaryExpression(node)) &&
            (node.operator === K.PlusPlusToken || node.operator === K.MinusMinusToken)
          ? node.operand
          : null;
    if (target !== null && ts.isIdentifier(target) && symbolOf(fn.owner, target) === symbol) found = true;
    ts.forEachChild(node, visit);
  };
  visit(root);
  return found;
}

/** The largest number that the side of a comparison can be; null when the source does not show it. */
function largest(fn: FunctionState, node: ts.Expression): bigint | null {
  const constant = constantNumber(fn, node);
  if (constant !== null) return constant;
  if (ts.isIdentifier(node)) {
    const symbol = symbolOf(fn.owner, node);
    const binding = symbol === null ? undefined : fn.bindings.get(symbol);
    if (symbol === null || binding?.kind !== "value" || !isNumber(binding.value)) {
      return symbol === null || binding !== undefined ? null : constantOfModule(fn, symbol);
    }
    let { max } = boundsOf(binding.value);
    for (const facts of fn.facts) {
      const fact = facts.get(symbol);
      if (fact !== undefined && fact.max < max) max = fact.max;
    }
    return max;
  }
  return typeLimit(fn, node);
}

/** Fields of small types are small. */
function typeLimit(fn: FunctionState, node: ts.Expression): bigint | null {
  if (!ts.isPropertyAccessExpression(node)) return null;
  const { checker, resolver } = fn.owner;
  const resolved = resolver.resolve(checker.getTypeAtLocation(node), node);
  if (resolved.kind !== "data" || resolved.type.kind !== "int" || resolved.type.bigEndian) return null;
  return resolved.type.size <= 2 ? rangeOf(resolved.type).max : null;
}

/** Whether the loop finds the same number here on every turn. */
function isInvariant(fn: FunctionState, node: ts.Expression, loop: ts.Node): boolean {
  if (constantNumber(fn, node) !== null) return true;
  if (ts.isParenthesizedExpression(node)) return isInvariant(fn, node.expression, loop);
  if (ts.isBinaryExpression(node))
    return (
      node.operatorToken.kind < K.FirstAssignment &&
      isInvariant(fn, node.left, loop) &&
      isInvariant(fn, node.right, loop)
    );
  if (ts.isCallExpression(node)) {
    const name = kernelName(fn.owner, symbolOf(fn.owner, node.expression));
    return name !== null && name in integers && node.arguments.every((each) => isInvariant(fn, each, loop));
  }
  const named = ts.isPropertyAccessExpression(node) ? node.name : node;
  const symbol = ts.isIdentifier(named) ? symbolOf(fn.owner, named) : null;
  if (symbol === null) return false;
  if (ts.isPropertyAccessExpression(node)) return fn.owner.configs.has(symbol) && isConfig(fn, symbol);
  const binding = fn.bindings.get(symbol);
  if (binding === undefined) return constantOfModule(fn, symbol) !== null;
  return binding.kind === "value" || (binding.kind === "scalar" && isUnassigned(fn, symbol, loop));
}

/** Only the loader sets these. */
const isConfig = (fn: FunctionState, symbol: ts.Symbol): boolean =>
  fn.owner.configs.get(symbol)?.section === ".rodata";

/** The number of a module's `const`; a `let` of a module may be anything at run time. */
function constantOfModule(fn: FunctionState, symbol: ts.Symbol): bigint | null {
  const declaration = symbol.valueDeclaration;
  const isConst =
    declaration !== undefined && (ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const) !== 0;
  return isConst ? initialNumber(fn, symbol) : null;
}

function initialNumber(fn: FunctionState, symbol: ts.Symbol): bigint | null {
  const declaration = symbol.valueDeclaration;
  if (
    declaration === undefined ||
    !ts.isVariableDeclaration(declaration) ||
    declaration.initializer === undefined
  )
    return null;
  return constantNumber(fn, declaration.initializer);
}

interface Comparison {
  readonly symbol: ts.Symbol;
  readonly operator: ts.SyntaxKind;
  readonly limit: ts.Expression;
}

/** The comparisons of a variable that all must hold for the loop to go on, which it does where the condition is as `holds` says. */
function comparisons(fn: FunctionState, condition: ts.Expression, holds: boolean): Comparison[] {
  if (ts.isParenthesizedExpression(condition)) return comparisons(fn, condition.expression, holds);
  if (!ts.isBinaryExpression(condition)) return [];
  const operator = condition.operatorToken.kind;
  if (operator === (holds ? K.AmpersandAmpersandToken : K.BarBarToken))
    return [...comparisons(fn, condition.left, holds), ...comparisons(fn, condition.right, holds)];
  const found: Comparison[] = [];
  const add = (side: ts.Expression, limit: ts.Expression, seen: ts.SyntaxKind | undefined): void => {
    const symbol = ts.isIdentifier(side) ? symbolOf(fn.owner, side) : null;
    const going = holds || seen === undefined ? seen : opposite[seen];
    if (symbol !== null && going !== undefined && fn.bindings.get(symbol)?.kind === "scalar")
      found.push({ symbol, operator: going, limit });
  };
  if (!(operator in mirror)) return found;
  add(condition.left, condition.right, operator);
  add(condition.right, condition.left, mirror[operator]);
  return found;
}

const mirror: Partial<Record<ts.SyntaxKind, ts.SyntaxKind>> = {
  [K.LessThanToken]: K.GreaterThanToken,
  [K.LessThanEqualsToken]: K.GreaterThanEqualsToken,
  [K.GreaterThanToken]: K.LessThanToken,
  [K.GreaterThanEqualsToken]: K.LessThanEqualsToken,
};
const opposite: Partial<Record<ts.SyntaxKind, ts.SyntaxKind>> = {
  [K.LessThanToken]: K.GreaterThanEqualsToken,
  [K.LessThanEqualsToken]: K.GreaterThanToken,
  [K.GreaterThanToken]: K.LessThanEqualsToken,
  [K.GreaterThanEqualsToken]: K.LessThanToken,
};

/**
 * What is known of the counter in the loop's body.
 * Rejects a loop whose end the source does not show, and one that the oldest kernel has no form for.
 */
export function loopBound(
  fn: FunctionState,
  node: ts.ForStatement | ts.WhileStatement | ts.DoStatement,
): LoopBound {
  const condition = ts.isForStatement(node) ? node.condition : node.expression;
  const outer = fn.jumps.at(-1)?.turns ?? 1n;
  const never = condition !== undefined && condition.kind === K.FalseKeyword;
  if (never)
    return { facts: new Map(), turns: outer, own: 1n, form: "bounded", counter: null, counters: new Set() };
  const work = workOf(node);
  const { kernel } = fn.owner.target;
  const found = [...countersOf(fn, node), ...halvingsOf(fn, node)];
  const counters = new Set(found.map(({ symbol }) => symbol));
  for (const { counter, own, facts } of found) {
    const form = loopForm({ turns: own, work, runs: outer }, kernel);
    // Only a loop that counts by itself can be made by other means than its own condition.
    const needsCounter = form === "iterator" || form === "callback";
    if (form === null || (needsCounter && counter === null && (own === null || own > mostTurns))) continue;
    const used = needsCounter && counter === null ? "bounded" : form;
    const turns = used === "bounded" ? outer * (own ?? 1n) : outer;
    if (turns > mostTurnsTogether)
      reject(
        condition ?? node,
        "WG1010",
        `this loop and those around it make ${turns} turns of three instructions or more, and the verifier follows a million in all`,
        "make them shorter, or do a part of the work each time the program runs",
      );
    const most = own !== null && ts.isDoStatement(node) ? own + 1n : own;
    return { facts, turns, own: most, form: used, counter, counters };
  }
  const [first] = found;
  if (first !== undefined) return refuseForm(fn, condition ?? node, first);
  return reject(
    condition ?? node.getFirstToken() ?? node,
    "WG1010",
    "the end of this loop is not evident",
    "count up to a constant: for (let i = 0; i < 16; i++), and break early",
  );
}

/** A loop that ends, but not in a form that the oldest kernel has. */
function refuseForm(fn: FunctionState, node: ts.Node, { own, counter }: Found): never {
  const { owner } = fn;
  const { kernel } = owner.target;
  const hasLoops = kernelHas(kernel, firstWithLoops);
  const unknown = own === null || own > 1n << 23n;
  const message = unknown
    ? "how many turns this makes is known only when it runs"
    : hasLoops
      ? `the verifier does not follow ${own} turns`
      : `kernels before ${firstWithLoops} take no loop, and ${own} turns are too many to write out`;
  const bound = "bound it by a constant: for (let i = 0; i < n && i < 64; i++)";
  const first = unknown || hasLoops ? firstWithCallbacks : firstWithLoops;
  if (kernelHas(kernel, first) || (counter === null && first === firstWithCallbacks))
    return reject(node, "WG1010", message, bound);
  return reject(node, "WG1010", message, `${bound}; ${newerKernel(owner, first)}`);
}

/** A way in which a loop ends. */
interface Found {
  readonly symbol: ts.Symbol;
  readonly counter: Counter | null;
  readonly own: bigint | null;
  readonly facts: Map<ts.Symbol, Range>;
}

/** The counters that the condition compares, the best first. */
function countersOf(fn: FunctionState, node: ts.ForStatement | ts.WhileStatement | ts.DoStatement): Found[] {
  const condition = ts.isForStatement(node) ? node.condition : node.expression;
  const steps =
    ts.isForStatement(node) && node.incrementor !== undefined
      ? partsOf(node.incrementor)
      : topLevelExpressions(node.statement);
  const tested =
    condition === undefined || condition.kind === K.TrueKeyword
      ? exitTests(node.statement)
      : [{ condition, holds: true }];
  const isDeclared =
    ts.isForStatement(node) &&
    node.initializer !== undefined &&
    ts.isVariableDeclarationList(node.initializer);
  const found: Found[] = [];
  for (const { symbol, operator, limit } of tested.flatMap((test) =>
    comparisons(fn, test.condition, test.holds),
  )) {
    const step =
      steps.map((candidate) => stepOf(fn, candidate, symbol)).find((each) => each !== null) ?? null;
    const rest = ts.isForStatement(node) && node.incrementor !== undefined ? [node.incrementor] : [];
    const isElsewhere = [node.statement, ...rest].some((root) =>
      step === null ? true : isAssignedElsewhere(fn, root, symbol, step.node),
    );
    if (step === null || isElsewhere) continue;
    const binding = fn.bindings.get(symbol);
    if (binding?.kind !== "scalar" || binding.type.kind !== "int") continue;
    const rising = operator === K.LessThanToken || operator === K.LessThanEqualsToken;
    if (step.by > 0n !== rising) continue;
    const inclusive = operator === K.LessThanEqualsToken || operator === K.GreaterThanEqualsToken;
    const initial = isDeclared ? initialNumber(fn, symbol) : null;
    const type = rangeOf(binding.type);
    const size = step.by < 0n ? -step.by : step.by;
    const end = rising ? largest(fn, limit) : constantNumber(fn, limit);
    const counter: Counter | null =
      ts.isForStatement(node) && isDeclared && condition !== undefined && isInvariant(fn, limit, node)
        ? { symbol, type: binding.type, step, limit, inclusive, rising }
        : null;
    if (end === null) {
      // Its end is a number that the loop does not change, whatever it is.
      if (counter !== null && !inclusive && rising)
        found.push({ symbol, counter, own: null, facts: new Map() });
      continue;
    }
    const last = inclusive ? end : rising ? end - 1n : end + 1n;
    // A step over the type's end would begin again at the other.
    if (rising ? last + step.by > type.max : last + step.by < type.min) {
      // The compiler's own counter has no such end.
      if (counter !== null && !inclusive && rising)
        found.push({ symbol, counter, own: null, facts: new Map() });
      continue;
    }
    const isOwn = isDeclared && initial !== null;
    const facts = new Map<ts.Symbol, Range>();
    // The counter of a loop without a condition may have the limit's value before the test.
    if (isOwn && initial !== null && condition !== undefined)
      facts.set(symbol, rising ? { min: initial, max: last } : { min: last, max: initial });
    const from =
      isOwn && initial !== null ? initial : rising ? startOf(type) : highestOf(fn, symbol, node, type);
    // One that counts down from any number has no end that the verifier gets to.
    if (from > mostTurns && !rising && !isOwn) continue;
    const span = rising ? last - from : from - last;
    const own = span < 0n ? 0n : span / size + 1n;
    found.push({ symbol, counter, own, facts });
  }
  const known = (each: Found): bigint => each.own ?? 1n << 64n;
  return found.toSorted((a, b) => (known(a) < known(b) ? -1 : known(a) > known(b) ? 1 : 0));
}

/** The most that a variable can be before the loop that alone counts it down. */
function highestOf(fn: FunctionState, symbol: ts.Symbol, loop: ts.Node, type: Range): bigint {
  const binding = fn.bindings.get(symbol);
  if (binding?.kind !== "scalar" || binding.initial === undefined) return type.max;
  let around = loop.parent;
  while (!ts.isFunctionLike(around) && !ts.isSourceFile(around)) around = around.parent;
  return isAssignedElsewhere(fn, around, symbol, loop) ? type.max : binding.initial.max;
}

/** Where a counter that is not the loop's own begins: signed ones rarely below 0, and the verifier walks what there is. */
const startOf = ({ min }: { readonly min: bigint }): bigint => (min > 0n ? min : 0n);

/** `while (x !== 0) { … x >>= 1; }`: as many turns as the number has bits. */
function halvingsOf(fn: FunctionState, node: ts.ForStatement | ts.WhileStatement | ts.DoStatement): Found[] {
  const condition = ts.isForStatement(node) ? node.condition : node.expression;
  if (condition === undefined) return [];
  const steps =
    ts.isForStatement(node) && node.incrementor !== undefined
      ? partsOf(node.incrementor)
      : topLevelExpressions(node.statement);
  return steps.flatMap((step): Found[] => {
    const halved = ts.isBinaryExpression(step) ? halvedBy(fn, step) : null;
    if (halved === null || !asksForMore(fn, condition, halved.symbol)) return [];
    const binding = fn.bindings.get(halved.symbol);
    if (binding?.kind !== "scalar" || binding.type.kind !== "int" || rangeOf(binding.type).min < 0n)
      return [];
    const rest = ts.isForStatement(node) && node.incrementor !== undefined ? [node.incrementor] : [];
    if ([node.statement, ...rest].some((root) => isAssignedElsewhere(fn, root, halved.symbol, step)))
      return [];
    const own = (BigInt(binding.type.size * 8) + halved.bits - 1n) / halved.bits;
    return [{ symbol: halved.symbol, counter: null, own, facts: new Map() }];
  });
}

/** `x >>= 3`, and how many bits it takes away. The verifier follows no quotient. */
function halvedBy(fn: FunctionState, node: ts.BinaryExpression): { symbol: ts.Symbol; bits: bigint } | null {
  const symbol = ts.isIdentifier(node.left) ? symbolOf(fn.owner, node.left) : null;
  const by = constantNumber(fn, node.right);
  if (symbol === null || by === null || by < 1n) return null;
  const { kind } = node.operatorToken;
  const isShift =
    kind === K.GreaterThanGreaterThanEqualsToken || kind === K.GreaterThanGreaterThanGreaterThanEqualsToken;
  return isShift && by < 64n ? { symbol, bits: by } : null;
}

/** Whether the condition, or a part that must hold, says that the variable is not 0 yet. */
function asksForMore(fn: FunctionState, condition: ts.Expression, symbol: ts.Symbol): boolean {
  const isIt = (side: ts.Node): boolean => ts.isIdentifier(side) && symbolOf(fn.owner, side) === symbol;
  if (ts.isParenthesizedExpression(condition)) return asksForMore(fn, condition.expression, symbol);
  if (isIt(condition)) return true;
  if (!ts.isBinaryExpression(condition)) return false;
  const { left, right, operatorToken } = condition;
  if (operatorToken.kind === K.AmpersandAmpersandToken)
    return asksForMore(fn, left, symbol) || asksForMore(fn, right, symbol);
  const limit = constantNumber(fn, right);
  if (!isIt(left) || limit === null) return false;
  if (operatorToken.kind === K.ExclamationEqualsEqualsToken) return limit === 0n;
  return (
    operatorToken.kind === K.GreaterThanToken ||
    (operatorToken.kind === K.GreaterThanEqualsToken && limit > 0n)
  );
}

/** What is tested on every turn before anything goes on with the next: `if (i >= 16) break;`. */
function exitTests(body: ts.Statement): { condition: ts.Expression; holds: boolean }[] {
  const found: { condition: ts.Expression; holds: boolean }[] = [];
  for (const statement of ts.isBlock(body) ? body.statements : [body]) {
    if (ts.isIfStatement(statement) && leavesLoop(statement.thenStatement))
      found.push({ condition: statement.expression, holds: false });
    else if (mayContinue(statement)) break;
  }
  return found;
}

/** Whether the statement leaves the loop that it stands in. */
function leavesLoop(node: ts.Statement): boolean {
  if (ts.isReturnStatement(node)) return true;
  if (ts.isBreakStatement(node)) return node.label === undefined;
  return (
    ts.isBlock(node) &&
    node.statements.at(-1) !== undefined &&
    node.statements.some(leavesLoop) &&
    !mayContinue(node)
  );
}

/** The parts of `a, b, c`, or of another operator's chain. */
export const partsOf = (node: ts.Expression, operator: ts.SyntaxKind = K.CommaToken): ts.Expression[] =>
  ts.isParenthesizedExpression(node)
    ? partsOf(node.expression, operator)
    : ts.isBinaryExpression(node) && node.operatorToken.kind === operator
      ? [...partsOf(node.left, operator), ...partsOf(node.right, operator)]
      : [node];

/** Expressions that every turn of the body runs: before anything that could go on with the next turn. */
function topLevelExpressions(body: ts.Statement): ts.Expression[] {
  const found: ts.Expression[] = [];
  for (const statement of ts.isBlock(body) ? body.statements : [body]) {
    if (ts.isExpressionStatement(statement)) found.push(...partsOf(statement.expression));
    else if (mayContinue(statement)) break;
  }
  return found;
}

/** Whether the loop may go on from within this; `continue` with a label counts wherever it leads. */
function mayContinue(node: ts.Node, isInner = false): boolean {
  if (ts.isContinueStatement(node)) return !isInner || node.label !== undefined;
  const within = isInner || ts.isIterationStatement(node, false);
  return ts.forEachChild(node, (child) => mayContinue(child, within) || undefined) ?? false;
}

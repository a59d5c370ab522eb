/** Which loops end, as far as the source shows. */
import ts from "#typescript";
import { rangeOf } from "../../types/integers.js";
import { reject } from "../rejections/rejection.js";
import { type FunctionState, symbolOf } from "../state.js";
import { boundsOf, isNumber } from "../values/scalars.js";
import type { Range } from "../values/value.js";
import { constantNumber } from "./facts.js";

const K = ts.SyntaxKind;
/** Above it the verifier, which walks every turn, runs out of its million instructions. */
const mostTurns = 65_536n;

/** A turn is at least an instruction, of which the verifier follows a million. */
const mostTurnsTogether = 1_000_000n;

/** What is known of a loop that ends. */
export interface LoopBound {
  /** Of the counter in the body. */
  readonly facts: Map<ts.Symbol, Range>;
  /** Of it and the loops around it together, as far as the source shows. */
  readonly turns: bigint;
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

interface Step {
  readonly by: bigint;
  readonly node: ts.Node;
}

/** `i++`, `i += 2`, `i -= 1`, `i = i + 1` and the like on the variable. */
function stepOf(fn: FunctionState, node: ts.Node, symbol: ts.Symbol): Step | null {
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
  return null;
}

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

/** The comparisons of a variable that all must hold for the loop to go on. */
function comparisons(fn: FunctionState, condition: ts.Expression): Comparison[] {
  if (ts.isParenthesizedExpression(condition)) return comparisons(fn, condition.expression);
  if (!ts.isBinaryExpression(condition)) return [];
  const operator = condition.operatorToken.kind;
  if (operator === K.AmpersandAmpersandToken)
    return [...comparisons(fn, condition.left), ...comparisons(fn, condition.right)];
  const found: Comparison[] = [];
  const add = (side: ts.Expression, limit: ts.Expression, seen: ts.SyntaxKind | undefined): void => {
    const symbol = ts.isIdentifier(side) ? symbolOf(fn.owner, side) : null;
    if (symbol !== null && seen !== undefined && fn.bindings.get(symbol)?.kind === "scalar")
      found.push({ symbol, operator: seen, limit });
  };
  const mirror: Partial<Record<ts.SyntaxKind, ts.SyntaxKind>> = {
    [K.LessThanToken]: K.GreaterThanToken,
    [K.LessThanEqualsToken]: K.GreaterThanEqualsToken,
    [K.GreaterThanToken]: K.LessThanToken,
    [K.GreaterThanEqualsToken]: K.LessThanEqualsToken,
  };
  add(condition.left, condition.right, operator in mirror ? operator : undefined);
  add(condition.right, condition.left, mirror[operator]);
  return found;
}

/**
 * What is known of the counter in the loop's body.
 * Rejects a loop whose end the source does not show.
 */
export function loopBound(
  fn: FunctionState,
  node: ts.ForStatement | ts.WhileStatement | ts.DoStatement,
): LoopBound {
  const condition = ts.isForStatement(node) ? node.condition : node.expression;
  const steps =
    ts.isForStatement(node) && node.incrementor !== undefined
      ? partsOf(node.incrementor)
      : topLevelExpressions(node.statement);
  for (const { symbol, operator, limit } of condition === undefined ? [] : comparisons(fn, condition)) {
    const step =
      steps.map((candidate) => stepOf(fn, candidate, symbol)).find((found) => found !== null) ?? null;
    const inclusive = operator === K.LessThanEqualsToken || operator === K.GreaterThanEqualsToken;
    const rest = ts.isForStatement(node) && node.incrementor !== undefined ? [node.incrementor] : [];
    const isElsewhere = [node.statement, ...rest].some((root) =>
      step === null ? true : isAssignedElsewhere(fn, root, symbol, step.node),
    );
    if (step === null || isElsewhere) continue;
    const facts = new Map<ts.Symbol, Range>();
    const initial = ts.isForStatement(node) ? initialNumber(fn, symbol) : null;
    const rising = operator === K.LessThanToken || operator === K.LessThanEqualsToken;
    const end = rising ? largest(fn, limit) : constantNumber(fn, limit);
    if (end === null || step.by > 0n !== rising) continue;
    const last = inclusive ? end : rising ? end - 1n : end + 1n;
    const isOwn =
      ts.isForStatement(node) &&
      node.initializer !== undefined &&
      ts.isVariableDeclarationList(node.initializer) &&
      initial !== null;
    // A step over the type's end would begin again at the other.
    const binding = fn.bindings.get(symbol);
    if (binding?.kind !== "scalar" || binding.type.kind !== "int") continue;
    const type = rangeOf(binding.type);
    if (rising ? last + step.by > type.max : last + step.by < type.min) continue;
    const span =
      isOwn && initial !== null ? (rising ? last - initial : initial - last) : rising ? last : mostTurns;
    const size = step.by < 0n ? -step.by : step.by;
    if (span / size > mostTurns) continue;
    if (isOwn && initial !== null)
      facts.set(symbol, rising ? { min: initial, max: last } : { min: last, max: initial });
    const outer = fn.jumps.at(-1)?.turns ?? 1n;
    const turns = isOwn && span >= 0n ? outer * (span / size + 1n) : outer;
    if (turns > mostTurnsTogether)
      reject(
        condition ?? node,
        "WG1010",
        `this loop and those around it make ${turns} turns, more than the million instructions that the verifier follows`,
        "make them shorter, or do a part of the work each time the program runs",
      );
    return { facts, turns };
  }
  const never = condition !== undefined && condition.kind === K.FalseKeyword;
  if (never) return { facts: new Map(), turns: 1n };
  return reject(
    condition ?? node.getFirstToken() ?? node,
    "WG1010",
    "the end of this loop is not evident",
    "count up to a constant: for (let i = 0; i < 16; i++), and break early",
  );
}

/** The parts of `a, b, c`. */
const partsOf = (node: ts.Expression): ts.Expression[] =>
  ts.isBinaryExpression(node) && node.operatorToken.kind === K.CommaToken
    ? [...partsOf(node.left), ...partsOf(node.right)]
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

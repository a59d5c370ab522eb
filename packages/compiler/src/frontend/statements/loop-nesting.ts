/** Which loops may have a loop in their body that the verifier walks until its state repeats, as far as the source shows. */
import { kernelHas } from "@waggle/object";
import ts from "#typescript";
import { mapNamed } from "../calls/arguments.js";
import { someInCalls } from "../functions/called-functions.js";
import { type FunctionState, kernelName, symbolOf } from "../state.js";
import { constantNumber } from "./facts.js";
import { firstWithMapWalks, mostWorkInWalked } from "./loop-form.js";
import { conditionOf } from "./loop-source.js";
import { workOf } from "./loop-work.js";

/** A loop up to a constant of so much is walked turn by turn. */
const mostWalked = 64n;

/**
 * Whether a body that runs so often has a loop that may become a call of `bpf_loop`, an iterator or a walk of a map; in functions that it
 * calls, too.
 * A walked loop around such a loop is costly: from Linux 6.16 on the verifier compares all that it knows while the inner loop's state may
 * still change (`incomplete_read_marks`), and walks the later turns of the outer loop again for every turn.
 */
export function mayRepeat(fn: FunctionState, body: ts.Node, runs: bigint): boolean {
  const { owner } = fn;
  const isFew = (limit: ts.Expression | undefined, loop: ts.Node): boolean => {
    const most = limit === undefined ? null : constantNumber(fn, limit);
    return most !== null && most <= mostWalked && most * workOf(loop) * runs <= mostWorkInWalked;
  };
  return someInCalls(owner, body, (node) => {
    if (isMapWalk(fn, node)) return true;
    if (ts.isForOfStatement(node)) {
      const { expression } = node;
      return (
        ts.isCallExpression(expression) &&
        isKernelCall(fn, expression, "range") &&
        !expression.arguments.every((limit) => isFew(limit, node.statement))
      );
    }
    if (ts.isForStatement(node) || ts.isWhileStatement(node) || ts.isDoStatement(node)) {
      const condition = conditionOf(node);
      const isCounted =
        condition !== undefined &&
        ts.isBinaryExpression(condition) &&
        isLess(condition) &&
        isFew(condition.right, node);
      return !isCounted;
    }
    return ts.isCallExpression(node) && isKernelCall(fn, node, "loop") && !isFew(node.arguments[0], node);
  });
}

/**
 * Whether the body may have a loop, in functions that it calls, too, in which the verifier forgets a number that gets smaller in the loop
 * around (`widen_imprecise_scalars`, Linux 6.6): it takes what did not decide a branch yet for any number there.
 */
export function mayForget(fn: FunctionState, body: ts.Node): boolean {
  return someInCalls(
    fn.owner,
    body,
    (node) =>
      ts.isIterationStatement(node, false) ||
      isMapWalk(fn, node) ||
      (ts.isCallExpression(node) && isKernelCall(fn, node, "loop")),
  );
}

/** Whether the body visits the entries of a map by calls of the kernel's; in functions that it calls, too. */
export function walksMap(fn: FunctionState, body: ts.Node): boolean {
  if (!kernelHas(fn.owner.target.kernel, firstWithMapWalks)) return false;
  return someInCalls(fn.owner, body, (node) => isMapWalk(fn, node));
}

/** `for (… of Cls.map)` and `Cls.map.forEach(…)`. */
function isMapWalk(fn: FunctionState, node: ts.Node): boolean {
  if (ts.isForOfStatement(node)) return mapNamed(fn, node.expression) !== null;
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return false;
  const { name, expression } = node.expression;
  return name.text === "forEach" && mapNamed(fn, expression) !== null;
}

/** Whether a call is of the function of @waggle/kernel. */
const isKernelCall = ({ owner }: FunctionState, call: ts.CallExpression, name: string): boolean =>
  kernelName(owner, symbolOf(owner, call.expression)) === name;

const isLess = ({ operatorToken: { kind } }: ts.BinaryExpression): boolean =>
  kind === ts.SyntaxKind.LessThanToken || kind === ts.SyntaxKind.LessThanEqualsToken;

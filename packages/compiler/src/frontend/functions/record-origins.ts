/** Which ring buffers a record may come from, by the source: through variables, choices, and functions that take or give it. */
import ts from "#typescript";
import { diagnosticAt, Rejection, spanAt } from "../rejections/rejection.js";
import { type ClassState, kernelName, symbolOf } from "../state.js";

/** A `reserve` that a record may come from. */
export interface RecordOrigin {
  /** The static field of the ring buffer. */
  readonly ring: ts.Symbol;
  readonly node: ts.Expression;
}

/** Where `reserve` was called for what an expression gives. Empty when that is not known. */
export function originsOfRecord(owner: ClassState, node: ts.Expression): RecordOrigin[] {
  const found: RecordOrigin[] = [];
  const seen = new Set<ts.Node>();
  const follow = (at: ts.Expression): void => {
    if (seen.has(at)) return;
    seen.add(at);
    if (ts.isParenthesizedExpression(at) || ts.isNonNullExpression(at) || ts.isSatisfiesExpression(at))
      follow(at.expression);
    else if (ts.isConditionalExpression(at)) [at.whenTrue, at.whenFalse].forEach(follow);
    else if (ts.isBinaryExpression(at)) followOperator(at);
    else if (ts.isCallExpression(at)) followCall(at);
    else if (ts.isIdentifier(at)) followVariable(at);
  };
  const followOperator = ({ left, operatorToken, right }: ts.BinaryExpression): void => {
    const { EqualsToken, QuestionQuestionToken, BarBarToken } = ts.SyntaxKind;
    if (operatorToken.kind === EqualsToken) follow(right);
    if (operatorToken.kind === QuestionQuestionToken || operatorToken.kind === BarBarToken)
      [left, right].forEach(follow);
  };
  const followCall = (call: ts.CallExpression): void => {
    const reserved = reservedFrom(owner, call);
    if (reserved !== null) found.push({ ring: reserved, node: call });
    else {
      const body = calledBy(owner, call)?.body;
      if (body !== undefined) eachReturn(body, follow);
    }
  };
  const followVariable = (name: ts.Identifier): void => {
    const symbol = symbolOf(owner, name);
    const declaration = symbol?.valueDeclaration;
    if (symbol === null || declaration === undefined || seen.has(declaration)) return;
    seen.add(declaration);
    if (ts.isParameter(declaration)) eachArgument(owner, declaration, follow);
    if (!ts.isVariableDeclaration(declaration)) return;
    if (declaration.initializer !== undefined) follow(declaration.initializer);
    const around = ts.findAncestor(declaration, ts.isFunctionLike) ?? declaration.getSourceFile();
    eachNode(around, (at) => {
      if (
        ts.isBinaryExpression(at) &&
        at.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
        symbolOf(owner, at.left) === symbol
      )
        follow(at.right);
    });
  };
  follow(node);
  return found;
}

/** The field whose `reserve` a call is; null for other calls. */
function reservedFrom(owner: ClassState, call: ts.CallExpression): ts.Symbol | null {
  const callee = call.expression;
  if (!ts.isPropertyAccessExpression(callee) || callee.name.text !== "reserve") return null;
  if (kernelName(owner, symbolOf(owner, callee.name)) === null) return null;
  return ts.isPropertyAccessExpression(callee.expression) ? symbolOf(owner, callee.expression.name) : null;
}

/** The function of the user's that a call calls. */
function calledBy(
  owner: ClassState,
  call: ts.CallExpression,
): ts.FunctionDeclaration | ts.MethodDeclaration | null {
  const callee = call.expression;
  const symbol = symbolOf(owner, ts.isPropertyAccessExpression(callee) ? callee.name : callee);
  const declaration = symbol?.valueDeclaration;
  return declaration !== undefined &&
    (ts.isFunctionDeclaration(declaration) || ts.isMethodDeclaration(declaration))
    ? declaration
    : null;
}

function eachReturn(body: ts.Block, use: (value: ts.Expression) => void): void {
  eachNode(body, (at) => {
    if (ts.isReturnStatement(at) && at.expression !== undefined) use(at.expression);
  });
}

/** What the calls of a function give for one of its parameters. */
function eachArgument(
  owner: ClassState,
  parameter: ts.ParameterDeclaration,
  use: (value: ts.Expression) => void,
): void {
  const callable = parameter.parent;
  if (!ts.isFunctionDeclaration(callable) && !ts.isMethodDeclaration(callable)) return;
  const index = callable.parameters.indexOf(parameter);
  for (const source of owner.kernel.program.getSourceFiles()) {
    if (source.isDeclarationFile || source.fileName.startsWith(owner.kernel.kernelSources || "\0")) continue;
    eachNode(source, (at) => {
      const given = ts.isCallExpression(at) ? at.arguments[index] : undefined;
      if (ts.isCallExpression(at) && given !== undefined && calledBy(owner, at) === callable) use(given);
    });
  }
}

function eachNode(node: ts.Node, use: (node: ts.Node) => void): void {
  ts.forEachChild(node, (child) => {
    use(child);
    eachNode(child, use);
  });
}

/**
 * Rejects a record that is given back by the name of another ring buffer than the one that it was reserved from. The kernel finds the
 * buffer by the record (`bpf_ringbuf_restore_from_rec` in kernel/bpf/ringbuf.c), so the name would say what does not happen. What
 * comes from that buffer on some paths is right on those, and is left alone.
 */
export function rejectOtherRing(owner: ClassState, call: ts.CallExpression, record: ts.Expression): void {
  const callee = call.expression;
  if (!ts.isPropertyAccessExpression(callee) || !ts.isPropertyAccessExpression(callee.expression)) return;
  const ring = callee.expression.name;
  const here = symbolOf(owner, ring);
  const origins = originsOfRecord(owner, record);
  const [origin] = origins;
  if (origin === undefined || here === null || origins.some((each) => each.ring === here)) return;
  const source = origin.node.getSourceFile();
  const { line, column } = spanAt(source, origin.node.getStart(source), origin.node.end);
  const [name, other] = [`${owner.declaration.name?.text}.${origin.ring.name}`, callee.expression.getText()];
  throw new Rejection({
    ...diagnosticAt(
      ring,
      "WG2017",
      `the record was reserved from ${name} and goes to its reader, not to that of ${other}`,
      `write ${name}.${callee.name.text}(${record.getText()})`,
    ),
    notes: [{ message: "it was reserved here", file: source.fileName, line, column }],
  });
}

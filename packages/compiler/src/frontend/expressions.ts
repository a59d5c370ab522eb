/** Expressions, a handler for each kind of node; a kind without one is rejected with its reason. */
import ts from "typescript";
import type { BlockId } from "../ir/types.js";
import type { DataType } from "../types/data-type.js";
import { integers } from "../types/integers.js";
import { alignOf, isDense } from "../types/layout.js";
import { assign, increment, isAssignment } from "./assignments.js";
import { lowerCall } from "./calls.js";
import { lowerCondition, materialize } from "./conditions.js";
import { withFacts } from "./facts.js";
import { globalHelpByName } from "./globals.js";
import {
  type addressOf,
  checkLayout,
  elementOf,
  fieldOf,
  loadScalar,
  memoryAt,
  newSlot,
  nullableAddress,
  readPlace,
  within,
  writePlace,
  zeroMemory,
} from "./memory.js";
import { reject, rejectSilently } from "./rejection.js";
import {
  binary,
  boolean,
  boundsOf,
  coerce,
  compare,
  isArithmetic,
  isComparison,
  isNumber,
  meetOperands,
  registerOf,
  scalar,
  solid,
  unary,
} from "./scalars.js";
import { type FunctionState, locationOf, symbolOf } from "./state.js";
import { unsupported } from "./unsupported.js";
import { intersect, type MemoryValue, type Range, union, type Value } from "./value.js";

function handler<N extends ts.Node>(
  guard: (node: ts.Node) => node is N,
  lower: (fn: FunctionState, node: N, expected: DataType | null) => Value,
): (fn: FunctionState, node: ts.Node, expected: DataType | null) => Value {
  return (fn, node, expected) => (guard(node) ? lower(fn, node, expected) : unsupported(node));
}

/** Lowers an expression to a value. `expected` is the type in memory that an object or array literal is to have. */
export function lowerExpression(
  fn: FunctionState,
  node: ts.Expression,
  expected: DataType | null = null,
): Value {
  const outer = fn.builder.location;
  // A constant of another file is at the place of its use.
  if (node.getSourceFile() === fn.entry.declaration.getSourceFile())
    fn.builder.location = locationOf(fn.owner, node);
  try {
    const lower = handlers.get(node.kind);
    return lower === undefined ? unsupported(node) : lower(fn, node, expected);
  } finally {
    fn.builder.location = outer;
  }
}

const K = ts.SyntaxKind;
type Lower = (fn: FunctionState, node: ts.Node, expected: DataType | null) => Value;
const handlers: ReadonlyMap<ts.SyntaxKind, Lower> = new Map<ts.SyntaxKind, Lower>([
  [
    K.ParenthesizedExpression,
    handler(ts.isParenthesizedExpression, (fn, node, expected) =>
      lowerExpression(fn, node.expression, expected),
    ),
  ],
  [
    K.SatisfiesExpression,
    handler(ts.isSatisfiesExpression, (fn, node, expected) => lowerExpression(fn, node.expression, expected)),
  ],
  [K.AsExpression, handler(ts.isAsExpression, lowerAs)],
  [K.NumericLiteral, handler(ts.isNumericLiteral, (_fn, node) => numberLiteral(node))],
  [
    K.BigIntLiteral,
    handler(ts.isBigIntLiteral, (_fn, node) => ({
      kind: "constant",
      value: BigInt(node.text.slice(0, -1)),
      wide: true,
    })),
  ],
  [K.StringLiteral, handler(ts.isStringLiteral, (_fn, node) => ({ kind: "text", value: node.text }))],
  [
    K.NoSubstitutionTemplateLiteral,
    handler(ts.isNoSubstitutionTemplateLiteral, (_fn, node) => ({ kind: "text", value: node.text })),
  ],
  [K.TrueKeyword, (fn: FunctionState) => boolean(fn.builder.i32(1))],
  [K.FalseKeyword, (fn: FunctionState) => boolean(fn.builder.i32(0))],
  [K.NullKeyword, () => ({ kind: "null" })],
  [K.Identifier, handler(ts.isIdentifier, lowerIdentifier)],
  [K.PropertyAccessExpression, handler(ts.isPropertyAccessExpression, lowerProperty)],
  [
    K.ElementAccessExpression,
    handler(ts.isElementAccessExpression, (fn, node) => readPlace(fn, elementPlace(fn, node))),
  ],
  [K.BinaryExpression, handler(ts.isBinaryExpression, lowerBinary)],
  [K.PrefixUnaryExpression, handler(ts.isPrefixUnaryExpression, lowerPrefix)],
  [
    K.PostfixUnaryExpression,
    handler(ts.isPostfixUnaryExpression, (fn, node) =>
      increment(fn, node.operand, node.operator, false, node),
    ),
  ],
  [K.ConditionalExpression, handler(ts.isConditionalExpression, lowerTernary)],
  [K.CallExpression, handler(ts.isCallExpression, lowerCall)],
  [K.ObjectLiteralExpression, handler(ts.isObjectLiteralExpression, lowerLiteral)],
  [K.ArrayLiteralExpression, handler(ts.isArrayLiteralExpression, lowerLiteral)],
]);

function numberLiteral(node: ts.NumericLiteral): Value {
  const value = Number(node.text);
  if (!Number.isInteger(value) || /^[\d_]*\.|^\d[\d_]*e-/i.test(node.getText())) {
    reject(
      node,
      "WG1002",
      `${node.getText()} is a floating point number`,
      "scale it, for example to thousandths",
    );
  }
  if (!Number.isSafeInteger(value))
    reject(node, "WG2001", `${node.getText()} is not exact`, "write a bigint: 123n");
  return { kind: "constant", value: BigInt(value), wide: false };
}

function lowerAs(fn: FunctionState, node: ts.AsExpression, expected: DataType | null): Value {
  if (ts.isConstTypeReference(node.type)) return lowerExpression(fn, node.expression, expected);
  // In @waggle/kernel's own constants a cast makes a big-endian constant, whose declaration shows the number.
  if (node.getSourceFile().fileName.startsWith(fn.owner.kernel.kernelSources || "\0")) {
    const type = fn.owner.resolver.data(fn.owner.checker.getTypeFromTypeNode(node.type), node);
    let inner: ts.Expression = node.expression;
    while (ts.isAsExpression(inner)) inner = inner.expression;
    const value = lowerExpression(fn, inner);
    if (type.kind === "int" && value.kind === "constant") {
      const swap = type.size === 8 ? "be64" : type.size === 4 ? "be32" : "be16";
      return scalar(type, fn.builder.unary(swap, fn.builder.const(registerOf(type), value.value)));
    }
  }
  return reject(
    node,
    "WG1012",
    "a cast is taken on trust, which kernel memory does not allow",
    "convert numbers with u8(…) and the like, and let types follow from declarations",
  );
}

/** Applies what is known of a variable here. */
function knownRange(fn: FunctionState, symbol: ts.Symbol, value: Value): Value {
  if (!isNumber(value) || value.kind === "constant") return value;
  let range: Range | null = value.range;
  for (const facts of fn.facts) {
    const fact = facts.get(symbol);
    if (fact === undefined) continue;
    range = intersect(range ?? boundsOf(value), fact);
  }
  return range === value.range ? value : { ...value, range };
}

function lowerIdentifier(fn: FunctionState, node: ts.Identifier): Value {
  const symbol = ts.isShorthandPropertyAssignment(node.parent)
    ? (fn.owner.checker.getShorthandAssignmentValueSymbol(node.parent) ?? null)
    : symbolOf(fn.owner, node);
  if (symbol === null) return reject(node, "WG1013", `${node.text} is not known to kernel code`);
  const target = symbol.flags & ts.SymbolFlags.Alias ? fn.owner.checker.getAliasedSymbol(symbol) : symbol;
  const binding = fn.bindings.get(target);
  if (binding?.kind === "broken") rejectSilently();
  if (binding?.kind === "value") return knownRange(fn, target, binding.value);
  if (binding?.kind === "scalar") {
    const place = memoryAt(binding.type, fn.builder.slotAddress(binding.slot), "stack");
    return knownRange(fn, target, loadScalar(fn, place, binding.type));
  }
  if (binding?.kind === "reference") {
    const pointer = fn.builder.load("ptr", fn.builder.slotAddress(binding.slot), {
      width: 8,
      region: "stack",
    });
    return { ...binding.shape, pointer };
  }
  if (node.text === "undefined")
    reject(node, "WG1001", "there is no undefined in BPF", "use null for a missing reference");
  if (node.text === "NaN" || node.text === "Infinity")
    reject(node, "WG1002", `${node.text} is a floating point number`);
  return moduleConstant(fn, target, node);
}

function moduleConstant(fn: FunctionState, symbol: ts.Symbol, node: ts.Node): Value {
  const declaration = symbol.valueDeclaration;
  if (declaration !== undefined && ts.isVariableDeclaration(declaration)) {
    if (declaration.getSourceFile().isDeclarationFile && literalOfType(fn, node) === null) {
      reject(
        node,
        "WG1013",
        `${node.getText()} is not known to kernel code`,
        globalHelpByName(node.getText()) ??
          "use constants and functions of kernel files and of @waggle/kernel",
      );
    }
    if (!(ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const)) {
      reject(
        node,
        "WG1013",
        `${symbol.name} can change, and kernel code has no variables outside of functions`,
        "make it const, a @config field, or an entry of a map",
      );
    }
    if (declaration.initializer !== undefined && !declaration.initializer.getSourceFile().isDeclarationFile) {
      return constantInitializer(fn, declaration, declaration.initializer, node);
    }
  }
  if (
    declaration !== undefined &&
    (ts.isFunctionDeclaration(declaration) || ts.isFunctionExpression(declaration))
  ) {
    reject(
      node,
      "WG1005",
      `${symbol.name} is a function, and functions are not values in BPF`,
      "call it by its name",
    );
  }
  if (declaration !== undefined && ts.isClassDeclaration(declaration)) {
    reject(
      node,
      "WG1013",
      `${symbol.name} is a class, which is no value in kernel code`,
      "name its static members",
    );
  }
  return (
    literalOfType(fn, node) ??
    reject(
      node,
      "WG1013",
      `${node.getText()} is not known to kernel code`,
      "use constants and functions of kernel files and of @waggle/kernel",
    )
  );
}

const evaluating = new Set<ts.Node>();

function constantInitializer(
  fn: FunctionState,
  declaration: ts.VariableDeclaration | ts.PropertyDeclaration,
  initializer: ts.Expression,
  node: ts.Node,
): Value {
  if (evaluating.has(declaration)) return reject(node, "WG2010", "the constant is defined by itself");
  evaluating.add(declaration);
  try {
    if (ts.isObjectLiteralExpression(initializer) || ts.isArrayLiteralExpression(initializer)) {
      reject(node, "WG2010", "only the fields of a constant object can be used", "name a field");
    }
    const value = lowerExpression(fn, initializer);
    if (declaration.type === undefined) return value;
    const type = fn.owner.resolver.data(fn.owner.checker.getTypeAtLocation(declaration), declaration);
    return type.kind === "int" || type.kind === "pointer" ? coerce(fn, value, type, initializer) : value;
  } finally {
    evaluating.delete(declaration);
  }
}

function literalOfType(fn: FunctionState, node: ts.Node): Value | null {
  const type = fn.owner.checker.getTypeAtLocation(node);
  if (type.isNumberLiteral() && Number.isSafeInteger(type.value))
    return { kind: "constant", value: BigInt(type.value), wide: false };
  if (type.flags & ts.TypeFlags.BigIntLiteral && type.isLiteral() && typeof type.value === "object") {
    const value = BigInt(type.value.base10Value);
    return { kind: "constant", value: type.value.negative ? -value : value, wide: true };
  }
  return null;
}

function lowerProperty(fn: FunctionState, node: ts.PropertyAccessExpression): Value {
  if (node.questionDotToken !== undefined) {
    reject(node, "WG1001", "?. is not compiled yet", "compare with null in an if");
  }
  const named = staticProperty(fn, node);
  if (named !== null) return named;
  const object = lowerExpression(fn, node.expression);
  if (object.kind === "context") return contextField(fn, object, node);
  if (object.kind === "memory" && object.type.kind === "array" && node.name.text === "length") {
    return { kind: "constant", value: BigInt(object.type.length), wide: false };
  }
  return readPlace(fn, memberPlace(object, node));
}

/** A property whose object is no value: a constant, a `@config` field, an enum's member. */
function staticProperty(fn: FunctionState, node: ts.PropertyAccessExpression): Value | null {
  const symbol = symbolOf(fn.owner, node.name);
  if (symbol === null) return null;
  const data = fn.owner.configs.get(symbol);
  if (data !== undefined) {
    const { type } = data;
    if (type.kind !== "int") return reject(node, "WG2010", "this @config type cannot be read yet");
    return loadScalar(fn, memoryAt(type, fn.builder.global(data.name), "readonly"), type);
  }
  if (fn.owner.maps.has(symbol))
    return reject(node, "WG1001", "a map is not a value", "call its methods: get, set, delete");
  const declared = symbol.valueDeclaration;
  const constant =
    declared !== undefined && ts.isEnumMember(declared)
      ? fn.owner.checker.getConstantValue(declared)
      : undefined;
  if (typeof constant === "number") {
    if (!Number.isSafeInteger(constant)) reject(node, "WG1002", `${constant} is not an integer`);
    return { kind: "constant", value: BigInt(constant), wide: false };
  }
  if (typeof constant === "string") return { kind: "text", value: constant };
  const declaration = symbol.valueDeclaration;
  if (declaration !== undefined && ts.isPropertyAssignment(declaration)) {
    const inConst = ts.findAncestor(declaration, ts.isVariableDeclaration);
    const frozen = ts.findAncestor(
      declaration,
      (parent) => ts.isAsExpression(parent) && ts.isConstTypeReference(parent.type),
    );
    if (inConst?.parent === undefined || !isTopLevel(inConst)) return null;
    if (frozen === undefined)
      reject(node, "WG2010", `${node.getText()} can change`, "say `as const` after the object");
    return lowerExpression(fn, declaration.initializer);
  }
  if (declaration !== undefined && ts.isPropertyDeclaration(declaration) && isStatic(declaration)) {
    const readonly = declaration.modifiers?.some((modifier) => modifier.kind === K.ReadonlyKeyword) ?? false;
    if (!readonly || declaration.initializer === undefined) {
      reject(node, "WG2010", `${node.getText()} is neither readonly nor @config`, "add one of them");
    }
    return constantInitializer(fn, declaration, declaration.initializer, node);
  }
  if (
    declaration !== undefined &&
    (ts.isMethodDeclaration(declaration) || ts.isMethodSignature(declaration))
  ) {
    reject(node, "WG1005", `${node.name.text} is a function, and functions are not values in BPF`, "call it");
  }
  return null;
}

function isTopLevel(node: ts.VariableDeclaration): boolean {
  return ts.isSourceFile(node.parent.parent.parent);
}

function isStatic(node: ts.PropertyDeclaration): boolean {
  return node.modifiers?.some((modifier) => modifier.kind === K.StaticKeyword) ?? false;
}

const xdpFields: Readonly<Record<string, string>> = {
  ingressIfindex: "ingress_ifindex",
  rxQueueIndex: "rx_queue_index",
  egressIfindex: "egress_ifindex",
};

function contextField(
  fn: FunctionState,
  object: Value & { kind: "context" },
  node: ts.PropertyAccessExpression,
): Value {
  const { builder } = fn;
  const name = node.name.text;
  if (object.context.program === "xdp" && name === "length") {
    const [data, end] = packetBounds(fn, object);
    const bytes = builder.binary("sub", builder.unary("ptrtoint", end), builder.unary("ptrtoint", data));
    return scalar(integers.u32, builder.unary("trunc32", bytes));
  }
  const field = object.context.program === "xdp" ? xdpFields[name] : name;
  if (field === undefined) return reject(node, "WG1001", `${name} of the context is a method`, "call it");
  // The verifier lets only programs of the attach type BPF_XDP_DEVMAP read it.
  if (object.context.program === "xdp" && field === "egress_ifindex")
    reject(
      node,
      "WG1001",
      "the outgoing interface is known to programs on a device map only, which are not compiled yet",
      "ctx.ingressIfindex is where the packet came from",
    );
  const place = memoryAt(object.context.struct, object.pointer, "context", { align: 8, readonly: true });
  return readPlace(fn, fieldOf(place, field, node));
}

/** Where the packet begins and ends. */
export function packetBounds(
  fn: FunctionState,
  context: Value & { kind: "context" },
): [data: ReturnType<typeof addressOf>, end: ReturnType<typeof addressOf>] {
  const read = (displacement: number) =>
    fn.builder.load("ptr", context.pointer, { width: 4, region: "context", displacement });
  return [read(0), read(4)];
}

function memberPlace(object: Value, node: ts.PropertyAccessExpression): MemoryValue {
  if (object.kind !== "memory")
    return reject(node, "WG1001", `${node.getText()}: numbers have no properties in kernel code`);
  const { type } = object;
  if (type.kind === "int" || type.kind === "pointer") {
    if (node.name.text === "value") return within(object, type, 0);
    return reject(node, "WG1001", `a reference has .value only, not .${node.name.text}`);
  }
  if (type.kind === "array") return reject(node, "WG1001", `arrays have no ${node.name.text} in kernel code`);
  return fieldOf(object, node.name.text, node);
}

function elementPlace(fn: FunctionState, node: ts.ElementAccessExpression): MemoryValue {
  if (node.questionDotToken !== undefined)
    reject(node, "WG1001", "?. is not compiled yet", "compare with null in an if");
  const object = lowerExpression(fn, node.expression);
  if (object.kind !== "memory")
    return reject(node, "WG1017", "only arrays are indexed", "name the field: value.field");
  return elementOf(fn, object, lowerExpression(fn, node.argumentExpression), node.argumentExpression);
}

/** The place that an expression names, to be written; null when it names none in memory. */
export function lowerPlace(fn: FunctionState, node: ts.Expression): MemoryValue | null {
  if (ts.isParenthesizedExpression(node)) return lowerPlace(fn, node.expression);
  if (ts.isElementAccessExpression(node)) return elementPlace(fn, node);
  if (!ts.isPropertyAccessExpression(node)) return null;
  const symbol = symbolOf(fn.owner, node.name);
  if (symbol !== null && fn.owner.configs.has(symbol))
    reject(
      node,
      "WG1016",
      `${node.getText()} is constant once the program is loaded`,
      "the loader sets @config fields; use a map for what changes",
    );
  if (staticProperty(fn, node) !== null) reject(node, "WG1016", `${node.getText()} is a constant`);
  const object = lowerExpression(fn, node.expression);
  if (object.kind === "context") return reject(node, "WG1016", "a context cannot be written");
  return memberPlace(object, node);
}

function lowerBinary(fn: FunctionState, node: ts.BinaryExpression, expected: DataType | null): Value {
  const operator = node.operatorToken.kind;
  if (isAssignment(operator)) return assign(fn, node);
  if (operator === K.EqualsEqualsToken || operator === K.ExclamationEqualsToken) {
    reject(
      node.operatorToken,
      "WG1014",
      `${node.operatorToken.getText()} compares after conversions`,
      `write ${node.operatorToken.getText()}=`,
    );
  }
  if (operator === K.AmpersandAmpersandToken || operator === K.BarBarToken) {
    return boolean(materialize(fn, (then, otherwise) => lowerCondition(fn, node, then, otherwise, true)));
  }
  if (isComparison(operator)) {
    if (node.left.kind === K.NullKeyword || node.right.kind === K.NullKeyword) {
      return boolean(materialize(fn, (then, otherwise) => lowerCondition(fn, node, then, otherwise)));
    }
    const left = lowerExpression(fn, node.left);
    const right = lowerExpression(fn, node.right);
    const memory = [left, right].find((side) => side.kind === "memory");
    if (memory !== undefined)
      reject(
        node,
        "WG1001",
        "references are not compared in kernel code",
        "compare with null, or compare the fields",
      );
    return compare(fn, operator, left, right, node);
  }
  if (isArithmetic(operator)) {
    return binary(
      fn,
      operator,
      lowerExpression(fn, node.left, expected),
      lowerExpression(fn, node.right, expected),
      node,
    );
  }
  return unsupported(node.operatorToken);
}

function lowerPrefix(fn: FunctionState, node: ts.PrefixUnaryExpression): Value {
  if (node.operator === K.PlusPlusToken || node.operator === K.MinusMinusToken) {
    return increment(fn, node.operand, node.operator, true, node);
  }
  if (node.operator === K.ExclamationToken) {
    return boolean(materialize(fn, (then, otherwise) => lowerCondition(fn, node, then, otherwise)));
  }
  const value = lowerExpression(fn, node.operand);
  if (node.operator === K.PlusToken) return isNumber(value) ? value : unary(fn, K.MinusToken, value, node);
  return unary(fn, node.operator, value, node);
}

function lowerTernary(fn: FunctionState, node: ts.ConditionalExpression, expected: DataType | null): Value {
  const { builder } = fn;
  const [thenBlock, elseBlock, join] = [builder.block(), builder.block(), builder.block()];
  lowerCondition(fn, node.condition, thenBlock, elseBlock);
  const branch = (
    block: BlockId,
    expression: ts.Expression,
    outcome: boolean,
  ): { value: Value; end: BlockId } => {
    builder.switchTo(block);
    const value = withFacts(fn, node.condition, outcome, () => lowerExpression(fn, expression, expected));
    return { value, end: builder.current };
  };
  const left = branch(thenBlock, node.whenTrue, true);
  const right = branch(elseBlock, node.whenFalse, false);
  const finish = <T>(side: { end: BlockId }, make: () => T): T => {
    builder.switchTo(side.end);
    return make();
  };
  const { value: a } = left;
  const { value: b } = right;
  const reference = a.kind === "memory" ? a : b.kind === "memory" ? b : null;
  if (reference !== null) {
    if (b.kind === "memory") checkLayout(b, reference.type, node.whenFalse);
    const ends = [left, right].map(({ value, end }) => {
      if (value.kind !== "memory" && value.kind !== "null")
        reject(node, "WG1001", "both results must be references");
      builder.switchTo(end);
      const pointer = value.kind === "null" ? builder.nullPointer() : nullableAddress(fn, value);
      return { pointer, end: builder.current };
    });
    const pointer = builder.param(join, "ptr");
    for (const end of ends) {
      builder.switchTo(end.end);
      builder.jump(join, [end.pointer]);
    }
    builder.switchTo(join);
    const nullable = [a, b].some((side) => side.kind === "null" || (side.kind === "memory" && side.nullable));
    const region =
      a.kind === "memory" && b.kind === "memory" && a.region !== b.region ? "unknown" : reference.region;
    if (
      a.kind === "memory" &&
      b.kind === "memory" &&
      (a.region === "stack" || b.region === "stack") &&
      a.region !== b.region
    ) {
      reject(node, "WG1015", "one result is on the stack and the other is not", "use if and else");
    }
    return {
      ...reference,
      pointer,
      displacement: 0,
      present: null,
      nullable,
      region,
      align: alignOf(reference.type),
    };
  }
  let type = a.kind === "scalar" ? a.type : b.kind === "scalar" ? b.type : null;
  if (a.kind === "scalar" && b.kind === "scalar" && isNumber(a) && isNumber(b) && a.type.kind === "int") {
    type = finish(left, () => meetOperands(fn, a, b, node)[2]);
  }
  if (type === null) {
    const sides = [a, b];
    const negative = sides.find((side) => side.kind === "constant" && side.value < 0n) ?? a;
    type = finish(left, () => solid(fn, negative, node).type);
  }
  const result = builder.param(join, registerOf(type));
  for (const { value, end } of [left, right]) {
    builder.switchTo(end);
    const coerced = coerce(fn, value, type, value === a ? node.whenTrue : node.whenFalse);
    builder.jump(join, [coerced.id]);
  }
  builder.switchTo(join);
  if (!isNumber(a) || !isNumber(b)) return scalar(type, result);
  return scalar(type, result, union([boundsOf(a), boundsOf(b)]));
}

function lowerLiteral(
  fn: FunctionState,
  node: ts.ObjectLiteralExpression | ts.ArrayLiteralExpression,
  expected: DataType | null,
): Value {
  const type = expected ?? literalType(fn, node);
  const slot = newSlot(
    fn,
    ts.isVariableDeclaration(node.parent) && ts.isIdentifier(node.parent.name)
      ? node.parent.name.text
      : "literal",
    type,
  );
  // All of it is zeroed first where bytes lie between the fields: the kernel copies and compares those too.
  if (!isDense(type)) zeroMemory(fn, slot);
  fillLiteral(fn, node, slot);
  return slot;
}

function literalType(fn: FunctionState, node: ts.Expression): DataType {
  const { checker, resolver } = fn.owner;
  const type = checker.getContextualType(node);
  if (type === undefined)
    reject(
      node,
      "WG1004",
      "an object without a declared type has no layout",
      "declare its type: const key: Key = { … }",
    );
  return resolver.data(checker.getNonNullableType(type), node);
}

/** Stores what an expression makes into memory that nothing else refers to yet. */
function fill(fn: FunctionState, node: ts.Expression, place: MemoryValue): void {
  const inner = ts.isParenthesizedExpression(node) ? node.expression : node;
  if (ts.isObjectLiteralExpression(inner) || ts.isArrayLiteralExpression(inner))
    fillLiteral(fn, inner, place);
  else writePlace(fn, place, lowerExpression(fn, inner, place.type), inner);
}

function fillLiteral(
  fn: FunctionState,
  node: ts.ObjectLiteralExpression | ts.ArrayLiteralExpression,
  place: MemoryValue,
): void {
  const { type } = place;
  if (ts.isArrayLiteralExpression(node)) {
    if (type.kind !== "array")
      reject(
        node,
        "WG1004",
        "an array of JavaScript lives on a heap, which BPF does not have",
        "use FixedArray<T, N>",
      );
    if (node.elements.length !== type.length)
      reject(node, "WG2006", `${node.elements.length} elements for an array of ${type.length}`);
    for (const [index, item] of node.elements.entries()) {
      if (ts.isSpreadElement(item) || ts.isOmittedExpression(item)) unsupported(item);
      fill(
        fn,
        item,
        elementOf(fn, { ...place, type }, { kind: "constant", value: BigInt(index), wide: false }, item),
      );
    }
    return;
  }
  if (type.kind !== "struct")
    reject(node, "WG1004", "an object literal makes a struct, and none is expected here");
  const written = new Set<string>();
  for (const property of node.properties) {
    if (ts.isSpreadAssignment(property)) unsupported(property);
    if (property.name !== undefined && ts.isComputedPropertyName(property.name))
      reject(property.name, "WG1017", "a field is named in the source");
    const name =
      property.name !== undefined && (ts.isIdentifier(property.name) || ts.isStringLiteral(property.name))
        ? property.name.text
        : "";
    written.add(name);
    const field = fieldOf(place, name, property);
    if (ts.isPropertyAssignment(property)) fill(fn, property.initializer, field);
    else if (ts.isShorthandPropertyAssignment(property))
      writePlace(fn, field, lowerExpression(fn, property.name), property);
    else unsupported(property);
  }
  const missing = type.fields.find((field) => !written.has(field.name));
  if (missing !== undefined)
    reject(node, "WG2006", `${type.name}.${missing.name} is missing`, "give every field a value");
}

/** Names: variables, and constants of this and other modules. */

import ts from "#typescript";
import { dataPlace, literalOf, moduleData } from "../classes/data.js";
import { globalHelpByName } from "../rejections/globals.js";
import { reject, rejectSilently } from "../rejections/rejection.js";
import { type FunctionState, symbolOf } from "../state.js";
import { loadScalar, memoryAt, readPlace } from "../values/memory.js";
import { boundsOf, coerce, isNumber } from "../values/scalars.js";
import { substitute } from "../values/substitution.js";
import { intersect, type MemoryValue, type Range, type Value } from "../values/value.js";
import { lowerExpression } from "./expressions.js";

/** Applies what is known of a variable here. */
export function knownRange(fn: FunctionState, symbol: ts.Symbol, value: Value): Value {
  if (!isNumber(value) || value.kind === "constant") return value;
  let range: Range | null = value.range;
  for (const facts of fn.facts) {
    const fact = facts.get(symbol);
    if (fact === undefined) continue;
    const before = range ?? boundsOf(value);
    range = intersect(before, fact);
    if (fact.unseen && (range.min > before.min || range.max < before.max)) fn.builder.distrust(value.id);
  }
  return range === value.range ? value : { ...value, range };
}

/** The value of a variable, or of a constant of a module. */
export function lowerIdentifier(fn: FunctionState, node: ts.Identifier): Value {
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
    const loaded = loadScalar(fn, place, binding.type);
    const { narrow } = binding;
    return knownRange(fn, target, narrow === undefined ? loaded : { ...loaded, variables: [narrow] });
  }
  if (binding?.kind === "reference") {
    const pointer = fn.builder.load("ptr", fn.builder.slotAddress(binding.slot), {
      width: 8,
      region: "stack",
    });
    return { ...binding.shape, pointer };
  }
  if (binding?.kind === "place") return knownRange(fn, target, readPlace(fn, binding.place));
  if (binding?.kind === "closure")
    reject(
      node,
      "WG1005",
      `${node.text} is a function, and functions are not values in BPF`,
      "call it, or give it to a function",
    );
  if (node.text === "undefined")
    reject(node, "WG1001", "there is no undefined in BPF", "use null for a missing reference");
  if (node.text === "NaN" || node.text === "Infinity")
    reject(node, "WG1002", `${node.text} is a floating point number`);
  return moduleConstant(fn, target, node);
}

/** A constant or variable of a module. */
export function moduleConstant(fn: FunctionState, symbol: ts.Symbol, node: ts.Node): Value {
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
      const variable = moduleVariable(fn, symbol, node);
      if (variable !== null) return readPlace(fn, variable);
    }
    if (declaration.initializer !== undefined && !declaration.initializer.getSourceFile().isDeclarationFile) {
      return constantInitializer(fn, symbol, declaration, declaration.initializer, node);
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

/** The place of a module's `let`; null for other names. */
export function moduleVariable(fn: FunctionState, symbol: ts.Symbol, node: ts.Node): MemoryValue | null {
  const declaration = symbol.valueDeclaration;
  if (declaration === undefined || !ts.isVariableDeclaration(declaration)) return null;
  if (ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const) return null;
  if (declaration.getSourceFile().isDeclarationFile || !ts.isSourceFile(declaration.parent.parent.parent))
    return null;
  if (!(declaration.parent.flags & ts.NodeFlags.Let))
    reject(node, "WG1001", "var is not in the language", "use const or let");
  return dataPlace(fn, moduleData(fn.owner, symbol, declaration, "variable"));
}

const evaluating = new Set<ts.Node>();

/** The value of a constant where `node` names it. */
export function constantInitializer(
  fn: FunctionState,
  symbol: ts.Symbol,
  declaration: ts.VariableDeclaration | ts.PropertyDeclaration,
  initializer: ts.Expression,
  node: ts.Node,
): Value {
  if (evaluating.has(declaration)) return reject(node, "WG2010", "the constant is defined by itself");
  evaluating.add(declaration);
  try {
    if (literalOf(initializer) !== null)
      return dataPlace(fn, moduleData(fn.owner, symbol, declaration, "table"));
    if (declaration.type === undefined) return lowerExpression(fn, initializer);
    const type = fn.owner.resolver.data(fn.owner.checker.getTypeAtLocation(declaration), declaration);
    if (type.kind === "struct" || type.kind === "array")
      return dataPlace(fn, moduleData(fn.owner, symbol, declaration, "table"));
    const value = lowerExpression(fn, initializer);
    return type.kind === "int" || type.kind === "pointer" ? coerce(fn, value, type, initializer) : value;
  } finally {
    evaluating.delete(declaration);
  }
}

function literalOfType(fn: FunctionState, node: ts.Node): Value | null {
  const { checker, resolver } = fn.owner;
  const { type } = substitute(checker, checker.getTypeAtLocation(node), resolver.types);
  if (type.isNumberLiteral() && Number.isSafeInteger(type.value))
    return { kind: "constant", value: BigInt(type.value), wide: false };
  if (type.flags & ts.TypeFlags.BigIntLiteral && type.isLiteral() && typeof type.value === "object") {
    const value = BigInt(type.value.base10Value);
    return { kind: "constant", value: type.value.negative ? -value : value, wide: true };
  }
  return null;
}

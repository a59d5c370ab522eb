/** Functions that are given as arguments: they are compiled where they are called. */

import ts from "#typescript";
import { reject } from "../rejections/rejection.js";
import { type Closure, type FunctionState, symbolOf } from "../state.js";
import { noSubstitution } from "../values/substitution.js";
import { checkModifiers } from "./function-calls.js";

/** The function that an argument is: written there, a parameter that took one, or the name of a function. */
export function closureOf(fn: FunctionState, node: ts.Expression): Closure {
  if (ts.isParenthesizedExpression(node)) return closureOf(fn, node.expression);
  if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) {
    checkModifiers(node);
    return { node, scope: fn, types: fn.owner.resolver.types };
  }
  const name = ts.isPropertyAccessExpression(node) ? node.name : node;
  const symbol = symbolOf(fn.owner, name);
  const binding = symbol === null ? undefined : fn.bindings.get(symbol);
  if (binding?.kind === "closure") return binding.closure;
  const declaration = symbol?.valueDeclaration;
  if (
    declaration !== undefined &&
    (ts.isFunctionDeclaration(declaration) || ts.isMethodDeclaration(declaration)) &&
    declaration.body !== undefined &&
    (declaration.typeParameters ?? []).length === 0
  )
    return { node: declaration, scope: null, types: noSubstitution };
  return reject(
    node,
    "WG1005",
    "which function this is must be known when the program is compiled",
    "write it here: (x) => …, or name a function",
  );
}

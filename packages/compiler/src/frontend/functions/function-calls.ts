/** Calls of the user's own functions. */

import ts from "typescript";
import type { ValueId } from "../../ir/types.js";
import { lowerExpression } from "../expressions/expressions.js";
import { reject } from "../rejections/rejection.js";
import type { FunctionEntry, FunctionState } from "../state.js";
import { addressOf, argumentAddress, checkLayout, memoryAt, nullableAddress } from "../values/memory.js";
import type { ResolvedType } from "../values/resolve-type.js";
import { coerce, registerOf, rejectValue, scalar } from "../values/scalars.js";
import type { Value } from "../values/value.js";

/** The function of a declaration, to be lowered if it is not yet. */
function functionEntry(
  fn: FunctionState,
  declaration: ts.FunctionDeclaration | ts.MethodDeclaration,
): FunctionEntry {
  const { owner } = fn;
  const known = owner.functions.get(declaration);
  if (known !== undefined) return known;
  const base = declaration.name?.getText() ?? "anonymous";
  let name = base;
  for (let count = 2; owner.names.has(name); count += 1) name = `${base}_${count}`;
  owner.names.add(name);
  const entry: FunctionEntry = { name, declaration, section: null, callees: new Set() };
  owner.functions.set(declaration, entry);
  owner.queue.push(entry);
  return entry;
}

/** The value in a register for a parameter or result of the type. */
export function passed(fn: FunctionState, value: Value, type: ResolvedType, node: ts.Node): ValueId {
  if (type.kind === "context") {
    return value.kind === "context" ? value.pointer : reject(node, "WG1001", "a context is needed here");
  }
  if (type.kind === "data" && (type.type.kind === "int" || type.type.kind === "pointer")) {
    return coerce(fn, value, type.type, node).id;
  }
  if (type.kind === "void") return reject(node, "WG1001", "nothing can be passed here");
  if (value.kind === "null") return fn.builder.nullPointer();
  if (value.kind !== "memory") return rejectValue(value, node);
  checkLayout(value, type.type, node);
  if (value.region === "context") return argumentAddress(fn, value, type.type, "copy", node);
  return type.nullable ? nullableAddress(fn, value) : addressOf(fn, value);
}

/** The register type of a parameter or result; null for nothing. */
export function registerOfResolved(type: ResolvedType): "i32" | "i64" | "ptr" | null {
  if (type.kind === "void") return null;
  if (type.kind === "data" && (type.type.kind === "int" || type.type.kind === "pointer"))
    return registerOf(type.type);
  return "ptr";
}

/** A call of a function or static method that the user wrote. */
export function callFunction(
  fn: FunctionState,
  node: ts.CallExpression,
  declaration: ts.FunctionDeclaration | ts.MethodDeclaration,
): Value {
  const { checker, resolver } = fn.owner;
  if (declaration.typeParameters !== undefined)
    reject(node, "WG1019", `${node.expression.getText()} is generic`, "write one function per type");
  const isStatic =
    declaration.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.StaticKeyword) ?? false;
  if (ts.isMethodDeclaration(declaration) && !isStatic)
    reject(node, "WG1004", "there are no instances in kernel code", "make the method static");
  if (declaration.type !== undefined && ts.isTypePredicateNode(declaration.type))
    reject(
      declaration.type,
      "WG1012",
      "a type predicate is taken on trust, which kernel memory does not allow",
      "leave it out: TypeScript infers it from a body that compares with null",
    );
  const entry = functionEntry(fn, declaration);
  if (entry.section !== null)
    reject(
      node,
      "WG1001",
      `${entry.name} is a program, which only the kernel calls`,
      "move what is shared to a function",
    );
  fn.entry.callees.add(entry);
  const { parameters } = declaration;
  const args = parameters.map((parameter, index) => {
    const type = resolver.resolve(checker.getTypeAtLocation(parameter), parameter);
    const given = node.arguments[index];
    if (given === undefined)
      return reject(
        node,
        "WG1001",
        `${parameter.name.getText()} is not given`,
        "parameters have no defaults in kernel code",
      );
    const value = lowerExpression(fn, given, type.kind === "data" ? type.type : null);
    return passed(fn, value, type, given);
  });
  if (args.length > 5) reject(node, "WG1009", `${entry.name} has ${args.length} parameters`, "pass a struct");
  const result = resultType(fn, declaration, node);
  const register = registerOfResolved(result);
  if (register === null) {
    fn.builder.callVoid(entry.name, args);
    return { kind: "void" };
  }
  const id = fn.builder.call(entry.name, register, args);
  if (result.kind === "data" && (result.type.kind === "int" || result.type.kind === "pointer"))
    return scalar(result.type, id);
  if (result.kind === "data" || result.kind === "ref")
    return memoryAt(result.type, id, "unknown", { nullable: result.nullable });
  return reject(node, "WG1001", "a context is not returned");
}

/** What a function declares or is seen to return. */
export function resultType(
  fn: Pick<FunctionState, "owner">,
  declaration: ts.SignatureDeclaration,
  node: ts.Node,
): ResolvedType {
  const { checker, resolver } = fn.owner;
  const signature = checker.getSignatureFromDeclaration(declaration);
  if (signature === undefined) return reject(node, "WG1001", "the function has no signature");
  return resolver.resolve(
    checker.getReturnTypeOfSignature(signature),
    declaration.type ?? declaration.name ?? node,
  );
}

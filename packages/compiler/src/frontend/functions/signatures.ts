/** What a function takes and gives. */

import ts from "#typescript";
import { reject } from "../rejections/rejection.js";
import type { ClassState, FunctionNode } from "../state.js";
import type { ResolvedType } from "../values/resolve-type.js";
import { registerOf } from "../values/scalars.js";
import { returnsOwnObject } from "./own-objects.js";

/** A parameter that is a value. */
export interface ValueParameter {
  readonly node: ts.ParameterDeclaration;
  readonly name: string;
  readonly type: ResolvedType;
}

/** A function's parameters, callbacks apart, and its result. */
export interface Signature {
  readonly parameters: readonly (
    | ValueParameter
    | { readonly node: ts.ParameterDeclaration; readonly type: null }
  )[];
  readonly result: ResolvedType;
  /** Whether it gives a struct that it made: the caller gets a copy. */
  readonly copies: boolean;
}

/** The register type of a parameter or result; null for nothing. */
export function registerOfResolved(type: ResolvedType): "i32" | "i64" | "ptr" | null {
  if (type.kind === "void") return null;
  if (type.kind === "data" && (type.type.kind === "int" || type.type.kind === "pointer"))
    return registerOf(type.type);
  return "ptr";
}

/** Whether values of the type are in a register, not in memory. */
export const isScalarType = (type: ResolvedType): boolean =>
  type.kind === "data" && (type.type.kind === "int" || type.type.kind === "pointer");

/** Whether a parameter takes a function. */
export function takesFunction(checker: ts.TypeChecker, parameter: ts.ParameterDeclaration): boolean {
  return checker.getTypeAtLocation(parameter).getCallSignatures().length > 0;
}

/** The signature of a declaration, where its type parameters stand for what the resolver says now. */
export function signatureOf(owner: ClassState, declaration: FunctionNode): Signature {
  const parameters = parametersOf(owner, declaration);
  const result = resultType(owner, declaration, declaration);
  return { parameters, result, copies: givesCopy(owner, declaration, result) };
}

/** Whether a function with this result gives a struct that it made. */
export function givesCopy(owner: ClassState, declaration: FunctionNode, result: ResolvedType): boolean {
  return result.kind === "data" && !isScalarType(result) && returnsOwnObject(owner, declaration);
}

/** The parameters of a declaration, as `signatureOf`. */
export function parametersOf(owner: ClassState, declaration: FunctionNode): Signature["parameters"] {
  const { checker, resolver } = owner;
  return declaration.parameters.map((node, index) => {
    if (node.dotDotDotToken !== undefined)
      reject(node, "WG1001", "a rest parameter needs a heap, which BPF does not have", "name the parameters");
    if (takesFunction(checker, node)) return { node, type: null };
    const name = ts.isIdentifier(node.name) ? node.name.text : `parameter${index + 1}`;
    const type = resolver.resolve(checker.getTypeAtLocation(node), node.type ?? node);
    if (isScalarType(type) && type.nullable)
      reject(
        node,
        "WG1001",
        `${name} is a number or boolean, which is always there`,
        `give it a default: ${name}: u32 = 0`,
      );
    return { node, name, type };
  });
}

/** What a function declares or is seen to return. */
export function resultType(
  { checker, resolver }: Pick<ClassState, "checker" | "resolver">,
  declaration: FunctionNode,
  node: ts.Node,
): ResolvedType {
  const signature = checker.getSignatureFromDeclaration(declaration);
  if (signature === undefined) return reject(node, "WG1001", "the function has no signature");
  const place = declaration.type ?? declaration.name ?? node;
  const result = resolver.resolve(checker.getReturnTypeOfSignature(signature), place);
  if (isScalarType(result) && result.nullable)
    reject(
      place,
      "WG1001",
      "a number or boolean is always there, and this result may be null",
      "return a number that stands for nothing, or a reference",
    );
  return result;
}

/** What the type parameters of a generic function stand for while an instance of it is lowered. */

import ts from "#typescript";

/** A type as it is written at one place, with what the type parameters there stand for. */
export interface BoundType {
  readonly type: ts.Type;
  readonly types: Substitution;
}

/** By type parameter. What it stands for may name the type parameters of the caller: each has its own substitution. */
export type Substitution = ReadonlyMap<ts.Type, BoundType>;

/** Outside of generic functions. */
export const noSubstitution: Substitution = new Map();

/** The type arguments of an instance of a generic interface. */
export function typeArgumentsOf(checker: ts.TypeChecker, type: ts.Type): readonly ts.Type[] {
  if (!isReference(type)) return [];
  // A class or interface refers to itself with one argument more, the type of `this`.
  return checker.getTypeArguments(type).slice(0, type.target.typeParameters?.length ?? 0);
}

function isReference(type: ts.Type): type is ts.TypeReference {
  const flags = "objectFlags" in type ? Number(type.objectFlags) : 0;
  return (type.flags & ts.TypeFlags.Object) !== 0 && (flags & ts.ObjectFlags.Reference) !== 0;
}

/** The type that `type` stands for: itself unless it is a type parameter, or made of one in a way that is followed. */
export function substitute(checker: ts.TypeChecker, type: ts.Type, types: Substitution): BoundType {
  if (types.size === 0) return { type, types };
  const known = types.get(type);
  if (known !== undefined) return substitute(checker, known.type, known.types);
  // `T & {}` is what TypeScript makes of `T` where it is known not to be null.
  if (type.isIntersection()) {
    const [only, ...others] = type.types.filter((part) => !isEmptyObject(checker, part));
    if (only !== undefined && others.length === 0 && types.has(only)) return substitute(checker, only, types);
  }
  if (isIndexedAccess(type)) {
    const object = substitute(checker, type.objectType, types);
    const key = substitute(checker, type.indexType, types).type;
    const symbol = key.isStringLiteral() ? checker.getPropertyOfType(object.type, key.value) : undefined;
    if (symbol !== undefined) return substitute(checker, checker.getTypeOfSymbol(symbol), object.types);
  }
  return { type, types };
}

/** The T of `Pointee<T>`, which is a conditional type until T is known; null for other types. */
export function pointeeOf(type: ts.Type): ts.Type | null {
  const isPointee = type.flags & ts.TypeFlags.Conditional && type.aliasSymbol?.name === "Pointee";
  return isPointee ? (type.aliasTypeArguments?.[0] ?? null) : null;
}

function isIndexedAccess(type: ts.Type): type is ts.IndexedAccessType {
  return (type.flags & ts.TypeFlags.IndexedAccess) !== 0;
}

function isEmptyObject(checker: ts.TypeChecker, type: ts.Type): boolean {
  return (type.flags & ts.TypeFlags.Object) !== 0 && checker.getPropertiesOfType(type).length === 0;
}

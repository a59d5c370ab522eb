/** Enums as types: TypeScript's own, and types of the members of an `as const` object. */

import ts from "#typescript";
import type { EnumType, IntType } from "../../types/data-type.js";
import { integers } from "../../types/integers.js";
import { reject } from "../rejections/rejection.js";

const known = new WeakMap<ts.Symbol, IntType>();

/** The integer that holds the members of the enum that a type is of; null for other types. */
export function enumOf(checker: ts.TypeChecker, type: ts.Type, node: ts.Node): IntType | null {
  const parts = type.isUnion() ? type.types : type.isIntersection() ? type.types.slice(0, 1) : [type];
  const owners = parts.map((part) => ownerOf(checker, part));
  const [owner] = owners;
  if (owner === undefined || owner === null || owners.some((other) => other !== owner)) return null;
  const made = known.get(owner) ?? enumType(checker, owner, node);
  known.set(owner, made);
  return made;
}

/** The enum that a member, or the type of the enum itself, belongs to. */
function ownerOf(checker: ts.TypeChecker, type: ts.Type): ts.Symbol | null {
  if (!(type.flags & ts.TypeFlags.EnumLike)) return null;
  const { symbol } = type;
  if (symbol.flags & ts.SymbolFlags.Enum) return symbol;
  const declaration = symbol.valueDeclaration;
  if (declaration === undefined || !ts.isEnumMember(declaration)) return null;
  return checker.getSymbolAtLocation(declaration.parent.name) ?? null;
}

function enumType(checker: ts.TypeChecker, symbol: ts.Symbol, node: ts.Node): IntType {
  const members = (symbol.declarations ?? [])
    .filter(ts.isEnumDeclaration)
    .flatMap(({ members: of }) => [...of]);
  const values = members.map((member) => {
    const value = checker.getConstantValue(member);
    const name = member.name.getText();
    if (typeof value === "string")
      return reject(node, "WG1003", `${symbol.name}.${name} is a string`, "give the enum's members numbers");
    if (value === undefined || !Number.isInteger(value))
      return reject(node, "WG1002", `${symbol.name}.${name} is not an integer`);
    return { name, value: BigInt(value) };
  });
  return withMembers(symbol.name, values, node);
}

/** The bytes in which C keeps the values, 8 of them for bigints: signed when one is negative. */
function withMembers(name: string, values: EnumType["values"], node: ts.Node, size: 4 | 8 = 4): IntType {
  const signed = values.some(({ value }) => value < 0n);
  const bits = size * 8;
  const fits = (value: bigint): boolean => (signed ? BigInt.asIntN : BigInt.asUintN)(bits, value) === value;
  const wide = values.find(({ value }) => !fits(value));
  if (wide !== undefined)
    reject(
      node,
      "WG2001",
      `${name}.${wide.name} is ${wide.value}, and an enum has ${signed ? "signed " : ""}${bits} bits`,
      size === 4 ? "use a u64 or i64 for it" : "no integer of the kernel holds all of the values",
    );
  const enumeration: EnumType = { kind: "enum", name, size, signed, values };
  return { ...integers[`${signed ? "i" : "u"}${size === 4 ? 32 : 64}`], enumeration };
}

/**
 * The integer of a type like `(typeof Action)[keyof typeof Action]`, which goes by the name of the `as const` object that
 * has its values; null for other types.
 */
export function constObjectOf(checker: ts.TypeChecker, type: ts.Type, node: ts.Node): IntType | null {
  const symbol = type.aliasSymbol;
  if (symbol === undefined || !type.isUnion()) return null;
  const used = type.types.map(integerOf);
  const size = type.types.every((part) => part.isNumberLiteral()) ? 4 : 8;
  const declaration = symbol.declarations?.find(ts.isVariableDeclaration);
  if (declaration === undefined) return null;
  const found = known.get(symbol);
  if (found !== undefined) return found;
  const values = checker.getPropertiesOfType(checker.getTypeOfSymbol(symbol)).flatMap((property) => {
    const value = integerOf(checker.getTypeOfSymbol(property));
    return value === null ? [] : [{ name: property.name, value }];
  });
  const all = new Set(values.map(({ value }) => value));
  if (values.length === 0 || used.some((value) => value === null || !all.has(value))) return null;
  const made = withMembers(symbol.name, values, node, size);
  known.set(symbol, made);
  return made;
}

/** The value of a literal type; null for other types. */
function integerOf(type: ts.Type): bigint | null {
  if (type.isNumberLiteral()) return Number.isInteger(type.value) ? BigInt(type.value) : null;
  if (!(type.flags & ts.TypeFlags.BigIntLiteral) || !type.isLiteral() || typeof type.value !== "object")
    return null;
  return BigInt(type.value.base10Value) * (type.value.negative ? -1n : 1n);
}

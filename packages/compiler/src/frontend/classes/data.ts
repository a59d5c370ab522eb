/** Variables and tables in data sections: static fields, and `let` and `const` of modules. */

import ts from "#typescript";
import { InterpretError, interpret } from "../../ir/interpret.js";
import type { DataDefinition } from "../../ir/types.js";
import type { DataType } from "../../types/data-type.js";
import { integers, meet } from "../../types/integers.js";
import { arrayOf, layOutStruct, sizeOf } from "../../types/layout.js";
import { lowerExpression } from "../expressions/expressions.js";
import { freshName } from "../functions/entries.js";
import { reject } from "../rejections/rejection.js";
import type { ClassState, FunctionState } from "../state.js";
import { memoryAt, writePlace } from "../values/memory.js";
import { noSubstitution } from "../values/substitution.js";
import type { MemoryValue } from "../values/value.js";
import { constantFunction } from "./constants.js";
import { declaredTags } from "./tags.js";

/** How a variable of the object is used. */
export type DataKind = "config" | "variable" | "table";

/** Where initial values are computed: room for what the expression makes on the way. */
const scratch = 1 << 16;
const fuel = 10_000_000;

/** The bytes of an expression that must be known when the class is compiled; zeroes when there is none. */
export function initialBytes(owner: ClassState, node: ts.Expression | undefined, type: DataType): Uint8Array {
  const size = sizeOf(type);
  if (node === undefined) return new Uint8Array(size);
  const fn = constantFunction(owner);
  const start = 8;
  const pointer = fn.builder.param(fn.builder.entry, "ptr");
  // A value of its own has zeroed padding, and makes one of a constant that is a reference to a table.
  const place = memoryAt(type, pointer, "unknown");
  owner.resolver.within(noSubstitution, () => writePlace(fn, place, lowerExpression(fn, node, type), node));
  fn.builder.return();
  const memory = new Uint8Array(start + size + scratch + 2 * size);
  try {
    const { byteOrder } = owner.target;
    const unknown = (name: string): never => {
      throw new InterpretError(`${name} is not known yet`);
    };
    const world = { memory, byteOrder, fuel, helper: unknown, kfunc: unknown, address: unknown };
    interpret(fn.builder.finish(), [BigInt(start)], world);
  } catch (error) {
    if (!(error instanceof InterpretError)) throw error;
    const what = type.kind === "int" ? "a constant number" : "constant";
    return reject(node, "WG2010", `this must be ${what}`, "compute it from literals and constants");
  }
  return memory.slice(start, start + size);
}

/** Adds a variable to the object. */
export function defineData(
  owner: ClassState,
  symbol: ts.Symbol,
  name: string,
  kind: DataKind,
  type: DataType,
  declaration: ts.VariableDeclaration | ts.PropertyDeclaration,
): DataDefinition {
  const initial = initialBytes(owner, declaration.initializer, type);
  const isZero = initial.every((byte) => byte === 0);
  const section = kind !== "variable" ? ".rodata" : isZero ? ".bss" : ".data";
  const tags = declaredTags(owner, declaration);
  const data: DataDefinition = { name, section, type, initial, mutable: kind === "variable", ...tags };
  owner.configs.set(symbol, data);
  return data;
}

/** A variable of a module, which the object has for itself: it is made when kernel code first names it. */
export function moduleData(
  owner: ClassState,
  symbol: ts.Symbol,
  declaration: ts.VariableDeclaration | ts.PropertyDeclaration,
  kind: DataKind,
): DataDefinition {
  const known = owner.configs.get(symbol);
  if (known !== undefined) return known;
  const type = declaredType(owner, declaration);
  const given = ts.isIdentifier(declaration.name) ? declaration.name.text : "table";
  // A field of the class has its name already.
  if (declaration.parent === owner.declaration)
    return defineData(owner, symbol, given, kind, type, declaration);
  const name = freshName(owner, given);
  const data = { ...defineData(owner, symbol, name, kind, type, declaration), isPrivate: true };
  owner.configs.set(symbol, data);
  return data;
}

/** Where a variable is. */
export function dataPlace(fn: FunctionState, data: DataDefinition): MemoryValue {
  const region = data.mutable ? "map" : "readonly";
  return memoryAt(data.type, fn.builder.global(data.name), region, { readonly: !data.mutable });
}

function declaredType(
  owner: ClassState,
  declaration: ts.VariableDeclaration | ts.PropertyDeclaration,
): DataType {
  const { checker, resolver } = owner;
  const { initializer } = declaration;
  return resolver.within(noSubstitution, () => {
    if (declaration.type === undefined && initializer !== undefined) {
      const literal = literalOf(initializer);
      if (literal !== null) return literalType(owner, literal, declaration.name.getText());
    }
    return resolver.data(checker.getTypeAtLocation(declaration), declaration.type ?? declaration.name);
  });
}

/** The object or array literal that an expression is, without `as const` and `satisfies`. */
export function literalOf(
  node: ts.Expression,
): ts.ObjectLiteralExpression | ts.ArrayLiteralExpression | null {
  if (ts.isObjectLiteralExpression(node) || ts.isArrayLiteralExpression(node)) return node;
  if (ts.isParenthesizedExpression(node) || ts.isSatisfiesExpression(node)) return literalOf(node.expression);
  if (ts.isAsExpression(node) && ts.isConstTypeReference(node.type)) return literalOf(node.expression);
  return null;
}

/** What a literal without a declared type is in memory: numbers are u32 or i32, bigints u64 or i64, as in expressions. */
function literalType(owner: ClassState, node: ts.Expression, name: string): DataType {
  const literal = literalOf(node);
  if (literal === null) return scalarType(owner, node);
  if (ts.isArrayLiteralExpression(literal)) {
    const [first, ...others] = literal.elements.map((item) => literalType(owner, item, name));
    if (first === undefined)
      return reject(literal, "WG2005", "an empty array has no type", "declare its type");
    const element = others.reduce(
      (sum, type) =>
        common(sum, type) ??
        reject(literal, "WG2005", "the elements have different types", "declare the type: FixedArray<T, N>"),
      first,
    );
    return arrayOf(element, literal.elements.length);
  }
  const members = literal.properties.map((property) => {
    if (
      !ts.isPropertyAssignment(property) ||
      !(ts.isIdentifier(property.name) || ts.isStringLiteral(property.name))
    )
      return reject(property, "WG2010", "a table's fields are written out: name and value");
    const { text } = property.name;
    return { name: text, type: literalType(owner, property.initializer, `${name}_${text}`) };
  });
  return layOutStruct(name, members);
}

function scalarType(owner: ClassState, node: ts.Expression): DataType {
  const value = lowerExpression(constantFunction(owner), node);
  if (value.kind === "constant") {
    if (value.wide) return value.value < 0n ? integers.i64 : integers.u64;
    return value.value < 0n ? integers.i32 : integers.u32;
  }
  if (value.kind === "scalar" || value.kind === "memory") return value.type;
  return reject(node, "WG2005", "this has no layout in memory", "declare the table's type");
}

/** The type of both, when one holds them: signed when a number is negative. */
function common(left: DataType, right: DataType): DataType | null {
  if (left.kind === "int" && right.kind === "int") {
    if (left.name === right.name) return left;
    if (left.size === right.size && left.size >= 4 && !left.bigEndian && !right.bigEndian)
      return left.size === 8 ? integers.i64 : integers.i32;
    return meet(left, right);
  }
  if (left.kind === "array" && right.kind === "array" && left.length === right.length) {
    const element = common(left.element, right.element);
    return element === null ? null : arrayOf(element, left.length, left.text);
  }
  if (left.kind !== "struct" || right.kind !== "struct" || left.fields.length !== right.fields.length)
    return null;
  const members = left.fields.map((field, index) => {
    const other = right.fields[index];
    const type = other === undefined || other.name !== field.name ? null : common(field.type, other.type);
    return type === null ? null : { name: field.name, type };
  });
  const known = members.filter((member) => member !== null);
  return known.length === members.length ? layOutStruct(left.name, known) : null;
}

/** From TypeScript types to types in memory, by the phantom properties of @waggle/kernel. */

import { programKindByName } from "@waggle/object";
import ts from "#typescript";
import type { DataType, IntType, PointerType } from "../../types/data-type.js";
import { integers, meet } from "../../types/integers.js";
import { arrayOf, layOutStruct, type Member } from "../../types/layout.js";
import { type ContextShape, ownStruct, shapeOf } from "../contexts/shapes.js";
import { reject } from "../rejections/rejection.js";
import { constObjectOf, enumOf } from "./enum-types.js";
import { kernelObject } from "./kernel-objects.js";
import { bitsOf, checkBitFields, layoutForm } from "./layout-forms.js";
import { phantomOf } from "./phantoms.js";
import { noSubstitution, pointeeOf, type Substitution, substitute, typeArgumentsOf } from "./substitution.js";
import { tagsOf, untagged } from "./tags.js";
import { symbolicName } from "./type-names.js";

/** What a declared type asks for. */
export type ResolvedType = { readonly nullable: boolean } & (
  | { readonly kind: "data"; readonly type: DataType }
  | { readonly kind: "ref"; readonly type: IntType | PointerType }
  | { readonly kind: "context"; readonly context: ContextShape }
  | { readonly kind: "void" }
);

const flavours: ReadonlyMap<string, IntType> = new Map([
  ["u8", integers.u8],
  ["u16,u8", integers.u16],
  ["u16,u32,u8", integers.u32],
  ["u64", integers.u64],
  ["i8", integers.i8],
  ["i16,i8,u8", integers.i16],
  ["i16,i32,i8,u16,u8", integers.i32],
  ["i64", integers.i64],
]);
const bigEndian: ReadonlyMap<number, IntType> = new Map([
  [16, integers.__be16],
  [32, integers.__be32],
  [64, integers.__be64],
]);

/** Of an array; far above what any kernel memory holds, and low enough that sizes stay exact. */
const mostElements = 1 << 20;

/** An address that kernel code carries but does not follow. */
export const opaquePointer: PointerType = { kind: "pointer", to: null };
/** One into the memory of a process, as the kernel's own BTF marks it. */
const userPointer: PointerType = { kind: "pointer", to: null, tags: ["user"] };

/** Resolves types of one program and remembers structs, so that one interface is one struct. */
export class TypeResolver {
  readonly #checker: ts.TypeChecker;
  readonly #structs = new WeakMap<Substitution, Map<ts.Type, DataType>>();
  readonly #open = new Set<ts.Type>();
  #types: Substitution = noSubstitution;

  constructor(checker: ts.TypeChecker) {
    this.#checker = checker;
  }

  /** What type parameters stand for here. */
  get types(): Substitution {
    return this.#types;
  }

  /** Runs `body` where type parameters stand for what `types` says. */
  within<T>(types: Substitution, body: () => T): T {
    const outer = this.#types;
    this.#types = types;
    try {
      return body();
    } finally {
      this.#types = outer;
    }
  }

  /** The type of a declaration or expression. Rejects at `node` what has no layout. */
  resolve(given: ts.Type, node: ts.Node): ResolvedType {
    const pointee = pointeeOf(given);
    if (pointee !== null) {
      const type = this.data(pointee, node);
      const isScalar = type.kind === "int" || type.kind === "pointer";
      return isScalar ? { kind: "ref", type, nullable: false } : { kind: "data", type, nullable: false };
    }
    const { type, types } = substitute(this.#checker, untagged(this.#checker, given), this.#types);
    return types === this.#types
      ? this.#resolve(type, node)
      : this.within(types, () => this.#resolve(type, node));
  }

  #resolve(type: ts.Type, node: ts.Node): ResolvedType {
    if (type.flags & (ts.TypeFlags.Void | ts.TypeFlags.Undefined)) return { kind: "void", nullable: false };
    const parts = type.isUnion() ? type.types : [type];
    const nullable = parts.some((part) => part.flags & (ts.TypeFlags.Null | ts.TypeFlags.Undefined));
    if (nullable) return { ...this.resolve(this.#checker.getNonNullableType(type), node), nullable };
    const context = this.#context(type, node);
    if (context !== null) return { kind: "context", context, nullable };
    // A struct of the kernel is passed as its address.
    if (this.#phantom(type, "KERNEL", node) !== null) return { kind: "data", type: opaquePointer, nullable };
    const to = this.#phantom(type, "REF", node);
    if (to !== null) {
      const data = this.data(to, node);
      if (data.kind !== "int" && data.kind !== "pointer")
        reject(node, "WG2005", "a Ref is to a number or boolean");
      return { kind: "ref", type: data, nullable };
    }
    return { kind: "data", type: this.#data(type, node), nullable };
  }

  /** The type as it lies in memory. Rejects at `node` what has no layout. */
  data(given: ts.Type, node: ts.Node): DataType {
    const { type, types } = substitute(this.#checker, untagged(this.#checker, given), this.#types);
    return types === this.#types ? this.#data(type, node) : this.within(types, () => this.#data(type, node));
  }

  #data(type: ts.Type, node: ts.Node): DataType {
    const scalar = this.#scalar(type, node);
    if (scalar !== null) return scalar;
    if (type.flags & ts.TypeFlags.Any || type.flags & ts.TypeFlags.Unknown) {
      reject(node, "WG2005", `${this.#name(type)} has no layout in memory`, "name the type");
    }
    if (type.flags & ts.TypeFlags.StringLike) {
      reject(node, "WG1003", "a string has no fixed size", "use CString<N>, N bytes of text in place");
    }
    if (!(type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection))) {
      reject(
        node,
        "WG2005",
        `${this.#name(type)} has no layout in memory`,
        "use flavoured integers, booleans, structs, FixedArray and CString",
      );
    }
    const structs = this.#structs.get(this.#types) ?? new Map<ts.Type, DataType>();
    this.#structs.set(this.#types, structs);
    const known = structs.get(type);
    if (known !== undefined) return known;
    if (this.#open.has(type)) reject(node, "WG2005", `${this.#name(type)} contains itself`);
    this.#open.add(type);
    try {
      const made = this.#aggregate(type, node);
      structs.set(type, made);
      return made;
    } finally {
      this.#open.delete(type);
    }
  }

  #scalar(type: ts.Type, node: ts.Node): IntType | PointerType | null {
    if (
      type.flags & ts.TypeFlags.BooleanLike ||
      (type.isUnion() && type.types.every((part) => part.flags & ts.TypeFlags.BooleanLike)) ||
      (type.isIntersection() && type.types.some((part) => part.flags & ts.TypeFlags.BooleanLike))
    ) {
      return integers.bool;
    }
    const enumeration = enumOf(this.#checker, type, node);
    if (enumeration !== null) return enumeration;
    const memory = this.#phantom(type, "POINTER", node);
    if (memory?.isUnion()) {
      reject(
        node,
        "WG2005",
        "the address may be in user memory or in the kernel's, which are read in different ways",
        "say which: UserPtr or KernelPtr",
      );
    }
    if (memory?.isStringLiteral() === true && memory.value === "user") return userPointer;
    if (memory !== null) return opaquePointer;
    if (type.isUnion()) {
      const literals = type.types.map((part) => (part.isNumberLiteral() ? part.value : null));
      // As C has it: an enumeration with a negative number is signed.
      if (
        literals.every((value) => value !== null && value < 2 ** 31) &&
        literals.some((value) => (value ?? 0) < 0)
      )
        return integers.i32;
      const members = type.types.map((part) => this.#scalar(part, node));
      const [first] = members;
      if (first !== null && first !== undefined && members.every((member) => member === first)) return first;
      return members.reduce<IntType | PointerType | null>(
        (sum, member) => (sum?.kind === "int" && member?.kind === "int" ? meet(sum, member) : null),
        members[0] ?? null,
      );
    }
    if (type.flags & ts.TypeFlags.NumberLiteral && type.isNumberLiteral()) {
      if (!Number.isInteger(type.value)) reject(node, "WG1002", `${type.value} is not an integer`);
      return type.value < 0 ? integers.i32 : integers.u32;
    }
    const order = this.#phantom(type, "BIG_ENDIAN", node);
    if (order?.isNumberLiteral()) return bigEndian.get(order.value) ?? null;
    const flavour = this.#phantom(type, "INT", node);
    if (flavour !== null) {
      const names = (flavour.isUnion() ? flavour.types : [flavour]).map((part) =>
        part.isStringLiteral() ? part.value : "",
      );
      return (
        flavours.get(names.sort().join()) ??
        reject(node, "WG2005", `${this.#name(type)} is no integer of @waggle/kernel`)
      );
    }
    if (type.flags & ts.TypeFlags.NumberLike) {
      reject(
        node,
        "WG2011",
        `${this.#name(type)} does not say how wide the integer is`,
        "use u8, u16, u32, i8, i16 or i32",
      );
    }
    if (type.flags & ts.TypeFlags.BigIntLike) {
      reject(
        node,
        "WG2011",
        `${this.#name(type)} does not say whether the integer is signed`,
        "use u64 or i64",
      );
    }
    return null;
  }

  #aggregate(type: ts.Type, node: ts.Node): DataType {
    const own = this.#phantom(type, "CONTEXT_STRUCT", node);
    const known = own?.isStringLiteral() === true ? ownStruct(own.value) : null;
    if (known !== null) return known;
    const object = this.#phantom(type, "KERNEL_OBJECT", node);
    const held = object?.isStringLiteral() === true ? kernelObject(object.value) : null;
    if (held !== null) return held;
    const text = this.#phantom(type, "TEXT", node);
    if (text !== null) return arrayOf(integers.char, this.#length(text, type, node), true);
    const length = this.#phantom(type, "LENGTH", node);
    if (length !== null) {
      const element = this.#checker.getIndexTypeOfType(type, ts.IndexKind.Number);
      if (element === undefined) reject(node, "WG2005", `${this.#name(type)} has no element type`);
      return arrayOf(this.data(element, node), this.#length(length, type, node));
    }
    if (this.#phantom(type, "KERNEL", node) !== null) {
      reject(
        node,
        "WG2005",
        `${this.#name(type)} is laid out by the kernel that the object is loaded into`,
        "keep its address, a KernelPtr, or copy the fields that you need; sizeOf<T>() asks for its size",
      );
    }
    if (this.#phantom(type, "MAP", node) !== null) {
      reject(
        node,
        "WG2005",
        `${this.#name(type)} is a map, which nothing else holds`,
        "make it a static readonly field",
      );
    }
    if (this.#phantom(type, "REF", node) !== null || this.#phantom(type, "CONTEXT", node) !== null) {
      reject(node, "WG2005", `${this.#name(type)} is a reference and has no layout in memory`);
    }
    if (type.getCallSignatures().length > 0 || type.getConstructSignatures().length > 0) {
      reject(
        node,
        "WG1005",
        "a function is not a value in BPF",
        "write a plain function and call it by name",
      );
    }
    if (this.#checker.isArrayType(type) || this.#checker.isTupleType(type)) {
      reject(
        node,
        "WG1004",
        "an array of JavaScript lives on a heap, which BPF does not have",
        "use FixedArray<T, N>",
      );
    }
    if (type.isClass()) {
      reject(
        node,
        "WG1004",
        "an instance of a class lives on a heap, which BPF does not have",
        "use an interface and an object literal",
      );
    }
    const members = this.#members(type).map((name) => this.#member(type, name, node));
    if (members.length === 0) reject(node, "WG2005", `${this.#name(type)} has no fields`);
    const form = layoutForm(this.#checker, type, this.#name(type), node);
    const made = layOutStruct(this.#structName(type, node), members, form);
    checkBitFields(made, node);
    return made;
  }

  #member(type: ts.Type, name: string, node: ts.Node): Member {
    const symbol = this.#checker.getPropertyOfType(type, name);
    if (symbol === undefined) reject(node, "WG2005", `${this.#name(type)} has no field ${name}`);
    const owner = this.#name(type);
    if (!/^[A-Za-z_]\w*$/.test(name)) {
      reject(
        node,
        "WG2005",
        `${owner}.${name} is not a name that the kernel takes`,
        "letters of ASCII, digits and _ make one",
      );
    }
    if (symbol.flags & ts.SymbolFlags.Optional) {
      reject(
        node,
        "WG2005",
        `${owner}.${name} is optional: a field is always there`,
        "remove the question mark",
      );
    }
    if (symbol.flags & ts.SymbolFlags.Accessor)
      reject(
        node,
        "WG2005",
        `${owner}.${name} is an accessor: a struct has fields only`,
        `declare it: ${name}: u32`,
      );
    if (symbol.flags & ts.SymbolFlags.Method)
      reject(node, "WG2005", `${owner}.${name} is a method: a struct has fields only`);
    const memberType = this.#checker.getTypeOfSymbol(symbol);
    if (memberType.isUnion() && memberType.types.some((part) => part.flags & ts.TypeFlags.Null)) {
      reject(node, "WG2005", `${owner}.${name} may be null: a field is always there`);
    }
    const place = this.#fieldPlace(symbol, memberType) ?? node;
    const data = constObjectOf(this.#checker, memberType, place) ?? this.data(memberType, place);
    const bits = bitsOf(this.#checker, memberType, () => data, `${owner}.${name}`, place);
    return { name, type: data, bits, tags: tagsOf(this.#checker, memberType, "TAGGED", node) };
  }

  /** The type that a field is declared with, where its mistakes are reported; null for one that a type argument gives. */
  #fieldPlace({ valueDeclaration }: ts.Symbol, fieldType: ts.Type): ts.Node | null {
    if (valueDeclaration === undefined || !ts.isPropertySignature(valueDeclaration)) return null;
    const { type } = valueDeclaration;
    if (type === undefined || type.getSourceFile().isDeclarationFile) return null;
    return this.#checker.getTypeFromTypeNode(type) === fieldType ? type : null;
  }

  /** Field names in memory order: inherited ones first, which is not TypeScript's order. */
  #members(type: ts.Type): string[] {
    if (type.isIntersection()) return [...new Set(type.types.flatMap((part) => this.#members(part)))];
    const names = new Set<string>();
    const target = (type as Partial<ts.TypeReference>).target ?? type;
    if (target.isClassOrInterface()) {
      for (const base of this.#checker.getBaseTypes(target))
        for (const name of this.#members(base)) names.add(name);
    }
    for (const symbol of this.#checker.getPropertiesOfType(type)) {
      if (!String(symbol.escapedName).startsWith("__@")) names.add(symbol.name);
    }
    return [...names];
  }

  #context(type: ts.Type, node: ts.Node): ContextShape | null {
    const kind = this.#phantom(type, "CONTEXT", node);
    if (kind === null) return null;
    if (!kind.isStringLiteral()) reject(node, "WG2005", "the context's kind is not known");
    const program = programKindByName(kind.value);
    if (program === null) return reject(node, "WG2005", `there are no programs of kind ${kind.value}`);
    if (program.context === "record") {
      const name = this.#phantom(type, "TRACEPOINT", node);
      const record = layOutStruct(
        name?.isStringLiteral() ? `tracepoint_${name.value.replace(/\W/g, "_")}` : "tracepoint",
        this.#members(type).map((member) => this.#member(type, member, node)),
      );
      return { program, type: record, layout: null };
    }
    return shapeOf(program) ?? reject(node, "WG1001", `programs of kind ${kind.value} are not compiled yet`);
  }

  #phantom(type: ts.Type, key: string, node: ts.Node): ts.Type | null {
    return phantomOf(this.#checker, type, key, node);
  }

  #length(given: ts.Type, type: ts.Type, node: ts.Node): number {
    const length = substitute(this.#checker, given, this.#types).type;
    if (
      length.isNumberLiteral() &&
      Number.isInteger(length.value) &&
      length.value > 0 &&
      length.value <= mostElements
    ) {
      return length.value;
    }
    return reject(
      node,
      "WG2005",
      length.isNumberLiteral()
        ? `the length of ${this.#name(type)} is ${length.value}, which is not 1 to ${mostElements}`
        : `the length of ${this.#name(type)} is not a constant`,
      "write the number of elements: FixedArray<u8, 16>",
    );
  }

  /** `Pair_u32` for a `Pair<u32>`. */
  #structName(type: ts.Type, node: ts.Node): string {
    const given = type.aliasTypeArguments ?? typeArgumentsOf(this.#checker, type);
    const names = given.map((argument) => {
      const { type: solid } = substitute(this.#checker, argument, this.#types);
      return solid.isNumberLiteral() ? String(solid.value) : symbolicName(this.data(argument, node));
    });
    return [this.#name(type), ...names].join("_");
  }

  #name(type: ts.Type): string {
    const symbol = type.aliasSymbol ?? type.getSymbol();
    if (symbol !== undefined && !symbol.name.startsWith("__")) return symbol.name;
    return type.flags & ts.TypeFlags.Object ? "anonymous" : this.#checker.typeToString(type);
  }
}

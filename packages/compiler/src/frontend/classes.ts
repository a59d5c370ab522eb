/** Kernel classes: their programs, maps, constants and options. */
import ts from "typescript";
import { FunctionBuilder } from "../ir/builder.js";
import type { DataDefinition, MapDefinition, Module } from "../ir/types.js";
import type { IntType } from "../types/data-type.js";
import { sizeOf } from "../types/layout.js";
import { refusedHelpers, unreachable } from "./class-rules.js";
import { lowerExpression } from "./expressions.js";
import { lowerFunction, reportRecursion } from "./functions.js";
import type { KernelProgram } from "./program.js";
import { Rejection, reject } from "./rejection.js";
import type { TypeResolver } from "./resolve-type.js";
import { boundsOf, coerce } from "./scalars.js";
import { type ClassState, type FunctionState, kernelName, locationOf, symbolOf } from "./state.js";
import type { Value } from "./value.js";

const K = ts.SyntaxKind;
const kindsOfMaps: Readonly<Record<string, string>> = {
  HashMap: "hash",
  LruHashMap: "lru-hash",
  PerCpuHashMap: "per-cpu-hash",
  ArrayMap: "array",
  PerCpuArrayMap: "per-cpu-array",
  RingBuffer: "ring-buffer",
};
const defaultLicense = "Dual MIT/GPL";

interface FoundDecorator {
  readonly name: string;
  readonly args: readonly ts.Expression[];
  readonly node: ts.Decorator;
}

/** The decorators of a node that @waggle/kernel declares; others have the name null. */
function decoratorsOf(
  owner: Pick<ClassState, "checker" | "kernel">,
  node: ts.Node,
): (FoundDecorator | { name: null; node: ts.Decorator })[] {
  const list = ts.canHaveDecorators(node) ? (ts.getDecorators(node) ?? []) : [];
  return list.map((decorator) => {
    const { expression } = decorator;
    const callee = ts.isCallExpression(expression) ? expression.expression : expression;
    const name = kernelName(owner as ClassState, symbolOf(owner as ClassState, callee));
    const args = ts.isCallExpression(expression) ? expression.arguments : [];
    return name === null ? { name, node: decorator } : { name, args, node: decorator };
  });
}

/** Whether a class has something of a kernel class: a program, a map or a decorator of @waggle/kernel. */
export function isKernelClass(kernel: KernelProgram, declaration: ts.ClassDeclaration): boolean {
  const owner = { kernel, checker: kernel.checker };
  return [declaration, ...declaration.members].some((node) => {
    if (decoratorsOf(owner, node).some(({ name }) => name !== null)) return true;
    if (
      !ts.isPropertyDeclaration(node) ||
      node.initializer === undefined ||
      !ts.isNewExpression(node.initializer)
    )
      return false;
    const name = kernelName(owner as ClassState, symbolOf(owner as ClassState, node.initializer.expression));
    return name !== null && name in kindsOfMaps;
  });
}

/** Lowers a kernel class; null when it has mistakes, which go to `state.diagnostics`. */
export function lowerClass(
  kernel: KernelProgram,
  resolver: TypeResolver,
  declaration: ts.ClassDeclaration,
  byteOrder: "little" | "big",
  diagnostics: ClassState["diagnostics"],
): Module | null {
  const owner: ClassState = {
    kernel,
    checker: kernel.checker,
    resolver,
    byteOrder,
    declaration,
    maps: new Map(),
    configs: new Map(),
    counters: new Map(),
    functions: new Map(),
    names: new Set(),
    queue: [],
    lowered: [],
    sources: [],
    diagnostics,
  };
  const before = diagnostics.length;
  const attempt = (body: () => void): void => {
    try {
      body();
    } catch (error) {
      if (!(error instanceof Rejection)) throw error;
      if (error.diagnostic !== null) diagnostics.push(error.diagnostic);
    }
  };
  let license = defaultLicense;
  attempt(() => {
    license = readLicense(owner);
    checkExport(owner);
    if (declaration.typeParameters !== undefined || declaration.heritageClauses !== undefined) {
      reject(
        declaration.name ?? declaration,
        "WG2009",
        "a kernel class has no type parameters and extends nothing",
      );
    }
  });
  // Maps and constants are symbols of the object as functions are: a function of the same name gets another.
  for (const { name } of declaration.members.filter(ts.isPropertyDeclaration))
    owner.names.add(name.getText());
  for (const member of declaration.members) attempt(() => readMember(owner, member));
  for (let entry = owner.queue.shift(); entry !== undefined; entry = owner.queue.shift())
    lowerFunction(owner, entry);
  reportRecursion(owner);
  if (diagnostics.length === before)
    diagnostics.push(...unreachable(owner), ...refusedHelpers(owner, license));
  if (diagnostics.length > before) return null;
  const order = [...owner.functions.values()].map(({ name }) => name);
  return {
    name: declaration.name?.text ?? "default",
    license,
    sources: owner.sources,
    functions: [...owner.lowered].sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name)),
    maps: [...owner.maps.values()],
    data: [...owner.configs.values(), ...owner.counters.values()],
  };
}

/** A class is exported under its own name: the module made for user space imports its type by it. */
function checkExport({ checker, declaration }: ClassState): void {
  const name =
    declaration.name ??
    reject(
      declaration.getFirstToken() ?? declaration,
      "WG2008",
      "a kernel class has a name",
      "write one after class",
    );
  const own = checker.getSymbolAtLocation(name);
  const module = checker.getSymbolAtLocation(declaration.getSourceFile());
  const exports = module === undefined ? [] : checker.getExportsOfModule(module);
  const names = exports
    .filter((symbol) => {
      const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      return own !== undefined && (target === own || target === checker.getExportSymbolOfSymbol(own));
    })
    .map((symbol) => symbol.name);
  if (names.includes(name.text)) return;
  if (names.length > 0)
    reject(
      name,
      "WG2008",
      `${name.text} is exported as ${names.join()}, and user space finds it by its own name`,
      `write export class ${name.text}`,
    );
  reject(name, "WG2008", `${name.text} is not exported, so nothing can load its programs`, "export it");
}

function readLicense(owner: ClassState): string {
  let license = defaultLicense;
  for (const decorator of decoratorsOf(owner, owner.declaration)) {
    if (decorator.name !== "program")
      reject(
        decorator.node,
        "WG2008",
        "this decorator has no meaning on a kernel class",
        "@program({ license }) is the one that has",
      );
    const options = decorator.args[0];
    for (const property of options !== undefined && ts.isObjectLiteralExpression(options)
      ? options.properties
      : []) {
      if (!ts.isPropertyAssignment(property) || !ts.isStringLiteral(property.initializer))
        reject(property, "WG2010", "the licence is a string literal");
      license = property.initializer.text;
    }
  }
  return license;
}

function readMember(owner: ClassState, member: ts.ClassElement): void {
  const modifiers = ts.canHaveModifiers(member) ? (ts.getModifiers(member) ?? []) : [];
  const isStatic = modifiers.some((modifier) => modifier.kind === K.StaticKeyword);
  if (ts.isSemicolonClassElement(member)) return;
  if (!isStatic || !(ts.isMethodDeclaration(member) || ts.isPropertyDeclaration(member))) {
    reject(
      member.name ?? member,
      "WG2009",
      "a kernel class has static methods and fields only",
      isStatic
        ? "write a method, which kernel code calls"
        : "there are no instances in kernel code: make it static",
    );
  }
  if (!ts.isIdentifier(member.name))
    reject(member.name, "WG2009", "a member of a kernel class has a plain name");
  if (!/^[A-Za-z_]\w*$/.test(member.name.text))
    reject(
      member.name,
      "WG2009",
      `${member.name.text} is not a name that the kernel takes`,
      "letters of ASCII, digits and _ make one",
    );
  for (const decorator of decoratorsOf(owner, member)) {
    if (decorator.name === null)
      reject(decorator.node, "WG2008", "this decorator is not of @waggle/kernel and would have no effect");
  }
  if (ts.isMethodDeclaration(member)) readMethod(owner, member, member.name.text);
  else readField(owner, member, member.name.text);
}

function readMethod(owner: ClassState, member: ts.MethodDeclaration, name: string): void {
  const [decorator, second] = decoratorsOf(owner, member);
  if (decorator === undefined || decorator.name === null) {
    // Compiled where it is called. Its name is kept for it.
    return;
  }
  if (second !== undefined)
    reject(
      second.node,
      "WG2008",
      "a program has one decorator",
      "write a method per program and share a function",
    );
  let section: string | null = null;
  if (decorator.name === "xdp") section = "xdp";
  if (decorator.name === "tracepoint") {
    const [category, event] = decorator.args;
    if (
      category === undefined ||
      event === undefined ||
      !ts.isStringLiteralLike(category) ||
      !ts.isStringLiteralLike(event)
    ) {
      reject(decorator.node, "WG2010", "the tracepoint is named by string literals");
    }
    section = `tracepoint/${category.text}/${event.text}`;
  }
  if (section === null) reject(decorator.node, "WG2008", `@${decorator.name} has no meaning on a method`);
  if (member.parameters.length === 0)
    reject(
      member.name,
      "WG2008",
      `${name} has no context parameter, by which user space knows what kind of program it is`,
      `add it: (ctx: ${contextType(section)})`,
    );
  owner.names.add(name);
  const entry = { name, declaration: member, section, callees: new Set<never>() };
  owner.functions.set(member, entry);
  owner.queue.push(entry);
}

/** The type of the context of a program in the given section. */
function contextType(section: string): string {
  const [kind, ...event] = section.split("/");
  return kind === "tracepoint" ? `TracepointContext<"${event.join("/")}">` : "XdpContext";
}

function readField(owner: ClassState, member: ts.PropertyDeclaration, name: string): void {
  const symbol = owner.checker.getSymbolAtLocation(member.name);
  const [decorator] = decoratorsOf(owner, member);
  const isReadonly = member.modifiers?.some((modifier) => modifier.kind === K.ReadonlyKeyword) ?? false;
  if (symbol === undefined) return;
  if (decorator !== undefined) {
    if (decorator.name !== "config")
      reject(decorator.node, "WG2008", `@${decorator.name} has no meaning on a field`);
    if (isReadonly)
      reject(member.name, "WG2008", `${name} is readonly, so the loader could not set it`, "remove readonly");
    owner.configs.set(symbol, readConfig(owner, member, name));
    return;
  }
  const { initializer } = member;
  if (initializer !== undefined && ts.isNewExpression(initializer)) {
    const kind = kernelName(owner, symbolOf(owner, initializer.expression));
    const type = kind === null ? undefined : kindsOfMaps[kind];
    if (type === undefined)
      reject(
        initializer,
        "WG1004",
        "new makes an object on a heap, which BPF does not have",
        "maps of @waggle/kernel are what a field can hold",
      );
    if (!isReadonly)
      reject(member.name, "WG2007", `${name} is a map and is never replaced`, "make it static readonly");
    owner.maps.set(symbol, readMap(owner, member, initializer, name, type));
    return;
  }
  if (!isReadonly)
    reject(
      member.name,
      "WG2009",
      `${name} is neither a map, nor @config, nor readonly`,
      "kernel code keeps what changes in maps",
    );
}

/** Evaluates an expression that must be known now. */
function evaluate(owner: ClassState, node: ts.Expression): { value: Value; fn: FunctionState } {
  const builder = new FunctionBuilder({
    name: "constant",
    section: null,
    inline: "auto",
    returns: null,
    prototype: { params: [], returns: null },
    location: null,
  });
  const method = ts.factory.createFunctionDeclaration(
    undefined,
    undefined,
    "constant",
    undefined,
    [],
    undefined,
    undefined,
  );
  const entry = { name: "constant", declaration: method, section: null, callees: new Set<never>() };
  const fn: FunctionState = {
    owner,
    entry,
    builder,
    bindings: new Map(),
    facts: [],
    loops: [],
    returns: { kind: "void", nullable: false },
  };
  return { value: lowerExpression(fn, node), fn };
}

/** A number that must be known now. */
function constantOf(owner: ClassState, node: ts.Expression): bigint {
  const { value } = evaluate(owner, node);
  if (value.kind === "constant") return value.value;
  if (value.kind === "scalar") {
    const { min, max } = boundsOf(value);
    if (min === max) return min;
  }
  return reject(node, "WG2010", "this must be a constant number");
}

function readMap(
  owner: ClassState,
  member: ts.PropertyDeclaration,
  initializer: ts.NewExpression,
  name: string,
  type: string,
): MapDefinition {
  const options = initializer.arguments?.[0];
  let maxEntries: bigint | null = null;
  const isRing = type === "ring-buffer";
  if (options === undefined || !ts.isObjectLiteralExpression(options))
    return reject(
      options ?? initializer,
      "WG2007",
      "a map's options are an object literal",
      "write { maxEntries: 1024 }",
    );
  for (const property of options.properties) {
    if (!ts.isPropertyAssignment(property))
      return reject(property, "WG2007", "a map's options are written out: name and value");
    maxEntries = constantOf(owner, property.initializer);
    const limit = 0xffff_ffffn;
    if (maxEntries < 1n || maxEntries > limit)
      reject(property.initializer, "WG2007", `${maxEntries} is not 1 to ${limit}`);
    if (isRing && (maxEntries & (maxEntries - 1n) || maxEntries < 4096n)) {
      reject(
        property.initializer,
        "WG2007",
        `a ring buffer of ${maxEntries} bytes: it must be a power of two and at least a page, 4096`,
        `use ${nextPower(maxEntries)}`,
      );
    }
  }
  if (maxEntries === null) return reject(options, "WG2007", "the map has no size");
  const facts = owner.checker.getTypeAtLocation(initializer);
  const mapSymbol = facts
    .getProperties()
    .find((property) => String(property.escapedName).startsWith("__@MAP@"));
  if (mapSymbol === undefined) return reject(initializer, "WG2007", "this is no map of @waggle/kernel");
  const shape = owner.checker.getNonNullableType(owner.checker.getTypeOfSymbol(mapSymbol));
  const part = (field: string) => {
    const symbol = owner.checker.getPropertyOfType(shape, field);
    if (symbol === undefined) return reject(initializer, "WG2007", `the map has no ${field} type`);
    return owner.resolver.data(
      owner.checker.getTypeOfSymbol(symbol),
      initializer.typeArguments?.[field === "value" ? initializer.typeArguments.length - 1 : 0] ??
        initializer,
    );
  };
  const value = part("value");
  // The kernel puts 8 bytes before each record.
  if (isRing && BigInt(sizeOf(value)) + 8n > maxEntries)
    reject(
      initializer,
      "WG2007",
      `a record takes ${sizeOf(value) + 8} bytes, and the buffer has ${maxEntries}: none would ever fit`,
      `use ${nextPower(BigInt(sizeOf(value)) + 8n)}`,
    );
  return {
    name,
    type,
    key: isRing ? null : part("key"),
    value: isRing ? null : value,
    maxEntries: Number(maxEntries),
    flags: 0,
    pinned: false,
    record: isRing ? value : null,
    location: locationOf(owner, member.name),
  };
}

function nextPower(value: bigint): bigint {
  let power = 4096n;
  while (power < value && power < 0x8000_0000n) power *= 2n;
  return power;
}

function readConfig(owner: ClassState, member: ts.PropertyDeclaration, name: string): DataDefinition {
  if (member.initializer !== undefined && ts.isNewExpression(member.initializer))
    return reject(
      member.name,
      "WG2008",
      `${name} is no constant`,
      "@config is for numbers and booleans: remove it",
    );
  const type = owner.resolver.data(owner.checker.getTypeAtLocation(member), member.type ?? member.name);
  if (type.kind !== "int")
    return reject(member.name, "WG2010", "a @config field is a number or a boolean for now");
  const initial = new Uint8Array(type.size);
  if (member.initializer !== undefined)
    writeNumber(initial, configNumber(owner, member.initializer, type), type, owner.byteOrder);
  return { name, section: ".rodata", type, initial };
}

function configNumber(owner: ClassState, node: ts.Expression, type: IntType): bigint {
  if (type.name === "bool") {
    if (node.kind === K.TrueKeyword) return 1n;
    if (node.kind === K.FalseKeyword) return 0n;
    return reject(node, "WG2010", "the initial value is true or false");
  }
  if (type.bigEndian) {
    const inner = ts.isCallExpression(node) ? node.arguments[0] : undefined;
    return inner === undefined
      ? reject(node, "WG2010", "the initial value is a conversion of a constant", "write be16(443)")
      : constantOf(owner, inner);
  }
  const { value, fn } = evaluate(owner, node);
  const { min, max } = boundsOf(coerce(fn, value, type, node));
  return min === max ? min : reject(node, "WG2010", "this must be a constant number");
}

function writeNumber(bytes: Uint8Array, value: bigint, type: IntType, byteOrder: "little" | "big"): void {
  const little = !type.bigEndian && byteOrder === "little";
  for (let index = 0; index < bytes.length; index += 1) {
    const shift = BigInt(8 * (little ? index : bytes.length - 1 - index));
    bytes[index] = Number((BigInt.asUintN(64, value) >> shift) & 0xffn);
  }
}

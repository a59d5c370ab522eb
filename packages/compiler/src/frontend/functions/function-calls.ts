/** Calls of the user's own functions. */

import ts from "#typescript";
import type { ValueId } from "../../ir/types.js";
import type { IntType, PointerType } from "../../types/data-type.js";
import { rangeOf } from "../../types/integers.js";
import { lowerExpression } from "../expressions/expressions.js";
import { reject } from "../rejections/rejection.js";
import type { Closure, FunctionNode, FunctionState } from "../state.js";
import { checkLayout, memoryAt, newSlot } from "../values/memory.js";
import { keptPointer } from "../values/references.js";
import type { ResolvedType } from "../values/resolve-type.js";
import { coerce, rejectValue, scalar } from "../values/scalars.js";
import type { MemoryValue, Range, Value } from "../values/value.js";
import { closureOf } from "./closures.js";
import { functionEntry, type Instance, instanceOf, nameOfFunction, withPlaces } from "./entries.js";
import { checkForm, formOf } from "./forms.js";
import { lowerCallee } from "./functions.js";
import { isOneLiner, lowerInPlace } from "./in-place.js";
import { mayIndex } from "./indexes.js";
import { bindParameter } from "./parameters.js";
import {
  givesCopy,
  isScalarType,
  parametersOf,
  registerOfResolved,
  type Signature,
  signatureOf,
  type ValueParameter,
} from "./signatures.js";

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
  return keptPointer(fn, value, node);
}

/** The value that a parameter of the type has: numbers take its width, and null becomes a reference. */
export function admitted(fn: FunctionState, value: Value, type: ResolvedType, node: ts.Node): Value {
  if (type.kind === "data" && (type.type.kind === "int" || type.type.kind === "pointer"))
    return coerce(fn, value, type.type, node);
  if (type.kind === "context")
    return value.kind === "context" ? value : reject(node, "WG1001", "a context is needed here");
  if (type.kind === "void") return reject(node, "WG1001", "nothing can be passed here");
  if (value.kind === "null")
    return memoryAt(type.type, fn.builder.nullPointer(), "unknown", { nullable: true });
  if (value.kind !== "memory") return rejectValue(value, node);
  checkLayout(value, type.type, node);
  return value;
}

/** A call of a function or static method that the user wrote. */
export function callFunction(
  fn: FunctionState,
  node: ts.CallExpression,
  declaration: ts.FunctionDeclaration | ts.MethodDeclaration,
): Value {
  const { owner } = fn;
  checkCallable(fn, node, declaration);
  const instance = instanceOf(fn, node, declaration);
  const signature = owner.resolver.within(instance.types, () => signatureOf(owner, declaration));
  checkForm(owner, declaration, signature);
  const values = signature.parameters.filter((parameter) => parameter.type !== null);
  const isInPlace = values.length < signature.parameters.length;
  if (!isInPlace && values.length > 5)
    reject(
      declaration.name ?? declaration,
      "WG1009",
      `${nameOfFunction(declaration)} has ${values.length} parameters, and BPF passes 5`,
      "pass a struct",
    );
  if (fn.lock !== null && formOf(owner, declaration) !== "auto")
    reject(
      node,
      "WG1001",
      `${nameOfFunction(declaration)} is a function of its own, and a lock is held here: the kernel then takes no call`,
      `remove @${formOf(owner, declaration)}: its body is then put in place of the call`,
    );
  const given = argumentsOf(fn, node, signature, instance);
  const form = formOf(owner, declaration);
  const places = placesOf(given);
  const inPacket =
    form === "global" ? new Map<number, MemoryValue>() : packetPlacesOf(fn, given, declaration);
  if (places.size > 0 && form === "global") rejectPart(given, nameOfFunction(declaration));
  if (
    isInPlace ||
    fn.lock !== null ||
    isOneLiner(owner, declaration) ||
    // The memory for the result takes an argument too.
    (signature.copies && values.length === 5) ||
    (form === "auto" && (places.size > 0 || inPacket.size > 0 || mayGivePart(signature)))
  )
    return callInPlace(fn, node, declaration, instance, signature, given);
  const entry = functionEntry(fn, node, declaration, withPlaces(instance, new Map([...places, ...inPacket])));
  if (entry.section !== null)
    reject(
      node,
      "WG1001",
      `${entry.name} is a program, which only the kernel calls`,
      "move what is shared to a function",
    );
  fn.entry.callees.add(entry);
  if (isScalarType(signature.result)) lowerCallee(owner, entry);
  const args = given.map(([parameter, value, place], index) =>
    places.has(index) && value.kind === "memory" ? value.pointer : passed(fn, value, parameter.type, place),
  );
  const { result } = signature;
  const { builder } = fn;
  if (signature.copies && (result.kind === "data" || result.kind === "ref")) {
    const copy = newSlot(fn, nameOfResult(node, entry.name), result.type);
    const all = [copy.pointer, ...args];
    if (!result.nullable) {
      builder.callVoid(entry.name, all);
      return copy;
    }
    return { ...copy, nullable: true, present: builder.call(entry.name, "i32", all) };
  }
  const register = registerOfResolved(result);
  if (register === null) {
    builder.callVoid(entry.name, args);
    return { kind: "void" };
  }
  const bounds = owner.results.get(entry) ?? null;
  return received(result, builder.call(entry.name, register, args), bounds, node);
}

/** Which arguments are memory of a context, by index: their functions know at what offsets they access it. */
const placesOf = (given: readonly Argument[]): ReadonlyMap<number, MemoryValue> =>
  new Map(
    given.flatMap(([, value], index) =>
      value.kind === "memory" && value.region === "context" ? [[index, value] as const] : [],
    ),
  );

/**
 * Which arguments are memory of a packet, where the function may index arrays by variables: it then knows that an element is to be compared
 * with the end of the packet. The verifier takes a global function's references for other memory.
 */
const packetPlacesOf = (
  fn: FunctionState,
  given: readonly Argument[],
  declaration: FunctionNode,
): ReadonlyMap<number, MemoryValue> =>
  new Map(
    given.flatMap(([{ type }, value], index) =>
      value.kind === "memory" &&
      value.region === "packet" &&
      (type.kind === "data" || type.kind === "ref") &&
      mayIndex(fn, declaration)
        ? [[index, memoryAt(type.type, value.pointer, "packet", { nullable: type.nullable })] as const]
        : [],
    ),
  );

/** Whether a function may give a part of a context that it takes. */
const mayGivePart = ({ parameters, result, copies }: Signature): boolean =>
  registerOfResolved(result) === "ptr" && !copies && parameters.some(({ type }) => type?.kind === "context");

function rejectPart(given: readonly Argument[], name: string): never {
  const part = given.find(([, value]) => value.kind === "memory" && value.region === "context");
  if (part === undefined) throw new TypeError("no argument is a part of a context");
  return reject(
    part[2],
    "WG1023",
    `${name} is @global: the verifier checks it alone, where no part of a context is known`,
    "use @noinline, or pass a copy: { ...value }",
  );
}

/** Bounds that the type keeps: what is given beyond them has been cut off. */
function within(type: IntType | PointerType, bounds: Range | null): Range | null {
  if (type.kind !== "int" || type.bigEndian || bounds === null) return null;
  const { min, max } = rangeOf(type);
  return bounds.min >= min && bounds.max <= max ? bounds : null;
}

/** What a register holds of the type. */
export function received(result: ResolvedType, id: ValueId, bounds: Range | null, node: ts.Node): Value {
  if (result.kind === "data" && (result.type.kind === "int" || result.type.kind === "pointer"))
    return scalar(result.type, id, within(result.type, bounds));
  if (result.kind === "data" || result.kind === "ref")
    return memoryAt(result.type, id, "unknown", { nullable: result.nullable });
  return reject(node, "WG1001", "a context is not returned");
}

/** What a result is called in memory: as the variable that it is for. */
export function nameOfResult(node: ts.Node, otherwise: string): string {
  const { parent } = node;
  return ts.isVariableDeclaration(parent) && ts.isIdentifier(parent.name) ? parent.name.text : otherwise;
}

/** Rejects what a BPF function cannot be. */
export function checkModifiers(declaration: FunctionNode): void {
  if (declaration.asteriskToken !== undefined)
    reject(
      declaration.name ?? declaration,
      "WG1007",
      "a generator stops and goes on, which a BPF program does not",
    );
  if (declaration.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword))
    reject(declaration.name ?? declaration, "WG1007", "a BPF program does not wait", "remove async");
}

function checkCallable(
  fn: FunctionState,
  node: ts.CallExpression,
  declaration: ts.FunctionDeclaration | ts.MethodDeclaration,
): void {
  checkModifiers(declaration);
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
  if (
    fn.owner.checker.getSignaturesOfType(
      fn.owner.checker.getTypeAtLocation(declaration),
      ts.SignatureKind.Call,
    ).length > 1
  )
    reject(
      node,
      "WG1001",
      `${nameOfFunction(declaration)} has overloads, and kernel code has one body for each name`,
      "make it generic, or give each its own name",
    );
}

/** A parameter, what it is given, and where that is written. */
type Argument = readonly [parameter: ValueParameter, value: Value, node: ts.Node];

/** Lowers the arguments of a call in order; parameters that are not given take their defaults. */
function argumentsOf(
  fn: FunctionState,
  node: ts.CallExpression,
  { parameters }: Signature,
  instance: Instance,
): Argument[] {
  const { owner } = fn;
  const found: Argument[] = [];
  // Defaults name earlier parameters: these are bound to what is passed.
  const bindings: FunctionState["bindings"] = new Map();
  for (const [index, parameter] of parameters.entries()) {
    if (parameter.type === null) continue;
    const { node: declared, type, name } = parameter;
    const given = node.arguments[index];
    const isGiven = given !== undefined && !(ts.isIdentifier(given) && given.text === "undefined");
    let value: Value;
    const expected = type.kind === "data" ? type.type : null;
    if (isGiven) {
      value = admitted(fn, lowerExpression(fn, given, expected), type, given);
    } else if (declared.initializer !== undefined) {
      const { initializer } = declared;
      const scope: FunctionState = {
        ...fn,
        entry: { ...fn.entry, types: instance.types },
        bindings,
        facts: [],
        loops: [],
      };
      value = owner.resolver.within(instance.types, () =>
        admitted(fn, lowerExpression(scope, initializer, expected), type, initializer),
      );
    } else if (type.nullable) {
      value = admitted(fn, { kind: "null" }, type, node);
    } else {
      value = reject(
        given ?? node,
        "WG1001",
        `${name} is not given`,
        `give it, or write a default: ${name} = …`,
      );
    }
    const symbol = owner.checker.getSymbolAtLocation(declared.name);
    if (symbol !== undefined) bindings.set(symbol, { kind: "value", value });
    found.push([parameter, value, given ?? node]);
  }
  return found;
}

/** Puts the body in place of the call: functions that take functions are compiled for those that they are given. */
function callInPlace(
  fn: FunctionState,
  node: ts.CallExpression,
  declaration: FunctionNode,
  instance: Instance,
  signature: Signature,
  bound: readonly Argument[],
): Value {
  const closures = signature.parameters.flatMap(({ node: declared, type }, index) => {
    const given = node.arguments[index];
    if (type !== null) return [];
    if (given === undefined)
      return reject(node, "WG1001", `${declared.name.getText()} is not given`, "give a function");
    return [[declared, closureOf(fn, given)] as const];
  });
  const target = { node: declaration, scope: null, types: instance.types };
  return lowerInPlace(fn, node, target, signature, (state) => {
    for (const [parameter, value] of bound) bindParameter(state, parameter.node, parameter.type, value);
    for (const [declared, closure] of closures) {
      const symbol = fn.owner.checker.getSymbolAtLocation(declared.name);
      if (symbol !== undefined) state.bindings.set(symbol, { kind: "closure", closure });
    }
  });
}

/** A call of a function that was given as an argument. */
export function callClosure(fn: FunctionState, node: ts.CallExpression, closure: Closure): Value {
  const { owner } = fn;
  const parameters = owner.resolver.within(closure.types, () => parametersOf(owner, closure.node));
  const declared = owner.checker.getResolvedSignature(node);
  if (declared === undefined) return reject(node, "WG1001", "the function has no signature");
  const result = owner.resolver.resolve(owner.checker.getReturnTypeOfSignature(declared), node);
  const values = parameters.map(({ node: parameter, type }, index) => {
    const given = node.arguments[index];
    if (type === null || given === undefined)
      return reject(
        given ?? node,
        "WG1005",
        "a function that is given to a function takes values",
        "name the function where it is called",
      );
    const expected = type.kind === "data" ? type.type : null;
    return [parameter, type, admitted(fn, lowerExpression(fn, given, expected), type, given)] as const;
  });
  // What is not taken is still computed.
  for (const given of node.arguments.slice(values.length)) lowerExpression(fn, given);
  const copies = givesCopy(owner, closure.node, result);
  return lowerInPlace(fn, node, closure, { result, copies }, (state) => {
    for (const [parameter, type, value] of values) bindParameter(state, parameter, type, value);
  });
}

/** Calls: of helpers and conversions, of maps' methods, of the user's functions. */
import ts from "typescript";
import type { ValueId } from "../ir/types.js";
import type { DataType, IntType, PointerType } from "../types/data-type.js";
import { integers } from "../types/integers.js";
import { sizeOf } from "../types/layout.js";
import { lowerExpression, packetBounds } from "./expressions.js";
import { globalHelp } from "./globals.js";
import { mapMethods } from "./map-calls.js";
import {
  addressOf,
  argumentAddress,
  boundedForVerifier,
  checkLayout,
  memoryAt,
  newSlot,
  nullableAddress,
  zeroMemory,
} from "./memory.js";
import { reject } from "./rejection.js";
import { opaquePointer, type ResolvedType } from "./resolve-type.js";
import { boundsOf, coerce, convert, isNumber, registerOf, rejectValue, scalar, solid } from "./scalars.js";
import { type FunctionEntry, type FunctionState, kernelName, symbolOf } from "./state.js";
import { textMethods } from "./text-calls.js";
import type { ContextValue, Value } from "./value.js";

type Call = (fn: FunctionState, node: ts.CallExpression) => Value;

/** A helper that takes nothing and gives a number. */
const plainHelpers: Readonly<Record<string, readonly [helper: string, result: IntType | PointerType]>> = {
  getCurrentPidTgid: ["bpf_get_current_pid_tgid", integers.u64],
  getCurrentUidGid: ["bpf_get_current_uid_gid", integers.u64],
  getCurrentTask: ["bpf_get_current_task", opaquePointer],
  getCurrentCgroupId: ["bpf_get_current_cgroup_id", integers.u64],
  ktimeGetNs: ["bpf_ktime_get_ns", integers.u64],
  ktimeGetBootNs: ["bpf_ktime_get_boot_ns", integers.u64],
  ktimeGetCoarseNs: ["bpf_ktime_get_coarse_ns", integers.u64],
  jiffies64: ["bpf_jiffies64", integers.u64],
  getSmpProcessorId: ["bpf_get_smp_processor_id", integers.u32],
  getNumaNodeId: ["bpf_get_numa_node_id", integers.u32],
  getPrandomU32: ["bpf_get_prandom_u32", integers.u32],
};
/** A helper that fills memory: (target, size, source). */
const readHelpers: Readonly<Record<string, string>> = {
  probeReadUser: "bpf_probe_read_user",
  probeReadKernel: "bpf_probe_read_kernel",
  probeReadUserStr: "bpf_probe_read_user_str",
  probeReadKernelStr: "bpf_probe_read_kernel_str",
};
const converters: Readonly<Record<string, IntType>> = {
  u8: integers.u8,
  u16: integers.u16,
  u32: integers.u32,
  u64: integers.u64,
  i8: integers.i8,
  i16: integers.i16,
  i32: integers.i32,
  i64: integers.i64,
  be16: integers.__be16,
  be32: integers.__be32,
  be64: integers.__be64,
};

/** The argument at `index`; TypeScript has checked the count. */
export function argument(node: ts.CallExpression, index: number): ts.Expression {
  const found = node.arguments[index];
  return found === undefined ? reject(node, "WG1001", "an argument is missing") : found;
}

/** The type argument of a call, laid out. */
function typeArgument(fn: FunctionState, node: ts.CallExpression): DataType {
  const { checker, resolver } = fn.owner;
  const given = node.typeArguments?.[0];
  if (given !== undefined) return resolver.data(checker.getTypeFromTypeNode(given), given);
  const type = checker.getContextualType(node);
  if (type === undefined) return reject(node, "WG2005", "the type is not known", "name it: <Type>");
  return resolver.data(checker.getNonNullableType(type), node);
}

function helperResult(
  fn: FunctionState,
  helper: string,
  args: ValueId[],
  type: IntType | PointerType,
): Value {
  const id = fn.builder.helper(helper, "i64", args);
  return scalar(type, registerOf(type) === "i64" ? id : fn.builder.unary("trunc32", id));
}

/** Memory that a helper writes: its address and size. */
function buffer(fn: FunctionState, node: ts.Expression): [ValueId, number] {
  const place = lowerExpression(fn, node);
  if (place.kind !== "memory") return rejectValue(place, node);
  if (place.readonly) reject(node, "WG1016", "kernel code cannot write here");
  return [addressOf(fn, place), sizeOf(place.type)];
}

const comm: Call = (fn, node) => {
  const [address, size] = buffer(fn, argument(node, 0));
  return helperResult(fn, "bpf_get_current_comm", [address, fn.builder.i64(size)], integers.i64);
};

const intrinsics: ReadonlyMap<string, Call> = new Map<string, Call>([
  ...Object.entries(plainHelpers).map(([name, [helper, type]]): [string, Call] => [
    name,
    (fn) => helperResult(fn, helper, [], type),
  ]),
  ...Object.entries(readHelpers).map(([name, helper]): [string, Call] => [
    name,
    (fn, node) => {
      const [address, size] = buffer(fn, argument(node, 0));
      const source = coerce(fn, lowerExpression(fn, argument(node, 1)), opaquePointer, argument(node, 1));
      return helperResult(fn, helper, [address, fn.builder.i64(size), source.id], integers.i64);
    },
  ]),
  ...Object.entries(converters).map(([name, type]): [string, Call] => [
    name,
    (fn, node) => {
      const value = lowerExpression(fn, argument(node, 0));
      if (value.kind !== "constant" && value.kind !== "scalar") rejectValue(value, argument(node, 0));
      return convert(fn, value, type, node);
    },
  ]),
  ["getCurrentComm", comm],
  ["currentComm", comm],
  [
    "redirect",
    (fn, node) => {
      const ifindex = coerce(fn, lowerExpression(fn, argument(node, 0)), integers.u32, argument(node, 0));
      const flags = coerce(fn, lowerExpression(fn, argument(node, 1)), integers.u64, argument(node, 1));
      return helperResult(
        fn,
        "bpf_redirect",
        [fn.builder.unary("zext32", ifindex.id), flags.id],
        integers.u32,
      );
    },
  ],
  [
    "sizeof",
    (fn, node) => ({ kind: "constant", value: BigInt(sizeOf(typeArgument(fn, node))), wide: false }),
  ],
  [
    "zeroed",
    (fn, node) => {
      const slot = newSlot(
        fn,
        ts.isVariableDeclaration(node.parent) ? node.parent.name.getText() : "zeroed",
        typeArgument(fn, node),
      );
      zeroMemory(fn, slot);
      return slot;
    },
  ],
]);

/** Any call. */
export function lowerCall(fn: FunctionState, node: ts.CallExpression): Value {
  const callee = ts.isParenthesizedExpression(node.expression) ? node.expression.expression : node.expression;
  if (
    node.questionDotToken !== undefined ||
    (ts.isPropertyAccessExpression(callee) && callee.questionDotToken !== undefined)
  )
    reject(node, "WG1001", "?. is not compiled yet", "compare with null in an if");
  const spread = node.arguments.find((item) => ts.isSpreadElement(item));
  if (spread !== undefined)
    reject(spread, "WG1001", "spread needs a heap, which BPF does not have", "name the arguments one by one");
  const name = ts.isPropertyAccessExpression(callee) ? callee.name : callee;
  const symbol = symbolOf(fn.owner, name);
  const isFunction = symbol !== null && (symbol.flags & ts.SymbolFlags.Function) !== 0;
  if (ts.isPropertyAccessExpression(callee) && !isFunction && kernelName(fn.owner, symbol) !== null) {
    return lowerMethod(fn, node, callee);
  }
  const intrinsic = kernelName(fn.owner, symbol) === null ? undefined : intrinsics.get(symbol?.name ?? "");
  if (intrinsic !== undefined) return intrinsic(fn, node);
  const declaration = symbol?.valueDeclaration;
  if (
    declaration !== undefined &&
    (ts.isFunctionDeclaration(declaration) || ts.isMethodDeclaration(declaration)) &&
    declaration.body !== undefined
  ) {
    return callFunction(fn, node, declaration);
  }
  if (
    declaration !== undefined &&
    ts.isVariableDeclaration(declaration) &&
    !declaration.getSourceFile().isDeclarationFile
  ) {
    reject(
      name,
      "WG1005",
      `${name.getText()} is a variable, and functions are not values in BPF`,
      "declare it: function name() { … }",
    );
  }
  return reject(
    name,
    "WG1013",
    `${(ts.isPropertyAccessExpression(callee) && ts.isIdentifier(callee.expression) ? callee : name).getText()} is not known to kernel code`,
    globalHelp(callee) ?? "call functions of kernel files and of @waggle/kernel",
  );
}

function lowerMethod(fn: FunctionState, node: ts.CallExpression, callee: ts.PropertyAccessExpression): Value {
  const owner = ts.isPropertyAccessExpression(callee.expression)
    ? symbolOf(fn.owner, callee.expression.name)
    : null;
  const map = owner === null ? undefined : fn.owner.maps.get(owner);
  const method = callee.name.text;
  if (map !== undefined) {
    const lower = mapMethods[method];
    return lower === undefined
      ? reject(callee.name, "WG1013", `maps have no ${method} in kernel code`)
      : lower(fn, node, map);
  }
  if (owner?.valueDeclaration !== undefined && ts.isPropertyDeclaration(owner.valueDeclaration)) {
    reject(
      callee.expression,
      "WG2007",
      `${callee.expression.getText()} is a map of another class or not a map`,
      "a class uses its own maps",
    );
  }
  const object = lowerExpression(fn, callee.expression);
  if (object.kind === "context" && method === "at") return packetRead(fn, node, object);
  if (object.kind === "memory" && object.type.kind === "array" && object.type.text) {
    const lower = textMethods[method];
    if (lower !== undefined) return lower(fn, node, object);
  }
  return reject(callee.name, "WG1013", `${method} is not known to kernel code`);
}

/** Offsets in a packet are below 64 KiB; the verifier wants to see that a variable one is. */
const largestOffset = 0xffffn;

function packetRead(fn: FunctionState, node: ts.CallExpression, context: ContextValue): Value {
  const { builder } = fn;
  const type = typeArgument(fn, node);
  const size = BigInt(sizeOf(type));
  const given = argument(node, 0);
  const offset = lowerExpression(fn, given);
  if (!isNumber(offset)) return rejectValue(offset, given);
  const { min, max } = boundsOf(offset);
  if (size > largestOffset)
    reject(node, "WG2001", `${size} bytes are more than a packet has`, `at most ${largestOffset}`);
  if (offset.kind === "constant" && (min < 0n || max + size > largestOffset)) {
    reject(given, "WG2001", `a packet has no offset ${min}`, "offsets are 0 to 65535");
  }
  const check = (start: ValueId, bytes: ValueId | bigint): { pointer: ValueId; present: ValueId } => {
    const pointer = builder.offset(start, bytes);
    return { pointer, present: builder.compare("ule", builder.offset(pointer, size), end) };
  };
  const [data, end] = packetBounds(fn, context);
  if (min === max && min >= 0n && max + size <= largestOffset)
    return memoryAt(type, ...spreadCheck(check(data, min)));
  const number = solid(fn, offset, given);
  const wide =
    number.type.kind === "int" && number.type.size === 8 ? number.id : builder.unary("zext32", number.id);
  if (min >= 0n && max + size <= largestOffset)
    return memoryAt(type, ...spreadCheck(check(data, boundedForVerifier(fn, wide, max))));
  const [inside, found, missing, join] = [builder.block(), builder.block(), builder.block(), builder.block()];
  builder.branch(builder.compare("ule", wide, builder.i64(largestOffset - size)), inside, missing);
  builder.switchTo(inside);
  const { pointer, present } = check(data, wide);
  builder.branch(present, found, missing);
  builder.switchTo(found);
  builder.jump(join, [pointer]);
  builder.switchTo(missing);
  builder.jump(join, [builder.nullPointer()]);
  const result = builder.param(join, "ptr");
  builder.switchTo(join);
  return memoryAt(type, result, "packet", { nullable: true });
}

function spreadCheck(check: {
  pointer: ValueId;
  present: ValueId;
}): [ValueId, "packet", { nullable: true; present: ValueId }] {
  return [check.pointer, "packet", { nullable: true, present: check.present }];
}

/** The function of a declaration, to be lowered if it is not yet. */
export function functionEntry(
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

function callFunction(
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

/** What programs read and write of their context. */

import type { ContextField } from "@waggle/object";
import ts from "#typescript";
import { integers } from "../../types/integers.js";
import { reject } from "../rejections/rejection.js";
import type { FunctionState } from "../state.js";
import { fieldOf, loadScalar, memoryAt, readPlace } from "../values/memory.js";
import { scalar } from "../values/scalars.js";
import type { ContextValue, MemoryValue, Value } from "../values/value.js";
import { contextArgument, functionResult } from "./arguments.js";
import { packetBounds } from "./packet-bounds.js";
import { registerField } from "./registers.js";
import { fieldType, numberOf, ownStruct } from "./shapes.js";

/** A property of a program's context: `ctx.name`. */
export function contextField(fn: FunctionState, object: ContextValue, name: string, node: ts.Node): Value {
  const { program } = object.context;
  if (name === "args" && program.context !== "struct" && program.context !== "record")
    return { kind: "arguments", context: object, type: typeOfMember(fn, name, node) };
  if (program.context === "arguments" && name === "result") return functionResult(fn, object, node);
  if (program.context === "own") return readPlace(fn, ownInput(fn, object, name, node));
  if (program.context === "registers") return registerField(fn, object, name, node);
  if (program.context === "record") return readPlace(fn, fieldOf(contextMemory(object), name, node));
  if (object.context.layout?.name === "xdp_md" && name === "length") return packetLength(fn, object);
  const field = fieldNamed(object, name);
  if (field === null) return reject(node, "WG1001", `${name} of the context is a method`, "call it");
  if (field.pointer !== null) return structBehind(fn, object, field, node);
  const place = placeOf(object, field);
  if (place.type.kind !== "int") return place;
  return scalar(numberOf(field), loadScalar(fn, place, place.type).id);
}

/** A member of what `ctx.args` gives. */
export const argumentNamed = (
  fn: FunctionState,
  value: Value & { readonly kind: "arguments" },
  name: string,
  node: ts.Node,
): Value => contextArgument(fn, value.context, value.type, name, node);

/** The place of a context's field that is written. What may be, TypeScript has checked. */
export function contextPlace(object: ContextValue, name: string, node: ts.Node): MemoryValue {
  const field = object.context.program.context === "struct" ? fieldNamed(object, name) : null;
  if (field === null || field.pointer !== null)
    return reject(node, "WG1016", "this part of the context cannot be written");
  return placeOf(object, field);
}

/** What user space gave, which is all of the context. */
function ownInput(fn: FunctionState, object: ContextValue, name: string, node: ts.Node): MemoryValue {
  const type = fn.owner.resolver.data(typeOfMember(fn, name, node), node);
  return memoryAt(type, object.pointer, "context", { align: 8 });
}

const fieldNamed = ({ context }: ContextValue, title: string): ContextField | null =>
  context.layout?.fields.find((field) => field.title === title) ?? null;

const contextMemory = ({ context, pointer }: ContextValue): MemoryValue =>
  memoryAt(context.type, pointer, "context", { align: 8, readonly: true });

const placeOf = ({ pointer }: ContextValue, field: ContextField): MemoryValue =>
  memoryAt(fieldType(field), pointer, "context", { displacement: field.offset, align: field.width });

/** The struct that a context leads to. */
function structBehind(fn: FunctionState, object: ContextValue, field: ContextField, node: ts.Node): Value {
  const type = ownStruct(field.pointer === "flow-keys" ? "bpf_flow_keys" : "bpf_sock");
  if (type === null || (field.pointer !== "flow-keys" && field.pointer !== "sock"))
    return reject(node, "WG1001", "the packet is read with ctx.at<T>(offset)");
  const pointer = fn.builder.load("ptr", object.pointer, {
    width: 8,
    region: "context",
    displacement: field.offset,
  });
  const nullable = isNullable(fn, node);
  if (nullable && isNarrowed(fn, node))
    reject(
      node,
      "WG1001",
      `${node.getText()} is read anew here, and the verifier wants to see that it is not null`,
      `keep it: const ${field.title} = ${node.getText()}; and compare that with null`,
    );
  // `__sk_buff` leads to a socket of any kind (`PTR_TO_SOCK_COMMON_OR_NULL`), other contexts to a full one.
  const isAny = field.pointer === "sock" && object.context.layout?.name === "__sk_buff";
  return memoryAt(type, pointer, "context", {
    nullable,
    readonly: field.pointer !== "flow-keys",
    ...(isAny && { object: "sock-common" }),
  });
}

function isNullable({ owner: { checker } }: FunctionState, node: ts.Node): boolean {
  const symbol = checker.getSymbolAtLocation(ts.isPropertyAccessExpression(node) ? node.name : node);
  if (symbol === undefined) return false;
  const type = checker.getTypeOfSymbol(symbol);
  return checker.getNonNullableType(type) !== type;
}

function isNarrowed({ owner: { checker } }: FunctionState, node: ts.Node): boolean {
  const type = checker.getTypeAtLocation(node);
  return checker.getNonNullableType(type) === type;
}

function typeOfMember({ owner: { checker } }: FunctionState, name: string, node: ts.Node): ts.Type {
  const symbol = checker.getSymbolAtLocation(ts.isPropertyAccessExpression(node) ? node.name : node);
  return symbol === undefined
    ? reject(node, "WG1001", `${name} of the context is not known`)
    : checker.getTypeOfSymbol(symbol);
}

function packetLength(fn: FunctionState, object: ContextValue): Value {
  const { builder } = fn;
  const [data, end] = packetBounds(fn, object);
  const bytes = builder.binary("sub", builder.unary("ptrtoint", end), builder.unary("ptrtoint", data));
  return scalar(integers.u32, builder.unary("trunc32", bytes));
}

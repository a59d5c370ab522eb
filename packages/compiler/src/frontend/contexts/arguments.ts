/** Arguments of functions, hooks and tracepoints: `ctx.args.name`. */

import ts from "#typescript";
import type { ValueId } from "../../ir/types.js";
import type { IntType } from "../../types/data-type.js";
import { integers } from "../../types/integers.js";
import { sizeOf } from "../../types/layout.js";
import { argument, type Call, typeArgument } from "../calls/arguments.js";
import { lowerExpression } from "../expressions/expressions.js";
import { kernelStruct } from "../kernel-types/declared-types.js";
import { kernelAt } from "../kernel-types/kernel-memory.js";
import { reject } from "../rejections/rejection.js";
import type { FunctionState } from "../state.js";
import { argumentAddress, memoryAt } from "../values/memory.js";
import { convertInt, rejectValue, scalar } from "../values/scalars.js";
import type { ContextValue, Value } from "../values/value.js";
import { readArgument, readSystemCallArgument } from "./registers.js";

/** Whether the verifier knows what the arguments point to, so that loads may follow them. */
const isTyped = ({ context: { program } }: ContextValue): boolean =>
  program.context === "arguments" && !program.name.startsWith("raw-tracepoint");

/** The argument of the name; `type` declares them all, in order. */
export function contextArgument(
  fn: FunctionState,
  object: ContextValue,
  type: ts.Type,
  name: string,
  node: ts.Node,
): Value {
  const { checker } = fn.owner;
  const parameters = checker.getPropertiesOfType(type);
  const index = parameters.findIndex((parameter) => parameter.name === name);
  const parameter = parameters[index];
  if (parameter === undefined) return reject(node, "WG1013", `there is no argument ${name}`);
  return typed(fn, object, index, checker.getTypeOfSymbol(parameter), node);
}

/** What the function gave, which lies behind its arguments. */
export function functionResult(fn: FunctionState, object: ContextValue, node: ts.Node): Value {
  const { checker } = fn.owner;
  const context = ts.isPropertyAccessExpression(node) ? checker.getTypeAtLocation(node.expression) : null;
  const args = context === null ? undefined : checker.getPropertyOfType(context, "args");
  const result = context === null ? undefined : checker.getPropertyOfType(context, "result");
  if (args === undefined || result === undefined)
    return reject(node, "WG1001", "the result is read of the context", "write ctx.result");
  const count = checker.getPropertiesOfType(checker.getTypeOfSymbol(args)).length;
  return typed(fn, object, count, checker.getTypeOfSymbol(result), node);
}

/** The argument at an index as a value of the type that TypeScript gives it. */
function typed(fn: FunctionState, object: ContextValue, index: number, type: ts.Type, node: ts.Node): Value {
  const { builder, owner } = fn;
  const struct = kernelStruct(owner, type, node);
  if (struct !== null && isTyped(object)) {
    const options = { width: 8, region: "context", displacement: index * 8 } as const;
    const pointer = builder.load("ptr", object.pointer, options);
    if (object.context.program.name === "iter" && index > 0) endWithout(fn, pointer);
    return kernelAt(struct, pointer, true);
  }
  const id = rawArgument(fn, object, index, node);
  if (struct !== null) return kernelAt(struct, id, false);
  return asType(fn, id, type, node);
}

/** After the last thing an iterator is called once more, without one: the verifier wants to see that it is not followed. */
function endWithout({ builder }: FunctionState, pointer: ValueId): void {
  const [there, missing] = [builder.block(), builder.block()];
  builder.branch(builder.compare("ne", pointer, builder.nullPointer()), there, missing);
  builder.switchTo(missing);
  builder.return(builder.i32(0));
  builder.switchTo(there);
}

/** What the iterator's text is added to: `meta->seq`. */
export const sequenceWrite: (object: ContextValue) => Call = (object) => (fn, node) => {
  const { builder } = fn;
  const given = argument(node, 0);
  const record = lowerExpression(fn, given);
  if (record.kind !== "memory") return rejectValue(record, given);
  const meta = builder.load("ptr", object.pointer, { width: 8, region: "context", displacement: 0 });
  const sequence = builder.load("ptr", meta, { width: 8, region: "kernel" });
  const address = argumentAddress(fn, record, record.type, "record", given);
  const args = [sequence, address, builder.i64(sizeOf(record.type))];
  return scalar(
    integers.i64,
    builder.unary("sext32", builder.unary("trunc32", builder.helper("bpf_seq_write", "i64", args))),
  );
};

/** `ctx.writable<T>()`: what the first argument points to, which the tracepoint lets be changed. */
export const writableArgument: (object: ContextValue) => Call = (object) => (fn, node) => {
  const type = typeArgument(fn, node);
  const pointer = fn.builder.load("ptr", object.pointer, { width: 8, region: "context", displacement: 0 });
  return memoryAt(type, pointer, "map", { align: 8 });
};

/** The 64 bits of an argument. */
function rawArgument(fn: FunctionState, object: ContextValue, index: number, node: ts.Node): ValueId {
  const { context, name } = object.context.program;
  if (name === "ksyscall") return readSystemCallArgument(fn, object, index, node);
  if (context === "registers") return readArgument(fn, object, index, node);
  return fn.builder.load("i64", object.pointer, { width: 8, region: "context", displacement: index * 8 });
}

/** 64 bits as a number or an address of the given type: what a register has above a narrow number is chance. */
export function asType(fn: FunctionState, id: ValueId, type: ts.Type, node: ts.Node): Value {
  const data = fn.owner.resolver.data(type, node);
  if (data.kind === "pointer") return scalar(data, id);
  if (data.kind !== "int")
    return reject(node, "WG2005", "an argument is a number or an address", "declare it as one");
  return convertInt(fn, scalar(integers.u64, id), data satisfies IntType);
}

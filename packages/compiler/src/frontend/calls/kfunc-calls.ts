/** `kfuncs.bpf_task_from_pid(pid)`: functions of the kernel, called as they are. */

import { kernelFactName, kernelHas } from "@waggle/object";
import ts from "#typescript";
import type { ValueId } from "../../ir/types.js";
import type { DataType, StructType } from "../../types/data-type.js";
import { integers } from "../../types/integers.js";
import { newerKernel } from "../classes/class-rules.js";
import { lowerExpression } from "../expressions/expressions.js";
import { kernelStruct } from "../kernel-types/declared-types.js";
import { asKernel, kernelAt, trustedAddress } from "../kernel-types/kernel-memory.js";
import { reject } from "../rejections/rejection.js";
import { type FunctionState, kernelName, symbolOf } from "../state.js";
import { addressOf, memoryAt } from "../values/memory.js";
import { boolean, coerce, convertInt, rejectValue, scalar } from "../values/scalars.js";
import type { Value } from "../values/value.js";

const since = "5.13";

/** A pointer to a struct of the kernel, of which only the name counts. */
function pointerTo(name: string): DataType {
  const struct: StructType = {
    kind: "struct",
    name: name.replace(/___.*$/, ""),
    union: false,
    fields: [],
    size: 0,
    align: 1,
  };
  return { kind: "pointer", to: () => struct };
}

interface Argument {
  readonly id: ValueId;
  /** As the function's prototype in the object has it. */
  readonly type: DataType;
}

function lowerArgument(fn: FunctionState, node: ts.Expression, wanted: ts.Type): Argument {
  const { builder, owner } = fn;
  const declared = owner.checker.getNonNullableType(wanted);
  const struct = kernelStruct(owner, declared, node);
  if (node.kind === ts.SyntaxKind.NullKeyword)
    return {
      id: builder.nullPointer(),
      type: struct === null ? { kind: "pointer", to: null } : pointerTo(struct.name),
    };
  if (struct !== null) {
    const place = asKernel(owner, lowerExpression(fn, node), declared, node);
    if (place?.trusted !== true)
      return reject(
        node,
        "WG1001",
        "the verifier does not trust this pointer",
        "pass what an argument of the program, another kernel function or currentTask() gives",
      );
    return { id: trustedAddress(fn, place), type: pointerTo(struct.name) };
  }
  const value = lowerExpression(fn, node);
  if (value.kind === "context")
    return { id: value.pointer, type: { kind: "pointer", to: () => value.context.type } };
  if (value.kind === "memory") {
    const { type } = value;
    return { id: addressOf(fn, value), type: { kind: "pointer", to: () => type } };
  }
  const type = owner.resolver.data(declared, node);
  if (type.kind !== "int") return rejectValue(value, node);
  const number = coerce(fn, value, type, node);
  return { id: convertInt(fn, number, type.signed ? integers.i64 : integers.u64).id, type };
}

/** The machine's convention leaves the bits above a narrow result to chance. */
const bitsOf = ({ builder }: FunctionState, low: ValueId, size: 1 | 2): ValueId =>
  builder.binary("and", low, builder.i32(size === 1 ? 0xff : 0xffff));

/** The boolean that a function of the kernel gives in a register. */
export const booleanOf = (fn: FunctionState, low: ValueId): Value =>
  boolean(fn.builder.compare("ne", bitsOf(fn, low, 1), fn.builder.i32(0)));

/** Lowers a call of a method of `kfuncs`; null for other calls. */
export function kfuncCall(
  fn: FunctionState,
  node: ts.CallExpression,
  callee: ts.PropertyAccessExpression,
): Value | null {
  const { builder, owner } = fn;
  const { checker } = owner;
  const object = ts.isPropertyAccessExpression(callee.expression)
    ? callee.expression.name
    : callee.expression;
  if (kernelName(owner, symbolOf(owner, object)) !== "kfuncs") return null;
  const name = callee.name.text;
  if (!kernelHas(owner.target.kernel, since))
    reject(
      callee.name,
      "WG2015",
      `programs call functions of the kernel from ${since} on`,
      newerKernel(owner, since),
    );
  if (node.arguments.length > 5)
    reject(node, "WG1001", "a function of the kernel takes five arguments at most");
  const parameters = checker.getResolvedSignature(node)?.getParameters() ?? [];
  const args = node.arguments.map((given, index) => {
    const parameter = parameters[index];
    if (parameter === undefined) throw new TypeError("TypeScript counts arguments");
    return lowerArgument(fn, given, checker.getTypeOfSymbolAtLocation(parameter, node));
  });
  const declare = (returns: DataType | null): void => {
    const params = args.map(({ type }, index) => ({ name: parameters[index]?.name ?? "", type }));
    const weak = (): boolean => owner.ownData.has(kernelFactName("kfunc", name));
    owner.externs.set(name, { name, prototype: { params, returns }, weak });
  };
  const ids = args.map(({ id }) => id);
  const given = checker.getTypeAtLocation(node);
  if (given.flags & (ts.TypeFlags.Void | ts.TypeFlags.Undefined)) {
    declare(null);
    builder.kfuncVoid(name, ids);
    return { kind: "void" };
  }
  const type = checker.getNonNullableType(given);
  const nullable = type !== given;
  const struct = kernelStruct(owner, type, node);
  if (struct !== null) {
    declare(pointerTo(struct.name));
    return { ...kernelAt(struct, builder.kfunc(name, "ptr", ids), true), nullable };
  }
  const resolved = owner.resolver.resolve(type, node);
  if (resolved.kind === "data" && resolved.type.kind === "int" && !resolved.type.bigEndian) {
    const number = resolved.type;
    declare(number);
    if (number.size === 8) return scalar(number, builder.kfunc(name, "i64", ids));
    const low = builder.kfunc(name, "i32", ids);
    if (number.size === 4) return scalar(number, low);
    if (number.name === "bool") return booleanOf(fn, low);
    return convertInt(
      fn,
      scalar(number.size === 1 ? integers.u8 : integers.u16, bitsOf(fn, low, number.size)),
      number,
    );
  }
  if (resolved.kind !== "data" && resolved.kind !== "ref")
    return reject(node, "WG2005", "the type of the result is not known");
  const memory = resolved.type;
  declare({ kind: "pointer", to: () => memory });
  return memoryAt(memory, builder.kfunc(name, "ptr", ids), "unknown", { nullable });
}

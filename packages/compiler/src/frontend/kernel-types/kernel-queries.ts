/** Questions about the kernel's types, and where places in its memory come from: functions of @waggle/kernel. */
import { CoreKind, helperKindOf, helperSince, kernelHas, sectionByName } from "@waggle/object";
import type ts from "#typescript";
import { integers } from "../../types/integers.js";
import { argument, type Call, literalText } from "../calls/arguments.js";
import { lowerExpression } from "../expressions/expressions.js";
import { reject } from "../rejections/rejection.js";
import type { FunctionEntry, FunctionState } from "../state.js";
import { opaquePointer } from "../values/resolve-type.js";
import { boolean, coerce, rejectValue, scalar } from "../values/scalars.js";
import type { Value } from "../values/value.js";
import { enumMember, kernelStruct, memberOf } from "./declared-types.js";
import { askField, kernelAddress, kernelAt } from "./kernel-memory.js";
import type { LocalStruct } from "./local-types.js";

function typeGiven(fn: FunctionState, node: ts.CallExpression): ts.Type {
  const given = node.typeArguments?.[0];
  if (given === undefined)
    return reject(node, "WG2005", "the type is not named", `write ${node.expression.getText()}<Type>(…)`);
  return fn.owner.checker.getTypeFromTypeNode(given);
}

function structGiven(fn: FunctionState, node: ts.CallExpression): LocalStruct {
  const struct = kernelStruct(fn.owner, typeGiven(fn, node), node);
  return (
    struct ??
    reject(
      node.typeArguments?.[0] ?? node,
      "WG2005",
      "this is no type of the kernel, so its layout is the same everywhere",
      'sizeof<T>() is a constant; kernel types extend KernelStruct<"name">',
    )
  );
}

/** The indexes of a path such as "se.vruntime". */
function accessOf(fn: FunctionState, struct: LocalStruct, path: ts.Expression): number[] {
  const access: number[] = [];
  let at: LocalStruct | null = struct;
  for (const name of literalText(path).split(".")) {
    if (at === null)
      return reject(
        path,
        "WG1013",
        `${name} is not a field of a struct`,
        "a pointer is not followed here: ask its own type",
      );
    const found: ReturnType<typeof memberOf> = memberOf(fn.owner, at, name, path);
    access.push(found.index);
    at = found.type.kind === "struct" ? found.type.struct : null;
  }
  return access;
}

/** Asks one thing of a type, another of a field. */
function ask(fn: FunctionState, node: ts.CallExpression, ofType: CoreKind, ofField: CoreKind): Value {
  const struct = structGiven(fn, node);
  const path = node.arguments[0];
  const id =
    path === undefined
      ? fn.builder.relocated("i64", { kind: ofType, root: struct.handle, access: "0", fallback: 0n })
      : askField(fn, ofField, struct, accessOf(fn, struct, path));
  return scalar(integers.u32, fn.builder.unary("trunc32", id), { min: 0n, max: 0x7fff_ffffn });
}

function askEnum(fn: FunctionState, node: ts.CallExpression, kind: CoreKind): Value {
  const name = argument(node, 0);
  const { root, index } = enumMember(fn.owner, typeGiven(fn, node), literalText(name), name);
  const relocation = { kind, root: root.handle, access: String(index), fallback: 0n };
  return scalar(integers.u64, fn.builder.relocated("i64", relocation));
}

function flag(fn: FunctionState, value: Value): Value {
  if (value.kind !== "scalar") throw new TypeError("an answer is a number");
  const { builder } = fn;
  const zero = builder.typeOf(value.id) === "i64" ? builder.i64(0) : builder.i32(0);
  return boolean(builder.compare("ne", value.id, zero));
}

/** The kinds of programs that reach the function being lowered are known for programs themselves only. */
function programKind({ section }: FunctionEntry): string | null {
  const match = section === null ? null : sectionByName(section);
  return match === null ? null : helperKindOf(match.kind);
}

/** By the function's name in @waggle/kernel. */
export const kernelQueries: Readonly<Record<string, Call>> = {
  exists: (fn, node) => flag(fn, ask(fn, node, CoreKind.TypeExists, CoreKind.FieldExists)),
  sizeOf: (fn, node) => ask(fn, node, CoreKind.TypeSize, CoreKind.FieldByteSize),
  offsetOf: (fn, node) => ask(fn, node, CoreKind.TypeExists, CoreKind.FieldByteOffset),
  enumExists: (fn, node) => flag(fn, askEnum(fn, node, CoreKind.EnumValueExists)),
  enumValue: (fn, node) => askEnum(fn, node, CoreKind.EnumValue),
  flavour: (fn, node) => {
    const struct = structGiven(fn, node);
    const given = argument(node, 0);
    const value = lowerExpression(fn, given);
    if (value.kind === "kernel" && value.access.length === 0)
      return kernelAt(struct, value.base, value.trusted);
    if (value.kind === "kernel") return kernelAt(struct, kernelAddress(fn, value), false);
    return kernelAt(struct, coerce(fn, value, opaquePointer, given).id, false);
  },
  currentTask: (fn, node) => {
    const type = fn.owner.checker.getTypeAtLocation(node);
    const struct = kernelStruct(fn.owner, type, node);
    if (struct === null || node.typeArguments === undefined)
      return reject(node, "WG2005", "the task's type is not named", "write currentTask<task_struct>()");
    const kind = programKind(fn.entry);
    const since = kind === null ? null : helperSince(kind, "bpf_get_current_task_btf");
    const isTrusted = since !== null && since !== "unknown" && kernelHas(fn.owner.target.kernel, since);
    const helper = isTrusted ? "bpf_get_current_task_btf" : "bpf_get_current_task";
    return kernelAt(struct, fn.builder.helper(helper, isTrusted ? "ptr" : "i64", []), isTrusted);
  },
  isNull: (fn, node) => {
    const given = argument(node, 0);
    const value = lowerExpression(fn, given);
    if (value.kind !== "kernel" && !(value.kind === "scalar" && value.type.kind === "pointer"))
      return rejectValue(value, given);
    const address = value.kind === "kernel" ? kernelAddress(fn, value) : value.id;
    return boolean(fn.builder.compare("eq", address, fn.builder.i64(0)));
  },
};

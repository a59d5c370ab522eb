/** `kconfig`, `ksym` and `kfuncExists`: constants of the object that the loader finds out from the kernel. */

import { type KernelFactKind, kernelFactName } from "@waggle/object";
import type ts from "typescript";
import type { DataType } from "../../types/data-type.js";
import { integers } from "../../types/integers.js";
import { sizeOf } from "../../types/layout.js";
import { kernelStruct } from "../kernel-types/declared-types.js";
import { kernelAt } from "../kernel-types/kernel-memory.js";
import { reject } from "../rejections/rejection.js";
import type { FunctionState } from "../state.js";
import { memoryAt, readPlace } from "../values/memory.js";
import { opaquePointer } from "../values/resolve-type.js";
import type { Value } from "../values/value.js";
import { argument, type Call, literalText, typeArgument } from "./arguments.js";

function nameGiven(node: ts.CallExpression): string {
  const given = argument(node, 0);
  const name = literalText(given);
  return /^[A-Za-z_]\w*$/.test(name) ? name : reject(given, "WG2010", "the kernel has no such name");
}

/** The constant, declared in the object from now on. */
function fact(fn: FunctionState, kind: KernelFactKind, about: string, type: DataType): Value {
  const name = kernelFactName(kind, about);
  const { ownData } = fn.owner;
  const known = ownData.get(name);
  const data = known ?? {
    name,
    section: ".rodata",
    type,
    initial: new Uint8Array(sizeOf(type)),
    mutable: false,
    isPrivate: true,
  };
  ownData.set(name, data);
  return readPlace(fn, memoryAt(data.type, fn.builder.global(name), "readonly", { readonly: true }));
}

const isAnswer = (type: DataType): boolean =>
  (type.kind === "int" && !type.bigEndian) || (type.kind === "array" && type.text);

/** By the function's name in @waggle/kernel. */
export const factCalls: Readonly<Record<string, Call>> = {
  kfuncExists: (fn, node) => fact(fn, "kfunc", nameGiven(node), integers.bool),
  kconfig: (fn, node) => {
    const type = typeArgument(fn, node);
    if (!isAnswer(type))
      reject(node, "WG2005", "an option is a boolean, an integer or a CString", 'kconfig<u32>("CONFIG_HZ")');
    const about = nameGiven(node);
    const known = fn.owner.ownData.get(kernelFactName("kconfig", about));
    if (known !== undefined && JSON.stringify(known.type) !== JSON.stringify(type))
      reject(node, "WG2005", `${about} is asked for as another type elsewhere`, "ask for it as one type");
    return fact(fn, "kconfig", about, type);
  },
  ksym: (fn, node) => {
    const address = fact(fn, "ksym", nameGiven(node), opaquePointer);
    const given = node.typeArguments?.[0];
    const { checker } = fn.owner;
    const struct =
      given === undefined ? null : kernelStruct(fn.owner, checker.getTypeFromTypeNode(given), given);
    return struct !== null && address.kind === "scalar" ? kernelAt(struct, address.id, false) : address;
  },
};

/** The CPU's registers of a program that interrupts a function. */

import { CoreKind, type RegisterLayout, registerLayouts, X64_REGISTER } from "@waggle/object";
import ts from "#typescript";
import type { ValueId } from "../../ir/types.js";
import { integers } from "../../types/integers.js";
import { argument, type Call } from "../calls/arguments.js";
import { lowerExpression } from "../expressions/expressions.js";
import { askField } from "../kernel-types/kernel-memory.js";
import { localStruct } from "../kernel-types/local-types.js";
import { reject } from "../rejections/rejection.js";
import type { ClassState, FunctionState } from "../state.js";
import { newSlot, zeroMemory } from "../values/memory.js";
import { scalar } from "../values/scalars.js";
import type { ContextValue, Value } from "../values/value.js";
import { asType } from "./arguments.js";

/** Offset of a field in the registers of a processor. */
type Where = (layout: RegisterLayout) => number;

const fields: Readonly<Record<string, Where>> = {
  ip: ({ ip }) => ip,
  sp: ({ sp }) => sp,
  result: ({ result }) => result,
  // `struct bpf_perf_event_data` has them behind the registers.
  samplePeriod: ({ size }) => size,
  addr: ({ size }) => size + 8,
};

/** A property of a context that is registers. */
export function registerField(fn: FunctionState, object: ContextValue, name: string, node: ts.Node): Value {
  const where = fields[name];
  if (where === undefined) return reject(node, "WG1001", `${name} of the context is a method`, "call it");
  const id = readRegister(fn, object, where);
  if (name !== "result") return scalar(integers.u64, id);
  const { checker } = fn.owner;
  const symbol = checker.getSymbolAtLocation(ts.isPropertyAccessExpression(node) ? node.name : node);
  return symbol === undefined
    ? scalar(integers.u64, id)
    : asType(fn, id, checker.getTypeOfSymbol(symbol), node);
}

/** `struct pt_regs` as the object declares it: one field, which tells processors apart. */
function registersStruct({ kernelTypes }: ClassState) {
  const known = kernelTypes.own.get("pt_regs");
  if (known !== undefined) return known;
  const made = localStruct("pt_regs", false);
  made.members.push({ name: X64_REGISTER, type: { kind: "data", type: integers.u64, bits: null } });
  kernelTypes.own.set("pt_regs", made);
  return made;
}

/**
 * Reads a register. The object is for every processor: the loader says by a relocation which one it is, and the verifier drops the side
 * that is never taken.
 */
function readRegister(fn: FunctionState, object: ContextValue, where: Where): ValueId {
  return onProcessor(fn, (layout) =>
    fn.builder.load("i64", object.pointer, { width: 8, region: "context", displacement: where(layout) }),
  );
}

function onProcessor(fn: FunctionState, read: (layout: RegisterLayout) => ValueId): ValueId {
  const { builder } = fn;
  const isX64 = askField(fn, CoreKind.FieldExists, registersStruct(fn.owner), [0]);
  const [there, other, join] = [builder.block(), builder.block(), builder.block()];
  const result = builder.param(join, "i64");
  builder.branch(builder.compare("ne", isX64, builder.i64(0)), there, other);
  for (const [block, layout] of [
    [there, registerLayouts.x64],
    [other, registerLayouts.arm64],
  ] as const) {
    builder.switchTo(block);
    builder.jump(join, [read(layout)]);
  }
  builder.switchTo(join);
  return result;
}

/** The argument at an index, where registers hold it. */
export function readArgument(fn: FunctionState, object: ContextValue, index: number, node: ts.Node): ValueId {
  const most = registerLayouts.x64.arguments.length;
  if (index >= most)
    return reject(
      node,
      "WG1001",
      `argument ${index} is on the stack: registers hold ${most}`,
      "read it at ctx.sp",
    );
  return readRegister(fn, object, (layout) => layout.arguments[index] ?? 0);
}

/** The argument of a system call: the kernel's function for it takes the address of the process's registers. */
export function readSystemCallArgument(
  fn: FunctionState,
  object: ContextValue,
  index: number,
  node: ts.Node,
): ValueId {
  const { builder } = fn;
  const registers = readArgument(fn, object, 0, node);
  if (index >= registerLayouts.x64.systemCall.length)
    return reject(node, "WG1001", "a system call has 6 arguments at most");
  const slot = newSlot(fn, "argument", integers.u64);
  zeroMemory(fn, slot);
  const offset = onProcessor(fn, (layout) => builder.i64(layout.systemCall[index] ?? 0));
  const args = [slot.pointer, builder.i64(8), builder.binary("add", registers, offset)];
  builder.helperVoid("bpf_probe_read_kernel", args);
  return builder.load("i64", slot.pointer, { width: 8, region: "stack" });
}

/** `ctx.arg(index)`. */
export const registerArgument: (object: ContextValue) => Call = (object) => (fn, node) => {
  const given = argument(node, 0);
  const index = lowerExpression(fn, given);
  if (index.kind !== "constant" || index.value < 0n)
    return reject(given, "WG2010", "which argument is a constant: ctx.arg(0)");
  return scalar(integers.u64, readArgument(fn, object, Number(index.value), given));
};

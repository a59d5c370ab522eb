/** Calls that make memory on the stack: `zeroed<T>()`, `cstring("…")`, `copyOf(value)`, `union<T>({ … })`. */

import ts from "#typescript";
import { lowerExpression } from "../expressions/expressions.js";
import { fillLiteral } from "../expressions/literals.js";
import { reject } from "../rejections/rejection.js";
import { copyToStack, newSlot, zeroMemory } from "../values/memory.js";
import { rejectValue } from "../values/scalars.js";
import { argument, type Call, typeArgument } from "./arguments.js";
import { encode, setLiteral } from "./text-calls.js";

/** The name of the variable that the call's result is the first value of. */
const nameOf = (node: ts.CallExpression, otherwise: string): string =>
  ts.isVariableDeclaration(node.parent) ? node.parent.name.getText() : otherwise;

/** By the function's name in @waggle/kernel. */
export const stackCalls: Readonly<Record<string, Call>> = {
  zeroed: (fn, node) => {
    const slot = newSlot(fn, nameOf(node, "zeroed"), typeArgument(fn, node));
    zeroMemory(fn, slot);
    return slot;
  },
  cstring: (fn, node) => {
    const { checker, resolver } = fn.owner;
    const inferred = checker.getTypeAtLocation(node);
    const length = inferred.getProperty("length");
    if (length !== undefined && checker.getTypeOfSymbolAtLocation(length, node).flags & ts.TypeFlags.Number)
      return reject(node, "WG2005", "nothing says how large this text is", 'write cstring<16>("…")');
    const type = resolver.data(inferred, node);
    const given = argument(node, 0);
    const value = lowerExpression(fn, given);
    if (value.kind !== "text")
      return reject(given, "WG1003", "only a string literal can stand here", 'write cstring("…")');
    const bytes = encode(value.value, given, { type });
    const slot = newSlot(fn, nameOf(node, "text"), type);
    setLiteral(fn, slot, bytes);
    return slot;
  },
  copyOf: (fn, node) => {
    const given = argument(node, 0);
    const value = lowerExpression(fn, given);
    if (value.kind === "kernel")
      return reject(
        given,
        "WG1004",
        "the kernel's own structs have no layout that is known here",
        "copy the fields that are needed into a struct of your own",
      );
    if (value.kind !== "memory") return rejectValue(value, given);
    return copyToStack(fn, value, nameOf(node, "copy"), given);
  },
  union: (fn, node) => {
    const type = typeArgument(fn, node);
    const given = argument(node, 0);
    if (!ts.isObjectLiteralExpression(given) || given.properties.length !== 1)
      return reject(given, "WG2006", "a union is made of one member", "write union<T>({ member: value })");
    const slot = newSlot(fn, nameOf(node, "union"), type);
    zeroMemory(fn, slot);
    fillLiteral(fn, given, slot);
    return slot;
  },
};

/** How a function is made: inlined or not, and how it is verified. */

import ts from "typescript";
import { decoratorsOf } from "../classes/decorators.js";
import type { ClassState, FunctionEntry, FunctionNode } from "../state.js";

/** By the name of the decorator in @waggle/kernel. */
const forms: Readonly<Record<string, FunctionEntry["form"]>> = { noinline: "noinline", global: "global" };

/** What the decorators of a method ask for. */
export function formOf(owner: ClassState, declaration: FunctionNode): FunctionEntry["form"] {
  if (!ts.isMethodDeclaration(declaration)) return "auto";
  const names = decoratorsOf(owner, declaration).map(({ name }) => name);
  return names.map((name) => forms[name ?? ""]).find((form) => form !== undefined) ?? "auto";
}

/** Whether a decorator of this name says how a function is made. */
export const isForm = (name: string): boolean => name in forms;

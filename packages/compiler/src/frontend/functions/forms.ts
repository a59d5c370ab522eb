/** How a function is made: inlined or not, and how it is verified. */

import { kernelHas } from "@waggle/object";
import ts from "#typescript";
import { newerKernel } from "../classes/class-rules.js";
import { decoratorsOf } from "../classes/decorators.js";
import { reject } from "../rejections/rejection.js";
import type { ClassState, FunctionEntry, FunctionNode } from "../state.js";
import { registerOfResolved, type Signature } from "./signatures.js";

/** By the name of the decorator in @waggle/kernel. */
const forms: Readonly<Record<string, FunctionEntry["form"]>> = { noinline: "noinline", global: "global" };

/** What the decorators of a method ask for. */
export function formOf(owner: ClassState, declaration: FunctionNode): FunctionEntry["form"] {
  if (!ts.isMethodDeclaration(declaration)) return "auto";
  const names = decoratorsOf(owner, declaration).map(({ name }) => name);
  return names.map((name) => forms[name ?? ""]).find((form) => form !== undefined) ?? "auto";
}

/** Linux whose global functions take pointers to memory. */
const referencesSince = "5.12";

/** Rejects a function that cannot be made as its decorator asks. */
export function checkForm(owner: ClassState, declaration: FunctionNode, signature: Signature): void {
  const form = formOf(owner, declaration);
  if (form === "auto") return;
  const name = declaration.name ?? declaration;
  const { parameters, result, copies } = signature;
  const callback = parameters.find(({ type }) => type === null);
  if (callback !== undefined)
    reject(
      callback.node,
      "WG2008",
      "a function that takes functions is put in place of its call",
      `remove @${form}`,
    );
  if (registerOfResolved(result) === "ptr" && (!copies || form === "global"))
    reject(
      declaration.type ?? name,
      "WG2008",
      `the verifier does not follow a reference that a @${form} function gives`,
      form === "global" ? "fill an object that the caller passes" : `remove @${form}`,
    );
  if (form === "noinline") return;
  for (const { node, type } of parameters) {
    if (type === null || registerOfResolved(type) !== "ptr") continue;
    if (type.kind === "context" && type.context.program.name !== "xdp")
      reject(node, "WG2008", "a @global function takes the context of XDP programs only", "use @noinline");
    if (type.kind !== "context" && !kernelHas(owner.target.kernel, referencesSince))
      reject(
        node,
        "WG2015",
        `kernels before ${referencesSince} pass no references to a @global function`,
        newerKernel(owner, referencesSince),
      );
  }
}

/** Whether a decorator of this name says how a function is made. */
export const isForm = (name: string): boolean => name in forms;

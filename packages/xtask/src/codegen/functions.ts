/** Functions of the kernel: parameters and result. */
import type { BtfParam, TypeId } from "@waggle/object";
import type { Scope } from "./scope.js";
import { at, find } from "./scope.js";
import { use, valueText } from "./type-text.js";

/** The prototype of the function with the name; null when the BTF has none. */
export function prototypeOf(
  scope: Scope,
  name: string,
): { readonly params: readonly BtfParam[]; readonly returns: TypeId } | null {
  const id = find(scope, name, "function");
  const type = id === null ? null : at(scope, id);
  const proto = type?.kind === "function" ? at(scope, type.type) : null;
  return proto?.kind === "function-proto" ? proto : null;
}

/** `KernelFunction<{ file: KernelPtr<file> }, i32>`, for a line that begins with `indent`. */
export function functionText(
  scope: Scope,
  params: readonly BtfParam[],
  returns: TypeId,
  indent: string,
): string {
  const list = parameterTexts(scope, params, `${indent}  `);
  const result = valueText(scope, returns, indent).text;
  const name = use(scope, "KernelFunction");
  const line = `${name}<${list.length === 0 ? "object" : `{ ${list.join("; ")} }`}, ${result}>`;
  if (indent.length + line.length < 90 || list.length === 0) return line;
  const lines = list.map((text) => `${indent}    ${text};\n`).join("");
  return `${name}<\n${indent}  {\n${lines}${indent}  },\n${indent}  ${result}\n${indent}>`;
}

function parameterTexts(scope: Scope, params: readonly BtfParam[], indent: string): readonly string[] {
  // "..." is a last parameter of type void without a name.
  const fixed = params.filter((param) => param.type !== 0);
  return fixed.map((param, index) => {
    const label = /^[A-Za-z_$][\w$]*$/.test(param.name) ? param.name : `arg${index}`;
    return `${label}: ${valueText(scope, param.type, indent).text}`;
  });
}

/** Programs that run when a function is entered and again when it has returned: `ctx.isReturn()`, `ctx.cookie()`. */
import type { DataType } from "../../types/data-type.js";
import { integers } from "../../types/integers.js";
import type { Call } from "../calls/arguments.js";
import { booleanOf } from "../calls/kfunc-calls.js";
import type { FunctionState } from "../state.js";
import { memoryAt } from "../values/memory.js";
import type { ContextValue } from "../values/value.js";

const u64: DataType = { kind: "pointer", to: () => integers.u64 };

/** Newer kernels take the context, which older ones do not look at. */
function declare(fn: FunctionState, name: string, { context }: ContextValue, returns: DataType): void {
  const params = [{ name: "ctx", type: { kind: "pointer", to: () => context.type } as const }];
  fn.owner.externs.set(name, { name, prototype: { params, returns }, weak: () => false });
}

export const sessionIsReturn: (object: ContextValue) => Call = (object) => (fn) => {
  declare(fn, "bpf_session_is_return", object, integers.bool);
  return booleanOf(fn, fn.builder.kfunc("bpf_session_is_return", "i32", [object.pointer]));
};

export const sessionCookie: (object: ContextValue) => Call = (object) => (fn) => {
  declare(fn, "bpf_session_cookie", object, u64);
  return memoryAt(integers.u64, fn.builder.kfunc("bpf_session_cookie", "ptr", [object.pointer]), "unknown");
};

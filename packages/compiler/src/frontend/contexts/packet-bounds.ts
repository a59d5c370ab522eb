/** Where the packet of a context begins and ends. */
import type { ContextField } from "@waggle/object";
import type { ValueId } from "../../ir/types.js";
import type { FunctionState } from "../state.js";
import type { ContextValue } from "../values/value.js";

/** Whether the context has a packet, or other memory with bounds. */
export const hasPacket = ({ context }: ContextValue): boolean =>
  context.layout?.fields.some(({ pointer }) => pointer === "data") ?? false;

/** Where the packet begins and ends. */
export function packetBounds(fn: FunctionState, object: ContextValue): [data: ValueId, end: ValueId] {
  const read = (what: ContextField["pointer"]): ValueId => {
    const field = object.context.layout?.fields.find(({ pointer }) => pointer === what);
    if (field === undefined) throw new TypeError("the context has no packet");
    const { width, offset } = field;
    return fn.builder.load("ptr", object.pointer, { width, region: "context", displacement: offset });
  };
  return [read("data"), read("data-end")];
}

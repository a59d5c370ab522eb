/** `offsetof<T>("field")`. */

import { reject } from "../rejections/rejection.js";
import { argument, type Call, literalText, typeArgument } from "./arguments.js";

/** By the function's name in @waggle/kernel. */
export const layoutCalls: Readonly<Record<string, Call>> = {
  offsetof: (fn, node) => {
    const type = typeArgument(fn, node);
    const given = argument(node, 0);
    const name = literalText(given);
    const field = type.kind === "struct" ? type.fields.find((each) => each.name === name) : undefined;
    if (field === undefined) return reject(given, "WG1013", `${name} is not a field of a struct`);
    if (field.bits !== undefined)
      return reject(given, "WG2005", `${name} is a bit field, which has no offset in bytes`);
    return { kind: "constant", value: BigInt(field.offset), wide: false };
  },
};

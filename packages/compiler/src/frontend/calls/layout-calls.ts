/** `offsetof<T>("field")`. */

import ts from "#typescript";
import { reject } from "../rejections/rejection.js";
import { argument, type Call, typeArgument } from "./arguments.js";

/** By the function's name in @waggle/kernel. */
export const layoutCalls: Readonly<Record<string, Call>> = {
  offsetof: (fn, node) => {
    const type = typeArgument(fn, node);
    const given = argument(node, 0);
    if (!ts.isStringLiteralLike(given))
      return reject(
        given,
        "WG2010",
        "the name must be known when the program is compiled",
        "write a string literal",
      );
    const field = type.kind === "struct" ? type.fields.find(({ name }) => name === given.text) : undefined;
    if (field === undefined) return reject(given, "WG1013", `${given.text} is not a field of a struct`);
    if (field.bits !== undefined)
      return reject(given, "WG2005", `${given.text} is a bit field, which has no offset in bytes`);
    return { kind: "constant", value: BigInt(field.offset), wide: false };
  },
};

/** Which functions of its module a function needs. */
import type { IrFunction } from "./types.js";

/** The functions that a function calls, or gives the kernel to call. */
export function functionsNamed({ blocks }: IrFunction): readonly string[] {
  return blocks.flatMap(({ instructions }) =>
    instructions.flatMap((each) => {
      if (each.op === "call") return [each.callee];
      return each.op === "function" ? [each.function] : [];
    }),
  );
}

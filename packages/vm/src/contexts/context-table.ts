import type { ProgramSpec } from "@waggle/object";
import { VmError } from "../errors.js";
import type { ContextRow } from "./context.js";
import { tracepointContext } from "./tracepoint.js";
import { xdpContext } from "./xdp.js";

/** The program types that are simulated. To add one, write its row and name it here. */
export const contextRows: readonly ContextRow[] = [xdpContext, tracepointContext];

/** How programs of this type are called. Throws a `VmError` when they are not simulated yet. */
export function contextRowOf(program: ProgramSpec): ContextRow {
  const row = contextRows.find((item) => item.programType === program.type.uapi);
  if (row === undefined) {
    throw new VmError(
      "unsupported-program",
      `program ${program.name} is of type ${program.type.name}, which is not simulated yet`,
      "simulated are xdp and tracepoint; test this program on a kernel",
    );
  }
  return row;
}

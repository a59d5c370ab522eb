import { helperById } from "@waggle/object";
import { VmError } from "../errors.js";
import type { Machine } from "../machine/machine.js";
import { type Environment, type Helper, HelperCall, type Run } from "./call.js";
import { controlHelpers } from "./control-helpers.js";
import { mapHelpers } from "./map-helpers.js";
import { packetHelpers } from "./packet-helpers.js";
import { probeHelpers } from "./probe-helpers.js";
import { ringBufferHelpers } from "./ring-buffer-helpers.js";
import { taskHelpers } from "./task-helpers.js";
import { traceHelpers } from "./trace-helpers.js";

/** The helpers that are simulated, by UAPI name. To add one, add a row to the file of its kind. */
export const simulatedHelpers: ReadonlyMap<string, Helper> = new Map(
  Object.entries({
    ...mapHelpers,
    ...ringBufferHelpers,
    ...taskHelpers,
    ...probeHelpers,
    ...packetHelpers,
    ...traceHelpers,
    ...controlHelpers,
  }),
);

/** Calls the helper with the number `id` and sets r0. Throws a `VmError` when there is none such here. */
export function callHelper(machine: Machine, id: number, environment: Environment, run: Run): void {
  const name = helperById(id)?.name ?? null;
  const helper = name === null ? undefined : simulatedHelpers.get(name);
  if (name === null || helper === undefined) {
    throw new VmError(
      "unknown-helper",
      name === null
        ? `helper ${id} is called, which no known kernel has`
        : `helper ${name} (${id}) is called, which is not simulated yet`,
      name === null
        ? "the object is damaged, or made for a newer kernel than this version knows"
        : "test what needs it on a kernel, or keep it on a path that this test does not take",
    );
  }
  const result = helper(new HelperCall(name, machine, environment, run));
  if (typeof result === "bigint") machine.setBig(0, result);
  else machine.result(result);
}

/**
 * References that are kept: in variables, as the result of a choice or of a function. Those to a part of a context are kept as a name
 * only, because the verifier wants the context's pointer as it came and each offset as a constant (`__check_ptr_off_reg` in
 * kernel/bpf/verifier.c), and an instruction that accesses a context accesses nothing else (`reg_type_mismatch`).
 */
import type ts from "typescript";
import type { ValueId } from "../../ir/types.js";
import { reject } from "../rejections/rejection.js";
import type { FunctionState } from "../state.js";
import { isContextPart, memoryAt, nullableAddress } from "./memory.js";
import type { MemoryValue } from "./value.js";

const separately = "use each in a branch of its own: if (…) first.n = 1; else second.n = 1";

/** Rejects two references that would meet in one, where the verifier would not know which of two kinds of memory it is. */
export function rejectOtherPlace(a: MemoryValue, b: MemoryValue, node: ts.Node): void {
  if (a.region !== "context" && b.region !== "context") return;
  if (a.region !== b.region)
    reject(
      node,
      "WG1023",
      "this would refer to a context or to other memory, and the verifier wants one of them at each access",
      separately,
    );
  if (a.displacement !== b.displacement)
    reject(
      node,
      "WG1023",
      "this would refer to one of several places of a context, and the verifier wants each access of it at a constant offset",
      separately,
    );
  if (a.object !== b.object)
    reject(
      node,
      "WG1023",
      "this would refer to one of several kinds of the kernel's objects, and the verifier wants one of them at each access",
      separately,
    );
}

/** The pointer of a reference that is kept in a variable; null where it refers to nothing. */
export function keptPointer(fn: FunctionState, place: MemoryValue, node: ts.Node): ValueId {
  if (isContextPart(place))
    reject(
      node,
      "WG1023",
      "a variable that may refer to something else cannot refer to a part of a context: the verifier wants each access of it at a constant offset",
      `give it a name of its own: const part = …; or ${separately}`,
    );
  return nullableAddress(fn, place);
}

/** What is known of what a variable refers to whose first value is `place`. */
export function keptShape({ type, region, readonly, object }: MemoryValue, pointer: ValueId): MemoryValue {
  const kept = region === "context" ? region : "unknown";
  return memoryAt(type, pointer, kept, { nullable: true, readonly, ...(object !== undefined && { object }) });
}

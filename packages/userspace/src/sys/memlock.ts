import { Errno } from "../errors/errno.js";
import { kernelAtLeast, thisMachine } from "./machine.js";
import { NativeMemory } from "./memory.js";
import { setLimit } from "./system-calls.js";
import { Resource } from "./uapi.js";

let raised = false;

function raise(): boolean {
  if (raised) return false;
  raised = true;
  const limit = new NativeMemory(16);
  limit.setU64(0, Resource.infinity);
  limit.setU64(8, Resource.infinity);
  return setLimit(Resource.MemLock, limit) === 0;
}

/**
 * Makes a call; when it is refused for want of locked memory, as kernels before 5.11 count maps and programs, raises
 * RLIMIT_MEMLOCK of this process once and makes it again.
 */
export function withLockedMemory(call: () => number): number {
  const first = call();
  if (first !== -Errno.EPERM && first !== -Errno.ENOMEM) return first;
  if (kernelAtLeast(thisMachine().release, "5.11") || !raise()) return first;
  return call();
}

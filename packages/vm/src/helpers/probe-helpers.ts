import { Errno } from "../maps/table-map.js";
import { regionBase } from "../memory/region.js";
import { type MemorySpace, spaceOf } from "../memory/test-memory.js";
import type { Helper, HelperCall } from "./call.js";

/** Helpers that read memory which may not be there (kernel/trace/bpf_trace.c): a bad address is an errno, not an end. */
export const probeHelpers: Readonly<Record<string, Helper>> = {
  bpf_probe_read_user: (call) => read(call, "user"),
  bpf_probe_read_kernel: (call) => read(call, "kernel"),
  bpf_probe_read: (call) => read(call, spaceOf(call.argument(3))),
  bpf_probe_read_user_str: (call) => readString(call, "user"),
  bpf_probe_read_kernel_str: (call) => readString(call, "kernel"),
  bpf_probe_read_str: (call) => readString(call, spaceOf(call.argument(3))),
};

function read(call: HelperCall, space: MemorySpace): number {
  const target = call.output(1, call.unsigned(2));
  const source = sourceOf(call, space, target.length);
  if (source === null || source.length < target.length) {
    target.fill(0);
    return -Errno.EFAULT;
  }
  target.set(source.subarray(0, target.length));
  return 0;
}

/**
 * Copies up to and with the NUL; text that does not fit is cut and ended by a NUL. Returns the bytes copied. What lies behind the NUL
 * stays as it was: kernels clear at most the rest of a word, and only of a user's text.
 */
function readString(call: HelperCall, space: MemorySpace): number {
  const target = call.output(1, call.unsigned(2));
  if (target.length === 0) return 0;
  const source = sourceOf(call, space, target.length);
  const end = source === null ? -1 : source.indexOf(0);
  if (source === null || (end < 0 && source.length < target.length)) {
    target.fill(0);
    return -Errno.EFAULT;
  }
  const length = Math.min(end < 0 ? source.length : end, target.length - 1);
  target.set(source.subarray(0, length));
  target[length] = 0;
  return length + 1;
}

/** What is at the third argument, up to `most` bytes: memory that the test gave, or, for kernel memory, the program's own. */
function sourceOf(call: HelperCall, space: MemorySpace, most: number): Uint8Array | null {
  const given = call.run.memory.from(call.argument(3), space);
  if (given !== null || space === "user") return given;
  const region = call.environment.space.find(call.machine.hi[3] ?? 0);
  if (region === undefined) return null;
  const offset = call.unsigned(3) - regionBase;
  return offset < region.start || offset >= region.end
    ? null
    : region.copy(offset, Math.min(most, region.end - offset));
}

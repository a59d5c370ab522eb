/** Stacks of calls. */
import type { FixedArray } from "../arrays.js";
import type { KernelMap, ProgramContext } from "../boundary.js";
import type { i64, u32, u64 } from "../integers.js";
import { kernelOnly } from "../kernel-only.js";
import type { MAP } from "../symbols.js";
import type { MapOptions } from "./options.js";

/** Whose stack is taken. */
export interface StackOptions {
  /** That of the process; the kernel's when not given. `BPF_F_USER_STACK`. */
  readonly user?: boolean;
  /** Frames that are left out, from the innermost; 0 to 255. `BPF_F_SKIP_FIELD_MASK`. */
  readonly skip?: number;
  /** Stacks are one when their hashes are: faster, and sometimes wrong. `BPF_F_FAST_STACK_CMP`. */
  readonly byHash?: boolean;
  /** A stack that has the place of another takes it. `BPF_F_REUSE_STACKID`. */
  readonly replace?: boolean;
}

/** Stacks by number, equal ones under the same; `BPF_MAP_TYPE_STACK_TRACE`, kernel 4.6. */
export class StackTraces implements KernelMap<"stack-trace", u32, FixedArray<u64, 127>> {
  declare readonly [MAP]?: { kind: "stack-trace"; key: u32; value: FixedArray<u64, 127> };

  constructor(_options: MapOptions) {
    kernelOnly("a map");
  }

  /** Takes the stack: its number, or a negative errno. `bpf_get_stackid`, kernel 4.6. */
  take(_ctx: ProgramContext<string>, _options?: StackOptions): i64 {
    return kernelOnly("take()");
  }
}

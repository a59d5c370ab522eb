/** Maps of programs. */
import type { KernelMap, ProgramContext } from "../boundary.js";
import type { u32 } from "../integers.js";
import { kernelOnly } from "../kernel-only.js";
import type { MAP } from "../symbols.js";
import type { MapOptions } from "./options.js";

/**
 * Programs of one kind by index, to go on in: `BPF_MAP_TYPE_PROG_ARRAY`, kernel 4.2. User space puts them there:
 * `app.maps.next.set(0, app.programs.second)`.
 */
export class ProgramArray<Kind extends string> implements KernelMap<"program-array", u32, u32> {
  declare readonly [MAP]?: { kind: "program-array"; key: u32; value: u32; program: Kind };

  constructor(_options: MapOptions) {
    kernelOnly("a map");
  }

  /**
   * Goes on in the program at the index and does not come back. Where there is none, or 33 such calls were made, the code after it
   * runs; references to packets are not valid there any more. `bpf_tail_call`, kernel 4.2.
   */
  call(_ctx: ProgramContext<Kind>, _index: u32): void {
    kernelOnly("call()");
  }
}

import { callBpf } from "../sys/bpf.js";
import type { Descriptor } from "../sys/descriptor.js";
import { NativeMemory } from "../sys/memory.js";
import { BpfCommand } from "../sys/uapi.js";

/** Nobody changes the map by system calls any more (BPF_MAP_FREEZE, Linux 5.2). @param what for errors, e.g. "map stats" */
export function freezeMap(descriptor: Descriptor, what: string): void {
  const attribute = new NativeMemory(4);
  attribute.setU32(0, descriptor.fd);
  callBpf(BpfCommand.MapFreeze, attribute, `of ${what}`);
}

import { Errno, errnoName } from "./errors/errno.js";
import { BpfError } from "./errors/errors.js";
import { systemCallError } from "./errors/system-call-failure.js";
import { bpfContext, tryBpf } from "./sys/bpf.js";
import { withLockedMemory } from "./sys/memlock.js";
import { NativeMemory } from "./sys/memory.js";
import { close } from "./sys/system-calls.js";
import { BpfCommand } from "./sys/uapi.js";

const ARRAY = 2;
const SOCKET_FILTER = 1;

/** Whether this process can load BPF programs, and if not, why, in a sentence for people. */
export interface Loadability {
  readonly ok: boolean;
  readonly reason?: string;
}

/**
 * Tries the two calls that loading starts with, an array map of one element and a program that returns 0, and closes
 * them again. A few microseconds; never throws.
 */
export function canLoad(): Loadability {
  try {
    const map = new NativeMemory(72);
    map.setU32(0, ARRAY);
    map.setU32(4, 4);
    map.setU32(8, 4);
    map.setU32(12, 1);
    const mapFd = withLockedMemory(() => tryBpf(BpfCommand.MapCreate, map));
    if (mapFd < 0) throw systemCallError(bpfContext(BpfCommand.MapCreate, "of a probe"), mapFd);
    close(mapFd);
    return probeProgram();
  } catch (error) {
    if (error instanceof BpfError) return { ok: false, reason: error.message };
    return { ok: false, reason: `native calls do not work here: ${String(error)}` };
  }
}

function probeProgram(): Loadability {
  // r0 = 0; exit
  const code = NativeMemory.from(new Uint8Array([0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0]));
  const license = NativeMemory.from(new Uint8Array([0]));
  const program = new NativeMemory(48);
  program.setU32(0, SOCKET_FILTER);
  program.setU32(4, 2);
  program.setPointer(8, code);
  program.setPointer(16, license);
  const fd = withLockedMemory(() => tryBpf(BpfCommand.ProgramLoad, program));
  if (fd < 0) {
    const cures = { [Errno.EINVAL]: `The kernel refuses the simplest program (${errnoName(-fd)}).` };
    throw systemCallError(bpfContext(BpfCommand.ProgramLoad, "of a probe", { cures }), fd);
  }
  close(fd);
  return { ok: true };
}

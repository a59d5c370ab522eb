/** Programs that run for the processes of a cgroup (v2) and of the cgroups below it. */
import { attachTypes } from "@waggle/object";
import { Errno } from "../errors/errno.js";
import { AttachError } from "../errors/errors.js";
import type { CallContext } from "../errors/system-call-failure.js";
import { callBpf, tryBpf } from "../sys/bpf.js";
import { dup } from "../sys/dup.js";
import { kernelAtLeast, thisMachine } from "../sys/machine.js";
import { NativeMemory } from "../sys/memory.js";
import { AttachFlag, BpfCommand } from "../sys/uapi.js";
import { createLink } from "./bpf-link.js";
import { withFile } from "./files.js";
import { type Link, makeLink } from "./link.js";
import type { ProgramHandle } from "./program-handle.js";

/** Where to attach a program of a cgroup. */
export interface CgroupAttachOptions {
  /** The cgroup's folder, e.g. "/sys/fs/cgroup/my.slice", or a descriptor of it, which stays the caller's. */
  readonly cgroup: string | number;
  /** "auto" when not given: a BPF link (Linux 5.7), else BPF_PROG_ATTACH, beside other programs. */
  readonly mechanism?: "auto" | "link" | "attach";
}

const ATTACH_SIZE = 16;

/** Attaches to a cgroup. The attach type is the one that the program was loaded for. */
export function attachCgroup(program: ProgramHandle, options: Partial<CgroupAttachOptions> = {}): Link {
  const { cgroup, mechanism = "auto" } = options;
  if (typeof cgroup !== "string" && typeof cgroup !== "number")
    throw new AttachError("bad-option", 'name a cgroup: attach({ cgroup: "/sys/fs/cgroup/…" }).');
  const attachType = program.spec.expectedAttachType;
  const name = attachTypes[attachType]?.uapi ?? String(attachType);
  const target = `cgroup ${cgroup}`;
  const more: Partial<CallContext> = {
    capability: "CAP_NET_ADMIN",
    needs: [[name, attachTypes[attachType]?.since ?? "4.10"]],
    cures: {
      [Errno.EBADF]: "It is no cgroup of version 2: see where `mount -t cgroup2` says that they are.",
      [Errno.EPERM]:
        "A cgroup above has a program that lets no other be attached, or CAP_NET_ADMIN is missing.",
    },
  };
  return withFile(cgroup, "cgroup", "unknown-cgroup", (fd) => {
    const hasLinks = kernelAtLeast(thisMachine().release, "5.7");
    if (mechanism === "link" || (mechanism === "auto" && hasLinks))
      return createLink(program, target, { target: fd, attachType }, more);
    return attachOlder(program, fd, attachType, target, more);
  });
}

/** BPF_PROG_ATTACH (Linux 4.10): the process undoes it itself, but not when it is killed. */
function attachOlder(
  program: ProgramHandle,
  fd: number,
  attachType: number,
  target: string,
  more: Partial<CallContext>,
): Link {
  const { descriptor } = program;
  const request = (cgroup: number, flags: number): NativeMemory => {
    const attribute = new NativeMemory(ATTACH_SIZE);
    attribute.setU32(0, cgroup);
    attribute.setU32(4, descriptor.fd);
    attribute.setU32(8, attachType);
    attribute.setU32(12, flags);
    return attribute;
  };
  callBpf(
    BpfCommand.ProgramAttach,
    request(fd, AttachFlag.AllowMultiple),
    `of ${descriptor.what} on ${target}`,
    more,
  );
  // The cgroup's folder may be gone or another one by the time it is detached: the descriptor still is this one.
  const kept = dup(fd, target);
  return makeLink({
    target,
    mechanism: "attach",
    descriptor: null,
    release: () => {
      if (!descriptor.closed) tryBpf(BpfCommand.ProgramDetach, request(kept.fd, 0));
      kept.close();
    },
  });
}

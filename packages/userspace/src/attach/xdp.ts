import { nearest } from "@waggle/object";
import { Errno } from "../errors/errno.js";
import { AttachError } from "../errors/errors.js";
import type { CallContext } from "../errors/system-call-failure.js";
import { callBpf, tryBpf } from "../sys/bpf.js";
import { Descriptor } from "../sys/descriptor.js";
import { kernelAtLeast, thisMachine } from "../sys/machine.js";
import { NativeMemory } from "../sys/memory.js";
import { AttachType, BpfCommand, XdpFlag } from "../sys/uapi.js";
import { type Link, makeLink } from "./link.js";
import { interfaces, type NetworkInterface, setXdp } from "./netlink.js";

/**
 * Where an XDP program runs: in the network stack ("generic", any interface), in the driver, or on the card ("offload").
 * "auto" takes the driver where it can, else generic.
 */
export type XdpMode = "auto" | "generic" | "driver" | "offload";

const modeFlags: Readonly<Record<XdpMode, number>> = {
  auto: 0,
  generic: XdpFlag.Generic,
  driver: XdpFlag.Driver,
  offload: XdpFlag.Offload,
};

/** How an XDP program can be attached: "auto" takes a link where the kernel has it. */
export type XdpMechanism = "auto" | "link" | "netlink";

/**
 * Finds an interface by name or index.
 *
 * @throws AttachError "unknown-interface" with the nearest name, or the names that there are
 */
export function findInterface(
  wanted: string | number,
  known: readonly NetworkInterface[] = interfaces(),
): NetworkInterface {
  const found = known.find((one) => (typeof wanted === "number" ? one.index : one.name) === wanted);
  if (found !== undefined) return found;
  const names = known.map((one) => one.name);
  const close = typeof wanted === "string" ? nearest(wanted, names) : null;
  const hint = close === null ? "" : ` Did you mean ${close}?`;
  const what =
    typeof wanted === "number" ? `network interface with index ${wanted}` : `network interface ${wanted}`;
  throw new AttachError("unknown-interface", `there is no ${what}.${hint} There are: ${names.join(", ")}.`);
}

/**
 * Attaches an XDP program: with a BPF link (Linux 5.9), else through rtnetlink, which the process undoes itself on
 * detach but not when it is killed.
 *
 * @throws AttachError when there is no such interface
 * @throws SystemCallError "busy" when another program is attached, "not-supported" when the driver lacks the mode
 */
export function attachXdp(
  program: Descriptor,
  target: string | number,
  mode: XdpMode = "auto",
  mechanism: XdpMechanism = "auto",
): Link {
  if (!Object.hasOwn(modeFlags, mode)) {
    const known = Object.keys(modeFlags).join(", ");
    throw new AttachError("bad-option", `there is no XDP mode ${String(mode)}: it is one of ${known}.`);
  }
  const { index, name } = findInterface(target);
  const flags = modeFlags[mode];
  const purpose = `of ${program.what} on interface ${name}`;
  const unsupported = `The driver of ${name} cannot run XDP in mode "${mode}": try mode "generic".`;
  const cures = {
    [Errno.EBUSY]: `Another XDP program is attached to ${name} (see interfaces()): detach it first.`,
    [Errno.EEXIST]: `An XDP program is attached to ${name} in another mode: detach it first.`,
    [Errno.EOPNOTSUPP]: unsupported,
    ...(mode === "offload" && { [Errno.EINVAL]: unsupported }),
  };
  const more: Partial<CallContext> = {
    capability: "CAP_NET_ADMIN",
    needs: [["links to XDP", "5.9"]],
    cures,
  };
  if (mechanism !== "netlink") {
    const request = new NativeMemory(16);
    request.setU32(0, program.fd);
    request.setU32(4, index);
    request.setU32(8, AttachType.Xdp);
    request.setU32(12, flags);
    const fd = tryBpf(BpfCommand.LinkCreate, request);
    if (fd >= 0) {
      const link = new Descriptor(fd, `link of ${program.what}`);
      return makeLink(`interface ${name}`, "link", () => link.close());
    }
    const old = fd === -Errno.EINVAL && !kernelAtLeast(thisMachine().release, "5.9");
    if (mechanism === "link" || !old) callBpf(BpfCommand.LinkCreate, request, purpose, more);
  }
  const context: CallContext = { capability: "CAP_NET_ADMIN", cures, call: `RTM_SETLINK ${purpose}` };
  setXdp(index, program.fd, flags | XdpFlag.UpdateIfNoExist, context);
  const attached = () => interfaces().find((one) => one.index === index)?.xdp ?? null;
  const ours = attached()?.programId;
  return makeLink(`interface ${name}`, "netlink", () => {
    // The interface may be gone, and what is on it may by now be another's program. With programs in several modes the
    // kernel does not say which is which.
    const now = attached();
    if (now === null || (now.mode !== "multiple" && now.programId !== ours)) return;
    setXdp(index, -1, flags, { ...context, call: `RTM_SETLINK to detach ${purpose}` });
  });
}

import { nearest } from "@waggle/object";
import { Errno } from "../errors/errno.js";
import { AttachError } from "../errors/errors.js";
import type { CallContext } from "../errors/system-call-failure.js";
import { kernelAtLeast, thisMachine } from "../sys/machine.js";
import { AttachType, XdpFlag } from "../sys/uapi.js";
import { createLink, linkOf, tryLink } from "./bpf-link.js";
import { type Link, makeLink } from "./link.js";
import { interfaces, type NetworkInterface, setXdp } from "./netlink.js";
import type { ProgramHandle } from "./program-handle.js";

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
  const found = known.find((one) =>
    typeof wanted === "number"
      ? one.index === wanted
      : one.name === wanted || one.alternativeNames?.includes(wanted) === true,
  );
  if (found !== undefined) return found;
  const names = known.flatMap((one) => [one.name, ...(one.alternativeNames ?? [])]);
  const close = typeof wanted === "string" ? nearest(wanted, names) : null;
  const hint = close === null ? "" : ` Did you mean ${close}?`;
  const what =
    typeof wanted === "number" ? `network interface with index ${wanted}` : `network interface ${wanted}`;
  throw new AttachError("unknown-interface", `there is no ${what}.${hint} There are: ${names.join(", ")}.`);
}

/** Where to attach an XDP program. */
export interface XdpAttachOptions {
  /** Name or index of the network interface. */
  readonly interface: string | number;
  /** "auto" when not given. */
  readonly mode?: XdpMode;
  /** "auto" when not given: a BPF link (Linux 5.9), else netlink. */
  readonly mechanism?: XdpMechanism;
}

/**
 * Attaches an XDP program: with a BPF link (Linux 5.9), else through rtnetlink, which the process undoes itself on
 * detach but not when it is killed.
 *
 * @throws AttachError when there is no such interface
 * @throws SystemCallError "busy" when another program is attached, "not-supported" when the driver lacks the mode
 */
export function attachXdp(program: ProgramHandle, options: Partial<XdpAttachOptions> = {}): Link {
  const { mode = "auto", mechanism = "auto" } = options;
  const { index, name } = chosenInterface(options.interface);
  if (!Object.hasOwn(modeFlags, mode)) {
    const known = Object.keys(modeFlags).join(", ");
    throw new AttachError("bad-option", `there is no XDP mode ${String(mode)}: it is one of ${known}.`);
  }
  const { descriptor } = program;
  const flags = modeFlags[mode];
  const target = `interface ${name}`;
  const unsupported = `The driver of ${name} cannot run XDP in mode "${mode}": try mode "generic".`;
  const tooLarge =
    'lower the MTU, write the program with @xdp({ frags: true }) where the driver can (Linux 5.18), or attach with mode "generic".';
  const cures = {
    [Errno.EBUSY]: `Another XDP program is attached to ${name} (see interfaces()): detach it first.`,
    [Errno.EEXIST]: `An XDP program is attached to ${name} in another mode: detach it first.`,
    [Errno.EOPNOTSUPP]: unsupported,
    // veth says so of its peer's MTU; others say EINVAL.
    [Errno.ERANGE]: `The MTU of ${name}, or of its peer, is larger than its driver takes without frags: ${tooLarge}`,
    [Errno.EINVAL]:
      mode === "offload"
        ? unsupported
        : `The driver of ${name} refuses it. If its MTU is larger than a page: ${tooLarge}`,
  };
  if (mechanism !== "netlink") {
    const request = { target: index, attachType: AttachType.Xdp, flags };
    const fd = tryLink(program, request);
    if (fd >= 0) return linkOf(program, target, fd);
    const old = fd === -Errno.EINVAL && !kernelAtLeast(thisMachine().release, "5.9");
    if (mechanism === "link" || !old)
      return createLink(program, target, request, {
        capability: "CAP_NET_ADMIN",
        needs: [["links to XDP", "5.9"]],
        cures,
      });
  }
  const purpose = `of ${descriptor.what} on ${target}`;
  const context: CallContext = { capability: "CAP_NET_ADMIN", cures, call: `RTM_SETLINK ${purpose}` };
  setXdp(index, descriptor.fd, flags | XdpFlag.UpdateIfNoExist, context);
  const attached = () => interfaces().find((one) => one.index === index)?.xdp ?? null;
  const ours = attached()?.programId;
  return makeLink({
    target,
    mechanism: "netlink",
    descriptor: null,
    release: () => {
      // The interface may be gone, and what is on it may by now be another's program. With programs in several modes the
      // kernel does not say which is which.
      const now = attached();
      if (now === null || (now.mode !== "multiple" && now.programId !== ours)) return;
      setXdp(index, -1, flags, { ...context, call: `RTM_SETLINK to detach ${purpose}` });
    },
  });
}

/** The interface of an option. Programs in plain JavaScript come here without what the types demand. */
export function chosenInterface(target: unknown): NetworkInterface {
  if (typeof target !== "string" && typeof target !== "number")
    throw new AttachError("bad-option", 'name an interface: attach({ interface: "eth0" }).');
  return findInterface(target);
}

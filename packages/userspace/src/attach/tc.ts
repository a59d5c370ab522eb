/** Classifiers: on tcx (Linux 6.6) and netkit (6.7) with BPF links, before that on a clsact qdisc through rtnetlink (4.5). */
import { Errno } from "../errors/errno.js";
import { AttachError } from "../errors/errors.js";
import type { CallContext } from "../errors/system-call-failure.js";
import { kernelAtLeast, thisMachine } from "../sys/machine.js";
import type { NativeMemory } from "../sys/memory.js";
import { AttachType } from "../sys/uapi.js";
import { createLink } from "./bpf-link.js";
import { type Link, makeLink } from "./link.js";
import type { NetworkInterface } from "./netlink.js";
import { descriptorOf, type ProgramHandle } from "./program-handle.js";
import {
  addActionFilter,
  addBpfFilter,
  deleteFilter,
  ensureClsact,
  type Filter,
  removeUnusedClsact,
} from "./tc-netlink.js";
import { chosenInterface } from "./xdp.js";

/** Where among the programs of one place. Links only. */
export interface Order {
  /** Right before this program of an app, or "all". */
  readonly before?: object | "all";
  /** Right after this program of an app, or "all". */
  readonly after?: object | "all";
}

/** Where to attach a classifier. */
export interface ClassifierAttachOptions {
  /** Name or index of the network interface. */
  readonly interface: string | number;
  /** Packets that come in ("ingress") or go out ("egress"); of a netkit device, those that its "primary" or its "peer" sends. */
  readonly direction: "ingress" | "egress" | "primary" | "peer";
  /** "auto" when not given: tcx (Linux 6.6), else netlink. A netkit device's ends have links only. */
  readonly mechanism?: "auto" | "link" | "netlink";
  /** Among the programs that are there; last when not given. Links only. */
  readonly order?: Order;
  /** Of a filter by netlink: those with a smaller number come first. The kernel chooses when it is not given. */
  readonly priority?: number;
  /** Of a filter by netlink. The kernel chooses when it is not given. */
  readonly handle?: number;
}

/** Where to attach an action: behind a filter of traffic control that takes every packet. */
export interface ActionAttachOptions {
  readonly interface: string | number;
  readonly direction: "ingress" | "egress";
  readonly priority?: number;
}

const attachTypes = {
  ingress: AttachType.TcxIngress,
  egress: AttachType.TcxEgress,
  primary: AttachType.NetkitPrimary,
  peer: AttachType.NetkitPeer,
} as const;

/** `BPF_F_BEFORE`, `BPF_F_AFTER` of linux/bpf.h. */
const OrderFlag = { Before: 1 << 3, After: 1 << 4 } as const;
/** `link_create.tcx` and `.netkit`: a relative program and an expected revision. */
const ORDER_SIZE = 16;

function orderOf(order: Order = {}): { flags: number; fill?: (attribute: NativeMemory, at: number) => void } {
  const [flag, other] =
    order.before !== undefined ? [OrderFlag.Before, order.before] : [OrderFlag.After, order.after];
  if (other === undefined) return { flags: 0 };
  if (order.before !== undefined && order.after !== undefined)
    throw new AttachError("bad-option", "order says both before and after: one of them decides.");
  if (other === "all") return { flags: flag };
  const descriptor = typeof other === "object" ? descriptorOf(other) : null;
  if (descriptor === null)
    throw new AttachError(
      "bad-option",
      'order names a program of an app, or "all": { before: app.programs.other }.',
    );
  return { flags: flag, fill: (attribute, at) => attribute.setU32(at, descriptor.fd) };
}

/** Attaches a classifier to an interface. */
export function attachClassifier(
  program: ProgramHandle,
  options: Partial<ClassifierAttachOptions> = {},
): Link {
  const { mechanism = "auto", direction } = options;
  const chosen = chosenInterface(options.interface);
  const { index, name } = chosen;
  if (direction === undefined || !Object.hasOwn(attachTypes, direction))
    throw new AttachError(
      "bad-option",
      `say which packets: attach({ interface: "${name}", direction: "ingress" }), or "egress".`,
    );
  const target = `${direction} of interface ${name}`;
  const isNetkit = direction === "primary" || direction === "peer";
  if (isNetkit && mechanism === "netlink")
    throw new AttachError("bad-option", "a netkit device takes links only.");
  const wantsLink = options.order !== undefined || isNetkit || mechanism === "link";
  const byNetlink = options.priority !== undefined || options.handle !== undefined;
  if (wantsLink || (mechanism === "auto" && !byNetlink && kernelAtLeast(thisMachine().release, "6.6"))) {
    const { flags, fill } = orderOf(options.order);
    return createLink(
      program,
      target,
      { target: index, attachType: attachTypes[direction], flags, size: ORDER_SIZE, ...(fill && { fill }) },
      {
        capability: "CAP_NET_ADMIN",
        needs: [[isNetkit ? "netkit devices" : "tcx", isNetkit ? "6.7" : "6.6"]],
        cures: {
          [Errno.EEXIST]:
            "This program is attached there already, and a place takes each program once: detach the other link, or load the object again.",
          [Errno.ENOENT]: "The program that order names is not attached there.",
          [Errno.ERANGE]:
            "There are as many programs as fit (63), or the place that order asks for is taken.",
          [Errno.ENXIO]: `${name} is no netkit device.`,
          [Errno.EACCES]: `${name} is the peer of a netkit device: programs are attached to its primary.`,
        },
      },
    );
  }
  return byFilter(program, chosen, direction === "egress" ? "egress" : "ingress", options, addBpfFilter);
}

/** Attaches an action to an interface. */
export function attachAction(program: ProgramHandle, options: Partial<ActionAttachOptions> = {}): Link {
  const { direction } = options;
  const chosen = chosenInterface(options.interface);
  if (direction !== "ingress" && direction !== "egress")
    throw new AttachError(
      "bad-option",
      `say which packets: attach({ interface: "${chosen.name}", direction: "ingress" }), or "egress".`,
    );
  return byFilter(program, chosen, direction, options, addActionFilter);
}

/** Interfaces whose clsact this process has made: it takes it away with the last filter. */
const madeClsact = new Set<number>();

function byFilter(
  program: ProgramHandle,
  { index, name }: NetworkInterface,
  direction: "ingress" | "egress",
  options: { readonly priority?: number; readonly handle?: number },
  add: typeof addBpfFilter,
): Link {
  const { descriptor, spec } = program;
  const target = `${direction} of interface ${name}`;
  const context: CallContext = {
    capability: "CAP_NET_ADMIN",
    call: `RTM_NEWTFILTER of ${descriptor.what} on ${target}`,
    cures: {
      [Errno.EEXIST]: "There is a filter with this priority and handle: choose others.",
      [Errno.ENOENT]: "This kernel has no such classifiers (CONFIG_NET_CLS_BPF, CONFIG_NET_SCH_INGRESS).",
    },
  };
  if (ensureClsact({ index, name }, direction, { ...context, call: `RTM_NEWQDISC of clsact for ${target}` }))
    madeClsact.add(index);
  const removeClsact = (): void => {
    if (!madeClsact.has(index)) return;
    if (removeUnusedClsact(index, { ...context, call: `RTM_DELQDISC of clsact for ${target}` }))
      madeClsact.delete(index);
  };
  let filter: Filter;
  try {
    filter = add({ index, direction, fd: descriptor.fd, name: spec.name, ...options }, context);
  } catch (error) {
    removeClsact();
    throw error;
  }
  return makeLink({
    target,
    mechanism: "netlink",
    descriptor: null,
    release: () => {
      deleteFilter(filter, { ...context, call: `RTM_DELTFILTER on ${target}` });
      removeClsact();
    },
  });
}

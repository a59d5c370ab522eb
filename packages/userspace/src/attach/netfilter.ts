/** Programs of netfilter's hooks, beside the rules of nftables and iptables (Linux 6.4). */
import { Errno } from "../errors/errno.js";
import { AttachError } from "../errors/errors.js";
import { AttachType } from "../sys/uapi.js";
import { createLink } from "./bpf-link.js";
import type { Link } from "./link.js";
import type { ProgramHandle } from "./program-handle.js";

/** `NFPROTO_*` and `NF_INET_*` of linux/netfilter.h. */
const families = { ipv4: 2, ipv6: 10 } as const;
const hooks = { prerouting: 0, input: 1, forward: 2, output: 3, postrouting: 4 } as const;

/** Where to attach a program of netfilter. */
export interface NetfilterAttachOptions {
  readonly family: keyof typeof families;
  readonly hook: keyof typeof hooks;
  /** Where among what else is there: smaller numbers come first. 0 is where filters are; the two ends of the range are taken. */
  readonly priority?: number;
  /** Fragments are put together first, which some programs need to see ports; kernel 6.6. */
  readonly defragment?: boolean;
}

/** BPF_F_NETFILTER_IP_DEFRAG of linux/bpf.h. */
const DEFRAGMENT = 1;

/** Attaches to a hook of netfilter in this process's network namespace. */
export function attachNetfilter(program: ProgramHandle, options: Partial<NetfilterAttachOptions> = {}): Link {
  const { family, hook, priority = 0, defragment = false } = options;
  if (
    family === undefined ||
    hook === undefined ||
    !Object.hasOwn(families, family) ||
    !Object.hasOwn(hooks, hook)
  )
    throw new AttachError("bad-option", 'name a hook: attach({ family: "ipv4", hook: "input" }).');
  return createLink(
    program,
    `${hook} of ${family}`,
    {
      target: 0,
      attachType: AttachType.Netfilter,
      size: 16,
      fill: (attribute, at) => {
        attribute.setU32(at, families[family]);
        attribute.setU32(at + 4, hooks[hook]);
        attribute.setU32(at + 8, priority >>> 0);
        attribute.setU32(at + 12, defragment ? DEFRAGMENT : 0);
      },
    },
    {
      capability: "CAP_NET_ADMIN",
      needs: [["netfilter programs", "6.4"]],
      cures: {
        [Errno.EBUSY]: `A program has priority ${priority} there: give another.`,
        [Errno.ERANGE]: `${priority} is one of the two priorities that are taken (−2³¹ and 2³¹−1).`,
        [Errno.EAFNOSUPPORT]: `This kernel is built without ${family}, or its defragmentation.`,
      },
    },
  );
}

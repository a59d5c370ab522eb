import { Errno, errnoDescription } from "../errors/errno.js";
import { ClosedError, NotSupportedError } from "../errors/errors.js";
import type { PinOptions } from "../pin/bpf-file-system.js";
import { pinAt } from "../pin/pin.js";
import { callBpf } from "../sys/bpf.js";
import type { Descriptor } from "../sys/descriptor.js";
import { NativeMemory } from "../sys/memory.js";
import { BpfCommand } from "../sys/uapi.js";

/** How the kernel holds an attached program: "link" as a BPF link, else through the older interface that was used. */
export type LinkMechanism = "link" | "perf-event" | "netlink" | "attach" | "socket";

/** A program attached somewhere. It ends with `detach`, with the app, or with the process, unless it is pinned. */
export interface Link extends Disposable {
  /** Where it is attached, in words. */
  readonly target: string;
  readonly mechanism: LinkMechanism;
  readonly attached: boolean;
  /** Detaches. Calling it twice does nothing. */
  detach(): void;
  /**
   * Gives it a path on a BPF file system (`/sys/fs/bpf/…`): it then outlives the process, until that file is removed. Folders that are
   * missing are created there, and the file system is mounted at `/sys/fs/bpf` when it is not. Kernel 5.7.
   *
   * @throws NotSupportedError for what is no BPF link; PinError when the path is not on a BPF file system; SystemCallError when
   * there is something at the path
   */
  pin(path: string, options?: PinOptions): void;
  /**
   * Puts another program of the same type into its place, in one step: no packet or event meets neither. Kernel 5.7, for cgroups, network
   * namespaces and interfaces.
   *
   * @param program of any app of this process
   * @throws NotSupportedError for what is no BPF link; SystemCallError for a program of another type
   */
  update(program: object): void;
}

/** What a link is made of. */
export interface LinkParts {
  readonly target: string;
  readonly mechanism: LinkMechanism;
  /** The BPF link; null when an older interface holds the program. */
  readonly descriptor: Descriptor | null;
  /** Ends it; runs once. Of a BPF link closing it is enough, which is done after. */
  readonly release?: () => void;
  /** The descriptor of a program; null for what is none. */
  readonly programOf?: (program: object) => Descriptor | null;
}

const UPDATE_SIZE = 16;

/** Makes a link of what ends it. */
export function makeLink({ target, mechanism, descriptor, release, programOf }: LinkParts): Link {
  let attached = true;
  const detach = () => {
    if (!attached) return;
    attached = false;
    try {
      release?.();
    } finally {
      descriptor?.close();
    }
  };
  const held = (what: string): Descriptor => {
    if (!attached) throw new ClosedError(`the link to ${target}`);
    if (descriptor !== null) return descriptor;
    throw new NotSupportedError({
      code: "not-supported",
      call: `${what} of the link to ${target}`,
      errno: "EOPNOTSUPP",
      errnoNumber: Errno.EOPNOTSUPP,
      description: errnoDescription(Errno.EOPNOTSUPP),
      cure: `It is held by ${mechanism}, not as a BPF link: newer kernels make links of it.`,
    });
  };
  return {
    target,
    mechanism,
    get attached() {
      return attached;
    },
    detach,
    pin: (path, options) => pinAt(held("pinning"), path, options),
    update: (program) => {
      const link = held("updating");
      const next = programOf?.(program) ?? null;
      if (next === null) throw new TypeError("update takes a program of an app: app.programs.name");
      const attribute = new NativeMemory(UPDATE_SIZE);
      attribute.setU32(0, link.fd);
      attribute.setU32(4, next.fd);
      callBpf(BpfCommand.LinkUpdate, attribute, `of ${link.what} to ${next.what}`, {
        cures: {
          [Errno.EINVAL]:
            "Links to cgroups, network namespaces and interfaces can be updated, to a program of the same type.",
          [Errno.EOPNOTSUPP]:
            "Links of this kind cannot be updated: attach the other program, then detach this one.",
        },
      });
    },
    [Symbol.dispose]: detach,
  };
}

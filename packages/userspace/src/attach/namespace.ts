/** Programs of a network namespace: socket lookup and flow dissection. */
import { Errno } from "../errors/errno.js";
import { createLink } from "./bpf-link.js";
import { withFile } from "./files.js";
import type { Link } from "./link.js";
import type { ProgramHandle } from "./program-handle.js";

/** Where to attach a program of a network namespace. */
export interface NamespaceAttachOptions {
  /** The namespace's file, e.g. "/run/netns/blue", or a descriptor of it; this process's own when not given. */
  readonly namespace?: string | number;
}

/** Attaches to a network namespace: with a BPF link (Linux 5.8; socket lookup 5.9). */
export function attachNamespace(program: ProgramHandle, options: NamespaceAttachOptions = {}): Link {
  const { namespace = "/proc/self/ns/net" } = options;
  const target = `network namespace ${namespace}`;
  return withFile(namespace, "network namespace", "unknown-namespace", (fd) =>
    createLink(
      program,
      target,
      { target: fd, attachType: program.spec.expectedAttachType },
      {
        capability: "CAP_NET_ADMIN",
        needs: [["links to network namespaces", "5.8"]],
        cures: {
          [Errno.EEXIST]: "The namespace has such a program, and takes one only: detach it first.",
          [Errno.E2BIG]: "The namespace has as many such programs as it takes (64).",
          [Errno.EINVAL]: "It is no network namespace.",
        },
      },
    ),
  );
}

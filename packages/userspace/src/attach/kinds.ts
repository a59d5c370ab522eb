/** How each kind of program is attached. */
import { AttachError } from "../errors/errors.js";
import { attachCgroup, type CgroupAttachOptions } from "./cgroup.js";
import { attachCounter, type PerfEventAttachOptions } from "./counter.js";
import { attachLirc, type LircAttachOptions } from "./device.js";
import { attachIterator, type IteratorAttachOptions, type IteratorLink } from "./iterator.js";
import type { Link } from "./link.js";
import { attachSocketMap, type SocketMapAttachOptions } from "./map.js";
import {
  attachKprobeMulti,
  attachUprobeMulti,
  type KprobeMultiAttachOptions,
  type MultiLink,
  type UprobeMultiAttachOptions,
} from "./multi.js";
import { attachNamespace, type NamespaceAttachOptions } from "./namespace.js";
import { attachNetfilter, type NetfilterAttachOptions } from "./netfilter.js";
import {
  attachKprobe,
  attachSystemCall,
  attachUprobe,
  type KprobeAttachOptions,
  type UprobeAttachOptions,
} from "./probe.js";
import type { ProgramHandle } from "./program-handle.js";
import { attachRawTracepoint, attachToTarget, type RawTracepointAttachOptions } from "./raw-tracepoint.js";
import { attachReuseport, attachSocketFilter, type SocketAttachOptions } from "./socket.js";
import {
  type ActionAttachOptions,
  attachAction,
  attachClassifier,
  type ClassifierAttachOptions,
} from "./tc.js";
import { attachTracepoint, type TracepointAttachOptions } from "./tracepoint.js";
import { attachXdp, type XdpAttachOptions } from "./xdp.js";

/** Arguments and result of `attach`, by kind of program. */
export interface AttachByKind {
  xdp: (options: XdpAttachOptions) => Link;
  tracepoint: (options?: TracepointAttachOptions) => Link;
  "raw-tracepoint": (options?: RawTracepointAttachOptions) => Link;
  "raw-tracepoint-writable": (options?: RawTracepointAttachOptions) => Link;
  "btf-tracepoint": () => Link;
  fentry: () => Link;
  fexit: () => Link;
  "fmod-ret": () => Link;
  fsession: () => Link;
  lsm: () => Link;
  "lsm-cgroup": (options: CgroupAttachOptions) => Link;
  kprobe: (options?: KprobeAttachOptions) => Link;
  kretprobe: (options?: KprobeAttachOptions) => Link;
  "kprobe-multi": (options?: KprobeMultiAttachOptions) => MultiLink;
  "kretprobe-multi": (options?: KprobeMultiAttachOptions) => MultiLink;
  "kprobe-session": (options?: KprobeMultiAttachOptions) => MultiLink;
  ksyscall: (options?: KprobeAttachOptions) => Link;
  kretsyscall: (options?: KprobeAttachOptions) => Link;
  uprobe: (options?: UprobeAttachOptions) => Link;
  uretprobe: (options?: UprobeAttachOptions) => Link;
  "uprobe-multi": (options?: UprobeMultiAttachOptions) => MultiLink;
  "uretprobe-multi": (options?: UprobeMultiAttachOptions) => MultiLink;
  "uprobe-session": (options?: UprobeMultiAttachOptions) => MultiLink;
  "perf-event": (options: PerfEventAttachOptions) => Link;
  classifier: (options: ClassifierAttachOptions) => Link;
  action: (options: ActionAttachOptions) => Link;
  "socket-filter": (options: SocketAttachOptions) => Link;
  "sk-reuseport": (options: SocketAttachOptions) => Link;
  "cgroup-skb": (options: CgroupAttachOptions) => Link;
  "cgroup-sock": (options: CgroupAttachOptions) => Link;
  "cgroup-sock-addr": (options: CgroupAttachOptions) => Link;
  "cgroup-sockopt": (options: CgroupAttachOptions) => Link;
  "cgroup-sysctl": (options: CgroupAttachOptions) => Link;
  "cgroup-device": (options: CgroupAttachOptions) => Link;
  "sock-ops": (options: CgroupAttachOptions) => Link;
  "sk-lookup": (options?: NamespaceAttachOptions) => Link;
  "flow-dissector": (options?: NamespaceAttachOptions) => Link;
  "sk-msg": (options: SocketMapAttachOptions) => Link;
  "sk-skb": (options: SocketMapAttachOptions) => Link;
  iter: (options?: IteratorAttachOptions) => IteratorLink;
  netfilter: (options: NetfilterAttachOptions) => Link;
  "lirc-mode2": (options: LircAttachOptions) => Link;
}

/** A kind of program that can be attached. */
export type AttachableKind = keyof AttachByKind;

type Attach<Kind extends AttachableKind> = (
  program: ProgramHandle,
  options?: Partial<NonNullable<Parameters<AttachByKind[Kind]>[0]>>,
) => ReturnType<AttachByKind[Kind]>;

const attachByKind: { readonly [Kind in AttachableKind]: Attach<Kind> } = {
  xdp: attachXdp,
  tracepoint: attachTracepoint,
  "raw-tracepoint": attachRawTracepoint,
  "raw-tracepoint-writable": attachRawTracepoint,
  "btf-tracepoint": attachToTarget,
  fentry: attachToTarget,
  fexit: attachToTarget,
  "fmod-ret": attachToTarget,
  fsession: attachToTarget,
  lsm: attachToTarget,
  "lsm-cgroup": attachCgroup,
  kprobe: attachKprobe,
  kretprobe: attachKprobe,
  "kprobe-multi": attachKprobeMulti,
  "kretprobe-multi": attachKprobeMulti,
  "kprobe-session": attachKprobeMulti,
  ksyscall: attachSystemCall,
  kretsyscall: attachSystemCall,
  uprobe: attachUprobe,
  uretprobe: attachUprobe,
  "uprobe-multi": attachUprobeMulti,
  "uretprobe-multi": attachUprobeMulti,
  "uprobe-session": attachUprobeMulti,
  "perf-event": attachCounter,
  classifier: attachClassifier,
  action: attachAction,
  "socket-filter": attachSocketFilter,
  "sk-reuseport": attachReuseport,
  "cgroup-skb": attachCgroup,
  "cgroup-sock": attachCgroup,
  "cgroup-sock-addr": attachCgroup,
  "cgroup-sockopt": attachCgroup,
  "cgroup-sysctl": attachCgroup,
  "cgroup-device": attachCgroup,
  "sock-ops": attachCgroup,
  "sk-lookup": attachNamespace,
  "flow-dissector": attachNamespace,
  "sk-msg": attachSocketMap,
  "sk-skb": attachSocketMap,
  iter: attachIterator,
  netfilter: attachNetfilter,
  "lirc-mode2": attachLirc,
};

/** What is told of kinds that are not attached like others. */
const elsewhere: Readonly<Record<string, string>> = {
  "lwt-in": "a route attaches them: pin the program and say `ip route add … encap bpf in pinned PATH`",
  "lwt-out": "a route attaches them: pin the program and say `ip route add … encap bpf out pinned PATH`",
  "lwt-xmit": "a route attaches them: pin the program and say `ip route add … encap bpf xmit pinned PATH`",
  "lwt-seg6local":
    "a route attaches them: pin the program and say `ip -6 route add … encap seg6local action End.BPF endpoint pinned PATH`",
  syscall: "they run when user space says so: testRun({ context })",
  "struct-ops": "the map that they are members of is attached",
};

/** Attaches a program as its kind is attached. @throws AttachError "unsupported-attach" for kinds that cannot be */
export function attachProgram(program: ProgramHandle, options: unknown): Link {
  const { name } = program.spec.kind;
  const attach: ((program: ProgramHandle, options?: object) => Link) | undefined = Object.hasOwn(
    attachByKind,
    name,
  )
    ? Reflect.get(attachByKind, name)
    : undefined;
  if (attach === undefined)
    throw new AttachError(
      "unsupported-attach",
      `programs of kind ${name} are not attached by this call: ${elsewhere[name] ?? "it does not know them yet"}.`,
    );
  if (options !== undefined && (typeof options !== "object" || options === null))
    throw new AttachError("bad-option", `attach takes an object with options, not ${typeof options}.`);
  return attach(program, options ?? {});
}

import { attachTypeByName } from "./attach-types.js";
import type { ProgramKindRow } from "./program-kinds.js";
import { programKindByName } from "./program-kinds.js";
import type { ProgramTypeRow } from "./program-types.js";

/** `BPF_F_SLEEPABLE` of linux/bpf.h: the program may sleep (Linux 5.10). */
export const PROGRAM_FLAG_SLEEPABLE = 1 << 4;
/** `BPF_F_XDP_HAS_FRAGS` of linux/bpf.h: the XDP program takes packets in several buffers (Linux 5.18). */
export const PROGRAM_FLAG_XDP_HAS_FRAGS = 1 << 5;

/** What a section name says of the programs in it. libbpf's names, because every tool knows them. */
export interface SectionDefinition {
  /** The name without what may follow, e.g. "tracepoint". */
  readonly prefix: string;
  /** "exact": just `prefix`. "prefix": `prefix`, or `prefix/target`. */
  readonly match: "exact" | "prefix";
  /** What users know such programs as. */
  readonly kind: ProgramKindRow;
  readonly programType: ProgramTypeRow;
  /** UAPI name of the attach type that the program is loaded for; null when the section asks for none. */
  readonly attachType: string | null;
  /** Value of `attachType`; 0 when there is none. */
  readonly expectedAttachType: number;
  /** The kernel also takes the program without its expected attach type, as kernels before 4.17 must. */
  readonly attachTypeOptional: boolean;
  /** The target is a kernel type or function that the loader finds in BTF. */
  readonly btfTarget: boolean;
  readonly sleepable: boolean;
  readonly frags: boolean;
  /** A user-space statically defined tracepoint. */
  readonly usdt: boolean;
  /** `BPF_F_*` that the program is loaded with. */
  readonly programFlags: number;
}

/** A section name that a definition fits. */
export interface SectionMatch extends SectionDefinition {
  /** What follows `prefix/`; null when nothing does. */
  readonly target: string | null;
  /** false for a name that starts with `?`: loaded only when asked for. */
  readonly autoload: boolean;
}

type SectionMark = "attach-type-optional" | "btf-target" | "sleepable" | "frags" | "usdt";

/** `+` at the end of a name: something may follow after a slash. */
type Row = readonly [name: string, kind: string, attachType?: string | null, ...marks: SectionMark[]];

const rows: readonly Row[] = [
  ["socket", "socket-filter"],
  ["sk_reuseport/migrate", "sk-reuseport", "BPF_SK_REUSEPORT_SELECT_OR_MIGRATE"],
  // Kernels before 5.14 do not look at it.
  ["sk_reuseport", "sk-reuseport", "BPF_SK_REUSEPORT_SELECT", "attach-type-optional"],
  ["kprobe+", "kprobe"],
  ["uprobe+", "uprobe"],
  ["uprobe.s+", "uprobe", null, "sleepable"],
  ["kretprobe+", "kretprobe"],
  ["uretprobe+", "uretprobe"],
  ["uretprobe.s+", "uretprobe", null, "sleepable"],
  ["kprobe.multi+", "kprobe-multi", "BPF_TRACE_KPROBE_MULTI"],
  ["kretprobe.multi+", "kretprobe-multi", "BPF_TRACE_KPROBE_MULTI"],
  ["kprobe.session+", "kprobe-session", "BPF_TRACE_KPROBE_SESSION"],
  ["uprobe.multi+", "uprobe-multi", "BPF_TRACE_UPROBE_MULTI"],
  ["uretprobe.multi+", "uretprobe-multi", "BPF_TRACE_UPROBE_MULTI"],
  ["uprobe.session+", "uprobe-session", "BPF_TRACE_UPROBE_SESSION"],
  ["uprobe.multi.s+", "uprobe-multi", "BPF_TRACE_UPROBE_MULTI", "sleepable"],
  ["uretprobe.multi.s+", "uretprobe-multi", "BPF_TRACE_UPROBE_MULTI", "sleepable"],
  ["uprobe.session.s+", "uprobe-session", "BPF_TRACE_UPROBE_SESSION", "sleepable"],
  ["ksyscall+", "ksyscall"],
  ["kretsyscall+", "kretsyscall"],
  ["usdt+", "usdt", null, "usdt"],
  ["usdt.s+", "usdt", null, "sleepable", "usdt"],
  ["tc/ingress", "classifier", "BPF_TCX_INGRESS"],
  ["tc/egress", "classifier", "BPF_TCX_EGRESS"],
  ["tcx/ingress", "classifier", "BPF_TCX_INGRESS"],
  ["tcx/egress", "classifier", "BPF_TCX_EGRESS"],
  ["tc", "classifier"],
  ["classifier", "classifier"],
  ["action", "action"],
  ["netkit/primary", "classifier", "BPF_NETKIT_PRIMARY"],
  ["netkit/peer", "classifier", "BPF_NETKIT_PEER"],
  ["tracepoint+", "tracepoint"],
  ["tp+", "tracepoint"],
  ["tracepoint.s+", "tracepoint", null, "sleepable"],
  ["tp.s+", "tracepoint", null, "sleepable"],
  ["raw_tracepoint+", "raw-tracepoint"],
  ["raw_tp+", "raw-tracepoint"],
  ["raw_tracepoint.s+", "raw-tracepoint", null, "sleepable"],
  ["raw_tp.s+", "raw-tracepoint", null, "sleepable"],
  ["raw_tracepoint.w+", "raw-tracepoint-writable"],
  ["raw_tp.w+", "raw-tracepoint-writable"],
  ["tp_btf+", "btf-tracepoint", "BPF_TRACE_RAW_TP", "btf-target"],
  ["tp_btf.s+", "btf-tracepoint", "BPF_TRACE_RAW_TP", "btf-target", "sleepable"],
  ["fentry+", "fentry", "BPF_TRACE_FENTRY", "btf-target"],
  ["fmod_ret+", "fmod-ret", "BPF_MODIFY_RETURN", "btf-target"],
  ["fexit+", "fexit", "BPF_TRACE_FEXIT", "btf-target"],
  ["fentry.s+", "fentry", "BPF_TRACE_FENTRY", "btf-target", "sleepable"],
  ["fmod_ret.s+", "fmod-ret", "BPF_MODIFY_RETURN", "btf-target", "sleepable"],
  ["fexit.s+", "fexit", "BPF_TRACE_FEXIT", "btf-target", "sleepable"],
  ["fsession+", "fsession", "BPF_TRACE_FSESSION", "btf-target"],
  ["fsession.s+", "fsession", "BPF_TRACE_FSESSION", "btf-target", "sleepable"],
  ["fsession.multi+", "fsession-multi", "BPF_TRACE_FSESSION_MULTI"],
  ["fsession.multi.s+", "fsession-multi", "BPF_TRACE_FSESSION_MULTI", "sleepable"],
  ["fentry.multi+", "fentry-multi", "BPF_TRACE_FENTRY_MULTI"],
  ["fexit.multi+", "fexit-multi", "BPF_TRACE_FEXIT_MULTI"],
  ["fentry.multi.s+", "fentry-multi", "BPF_TRACE_FENTRY_MULTI", "sleepable"],
  ["fexit.multi.s+", "fexit-multi", "BPF_TRACE_FEXIT_MULTI", "sleepable"],
  ["freplace+", "extension", null, "btf-target"],
  ["lsm+", "lsm", "BPF_LSM_MAC", "btf-target"],
  ["lsm.s+", "lsm", "BPF_LSM_MAC", "btf-target", "sleepable"],
  ["lsm_cgroup+", "lsm-cgroup", "BPF_LSM_CGROUP", "btf-target"],
  ["iter+", "iter", "BPF_TRACE_ITER", "btf-target"],
  ["iter.s+", "iter", "BPF_TRACE_ITER", "btf-target", "sleepable"],
  ["syscall", "syscall", null, "sleepable"],
  ["xdp.frags/devmap", "xdp", "BPF_XDP_DEVMAP", "frags"],
  ["xdp/devmap", "xdp", "BPF_XDP_DEVMAP"],
  ["xdp.frags/cpumap", "xdp", "BPF_XDP_CPUMAP", "frags"],
  ["xdp/cpumap", "xdp", "BPF_XDP_CPUMAP"],
  ["xdp.frags", "xdp", "BPF_XDP", "frags"],
  ["xdp", "xdp", "BPF_XDP", "attach-type-optional"],
  ["perf_event", "perf-event"],
  ["lwt_in", "lwt-in"],
  ["lwt_out", "lwt-out"],
  ["lwt_xmit", "lwt-xmit"],
  ["lwt_seg6local", "lwt-seg6local"],
  ["sockops", "sock-ops", "BPF_CGROUP_SOCK_OPS", "attach-type-optional"],
  ["sk_skb/stream_parser", "sk-skb", "BPF_SK_SKB_STREAM_PARSER", "attach-type-optional"],
  ["sk_skb/stream_verdict", "sk-skb", "BPF_SK_SKB_STREAM_VERDICT", "attach-type-optional"],
  ["sk_skb/verdict", "sk-skb", "BPF_SK_SKB_VERDICT", "attach-type-optional"],
  ["sk_skb", "sk-skb"],
  ["sk_msg", "sk-msg", "BPF_SK_MSG_VERDICT", "attach-type-optional"],
  ["lirc_mode2", "lirc-mode2", "BPF_LIRC_MODE2", "attach-type-optional"],
  ["flow_dissector", "flow-dissector", "BPF_FLOW_DISSECTOR", "attach-type-optional"],
  ["cgroup_skb/ingress", "cgroup-skb", "BPF_CGROUP_INET_INGRESS", "attach-type-optional"],
  ["cgroup_skb/egress", "cgroup-skb", "BPF_CGROUP_INET_EGRESS", "attach-type-optional"],
  ["cgroup/skb", "cgroup-skb"],
  ["cgroup/sock_create", "cgroup-sock", "BPF_CGROUP_INET_SOCK_CREATE"],
  ["cgroup/sock_release", "cgroup-sock", "BPF_CGROUP_INET_SOCK_RELEASE"],
  ["cgroup/sock", "cgroup-sock", "BPF_CGROUP_INET_SOCK_CREATE", "attach-type-optional"],
  ["cgroup/post_bind4", "cgroup-sock", "BPF_CGROUP_INET4_POST_BIND"],
  ["cgroup/post_bind6", "cgroup-sock", "BPF_CGROUP_INET6_POST_BIND"],
  ["cgroup/bind4", "cgroup-sock-addr", "BPF_CGROUP_INET4_BIND"],
  ["cgroup/bind6", "cgroup-sock-addr", "BPF_CGROUP_INET6_BIND"],
  ["cgroup/connect4", "cgroup-sock-addr", "BPF_CGROUP_INET4_CONNECT"],
  ["cgroup/connect6", "cgroup-sock-addr", "BPF_CGROUP_INET6_CONNECT"],
  ["cgroup/connect_unix", "cgroup-sock-addr", "BPF_CGROUP_UNIX_CONNECT"],
  ["cgroup/sendmsg4", "cgroup-sock-addr", "BPF_CGROUP_UDP4_SENDMSG"],
  ["cgroup/sendmsg6", "cgroup-sock-addr", "BPF_CGROUP_UDP6_SENDMSG"],
  ["cgroup/sendmsg_unix", "cgroup-sock-addr", "BPF_CGROUP_UNIX_SENDMSG"],
  ["cgroup/recvmsg4", "cgroup-sock-addr", "BPF_CGROUP_UDP4_RECVMSG"],
  ["cgroup/recvmsg6", "cgroup-sock-addr", "BPF_CGROUP_UDP6_RECVMSG"],
  ["cgroup/recvmsg_unix", "cgroup-sock-addr", "BPF_CGROUP_UNIX_RECVMSG"],
  ["cgroup/getpeername4", "cgroup-sock-addr", "BPF_CGROUP_INET4_GETPEERNAME"],
  ["cgroup/getpeername6", "cgroup-sock-addr", "BPF_CGROUP_INET6_GETPEERNAME"],
  ["cgroup/getpeername_unix", "cgroup-sock-addr", "BPF_CGROUP_UNIX_GETPEERNAME"],
  ["cgroup/getsockname4", "cgroup-sock-addr", "BPF_CGROUP_INET4_GETSOCKNAME"],
  ["cgroup/getsockname6", "cgroup-sock-addr", "BPF_CGROUP_INET6_GETSOCKNAME"],
  ["cgroup/getsockname_unix", "cgroup-sock-addr", "BPF_CGROUP_UNIX_GETSOCKNAME"],
  ["cgroup/sysctl", "cgroup-sysctl", "BPF_CGROUP_SYSCTL"],
  ["cgroup/getsockopt", "cgroup-sockopt", "BPF_CGROUP_GETSOCKOPT"],
  ["cgroup/setsockopt", "cgroup-sockopt", "BPF_CGROUP_SETSOCKOPT"],
  ["cgroup/dev", "cgroup-device", "BPF_CGROUP_DEVICE", "attach-type-optional"],
  ["struct_ops+", "struct-ops"],
  ["struct_ops.s+", "struct-ops", null, "sleepable"],
  ["sk_lookup", "sk-lookup", "BPF_SK_LOOKUP"],
  ["netfilter", "netfilter", "BPF_NETFILTER"],
];

/** Every section name that holds programs (libbpf 1.8, docs/program_types.rst). */
export const sectionDefinitions: readonly SectionDefinition[] = rows.map(
  ([name, kindName, attachType = null, ...marks]) => {
    const kind = programKindByName(kindName);
    const attach = attachType === null ? null : attachTypeByName(attachType);
    if (kind === null || (attachType !== null && attach === null)) {
      throw new Error(`the section table's row ${name} names an unknown kind of program or attach type`);
    }
    const sleepable = marks.includes("sleepable");
    const frags = marks.includes("frags");
    return {
      prefix: name.replace(/\+$/, ""),
      match: name.endsWith("+") ? "prefix" : "exact",
      kind,
      programType: kind.type,
      attachType,
      expectedAttachType: attach?.value ?? 0,
      attachTypeOptional: marks.includes("attach-type-optional"),
      btfTarget: marks.includes("btf-target"),
      sleepable,
      frags,
      usdt: marks.includes("usdt"),
      programFlags: (sleepable ? PROGRAM_FLAG_SLEEPABLE : 0) | (frags ? PROGRAM_FLAG_XDP_HAS_FRAGS : 0),
    };
  },
);

const byPrefix = new Map(sectionDefinitions.map((row) => [row.prefix, row]));

/** The definition that a section name fits, e.g. of `xdp` or `tracepoint/syscalls/sys_enter_execve`; null when none does. */
export function sectionByName(name: string): SectionMatch | null {
  const autoload = !name.startsWith("?");
  const bare = autoload ? name : name.slice(1);
  const exact = byPrefix.get(bare);
  if (exact !== undefined) return { ...exact, target: null, autoload };
  // No prefix that takes a target has a slash in it, so that the first slash ends it.
  const slash = bare.indexOf("/");
  const found = slash < 0 ? undefined : byPrefix.get(bare.slice(0, slash));
  const target = bare.slice(slash + 1);
  if (found === undefined || found.match === "exact" || target === "") return null;
  return { ...found, target, autoload };
}

/** A `BPF_*` attach type of linux/bpf.h (`enum bpf_attach_type`). */
export interface AttachTypeRow {
  /** UAPI name, e.g. "BPF_XDP". */
  readonly uapi: string;
  readonly value: number;
  /** Oldest kernel that has it. */
  readonly since: string;
}

/** Every attach type, by value ascending from 0. */
export const attachTypes: readonly AttachTypeRow[] = [
  { uapi: "BPF_CGROUP_INET_INGRESS", value: 0, since: "4.10" },
  { uapi: "BPF_CGROUP_INET_EGRESS", value: 1, since: "4.10" },
  { uapi: "BPF_CGROUP_INET_SOCK_CREATE", value: 2, since: "4.10" },
  { uapi: "BPF_CGROUP_SOCK_OPS", value: 3, since: "4.13" },
  { uapi: "BPF_SK_SKB_STREAM_PARSER", value: 4, since: "4.14" },
  { uapi: "BPF_SK_SKB_STREAM_VERDICT", value: 5, since: "4.14" },
  { uapi: "BPF_CGROUP_DEVICE", value: 6, since: "4.15" },
  { uapi: "BPF_SK_MSG_VERDICT", value: 7, since: "4.17" },
  { uapi: "BPF_CGROUP_INET4_BIND", value: 8, since: "4.17" },
  { uapi: "BPF_CGROUP_INET6_BIND", value: 9, since: "4.17" },
  { uapi: "BPF_CGROUP_INET4_CONNECT", value: 10, since: "4.17" },
  { uapi: "BPF_CGROUP_INET6_CONNECT", value: 11, since: "4.17" },
  { uapi: "BPF_CGROUP_INET4_POST_BIND", value: 12, since: "4.17" },
  { uapi: "BPF_CGROUP_INET6_POST_BIND", value: 13, since: "4.17" },
  { uapi: "BPF_CGROUP_UDP4_SENDMSG", value: 14, since: "4.18" },
  { uapi: "BPF_CGROUP_UDP6_SENDMSG", value: 15, since: "4.18" },
  { uapi: "BPF_LIRC_MODE2", value: 16, since: "4.18" },
  { uapi: "BPF_FLOW_DISSECTOR", value: 17, since: "4.20" },
  { uapi: "BPF_CGROUP_SYSCTL", value: 18, since: "5.2" },
  { uapi: "BPF_CGROUP_UDP4_RECVMSG", value: 19, since: "5.2" },
  { uapi: "BPF_CGROUP_UDP6_RECVMSG", value: 20, since: "5.2" },
  { uapi: "BPF_CGROUP_GETSOCKOPT", value: 21, since: "5.3" },
  { uapi: "BPF_CGROUP_SETSOCKOPT", value: 22, since: "5.3" },
  { uapi: "BPF_TRACE_RAW_TP", value: 23, since: "5.5" },
  { uapi: "BPF_TRACE_FENTRY", value: 24, since: "5.5" },
  { uapi: "BPF_TRACE_FEXIT", value: 25, since: "5.5" },
  { uapi: "BPF_MODIFY_RETURN", value: 26, since: "5.7" },
  { uapi: "BPF_LSM_MAC", value: 27, since: "5.7" },
  { uapi: "BPF_TRACE_ITER", value: 28, since: "5.8" },
  { uapi: "BPF_CGROUP_INET4_GETPEERNAME", value: 29, since: "5.8" },
  { uapi: "BPF_CGROUP_INET6_GETPEERNAME", value: 30, since: "5.8" },
  { uapi: "BPF_CGROUP_INET4_GETSOCKNAME", value: 31, since: "5.8" },
  { uapi: "BPF_CGROUP_INET6_GETSOCKNAME", value: 32, since: "5.8" },
  { uapi: "BPF_XDP_DEVMAP", value: 33, since: "5.8" },
  { uapi: "BPF_CGROUP_INET_SOCK_RELEASE", value: 34, since: "5.9" },
  { uapi: "BPF_XDP_CPUMAP", value: 35, since: "5.9" },
  { uapi: "BPF_SK_LOOKUP", value: 36, since: "5.9" },
  { uapi: "BPF_XDP", value: 37, since: "5.9" },
  { uapi: "BPF_SK_SKB_VERDICT", value: 38, since: "5.13" },
  { uapi: "BPF_SK_REUSEPORT_SELECT", value: 39, since: "5.14" },
  { uapi: "BPF_SK_REUSEPORT_SELECT_OR_MIGRATE", value: 40, since: "5.14" },
  { uapi: "BPF_PERF_EVENT", value: 41, since: "5.15" },
  { uapi: "BPF_TRACE_KPROBE_MULTI", value: 42, since: "5.18" },
  { uapi: "BPF_LSM_CGROUP", value: 43, since: "6.0" },
  { uapi: "BPF_STRUCT_OPS", value: 44, since: "6.4" },
  { uapi: "BPF_NETFILTER", value: 45, since: "6.4" },
  { uapi: "BPF_TCX_INGRESS", value: 46, since: "6.6" },
  { uapi: "BPF_TCX_EGRESS", value: 47, since: "6.6" },
  { uapi: "BPF_TRACE_UPROBE_MULTI", value: 48, since: "6.6" },
  { uapi: "BPF_CGROUP_UNIX_CONNECT", value: 49, since: "6.7" },
  { uapi: "BPF_CGROUP_UNIX_SENDMSG", value: 50, since: "6.7" },
  { uapi: "BPF_CGROUP_UNIX_RECVMSG", value: 51, since: "6.7" },
  { uapi: "BPF_CGROUP_UNIX_GETPEERNAME", value: 52, since: "6.7" },
  { uapi: "BPF_CGROUP_UNIX_GETSOCKNAME", value: 53, since: "6.7" },
  { uapi: "BPF_NETKIT_PRIMARY", value: 54, since: "6.7" },
  { uapi: "BPF_NETKIT_PEER", value: 55, since: "6.7" },
  { uapi: "BPF_TRACE_KPROBE_SESSION", value: 56, since: "6.10" },
  { uapi: "BPF_TRACE_UPROBE_SESSION", value: 57, since: "6.13" },
  { uapi: "BPF_TRACE_FSESSION", value: 58, since: "7.0" },
  // These three are in bpf-next of July 2026, so that 7.2 is the earliest they can be in.
  { uapi: "BPF_TRACE_FENTRY_MULTI", value: 59, since: "7.2" },
  { uapi: "BPF_TRACE_FEXIT_MULTI", value: 60, since: "7.2" },
  { uapi: "BPF_TRACE_FSESSION_MULTI", value: 61, since: "7.2" },
];

const byName = new Map(attachTypes.map((row) => [row.uapi, row]));

/** The attach type of a UAPI name, e.g. "BPF_XDP"; null when there is none. */
export function attachTypeByName(uapi: string): AttachTypeRow | null {
  return byName.get(uapi) ?? null;
}

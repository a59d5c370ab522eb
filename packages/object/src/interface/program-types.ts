/** A `BPF_PROG_TYPE_*` of linux/bpf.h. */
export interface ProgramTypeRow {
  /** Waggle's name, e.g. "xdp". */
  readonly name: string;
  /** UAPI name, e.g. "BPF_PROG_TYPE_XDP". */
  readonly uapi: string;
  readonly value: number;
  /** Oldest kernel that has it. */
  readonly since: string;
}

/** Every program type but `BPF_PROG_TYPE_UNSPEC`, by value ascending. */
export const programTypes: readonly ProgramTypeRow[] = [
  { name: "socket-filter", uapi: "BPF_PROG_TYPE_SOCKET_FILTER", value: 1, since: "3.19" },
  { name: "kprobe", uapi: "BPF_PROG_TYPE_KPROBE", value: 2, since: "4.1" },
  { name: "sched-cls", uapi: "BPF_PROG_TYPE_SCHED_CLS", value: 3, since: "4.1" },
  { name: "sched-act", uapi: "BPF_PROG_TYPE_SCHED_ACT", value: 4, since: "4.1" },
  { name: "tracepoint", uapi: "BPF_PROG_TYPE_TRACEPOINT", value: 5, since: "4.7" },
  { name: "xdp", uapi: "BPF_PROG_TYPE_XDP", value: 6, since: "4.8" },
  { name: "perf-event", uapi: "BPF_PROG_TYPE_PERF_EVENT", value: 7, since: "4.9" },
  { name: "cgroup-skb", uapi: "BPF_PROG_TYPE_CGROUP_SKB", value: 8, since: "4.10" },
  { name: "cgroup-sock", uapi: "BPF_PROG_TYPE_CGROUP_SOCK", value: 9, since: "4.10" },
  { name: "lwt-in", uapi: "BPF_PROG_TYPE_LWT_IN", value: 10, since: "4.10" },
  { name: "lwt-out", uapi: "BPF_PROG_TYPE_LWT_OUT", value: 11, since: "4.10" },
  { name: "lwt-xmit", uapi: "BPF_PROG_TYPE_LWT_XMIT", value: 12, since: "4.10" },
  { name: "sock-ops", uapi: "BPF_PROG_TYPE_SOCK_OPS", value: 13, since: "4.13" },
  { name: "sk-skb", uapi: "BPF_PROG_TYPE_SK_SKB", value: 14, since: "4.14" },
  { name: "cgroup-device", uapi: "BPF_PROG_TYPE_CGROUP_DEVICE", value: 15, since: "4.15" },
  { name: "sk-msg", uapi: "BPF_PROG_TYPE_SK_MSG", value: 16, since: "4.17" },
  { name: "raw-tracepoint", uapi: "BPF_PROG_TYPE_RAW_TRACEPOINT", value: 17, since: "4.17" },
  { name: "cgroup-sock-addr", uapi: "BPF_PROG_TYPE_CGROUP_SOCK_ADDR", value: 18, since: "4.17" },
  { name: "lwt-seg6local", uapi: "BPF_PROG_TYPE_LWT_SEG6LOCAL", value: 19, since: "4.18" },
  { name: "lirc-mode2", uapi: "BPF_PROG_TYPE_LIRC_MODE2", value: 20, since: "4.18" },
  { name: "sk-reuseport", uapi: "BPF_PROG_TYPE_SK_REUSEPORT", value: 21, since: "4.19" },
  { name: "flow-dissector", uapi: "BPF_PROG_TYPE_FLOW_DISSECTOR", value: 22, since: "4.20" },
  { name: "cgroup-sysctl", uapi: "BPF_PROG_TYPE_CGROUP_SYSCTL", value: 23, since: "5.2" },
  { name: "raw-tracepoint-writable", uapi: "BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE", value: 24, since: "5.2" },
  { name: "cgroup-sockopt", uapi: "BPF_PROG_TYPE_CGROUP_SOCKOPT", value: 25, since: "5.3" },
  { name: "tracing", uapi: "BPF_PROG_TYPE_TRACING", value: 26, since: "5.5" },
  { name: "struct-ops", uapi: "BPF_PROG_TYPE_STRUCT_OPS", value: 27, since: "5.6" },
  { name: "extension", uapi: "BPF_PROG_TYPE_EXT", value: 28, since: "5.6" },
  { name: "lsm", uapi: "BPF_PROG_TYPE_LSM", value: 29, since: "5.7" },
  { name: "sk-lookup", uapi: "BPF_PROG_TYPE_SK_LOOKUP", value: 30, since: "5.9" },
  { name: "syscall", uapi: "BPF_PROG_TYPE_SYSCALL", value: 31, since: "5.14" },
  { name: "netfilter", uapi: "BPF_PROG_TYPE_NETFILTER", value: 32, since: "6.4" },
];

const byName = new Map(programTypes.flatMap((row) => [[row.name, row] as const, [row.uapi, row] as const]));
const byValue = new Map(programTypes.map((row) => [row.value, row]));

/** The program type of a name, Waggle's ("xdp") or the UAPI's ("BPF_PROG_TYPE_XDP"); null when there is none. */
export function programTypeByName(name: string): ProgramTypeRow | null {
  return byName.get(name) ?? null;
}

/** The program type of a `BPF_PROG_TYPE_*` value; null when there is none. */
export function programTypeByValue(value: number): ProgramTypeRow | null {
  return byValue.get(value) ?? null;
}

/**
 * Kinds of programs as users know them: each has a decorator, a context and a way to be attached. Several kinds can be one program
 * type to the kernel: kprobes and uprobes are, and all that BTF describes.
 */
import type { ProgramTypeRow } from "./program-types.js";
import { programTypeByName } from "./program-types.js";

/**
 * What a program's context is.
 * - "struct": a struct of linux/bpf.h (`contextStructs`), whose accesses the verifier rewrites
 * - "record": the fields of a tracepoint
 * - "registers": the CPU's registers, of which a function's arguments are some (`struct pt_regs`)
 * - "arguments": a u64 for each argument, or pointer to an object, whose types the kernel's BTF tells
 * - "own": a struct of the user's
 */
export type ContextForm = "struct" | "record" | "registers" | "arguments" | "own";

/** A kind of program. */
export interface ProgramKindRow {
  /** Waggle's name, e.g. "xdp", "fentry". */
  readonly name: string;
  readonly type: ProgramTypeRow;
  /** Oldest kernel that has it. */
  readonly since: string;
  readonly context: ContextForm;
  /** The context's struct in `contextStructs`, of the form "struct"; null for others. */
  readonly struct: string | null;
}

type Row = readonly [
  name: string,
  type: string,
  context: ContextForm,
  struct?: string | null,
  /** Where it is newer than its type. */
  since?: string,
];

const rows: readonly Row[] = [
  ["socket-filter", "socket-filter", "struct", "__sk_buff"],
  ["kprobe", "kprobe", "registers"],
  ["kretprobe", "kprobe", "registers"],
  ["kprobe-multi", "kprobe", "registers", null, "5.18"],
  ["kretprobe-multi", "kprobe", "registers", null, "5.18"],
  ["kprobe-session", "kprobe", "registers", null, "6.10"],
  ["ksyscall", "kprobe", "registers"],
  ["kretsyscall", "kprobe", "registers"],
  ["uprobe", "kprobe", "registers", null, "4.3"],
  ["uretprobe", "kprobe", "registers", null, "4.3"],
  ["uprobe-multi", "kprobe", "registers", null, "6.6"],
  ["uretprobe-multi", "kprobe", "registers", null, "6.6"],
  ["uprobe-session", "kprobe", "registers", null, "6.13"],
  ["usdt", "kprobe", "registers", null, "4.3"],
  ["classifier", "sched-cls", "struct", "__sk_buff"],
  ["action", "sched-act", "struct", "__sk_buff"],
  ["tracepoint", "tracepoint", "record"],
  ["xdp", "xdp", "struct", "xdp_md"],
  ["perf-event", "perf-event", "registers"],
  ["cgroup-skb", "cgroup-skb", "struct", "__sk_buff"],
  ["cgroup-sock", "cgroup-sock", "struct", "bpf_sock"],
  ["lwt-in", "lwt-in", "struct", "__sk_buff"],
  ["lwt-out", "lwt-out", "struct", "__sk_buff"],
  ["lwt-xmit", "lwt-xmit", "struct", "__sk_buff"],
  ["lwt-seg6local", "lwt-seg6local", "struct", "__sk_buff"],
  ["sock-ops", "sock-ops", "struct", "bpf_sock_ops"],
  ["sk-skb", "sk-skb", "struct", "__sk_buff"],
  ["cgroup-device", "cgroup-device", "struct", "bpf_cgroup_dev_ctx"],
  ["sk-msg", "sk-msg", "struct", "sk_msg_md"],
  ["raw-tracepoint", "raw-tracepoint", "arguments"],
  ["raw-tracepoint-writable", "raw-tracepoint-writable", "arguments"],
  ["cgroup-sock-addr", "cgroup-sock-addr", "struct", "bpf_sock_addr"],
  ["lirc-mode2", "lirc-mode2", "struct", "lirc_sample"],
  ["sk-reuseport", "sk-reuseport", "struct", "sk_reuseport_md"],
  ["flow-dissector", "flow-dissector", "struct", "__sk_buff"],
  ["cgroup-sysctl", "cgroup-sysctl", "struct", "bpf_sysctl"],
  ["cgroup-sockopt", "cgroup-sockopt", "struct", "bpf_sockopt"],
  ["btf-tracepoint", "tracing", "arguments"],
  ["fentry", "tracing", "arguments"],
  ["fexit", "tracing", "arguments"],
  ["fmod-ret", "tracing", "arguments", null, "5.7"],
  ["fsession", "tracing", "arguments", null, "7.0"],
  ["fentry-multi", "tracing", "arguments", null, "7.2"],
  ["fexit-multi", "tracing", "arguments", null, "7.2"],
  ["fsession-multi", "tracing", "arguments", null, "7.2"],
  ["iter", "tracing", "arguments", null, "5.8"],
  ["struct-ops", "struct-ops", "arguments"],
  ["extension", "extension", "own"],
  ["lsm", "lsm", "arguments"],
  ["lsm-cgroup", "lsm", "arguments", null, "6.0"],
  ["sk-lookup", "sk-lookup", "struct", "bpf_sk_lookup"],
  ["syscall", "syscall", "own"],
  ["netfilter", "netfilter", "arguments"],
];

/** Every kind of program. */
export const programKinds: readonly ProgramKindRow[] = rows.map(
  ([name, typeName, context, struct = null, since]) => {
    const type = programTypeByName(typeName);
    if (type === null) throw new Error(`the kind ${name} names an unknown program type`);
    return { name, type, since: since ?? type.since, context, struct };
  },
);

const byName = new Map(programKinds.map((row) => [row.name, row]));

/** The kind of a name, e.g. "fentry"; null when there is none. */
export function programKindByName(name: string): ProgramKindRow | null {
  return byName.get(name) ?? null;
}

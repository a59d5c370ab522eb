/**
 * What a helper takes in an argument register.
 * - "map": a map; "map-key", "map-value": a pointer to memory of that map's key or value size
 * - "context": the program's context
 * - "stack-or-memory": a pointer to readable or writable memory, whose size is the next argument when that is "size"
 * - "size": bytes of the memory before it (`ringbuf_reserve`: of the record), within bounds known to the verifier
 * - "integer": any scalar; "pointer": a pointer to a certain kernel object; "callback": a BPF function
 * - "any": whatever the register holds, such as an address of user or kernel memory
 */
export type HelperArg =
  | "map"
  | "map-key"
  | "map-value"
  | "context"
  | "stack-or-memory"
  | "size"
  | "integer"
  | "pointer"
  | "callback"
  | "any";

/** What a helper leaves in r0. */
export type HelperReturn = "void" | "integer" | "pointer-or-null" | "pointer";

/** A helper function of the kernel (`BPF_FUNC_*` of linux/bpf.h; bpf-helpers(7)). */
export interface HelperRow {
  /** Number in `imm` of the call. */
  readonly id: number;
  /** UAPI name, e.g. "bpf_map_lookup_elem". */
  readonly name: string;
  /** Oldest kernel that has it, for some program type. */
  readonly since: string;
  readonly args: readonly HelperArg[];
  readonly returns: HelperReturn;
  /** Packet pointers are void after a call: `bpf_helper_changes_pkt_data`, net/core/filter.c. */
  readonly changesPacket: boolean;
  /** The index of the argument whose memory it writes; null when it writes none. */
  readonly writes: number | null;
}

/** One letter of the table's argument column. */
const argumentLetters: Readonly<Record<string, HelperArg>> = {
  M: "map",
  k: "map-key",
  v: "map-value",
  c: "context",
  m: "stack-or-memory",
  s: "size",
  i: "integer",
  p: "pointer",
  f: "callback",
  a: "any",
};

type Row = readonly [
  id: number,
  name: string,
  since: string,
  args: string,
  returns?: HelperReturn,
  changesPacket?: "changes-packet",
];

/** Ids and names are those of `___BPF_FUNC_MAPPER`, linux/bpf.h; arguments follow each `bpf_func_proto` of the kernel. */
const rows: readonly Row[] = [
  [1, "map_lookup_elem", "3.19", "Mk", "pointer-or-null"],
  [2, "map_update_elem", "3.19", "Mkvi"],
  [3, "map_delete_elem", "3.19", "Mk"],
  [4, "probe_read", "4.1", "msa"],
  [5, "ktime_get_ns", "4.1", ""],
  [6, "trace_printk", "4.1", "msaaa"],
  [7, "get_prandom_u32", "4.1", ""],
  [8, "get_smp_processor_id", "4.1", ""],
  [9, "skb_store_bytes", "4.1", "cimsi", "integer", "changes-packet"],
  [10, "l3_csum_replace", "4.1", "ciiii", "integer", "changes-packet"],
  [11, "l4_csum_replace", "4.1", "ciiii", "integer", "changes-packet"],
  [12, "tail_call", "4.2", "cMi", "integer", "changes-packet"],
  [13, "clone_redirect", "4.2", "cii", "integer", "changes-packet"],
  [14, "get_current_pid_tgid", "4.2", ""],
  [15, "get_current_uid_gid", "4.2", ""],
  [16, "get_current_comm", "4.2", "ms"],
  [17, "get_cgroup_classid", "4.3", "c"],
  [18, "skb_vlan_push", "4.3", "cii", "integer", "changes-packet"],
  [19, "skb_vlan_pop", "4.3", "c", "integer", "changes-packet"],
  [20, "skb_get_tunnel_key", "4.3", "cmsi"],
  [21, "skb_set_tunnel_key", "4.3", "cmsi"],
  [22, "perf_event_read", "4.3", "Mi"],
  [23, "redirect", "4.4", "ii"],
  [24, "get_route_realm", "4.4", "c"],
  [25, "perf_event_output", "4.4", "cMims"],
  [26, "skb_load_bytes", "4.5", "cims"],
  [27, "get_stackid", "4.6", "cMi"],
  [28, "csum_diff", "4.6", "msmsi"],
  [29, "skb_get_tunnel_opt", "4.6", "cms"],
  [30, "skb_set_tunnel_opt", "4.6", "cms"],
  [31, "skb_change_proto", "4.8", "cii", "integer", "changes-packet"],
  [32, "skb_change_type", "4.8", "ci"],
  [33, "skb_under_cgroup", "4.8", "cMi"],
  [34, "get_hash_recalc", "4.8", "c"],
  [35, "get_current_task", "4.8", ""],
  [36, "probe_write_user", "4.8", "ams"],
  [37, "current_task_under_cgroup", "4.9", "Mi"],
  [38, "skb_change_tail", "4.9", "cii", "integer", "changes-packet"],
  [39, "skb_pull_data", "4.9", "ci", "integer", "changes-packet"],
  [40, "csum_update", "4.9", "ci"],
  [41, "set_hash_invalid", "4.9", "c"],
  [42, "get_numa_node_id", "4.10", ""],
  [43, "skb_change_head", "4.10", "cii", "integer", "changes-packet"],
  [44, "xdp_adjust_head", "4.10", "ci", "integer", "changes-packet"],
  [45, "probe_read_str", "4.11", "msa"],
  [46, "get_socket_cookie", "4.12", "c"],
  [47, "get_socket_uid", "4.12", "c"],
  [48, "set_hash", "4.13", "ci"],
  [49, "setsockopt", "4.13", "ciims"],
  [50, "skb_adjust_room", "4.13", "ciii", "integer", "changes-packet"],
  [51, "redirect_map", "4.14", "Mii"],
  [52, "sk_redirect_map", "4.14", "cMii"],
  [53, "sock_map_update", "4.14", "cMki"],
  [54, "xdp_adjust_meta", "4.15", "ci", "integer", "changes-packet"],
  [55, "perf_event_read_value", "4.15", "Mims"],
  [56, "perf_prog_read_value", "4.15", "cms"],
  [57, "getsockopt", "4.15", "ciims"],
  [58, "override_return", "4.16", "ci"],
  [59, "sock_ops_cb_flags_set", "4.16", "ci"],
  [60, "msg_redirect_map", "4.17", "cMii"],
  [61, "msg_apply_bytes", "4.17", "ci"],
  [62, "msg_cork_bytes", "4.17", "ci"],
  [63, "msg_pull_data", "4.17", "ciii", "integer", "changes-packet"],
  [64, "bind", "4.17", "cms"],
  [65, "xdp_adjust_tail", "4.18", "ci", "integer", "changes-packet"],
  [66, "skb_get_xfrm_state", "4.18", "cimsi"],
  [67, "get_stack", "4.18", "cmsi"],
  [68, "skb_load_bytes_relative", "4.18", "cimsi"],
  [69, "fib_lookup", "4.18", "cmsi"],
  [70, "sock_hash_update", "4.18", "cMki"],
  [71, "msg_redirect_hash", "4.18", "cMki"],
  [72, "sk_redirect_hash", "4.18", "cMki"],
  [73, "lwt_push_encap", "4.18", "cims", "integer", "changes-packet"],
  [74, "lwt_seg6_store_bytes", "4.18", "cims", "integer", "changes-packet"],
  [75, "lwt_seg6_adjust_srh", "4.18", "cii", "integer", "changes-packet"],
  [76, "lwt_seg6_action", "4.18", "cims", "integer", "changes-packet"],
  [77, "rc_repeat", "4.18", "c"],
  [78, "rc_keydown", "4.18", "ciii"],
  [79, "skb_cgroup_id", "4.18", "c"],
  [80, "get_current_cgroup_id", "4.18", ""],
  [81, "get_local_storage", "4.19", "Mi", "pointer"],
  [82, "sk_select_reuseport", "4.19", "cMki"],
  [83, "skb_ancestor_cgroup_id", "4.19", "ci"],
  [84, "sk_lookup_tcp", "4.20", "cmsii", "pointer-or-null"],
  [85, "sk_lookup_udp", "4.20", "cmsii", "pointer-or-null"],
  [86, "sk_release", "4.20", "p"],
  [87, "map_push_elem", "4.20", "Mvi"],
  [88, "map_pop_elem", "4.20", "Mv"],
  [89, "map_peek_elem", "4.20", "Mv"],
  [90, "msg_push_data", "4.20", "ciii", "integer", "changes-packet"],
  [91, "msg_pop_data", "5.0", "ciii", "integer", "changes-packet"],
  [92, "rc_pointer_rel", "5.0", "cii"],
  [93, "spin_lock", "5.1", "p", "void"],
  [94, "spin_unlock", "5.1", "p", "void"],
  [95, "sk_fullsock", "5.1", "p", "pointer-or-null"],
  [96, "tcp_sock", "5.1", "p", "pointer-or-null"],
  [97, "skb_ecn_set_ce", "5.1", "c"],
  [98, "get_listener_sock", "5.1", "p", "pointer-or-null"],
  [99, "skc_lookup_tcp", "5.2", "cmsii", "pointer-or-null"],
  [100, "tcp_check_syncookie", "5.2", "pmsms"],
  [101, "sysctl_get_name", "5.2", "cmsi"],
  [102, "sysctl_get_current_value", "5.2", "cms"],
  [103, "sysctl_get_new_value", "5.2", "cms"],
  [104, "sysctl_set_new_value", "5.2", "cms"],
  [105, "strtol", "5.2", "msim"],
  [106, "strtoul", "5.2", "msim"],
  [107, "sk_storage_get", "5.2", "Mpvi", "pointer-or-null"],
  [108, "sk_storage_delete", "5.2", "Mp"],
  [109, "send_signal", "5.3", "i"],
  [110, "tcp_gen_syncookie", "5.3", "pmsms"],
  [111, "skb_output", "5.5", "pMims"],
  [112, "probe_read_user", "5.5", "msa"],
  [113, "probe_read_kernel", "5.5", "msa"],
  [114, "probe_read_user_str", "5.5", "msa"],
  [115, "probe_read_kernel_str", "5.5", "msa"],
  [116, "tcp_send_ack", "5.6", "pi"],
  [117, "send_signal_thread", "5.6", "i"],
  [118, "jiffies64", "5.6", ""],
  [119, "read_branch_records", "5.7", "cmsi"],
  [120, "get_ns_current_pid_tgid", "5.7", "iims"],
  [121, "xdp_output", "5.7", "pMims"],
  [122, "get_netns_cookie", "5.7", "c"],
  [123, "get_current_ancestor_cgroup_id", "5.7", "i"],
  [124, "sk_assign", "5.7", "cpi"],
  [125, "ktime_get_boot_ns", "5.8", ""],
  [126, "seq_printf", "5.8", "pmsms"],
  [127, "seq_write", "5.8", "pms"],
  [128, "sk_cgroup_id", "5.8", "p"],
  [129, "sk_ancestor_cgroup_id", "5.8", "pi"],
  [130, "ringbuf_output", "5.8", "Mmsi"],
  [131, "ringbuf_reserve", "5.8", "Msi", "pointer-or-null"],
  [132, "ringbuf_submit", "5.8", "pi", "void"],
  [133, "ringbuf_discard", "5.8", "pi", "void"],
  [134, "ringbuf_query", "5.8", "Mi"],
  [135, "csum_level", "5.8", "ci"],
  [136, "skc_to_tcp6_sock", "5.9", "p", "pointer-or-null"],
  [137, "skc_to_tcp_sock", "5.9", "p", "pointer-or-null"],
  [138, "skc_to_tcp_timewait_sock", "5.9", "p", "pointer-or-null"],
  [139, "skc_to_tcp_request_sock", "5.9", "p", "pointer-or-null"],
  [140, "skc_to_udp6_sock", "5.9", "p", "pointer-or-null"],
  [141, "get_task_stack", "5.9", "pmsi"],
  [142, "load_hdr_opt", "5.10", "cmsi"],
  [143, "store_hdr_opt", "5.10", "cmsi", "integer", "changes-packet"],
  [144, "reserve_hdr_opt", "5.10", "cii"],
  [145, "inode_storage_get", "5.10", "Mpvi", "pointer-or-null"],
  [146, "inode_storage_delete", "5.10", "Mp"],
  [147, "d_path", "5.10", "pms"],
  [148, "copy_from_user", "5.10", "msa"],
  [149, "snprintf_btf", "5.10", "msmsi"],
  [150, "seq_printf_btf", "5.10", "pmsi"],
  [151, "skb_cgroup_classid", "5.10", "c"],
  [152, "redirect_neigh", "5.10", "imsi"],
  [153, "per_cpu_ptr", "5.10", "pi", "pointer-or-null"],
  [154, "this_cpu_ptr", "5.10", "p", "pointer"],
  [155, "redirect_peer", "5.10", "ii"],
  [156, "task_storage_get", "5.11", "Mpvi", "pointer-or-null"],
  [157, "task_storage_delete", "5.11", "Mp"],
  [158, "get_current_task_btf", "5.11", "", "pointer"],
  [159, "bprm_opts_set", "5.11", "pi"],
  [160, "ktime_get_coarse_ns", "5.11", ""],
  [161, "ima_inode_hash", "5.11", "pms"],
  [162, "sock_from_file", "5.11", "p", "pointer-or-null"],
  [163, "check_mtu", "5.12", "cimii"],
  [164, "for_each_map_elem", "5.13", "Mfpi"],
  [165, "snprintf", "5.13", "msmms"],
  [166, "sys_bpf", "5.14", "ims"],
  [167, "btf_find_by_name_kind", "5.14", "msii"],
  [168, "sys_close", "5.14", "i"],
  [169, "timer_init", "5.15", "pMi"],
  [170, "timer_set_callback", "5.15", "pf"],
  [171, "timer_start", "5.15", "pii"],
  [172, "timer_cancel", "5.15", "p"],
  [173, "get_func_ip", "5.15", "c"],
  [174, "get_attach_cookie", "5.15", "c"],
  [175, "task_pt_regs", "5.15", "p", "pointer"],
  [176, "get_branch_snapshot", "5.16", "msi"],
  [177, "trace_vprintk", "5.16", "msms"],
  [178, "skc_to_unix_sock", "5.16", "p", "pointer-or-null"],
  [179, "kallsyms_lookup_name", "5.16", "msim"],
  [180, "find_vma", "5.17", "pifpi"],
  [181, "loop", "5.17", "ifpi"],
  [182, "strncmp", "5.17", "msm"],
  [183, "get_func_arg", "5.17", "cim"],
  [184, "get_func_ret", "5.17", "cm"],
  [185, "get_func_arg_cnt", "5.17", "c"],
  [186, "get_retval", "5.18", ""],
  [187, "set_retval", "5.18", "i"],
  [188, "xdp_get_buff_len", "5.18", "c"],
  [189, "xdp_load_bytes", "5.18", "cims"],
  [190, "xdp_store_bytes", "5.18", "cims"],
  [191, "copy_from_user_task", "5.18", "msapi"],
  [192, "skb_set_tstamp", "5.18", "cii"],
  [193, "ima_file_hash", "5.18", "pms"],
  [194, "kptr_xchg", "5.19", "pp", "pointer-or-null"],
  [195, "map_lookup_percpu_elem", "5.19", "Mki", "pointer-or-null"],
  [196, "skc_to_mptcp_sock", "5.19", "p", "pointer-or-null"],
  [197, "dynptr_from_mem", "5.19", "msip"],
  [198, "ringbuf_reserve_dynptr", "5.19", "Miip"],
  [199, "ringbuf_submit_dynptr", "5.19", "pi", "void"],
  [200, "ringbuf_discard_dynptr", "5.19", "pi", "void"],
  [201, "dynptr_read", "5.19", "mspii"],
  [202, "dynptr_write", "5.19", "pimsi"],
  [203, "dynptr_data", "5.19", "pis", "pointer-or-null"],
  [204, "tcp_raw_gen_syncookie_ipv4", "6.0", "mms"],
  [205, "tcp_raw_gen_syncookie_ipv6", "6.0", "mms"],
  [206, "tcp_raw_check_syncookie_ipv4", "6.0", "mm"],
  [207, "tcp_raw_check_syncookie_ipv6", "6.0", "mm"],
  [208, "ktime_get_tai_ns", "6.1", ""],
  [209, "user_ringbuf_drain", "6.1", "Mfpi"],
  [210, "cgrp_storage_get", "6.2", "Mpvi", "pointer-or-null"],
  [211, "cgrp_storage_delete", "6.2", "Mp"],
];

/** The arguments whose memory a helper writes, by index: `ARG_PTR_TO_UNINIT_MEM` and `MEM_WRITE` in each `bpf_func_proto`. */
const written: Readonly<Record<string, number>> = {
  probe_read: 0,
  get_current_comm: 0,
  skb_get_tunnel_key: 1,
  skb_load_bytes: 2,
  skb_get_tunnel_opt: 1,
  probe_read_str: 0,
  perf_event_read_value: 2,
  perf_prog_read_value: 1,
  getsockopt: 3,
  skb_get_xfrm_state: 2,
  get_stack: 1,
  skb_load_bytes_relative: 2,
  fib_lookup: 1,
  sysctl_get_name: 1,
  sysctl_get_current_value: 1,
  sysctl_get_new_value: 1,
  strtol: 3,
  strtoul: 3,
  probe_read_user: 0,
  probe_read_kernel: 0,
  probe_read_user_str: 0,
  probe_read_kernel_str: 0,
  read_branch_records: 1,
  get_ns_current_pid_tgid: 2,
  get_task_stack: 1,
  load_hdr_opt: 1,
  d_path: 1,
  copy_from_user: 0,
  snprintf_btf: 0,
  ima_inode_hash: 1,
  check_mtu: 2,
  snprintf: 0,
  sys_bpf: 1,
  get_branch_snapshot: 0,
  kallsyms_lookup_name: 3,
  get_func_arg: 2,
  get_func_ret: 1,
  xdp_load_bytes: 2,
  copy_from_user_task: 0,
  ima_file_hash: 1,
  dynptr_read: 0,
};

/** Every helper, by id ascending. The list is closed: what came after Linux 6.2 are kernel functions (kfuncs). */
export const helpers: readonly HelperRow[] = rows.map(
  ([id, name, since, args, returns = "integer", changesPacket]) => ({
    id,
    name: `bpf_${name}`,
    since,
    args: [...args].map((letter) => argumentLetters[letter] ?? "any"),
    returns,
    changesPacket: changesPacket !== undefined,
    writes: written[name] ?? null,
  }),
);

const byName = new Map(helpers.map((row) => [row.name, row]));
const byId = new Map(helpers.map((row) => [row.id, row]));

/** The helper of a UAPI name, e.g. `bpf_map_lookup_elem`; null when there is none. */
export function helperByName(name: string): HelperRow | null {
  return byName.get(name) ?? null;
}

/** The helper that a call with this `imm` means; null when there is none. */
export function helperById(id: number): HelperRow | null {
  return byId.get(id) ?? null;
}

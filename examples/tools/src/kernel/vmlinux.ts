/**
 * Made by `xtask codegen` from the types of Linux 6.18.44-fc-v657. Do not edit: run it again, here is how.
 *
 *   xtask codegen dentry.d_name file.f_inode,f_path inode.i_ino,i_mode path.dentry qstr.name \
 *     sock.__sk_common,sk_protocol \
 *     sock_common.skc_daddr,skc_dport,skc_num,skc_rcv_saddr,skc_v6_daddr,skc_v6_rcv_saddr socket.sk \
 *     task_struct.exit_code,pid,real_parent,start_boottime,tgid tcp_sock.bytes_acked,bytes_received \
 *     function:cap_capable function:inet6_bind function:inet_bind function:tcp_v4_connect \
 *     function:tcp_v6_connect function:vfs_fsync_range function:vfs_open function:vfs_read \
 *     function:vfs_unlink function:vfs_write tracepoint:block/block_rq_complete \
 *     tracepoint:block/block_rq_issue tracepoint:irq/softirq_entry tracepoint:irq/softirq_exit \
 *     tracepoint:raw_syscalls/sys_enter tracepoint:raw_syscalls/sys_exit tracepoint:sched/sched_switch \
 *     tracepoint:sched/sched_wakeup tracepoint:sched/sched_wakeup_new tracepoint:signal/signal_generate \
 *     tracepoint:sock/inet_sock_set_state tracepoint:syscalls/sys_enter_mount \
 *     tracepoint:syscalls/sys_enter_umount tracepoint:syscalls/sys_exit_mount
 */
import type {
  be16,
  be32,
  CString,
  FixedArray,
  i32,
  i64,
  KernelFunction,
  KernelPtr,
  KernelStruct,
  Ref,
  TracepointCommon,
  Union,
  UserPtr,
  u8,
  u16,
  u32,
  u64,
} from "@waggle/kernel";

/** Its fields: xtask codegen --add cred. */
export interface cred extends KernelStruct<"cred"> {}

/** Fields of 192 bytes in Linux 6.18.44-fc-v657; more of it: xtask codegen --add dentry.FIELD */
export interface dentry extends KernelStruct<"dentry"> {
  readonly d_name: qstr;
}

/** Fields of 184 bytes in Linux 6.18.44-fc-v657; more of it: xtask codegen --add file.FIELD */
export interface file extends KernelStruct<"file"> {
  readonly f_inode: KernelPtr<inode>;
  readonly f_path: path;
}

/** 16 bytes in Linux 6.18.44-fc-v657. */
export interface in6_addr extends KernelStruct<"in6_addr"> {
  readonly in6_u: Union & {
    readonly u6_addr8: FixedArray<u8, 16>;
    readonly u6_addr16: FixedArray<be16, 8>;
    readonly u6_addr32: FixedArray<be32, 4>;
  };
}

/** Fields of 616 bytes in Linux 6.18.44-fc-v657; more of it: xtask codegen --add inode.FIELD */
export interface inode extends KernelStruct<"inode"> {
  readonly i_mode: u16;
  readonly i_ino: u64;
}

/** Its fields: xtask codegen --add kernel_siginfo. */
export interface kernel_siginfo extends KernelStruct<"kernel_siginfo"> {}

/** Its fields: xtask codegen --add mnt_idmap. */
export interface mnt_idmap extends KernelStruct<"mnt_idmap"> {}

/** Fields of 16 bytes in Linux 6.18.44-fc-v657; more of it: xtask codegen --add path.FIELD */
export interface path extends KernelStruct<"path"> {
  readonly dentry: KernelPtr<dentry>;
}

/** Its fields: xtask codegen --add pt_regs. */
export interface pt_regs extends KernelStruct<"pt_regs"> {}

/** Fields of 16 bytes in Linux 6.18.44-fc-v657; more of it: xtask codegen --add qstr.FIELD */
export interface qstr extends KernelStruct<"qstr"> {
  readonly name: KernelPtr<Ref<u8>>;
}

/** Its fields: xtask codegen --add request. */
export interface request extends KernelStruct<"request"> {}

/** Fields of 784 bytes in Linux 6.18.44-fc-v657; more of it: xtask codegen --add sock.FIELD */
export interface sock extends KernelStruct<"sock"> {
  readonly __sk_common: sock_common;
  readonly sk_protocol: u16;
}

/** Fields of 136 bytes in Linux 6.18.44-fc-v657; more of it: xtask codegen --add sock_common.FIELD */
export interface sock_common extends KernelStruct<"sock_common"> {
  readonly skc_daddr: be32;
  readonly skc_rcv_saddr: be32;
  readonly skc_dport: be16;
  readonly skc_num: u16;
  readonly skc_v6_daddr: in6_addr;
  readonly skc_v6_rcv_saddr: in6_addr;
}

/** Its fields: xtask codegen --add sockaddr. */
export interface sockaddr extends KernelStruct<"sockaddr"> {}

/** Fields of 128 bytes in Linux 6.18.44-fc-v657; more of it: xtask codegen --add socket.FIELD */
export interface socket extends KernelStruct<"socket"> {
  readonly sk: KernelPtr<sock>;
}

/** Fields of 3264 bytes in Linux 6.18.44-fc-v657; more of it: xtask codegen --add task_struct.FIELD */
export interface task_struct extends KernelStruct<"task_struct"> {
  readonly exit_code: i32;
  readonly pid: i32;
  readonly tgid: i32;
  readonly real_parent: KernelPtr<task_struct>;
  readonly start_boottime: u64;
}

/** Fields of 2304 bytes in Linux 6.18.44-fc-v657; more of it: xtask codegen --add tcp_sock.FIELD */
export interface tcp_sock extends KernelStruct<"tcp_sock"> {
  readonly bytes_received: u64;
  readonly bytes_acked: u64;
}

/** 48 bytes in Linux 6.18.44-fc-v657. */
export interface trace_event_raw_block_rq_completion extends TracepointCommon {
  readonly dev: u32;
  readonly sector: u64;
  readonly nr_sector: u32;
  readonly error: i32;
  readonly ioprio: u16;
  readonly rwbs: CString<10>;
  readonly __data_loc_cmd: u32;
}

/** 48 bytes in Linux 6.18.44-fc-v657. */
export interface trace_event_raw_block_rq_requeue extends TracepointCommon {
  readonly dev: u32;
  readonly sector: u64;
  readonly nr_sector: u32;
  readonly ioprio: u16;
  readonly rwbs: CString<10>;
  readonly __data_loc_cmd: u32;
}

/** 72 bytes in Linux 6.18.44-fc-v657. */
export interface trace_event_raw_inet_sock_set_state extends TracepointCommon {
  readonly skaddr: KernelPtr;
  readonly oldstate: i32;
  readonly newstate: i32;
  readonly sport: u16;
  readonly dport: u16;
  readonly family: u16;
  readonly protocol: u16;
  readonly saddr: FixedArray<u8, 4>;
  readonly daddr: FixedArray<u8, 4>;
  readonly saddr_v6: FixedArray<u8, 16>;
  readonly daddr_v6: FixedArray<u8, 16>;
}

/** 36 bytes in Linux 6.18.44-fc-v657. */
export interface trace_event_raw_sched_wakeup_template extends TracepointCommon {
  readonly comm: CString<16>;
  readonly pid: i32;
  readonly prio: i32;
  readonly target_cpu: i32;
}

/** 48 bytes in Linux 6.18.44-fc-v657. */
export interface trace_event_raw_signal_generate extends TracepointCommon {
  readonly sig: i32;
  readonly errno: i32;
  readonly code: i32;
  readonly comm: CString<16>;
  readonly pid: i32;
  readonly group: i32;
  readonly result: i32;
}

/** 12 bytes in Linux 6.18.44-fc-v657. */
export interface trace_event_raw_softirq extends TracepointCommon {
  readonly vec: u32;
}

/** 64 bytes in Linux 6.18.44-fc-v657. */
export interface trace_event_raw_sys_enter extends TracepointCommon {
  readonly id: i64;
  readonly args: FixedArray<u64, 6>;
}

/** From Linux 6.18.44-fc-v657. */
export interface trace_event_raw_sys_enter_mount extends TracepointCommon {
  readonly __syscall_nr: i32;
  readonly dev_name: UserPtr;
  readonly dir_name: UserPtr;
  readonly type: UserPtr;
  readonly flags: u64;
  readonly data: UserPtr;
}

/** From Linux 6.18.44-fc-v657. */
export interface trace_event_raw_sys_enter_umount extends TracepointCommon {
  readonly __syscall_nr: i32;
  readonly name: UserPtr;
  readonly flags: u64;
}

/** 24 bytes in Linux 6.18.44-fc-v657. */
export interface trace_event_raw_sys_exit extends TracepointCommon {
  readonly id: i64;
  readonly ret: i64;
}

/** From Linux 6.18.44-fc-v657. */
export interface trace_event_raw_sys_exit_mount extends TracepointCommon {
  readonly __syscall_nr: i32;
  readonly ret: i64;
}

/** Its fields: xtask codegen --add user_namespace. */
export interface user_namespace extends KernelStruct<"user_namespace"> {}

declare module "@waggle/kernel" {
  interface KernelFunctions {
    cap_capable: KernelFunction<
      {
        cred: KernelPtr<cred>;
        target_ns: KernelPtr<user_namespace>;
        cap: i32;
        opts: u32;
      },
      i32
    >;
    inet6_bind: KernelFunction<
      {
        sock: KernelPtr<socket>;
        uaddr: KernelPtr<sockaddr>;
        addr_len: i32;
      },
      i32
    >;
    inet_bind: KernelFunction<
      {
        sock: KernelPtr<socket>;
        uaddr: KernelPtr<sockaddr>;
        addr_len: i32;
      },
      i32
    >;
    tcp_v4_connect: KernelFunction<
      {
        sk: KernelPtr<sock>;
        uaddr: KernelPtr<sockaddr>;
        addr_len: i32;
      },
      i32
    >;
    tcp_v6_connect: KernelFunction<
      {
        sk: KernelPtr<sock>;
        uaddr: KernelPtr<sockaddr>;
        addr_len: i32;
      },
      i32
    >;
    vfs_fsync_range: KernelFunction<{ file: KernelPtr<file>; start: i64; end: i64; datasync: i32 }, i32>;
    vfs_open: KernelFunction<{ path: KernelPtr<path>; file: KernelPtr<file> }, i32>;
    vfs_read: KernelFunction<
      {
        file: KernelPtr<file>;
        buf: KernelPtr;
        count: u64;
        pos: KernelPtr<Ref<i64>>;
      },
      i64
    >;
    vfs_unlink: KernelFunction<
      {
        idmap: KernelPtr<mnt_idmap>;
        dir: KernelPtr<inode>;
        dentry: KernelPtr<dentry>;
        delegated_inode: KernelPtr<Ref<KernelPtr<inode>>>;
      },
      i32
    >;
    vfs_write: KernelFunction<
      {
        file: KernelPtr<file>;
        buf: KernelPtr;
        count: u64;
        pos: KernelPtr<Ref<i64>>;
      },
      i64
    >;
  }

  interface RawTracepoints {
    block_rq_complete: KernelFunction<{ rq: KernelPtr<request>; error: u8; nr_bytes: u32 }, void>;
    block_rq_issue: KernelFunction<{ rq: KernelPtr<request> }, void>;
    softirq_entry: KernelFunction<{ vec_nr: u32 }, void>;
    softirq_exit: KernelFunction<{ vec_nr: u32 }, void>;
    sys_enter: KernelFunction<{ regs: KernelPtr<pt_regs>; id: i64 }, void>;
    sys_exit: KernelFunction<{ regs: KernelPtr<pt_regs>; ret: i64 }, void>;
    sched_switch: KernelFunction<
      {
        preempt: boolean;
        prev: KernelPtr<task_struct>;
        next: KernelPtr<task_struct>;
        prev_state: u32;
      },
      void
    >;
    sched_wakeup: KernelFunction<{ p: KernelPtr<task_struct> }, void>;
    sched_wakeup_new: KernelFunction<{ p: KernelPtr<task_struct> }, void>;
    signal_generate: KernelFunction<
      {
        sig: i32;
        info: KernelPtr<kernel_siginfo>;
        task: KernelPtr<task_struct>;
        group: i32;
        result: i32;
      },
      void
    >;
    inet_sock_set_state: KernelFunction<{ sk: KernelPtr<sock>; oldstate: i32; newstate: i32 }, void>;
  }

  interface Tracepoints {
    "block/block_rq_complete": trace_event_raw_block_rq_completion;
    "block/block_rq_issue": trace_event_raw_block_rq_requeue;
    "irq/softirq_entry": trace_event_raw_softirq;
    "irq/softirq_exit": trace_event_raw_softirq;
    "raw_syscalls/sys_enter": trace_event_raw_sys_enter;
    "raw_syscalls/sys_exit": trace_event_raw_sys_exit;
    "sched/sched_wakeup": trace_event_raw_sched_wakeup_template;
    "sched/sched_wakeup_new": trace_event_raw_sched_wakeup_template;
    "signal/signal_generate": trace_event_raw_signal_generate;
    "sock/inet_sock_set_state": trace_event_raw_inet_sock_set_state;
    "syscalls/sys_enter_mount": trace_event_raw_sys_enter_mount;
    "syscalls/sys_enter_umount": trace_event_raw_sys_enter_umount;
    "syscalls/sys_exit_mount": trace_event_raw_sys_exit_mount;
  }
}

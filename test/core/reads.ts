/** What the test of relocations asks of five kernels; its twin is reads.c. */
import type {
  Bits,
  CString,
  i32,
  i64,
  KernelPtr,
  KernelStruct,
  TracepointContext,
  u8,
  u16,
} from "@waggle/kernel";
import {
  currentTask,
  enumExists,
  enumValue,
  exists,
  flavour,
  offsetOf,
  sizeOf,
  tracepoint,
  type u32,
  u64,
} from "@waggle/kernel";

interface sched_entity extends KernelStruct<"sched_entity"> {
  readonly vruntime: u64;
}
interface new_utsname extends KernelStruct<"new_utsname"> {
  readonly nodename: CString<65>;
}
interface uts_namespace extends KernelStruct<"uts_namespace"> {
  readonly name: new_utsname;
}
interface nsproxy extends KernelStruct<"nsproxy"> {
  readonly uts_ns: KernelPtr<uts_namespace>;
}
interface mm_struct extends KernelStruct<"mm_struct"> {
  readonly arg_start: u64;
}
interface task_struct extends KernelStruct<"task_struct"> {
  readonly pid: i32;
  readonly tgid: i32;
  readonly real_parent: KernelPtr<task_struct>;
  readonly se: sched_entity;
  readonly comm: CString<16>;
  readonly mm: KernelPtr<mm_struct>;
  readonly nsproxy: KernelPtr<nsproxy>;
  readonly in_execve: Bits<u32, 1>;
  readonly start_boottime: u64;
  readonly __state: u32;
}
interface task_struct___before extends KernelStruct<"task_struct___before"> {
  readonly state: i64;
}
interface sk_buff extends KernelStruct<"sk_buff"> {
  readonly len: u32;
  readonly pkt_type: Bits<u8, 3>;
  readonly protocol: u16;
  readonly hash: u32;
}
interface net_device extends KernelStruct<"net_device"> {
  readonly mtu: u32;
  readonly ifindex: i32;
}
interface absent_thing extends KernelStruct<"absent_thing"> {
  readonly a: i32;
}
enum pid_type {
  PIDTYPE_PID,
  PIDTYPE_TGID,
}
enum bpf_func_id {
  BPF_FUNC_loop = 181,
}

export class Reads {
  static sum: u64 = 0n;

  @tracepoint("sched", "sched_switch")
  static ask(_ctx: TracepointContext<"sched/sched_switch">): i32 {
    const task = currentTask<task_struct>();
    Reads.sum += u64(task.pid) + u64(task.real_parent.tgid) + task.se.vruntime + task.mm.arg_start;
    Reads.sum += u64(task.in_execve) + task.start_boottime;
    if (task.comm.equals("x") || task.nsproxy.uts_ns.name.nodename.equals("y")) Reads.sum += 1n;
    if (exists<task_struct>("__state")) Reads.sum += u64(task.__state);
    if (exists<task_struct___before>("state")) Reads.sum += u64(flavour<task_struct___before>(task).state);
    const packet = flavour<sk_buff>(task);
    Reads.sum += u64(packet.len) + u64(packet.pkt_type) + u64(packet.protocol) + u64(packet.hash);
    Reads.sum += u64(offsetOf<net_device>("mtu")) + u64(sizeOf<net_device>("ifindex"));
    Reads.sum += u64(sizeOf<task_struct>()) + u64(offsetOf<task_struct>("se.vruntime"));
    if (exists<absent_thing>()) Reads.sum += u64(offsetOf<absent_thing>("a"));
    if (enumExists<typeof pid_type>("PIDTYPE_TGID")) Reads.sum += enumValue<typeof pid_type>("PIDTYPE_TGID");
    if (enumExists<typeof bpf_func_id>("BPF_FUNC_loop")) Reads.sum += 1n;
    return 0;
  }
}

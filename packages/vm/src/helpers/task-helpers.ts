import type { Helper } from "./call.js";

/** Helpers about time, chance, the CPU and the current task (kernel/bpf/helpers.c, kernel/trace/bpf_trace.c). */
export const taskHelpers: Readonly<Record<string, Helper>> = {
  bpf_ktime_get_ns: (call) => call.environment.clock(),
  bpf_ktime_get_boot_ns: (call) => call.environment.clock(),
  bpf_ktime_get_coarse_ns: (call) => call.environment.clock(),
  // 250 ticks a second, from the kernel's INITIAL_JIFFIES left out: programs compare differences.
  bpf_jiffies64: (call) => call.environment.clock() / 4_000_000n,
  bpf_get_prandom_u32: (call) => call.environment.random() >>> 0,
  bpf_get_smp_processor_id: (call) => call.environment.cpus.current,
  bpf_get_numa_node_id: () => 0,
  bpf_get_current_pid_tgid: ({ run: { task } }) => pair(task.tgid, task.pid),
  bpf_get_current_uid_gid: ({ run: { task } }) => pair(task.gid, task.uid),
  bpf_get_current_task: ({ run: { task } }) => task.address,
  bpf_get_current_task_btf: ({ run: { task } }) => task.address,
  bpf_get_current_cgroup_id: ({ run: { task } }) => task.cgroupId,
  bpf_get_current_comm: (call) => {
    const target = call.output(1, call.unsigned(2));
    // ARG_CONST_SIZE of kernel/bpf/verifier.c.
    if (target.length === 0)
      throw call.bad(
        "the buffer has no bytes",
        "give a buffer of at least one byte, of 16 for all of the name",
      );
    const name = new TextEncoder().encode(call.run.task.comm).subarray(0, Math.min(15, target.length - 1));
    target.fill(0);
    target.set(name);
    return 0;
  },
};

function pair(high: number, low: number): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

import { expect, test } from "vitest";
import { helperProgramKinds, helperSince, needsGpl } from "./helper-programs.js";

test.each([
  ["xdp", "bpf_map_lookup_elem", "3.19"],
  ["xdp", "bpf_ringbuf_reserve", "5.8"],
  // New in Linux between two kernels that were asked: from its own first kernel on.
  ["xdp", "bpf_loop", "5.17"],
  // Older in Linux than for this kind: from the kernel where it was seen.
  ["xdp", "bpf_get_current_pid_tgid", "6.12"],
  ["tracepoint", "bpf_get_current_pid_tgid", "4.2"],
  ["tracepoint", "bpf_redirect", null],
  ["xdp", "bpf_redirect", "4.4"],
  ["tracing/iter", "bpf_seq_write", "5.8"],
  ["tracepoint", "bpf_seq_write", null],
  // A kind that is new between two kernels that were asked: from its own first kernel on, with the helpers of its source.
  ["syscall", "bpf_map_lookup_elem", "5.14"],
  ["syscall", "bpf_map_update_elem", "5.14"],
  ["syscall", "bpf_ktime_get_ns", "5.14"],
  ["syscall", "bpf_ringbuf_output", "5.14"],
  ["syscall", "bpf_probe_read_kernel", "5.14"],
  ["syscall", "bpf_sys_bpf", "5.14"],
  ["syscall", "bpf_kallsyms_lookup_name", "5.16"],
  ["syscall", "bpf_redirect", null],
  ["netfilter", "bpf_map_lookup_elem", "6.4"],
  ["netfilter", "bpf_ktime_get_ns", "6.4"],
  ["netfilter", "bpf_ringbuf_reserve", "6.4"],
  ["netfilter", "bpf_get_current_pid_tgid", "6.12"],
  ["no-such-kind", "bpf_loop", "unknown"],
  ["xdp", "bpf_no_such_helper", "unknown"],
])("%s programs have %s since %s", (kind, helper, since) => {
  expect(helperSince(kind, helper)).toBe(since);
});

test("the GPL is asked for where the kernel does", () => {
  expect(["bpf_probe_read_kernel", "bpf_get_current_task", "bpf_trace_printk"].map(needsGpl)).toEqual([
    true,
    true,
    true,
  ]);
  expect(["bpf_map_lookup_elem", "bpf_ktime_get_ns", "bpf_no_such_helper"].map(needsGpl)).toEqual([
    false,
    false,
    false,
  ]);
});

test("the kinds are those of program types, tracing by where it attaches", () => {
  expect(helperProgramKinds).toEqual(
    expect.arrayContaining(["xdp", "tracepoint", "tracing/fentry", "lsm", "syscall"]),
  );
});

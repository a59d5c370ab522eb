/** A field of a tracepoint's record, as `/sys/kernel/tracing/events/CATEGORY/NAME/format` gives it. */
export interface RecordField {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  /** A char array. */
  readonly text?: true;
}

const syscallNumber: RecordField = { name: "__syscall_nr", offset: 8, size: 4 };

/** Arguments of system calls whose names are known. Others are `arg0` to `arg5`. */
const syscallArguments: Readonly<Record<string, readonly string[]>> = {
  execve: ["filename", "argv", "envp"],
  execveat: ["fd", "filename", "argv", "envp", "flags"],
  open: ["filename", "flags", "mode"],
  openat: ["dfd", "filename", "flags", "mode"],
  openat2: ["dfd", "filename", "how", "usize"],
  close: ["fd"],
  read: ["fd", "buf", "count"],
  write: ["fd", "buf", "count"],
  connect: ["fd", "uservaddr", "addrlen"],
  kill: ["pid", "sig"],
  unlinkat: ["dfd", "pathname", "flag"],
};

const unnamed = ["arg0", "arg1", "arg2", "arg3", "arg4", "arg5"];

/** The record of a system call's entry or exit, e.g. "syscalls/sys_enter_execve": 8 bytes for each argument. */
export function syscallFields(target: string): readonly RecordField[] {
  const entered = /^syscalls\/sys_enter_(.+)$/.exec(target)?.[1];
  if (entered === undefined) return [syscallNumber, { name: "ret", offset: 16, size: 8 }];
  const names = syscallArguments[entered] ?? unnamed;
  return [syscallNumber, ...names.map((name, index) => ({ name, offset: 16 + index * 8, size: 8 }))];
}

/** Records of other tracepoints, by category and name. */
export const tracepointRecords: Readonly<Record<string, readonly RecordField[]>> = {
  "sched/sched_switch": [
    { name: "prev_comm", offset: 8, size: 16, text: true },
    { name: "prev_pid", offset: 24, size: 4 },
    { name: "prev_prio", offset: 28, size: 4 },
    { name: "prev_state", offset: 32, size: 8 },
    { name: "next_comm", offset: 40, size: 16, text: true },
    { name: "next_pid", offset: 56, size: 4 },
    { name: "next_prio", offset: 60, size: 4 },
  ],
  "sched/sched_process_exec": [
    { name: "__data_loc_filename", offset: 8, size: 4 },
    { name: "pid", offset: 12, size: 4 },
    { name: "old_pid", offset: 16, size: 4 },
  ],
  "sched/sched_process_exit": [
    { name: "comm", offset: 8, size: 16, text: true },
    { name: "pid", offset: 24, size: 4 },
    { name: "prio", offset: 28, size: 4 },
  ],
};

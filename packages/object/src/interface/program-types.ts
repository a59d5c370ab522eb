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

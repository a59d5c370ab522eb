/** A `BPF_MAP_TYPE_*` of linux/bpf.h. */
export interface MapTypeRow {
  /** Waggle's name, e.g. "lru-hash". */
  readonly name: string;
  /** UAPI name, e.g. "BPF_MAP_TYPE_LRU_HASH". */
  readonly uapi: string;
  readonly value: number;
  /** Oldest kernel that has it. */
  readonly since: string;
  /** Each CPU has its own value. */
  readonly perCpu: boolean;
}

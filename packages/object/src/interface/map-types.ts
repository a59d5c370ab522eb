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

/** Every map type but `BPF_MAP_TYPE_UNSPEC`, by value ascending. */
export const mapTypes: readonly MapTypeRow[] = [
  { name: "hash", uapi: "BPF_MAP_TYPE_HASH", value: 1, since: "3.19", perCpu: false },
  { name: "array", uapi: "BPF_MAP_TYPE_ARRAY", value: 2, since: "3.19", perCpu: false },
  { name: "program-array", uapi: "BPF_MAP_TYPE_PROG_ARRAY", value: 3, since: "4.2", perCpu: false },
  { name: "perf-event-array", uapi: "BPF_MAP_TYPE_PERF_EVENT_ARRAY", value: 4, since: "4.3", perCpu: false },
  { name: "per-cpu-hash", uapi: "BPF_MAP_TYPE_PERCPU_HASH", value: 5, since: "4.6", perCpu: true },
  { name: "per-cpu-array", uapi: "BPF_MAP_TYPE_PERCPU_ARRAY", value: 6, since: "4.6", perCpu: true },
  { name: "stack-trace", uapi: "BPF_MAP_TYPE_STACK_TRACE", value: 7, since: "4.6", perCpu: false },
  { name: "cgroup-array", uapi: "BPF_MAP_TYPE_CGROUP_ARRAY", value: 8, since: "4.8", perCpu: false },
  { name: "lru-hash", uapi: "BPF_MAP_TYPE_LRU_HASH", value: 9, since: "4.10", perCpu: false },
  { name: "lru-per-cpu-hash", uapi: "BPF_MAP_TYPE_LRU_PERCPU_HASH", value: 10, since: "4.10", perCpu: true },
  { name: "lpm-trie", uapi: "BPF_MAP_TYPE_LPM_TRIE", value: 11, since: "4.11", perCpu: false },
  { name: "array-of-maps", uapi: "BPF_MAP_TYPE_ARRAY_OF_MAPS", value: 12, since: "4.12", perCpu: false },
  { name: "hash-of-maps", uapi: "BPF_MAP_TYPE_HASH_OF_MAPS", value: 13, since: "4.12", perCpu: false },
  { name: "devmap", uapi: "BPF_MAP_TYPE_DEVMAP", value: 14, since: "4.14", perCpu: false },
  { name: "sockmap", uapi: "BPF_MAP_TYPE_SOCKMAP", value: 15, since: "4.14", perCpu: false },
  { name: "cpumap", uapi: "BPF_MAP_TYPE_CPUMAP", value: 16, since: "4.15", perCpu: false },
  { name: "xskmap", uapi: "BPF_MAP_TYPE_XSKMAP", value: 17, since: "4.18", perCpu: false },
  { name: "sockhash", uapi: "BPF_MAP_TYPE_SOCKHASH", value: 18, since: "4.18", perCpu: false },
  { name: "cgroup-storage", uapi: "BPF_MAP_TYPE_CGROUP_STORAGE", value: 19, since: "4.19", perCpu: false },
  {
    name: "reuseport-sockarray",
    uapi: "BPF_MAP_TYPE_REUSEPORT_SOCKARRAY",
    value: 20,
    since: "4.19",
    perCpu: false,
  },
  {
    name: "per-cpu-cgroup-storage",
    uapi: "BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE",
    value: 21,
    since: "4.20",
    perCpu: true,
  },
  { name: "queue", uapi: "BPF_MAP_TYPE_QUEUE", value: 22, since: "4.20", perCpu: false },
  { name: "stack", uapi: "BPF_MAP_TYPE_STACK", value: 23, since: "4.20", perCpu: false },
  { name: "sk-storage", uapi: "BPF_MAP_TYPE_SK_STORAGE", value: 24, since: "5.2", perCpu: false },
  { name: "devmap-hash", uapi: "BPF_MAP_TYPE_DEVMAP_HASH", value: 25, since: "5.4", perCpu: false },
  { name: "struct-ops", uapi: "BPF_MAP_TYPE_STRUCT_OPS", value: 26, since: "5.6", perCpu: false },
  { name: "ring-buffer", uapi: "BPF_MAP_TYPE_RINGBUF", value: 27, since: "5.8", perCpu: false },
  { name: "inode-storage", uapi: "BPF_MAP_TYPE_INODE_STORAGE", value: 28, since: "5.10", perCpu: false },
  { name: "task-storage", uapi: "BPF_MAP_TYPE_TASK_STORAGE", value: 29, since: "5.11", perCpu: false },
  { name: "bloom-filter", uapi: "BPF_MAP_TYPE_BLOOM_FILTER", value: 30, since: "5.16", perCpu: false },
  { name: "user-ring-buffer", uapi: "BPF_MAP_TYPE_USER_RINGBUF", value: 31, since: "6.1", perCpu: false },
  { name: "cgrp-storage", uapi: "BPF_MAP_TYPE_CGRP_STORAGE", value: 32, since: "6.2", perCpu: false },
  { name: "arena", uapi: "BPF_MAP_TYPE_ARENA", value: 33, since: "6.9", perCpu: false },
  { name: "instruction-array", uapi: "BPF_MAP_TYPE_INSN_ARRAY", value: 34, since: "6.19", perCpu: false },
  // In bpf-next of July 2026, so that 7.2 is the earliest it can be in.
  { name: "rhash", uapi: "BPF_MAP_TYPE_RHASH", value: 35, since: "7.2", perCpu: false },
];

const byName = new Map(mapTypes.flatMap((row) => [[row.name, row] as const, [row.uapi, row] as const]));
const byValue = new Map(mapTypes.map((row) => [row.value, row]));

/** The map type of a name, Waggle's ("lru-hash") or the UAPI's ("BPF_MAP_TYPE_LRU_HASH"); null when there is none. */
export function mapTypeByName(name: string): MapTypeRow | null {
  return byName.get(name) ?? null;
}

/** The map type of a `BPF_MAP_TYPE_*` value; null when there is none. */
export function mapTypeByValue(value: number): MapTypeRow | null {
  return byValue.get(value) ?? null;
}

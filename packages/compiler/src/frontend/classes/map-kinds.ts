/** The classes of maps in @waggle/kernel. */

/** A class of maps. */
export interface MapKindRow {
  /** `MapTypeRow.name`. */
  readonly type: string;
  /**
   * What its size is. "entries": `maxEntries`, asked for. "cpus": the same, and one for each CPU where it is not given. "bytes": `bytes`, of a
   * ring. "none": there is none, as what it belongs to bounds it.
   */
  readonly size: "entries" | "cpus" | "bytes" | "none";
  /** `BPF_F_*` that the kernel asks of the type. */
  readonly flags?: number;
  /** Its values are records that programs send: the map itself has none, or numbers of the kernel's own. */
  readonly records?: true;
}

/** `BPF_F_NO_PREALLOC` of linux/bpf.h. */
const NO_PREALLOCATION = 1;

const entries = (type: string, flags = 0): MapKindRow => ({ type, size: "entries", flags });
const storage = (type: string): MapKindRow => ({ type, size: "none", flags: NO_PREALLOCATION });

/** By the name of the class. */
export const mapKinds: Readonly<Record<string, MapKindRow>> = {
  HashMap: entries("hash"),
  LruHashMap: entries("lru-hash"),
  PerCpuHashMap: entries("per-cpu-hash"),
  LruPerCpuHashMap: entries("lru-per-cpu-hash"),
  ArrayMap: entries("array"),
  PerCpuArrayMap: entries("per-cpu-array"),
  LpmTrie: entries("lpm-trie", NO_PREALLOCATION),
  Queue: entries("queue"),
  Stack: entries("stack"),
  BloomFilter: entries("bloom-filter"),
  RingBuffer: { type: "ring-buffer", size: "bytes", records: true },
  UserRingBuffer: { type: "user-ring-buffer", size: "bytes", records: true },
  PerfEventArray: { type: "perf-event-array", size: "cpus", records: true },
  ProgramArray: entries("program-array"),
  ArrayOfMaps: entries("array-of-maps"),
  HashOfMaps: entries("hash-of-maps"),
  DevMap: entries("devmap"),
  DevMapHash: entries("devmap-hash"),
  CpuMap: entries("cpumap"),
  XskMap: entries("xskmap"),
  SockMap: entries("sockmap"),
  SockHash: entries("sockhash"),
  ReuseportArray: entries("reuseport-sockarray"),
  CgroupArray: entries("cgroup-array"),
  StackTraces: entries("stack-trace"),
  SocketStorage: storage("sk-storage"),
  InodeStorage: storage("inode-storage"),
  TaskStorage: storage("task-storage"),
  CgroupStorage: storage("cgrp-storage"),
};

/** Options that are true or false: the flag of the value that asks for it. */
export const mapFlags: Readonly<Record<string, readonly [value: boolean, flag: number]>> = {
  preallocate: [false, NO_PREALLOCATION],
  mapped: [true, 1 << 10],
  readonlyForPrograms: [true, 1 << 7],
};

import type { MapSpec } from "@waggle/object";
import type { AddressSpace } from "../memory/address-space.js";
import type { Region, Word } from "../memory/region.js";

/** The CPU that programs run on, and how many there are. */
export interface Cpus {
  readonly count: number;
  current: number;
}

/** What a map is made with. */
export interface MapContext {
  readonly spec: MapSpec;
  readonly space: AddressSpace;
  readonly cpus: Cpus;
  readonly littleEndian: boolean;
}

/** Update flags (`BPF_ANY`, `BPF_NOEXIST`, `BPF_EXIST` of linux/bpf.h). */
export const UpdateFlag = { Any: 0, NoExist: 1, Exist: 2 } as const;

/** The errors that map operations return, negated (include/uapi/asm-generic/errno-base.h). */
export const Errno = {
  ENOENT: 2,
  E2BIG: 7,
  EAGAIN: 11,
  EFAULT: 14,
  EEXIST: 17,
  EINVAL: 22,
} as const;

/**
 * A map of keys and values. Operations of programs give 0 or a negative errno, and addresses of values. Keys and values
 * given have the sizes of the map; those returned are copies.
 */
export interface TableMap {
  readonly kind: "table";
  readonly spec: MapSpec;
  /** The address that programs hold of the map itself. */
  readonly handle: Region;
  /** Copies of a value: 1, or one for each CPU. */
  readonly copies: number;
  /** How many entries there are. */
  readonly size: number;
  /** The address of the current CPU's value, or null. A program's lookup counts as a use. */
  lookup(key: Uint8Array): Word | null;
  /** Sets the current CPU's value. */
  update(key: Uint8Array, value: Uint8Array, flags: number): number;
  delete(key: Uint8Array): number;
  /** Every copy of a value, or null, without counting as a use: the system call's lookup. */
  read(key: Uint8Array): Uint8Array[] | null;
  /** Sets every copy of a value: the system call's update. */
  write(key: Uint8Array, values: readonly Uint8Array[], flags: number): number;
  /** Keys at this moment: what is set or deleted while they are read makes no difference. */
  keys(): Iterable<Uint8Array>;
  /** The memory of an array's values, from the first on; null for other maps. */
  readonly memory: Region | null;
  /** The address of a byte of the first value, for data sections and `BPF_PSEUDO_MAP_VALUE`; null where there is none. */
  direct(offset: number): Word | null;
}

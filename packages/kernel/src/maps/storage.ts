/** Values that belong to a thing of the kernel and go with it. */
import type { KernelMap } from "../boundary.js";
import type { Socket, SocketCommon } from "../contexts/socket.js";
import type { i32, i64 } from "../integers.js";
import { kernelOnly } from "../kernel-only.js";
import type { KernelStruct } from "../kernel-types.js";
import type { KernelPtr, Pointee } from "../pointers.js";
import type { MAP } from "../symbols.js";

abstract class Storage<Kind extends string, Owner, V> implements KernelMap<Kind, i32, V> {
  declare readonly [MAP]?: { kind: Kind; key: i32; value: V };

  /** The value of a thing, in place, or null when it has none; with "create" it is made, all zero, unless memory lacks. */
  get(_owner: Owner, _mode?: "find" | "create"): Pointee<V> | null {
    return kernelOnly("get()");
  }

  /** Removes the value of a thing; 0 or -ENOENT. */
  delete(_owner: Owner): i64 {
    return kernelOnly("delete()");
  }
}

/** A value for each socket; `BPF_MAP_TYPE_SK_STORAGE`, kernel 5.2. */
export class SocketStorage<V> extends Storage<
  "sk-storage",
  Socket | SocketCommon | KernelPtr<KernelStruct<"sock">>,
  V
> {}

/** A value for each inode; `BPF_MAP_TYPE_INODE_STORAGE`, kernel 5.10, in LSM programs. */
export class InodeStorage<V> extends Storage<"inode-storage", KernelPtr<KernelStruct<"inode">>, V> {}

/** A value for each thread; `BPF_MAP_TYPE_TASK_STORAGE`, kernel 5.11. */
export class TaskStorage<V> extends Storage<"task-storage", KernelPtr<KernelStruct<"task_struct">>, V> {}

/** A value for each cgroup; `BPF_MAP_TYPE_CGRP_STORAGE`, kernel 6.2. */
export class CgroupStorage<V> extends Storage<"cgrp-storage", KernelPtr<KernelStruct<"cgroup">>, V> {}

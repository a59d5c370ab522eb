/** Structs of linux/bpf.h that lie in values of maps or on the stack, and that only helpers and kernel functions use. */
import type { DataType, StructType } from "../../types/data-type.js";
import { integers } from "../../types/integers.js";
import { arrayOf } from "../../types/layout.js";

const storages = ["sk-storage", "inode-storage", "task-storage", "cgrp-storage"];

/** The types of maps whose values may have one, by its name: `map_check_btf` of kernel/bpf/syscall.c. */
const holders: Readonly<Record<string, readonly string[]>> = {
  bpf_spin_lock: ["hash", "array", ...storages],
  bpf_timer: ["hash", "lru-hash", "array"],
  bpf_wq: ["hash", "lru-hash", "array"],
};

/** Two words that only the kernel knows. */
const opaque = (name: string): StructType => ({
  kind: "struct",
  name,
  union: false,
  fields: [{ name: "__opaque", type: arrayOf(integers.u64, 2), offset: 0 }],
  size: 16,
  align: 8,
});

/** By name. */
const objects: ReadonlyMap<string, StructType> = new Map(
  [
    {
      kind: "struct",
      name: "bpf_spin_lock",
      union: false,
      fields: [{ name: "val", type: integers.u32, offset: 0 }],
      size: 4,
      align: 4,
    } satisfies StructType,
    opaque("bpf_timer"),
    opaque("bpf_wq"),
    opaque("bpf_dynptr"),
  ].map((type) => [type.name, type]),
);

/** The struct of that name; null when there is none. */
export const kernelObject = (name: string): StructType | null => objects.get(name) ?? null;

/** What a map of this type has in its values and cannot hold: the struct's name, and the types that can; null when there is nothing. */
export function misplacedObject(
  value: DataType | null,
  mapType: string,
): { readonly name: string; readonly holders: readonly string[] } | null {
  if (value?.kind !== "struct") return null;
  for (const { type } of value.fields) {
    const allowed = type.kind === "struct" ? holders[type.name] : undefined;
    if (type.kind === "struct" && allowed !== undefined && !allowed.includes(mapType))
      return { name: type.name, holders: allowed };
  }
  return null;
}

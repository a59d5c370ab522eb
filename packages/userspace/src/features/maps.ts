/** Which types of maps the running kernel makes. */
import { BtfBuilder, hostByteOrder, type MapSpec, mapTypeByName } from "@waggle/object";
import { BpfError, PermissionError } from "../errors/errors.js";
import { loadSpec } from "../load/load.js";
import { pageSize } from "../sys/system-calls.js";
import { no, once, type Support, unknown, yes } from "./support.js";

type Shape = Partial<Pick<MapSpec, "keySize" | "valueSize" | "maxEntries" | "flags">>;

const NO_PREALLOCATION = 1;
const MAPPED = 1 << 10;
const page = (): number => pageSize();
const storage: Shape = { maxEntries: 0, flags: NO_PREALLOCATION };

/** What differs from keys and values of 4 bytes and one entry. */
const shapes: Readonly<Record<string, () => Shape>> = {
  "stack-trace": () => ({ valueSize: 8 }),
  "lpm-trie": () => ({ keySize: 8, flags: NO_PREALLOCATION }),
  queue: () => ({ keySize: 0 }),
  stack: () => ({ keySize: 0 }),
  "bloom-filter": () => ({ keySize: 0 }),
  "ring-buffer": () => ({ keySize: 0, valueSize: 0, maxEntries: page() }),
  "user-ring-buffer": () => ({ keySize: 0, valueSize: 0, maxEntries: page() }),
  "cgroup-storage": () => ({ keySize: 8, maxEntries: 0 }),
  "per-cpu-cgroup-storage": () => ({ keySize: 8, maxEntries: 0 }),
  "sk-storage": () => storage,
  "inode-storage": () => storage,
  "task-storage": () => storage,
  "cgrp-storage": () => storage,
  arena: () => ({ keySize: 0, valueSize: 0, flags: MAPPED }),
  rhash: () => ({ flags: NO_PREALLOCATION }),
};

function askType(name: string): Support {
  const type = mapTypeByName(name);
  if (type === null) throw new TypeError(`there is no map type ${name}`);
  if (name === "struct-ops")
    return unknown("a struct_ops map is made for a table of functions of the kernel");
  const builder = new BtfBuilder();
  const number = builder.add({
    kind: "int",
    name: "int",
    size: 4,
    bits: 32,
    bitOffset: 0,
    encoding: "signed",
  });
  const plain = (wanted: NonNullable<typeof type>): MapSpec => ({
    name: "waggle_probe",
    type: wanted,
    keySize: 4,
    valueSize: 4,
    maxEntries: 1,
    flags: 0,
    // Storage of things of the kernel wants the types.
    keyType: name.endsWith("storage") && !name.includes("cgroup") ? number : null,
    valueType: name.endsWith("storage") && !name.includes("cgroup") ? number : null,
    pinning: "none",
    data: null,
    ...shapes[wanted.name]?.(),
  });
  const array = mapTypeByName("array");
  const inner = name.endsWith("-of-maps") && array !== null ? { inner: plain(array) } : {};
  try {
    loadSpec({
      byteOrder: hostByteOrder,
      license: "GPL",
      btf: builder.build(),
      programs: [],
      maps: [{ ...plain(type), ...inner }],
    }).close();
    return yes;
  } catch (error) {
    if (error instanceof PermissionError) return unknown(error.message);
    if (error instanceof BpfError) return no(error.message);
    throw error;
  }
}

/**
 * Whether the kernel makes maps of a type, e.g. "ring-buffer": one of the smallest size is made and closed again.
 *
 * @param type a name of `mapTypes` of @waggle/object
 */
export const mapSupport: (type: string) => Support = once(askType);

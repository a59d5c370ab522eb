import type { MapSpec } from "@waggle/object";
import type { Region } from "../memory/region.js";
import { Errno, type MapContext } from "./table-map.js";

/** Bytes before each record (`BPF_RINGBUF_HDR_SZ` of linux/bpf.h). */
const headerBytes = 8;
/** `BPF_RB_NO_WAKEUP | BPF_RB_FORCE_WAKEUP` of linux/bpf.h. */
const wakeupFlags = 3;
/** What reserved memory is filled with: the kernel does not clear it, and a test should see what was forgotten. */
const garbage = 0xa5;

interface Record {
  readonly region: Region;
  readonly total: number;
  state: "reserved" | "submitted" | "discarded";
}

/**
 * A ring buffer (kernel/bpf/ringbuf.c): records have a header of 8 bytes and are rounded up to 8, and come out in the order
 * of their reservation, none before those reserved earlier are submitted or discarded.
 */
export interface RingMap {
  readonly kind: "ring";
  readonly spec: MapSpec;
  readonly handle: Region;
  /** Records that found no room. */
  lost: bigint;
  /** Memory for a record, or null when there is no room. */
  reserve(size: number, flags: number): Region | null;
  /** Reserves, copies and submits: 0 or a negative errno. */
  output(bytes: Uint8Array, flags: number): number;
  /** `bpf_ringbuf_query`. */
  query(flag: number): number;
  /** Takes out what was submitted, oldest first. */
  drain(): Uint8Array[];
}

/** Makes a ring buffer map. Its size is rounded up to a power of two of at least a page, as loaders do for the kernel. */
export function ringBuffer(context: MapContext, reservations: Reservations): RingMap {
  const { spec, space } = context;
  const size = Math.max(4096, 2 ** Math.ceil(Math.log2(spec.maxEntries)));
  const records: Record[] = [];
  let consumer = 0;
  let producer = 0;

  const free = (record: Record, reason: string): void => {
    space.remove(record.region, reason);
    reservations.delete(record.region);
  };

  const map: RingMap = {
    kind: "ring",
    spec,
    handle: space.add({ kind: "map", name: `map ${spec.name}`, bytes: new Uint8Array(0), writable: false }),
    lost: 0n,
    reserve: (bytes, flags) => {
      const total = Math.ceil((bytes + headerBytes) / 8) * 8;
      if (flags !== 0 || total > size || producer + total - consumer > size - 1) {
        map.lost += 1n;
        return null;
      }
      const region = space.add({
        kind: "ring buffer record",
        name: `record of ring buffer ${spec.name}`,
        bytes: new Uint8Array(bytes).fill(garbage),
      });
      const record: Record = { region, total, state: "reserved" };
      records.push(record);
      producer += total;
      reservations.set(region, (discard) => {
        record.state = discard ? "discarded" : "submitted";
        free(record, `it was ${record.state}`);
      });
      return region;
    },
    output: (bytes, flags) => {
      if ((flags & ~wakeupFlags) !== 0) return -Errno.EINVAL;
      const region = map.reserve(bytes.length, 0);
      if (region === null) return -Errno.EAGAIN;
      region.bytes.set(bytes);
      reservations.get(region)?.(false);
      return 0;
    },
    query: (flag) => [producer - consumer, size, consumer, producer][flag] ?? 0,
    drain: () => {
      const taken: Uint8Array[] = [];
      while (records[0] !== undefined && records[0].state !== "reserved") {
        const record = records.shift();
        if (record === undefined) break;
        consumer += record.total;
        if (record.state === "submitted") taken.push(record.region.bytes.slice());
      }
      return taken;
    },
  };
  return map;
}

/** Records that were reserved and neither submitted nor discarded, with what ends each. */
export type Reservations = Map<Region, (discard: boolean) => void>;

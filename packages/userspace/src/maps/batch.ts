/**
 * Reading and writing many entries. Batch calls (Linux 5.6) walk a hash by bucket, so that deleting meanwhile neither
 * repeats nor skips others; where the kernel or the map type has none, keys are collected first and then looked up.
 */
import type { ValueCodec } from "@waggle/object";
import { Errno } from "../errors/errno.js";
import { MapError } from "../errors/errors.js";
import { batchError, type CallContext, systemCallError } from "../errors/system-call-failure.js";
import { tryBpf } from "../sys/bpf.js";
import type { Descriptor } from "../sys/descriptor.js";
import { kernelAtLeast, thisMachine } from "../sys/machine.js";
import { NativeMemory } from "../sys/memory.js";
import { BpfCommand, type BpfCommandRow } from "../sys/uapi.js";

/** What the batch functions need of a map. */
export interface BatchMap {
  readonly name: string;
  readonly maxEntries: number;
  readonly descriptor: Descriptor;
  readonly keyCodec: ValueCodec;
  readonly valueCodec: ValueCodec;
  callContext(command: BpfCommandRow): CallContext;
}

/** Entries side by side: `count` keys and `count` values, each of its codec's size. */
export interface EntryBatch {
  readonly keys: NativeMemory;
  readonly values: NativeMemory;
  readonly count: number;
}

const BATCH_SIZE = 56;
const COUNT = 32;
const FIRST_BATCH = 512;
const LARGEST_BATCH_BYTES = 1 << 20;

// A map type without batch calls answers ENOTSUPP; a kernel without them does not know the command.
const hasNoBatch = (result: number): boolean =>
  result === -Errno.ENOTSUPP ||
  result === -Errno.EOPNOTSUPP ||
  (result === -Errno.EINVAL && !kernelAtLeast(thisMachine().release, BpfCommand.MapLookupBatch.since));

const batchLength = (map: BatchMap): number => {
  const bytes = map.keyCodec.size + map.valueCodec.size;
  return Math.max(1, Math.min(FIRST_BATCH, map.maxEntries, Math.floor(LARGEST_BATCH_BYTES / bytes)));
};

/**
 * Reads a map batch by batch. A batch's blocks are reused for the next one.
 *
 * @throws SystemCallError when the kernel refuses
 */
export function* readBatches(map: BatchMap): Generator<EntryBatch, void, undefined> {
  const token = Math.max(4, map.keyCodec.size);
  const from = new NativeMemory(token);
  const to = new NativeMemory(token);
  const attribute = new NativeMemory(BATCH_SIZE);
  attribute.setPointer(8, to);
  let room = batchLength(map);
  let keys = new NativeMemory(room * map.keyCodec.size);
  let values = new NativeMemory(room * map.valueCodec.size);
  for (let first = true; ; ) {
    attribute.setPointer(0, first ? null : from);
    attribute.setPointer(16, keys);
    attribute.setPointer(24, values);
    attribute.setU32(COUNT, room);
    attribute.setU32(36, map.descriptor.fd);
    const result = tryBpf(BpfCommand.MapLookupBatch, attribute);
    if (first && hasNoBatch(result)) {
      yield* readOneByOne(map);
      return;
    }
    if (result === -Errno.EINTR || result === -Errno.EAGAIN) continue;
    if (result === -Errno.ENOSPC && room < map.maxEntries * 2) {
      // One hash bucket holds more than there is room for: same place, more room.
      room *= 2;
      keys = new NativeMemory(room * map.keyCodec.size);
      values = new NativeMemory(room * map.valueCodec.size);
      continue;
    }
    const last = result === -Errno.ENOENT;
    if (result < 0 && !last) throw systemCallError(map.callContext(BpfCommand.MapLookupBatch), result);
    const count = attribute.u32(COUNT);
    if (count > 0) yield { keys, values, count };
    if (last) return;
    from.bytes.set(to.bytes);
    first = false;
  }
}

/** All keys, each once. When a key goes while the kernel stands on it, it starts over: the set drops what it repeats. */
function collectKeys(map: BatchMap): Uint8Array[] {
  const seen = new Set<string>();
  const found: Uint8Array[] = [];
  const key = new NativeMemory(map.keyCodec.size);
  const next = new NativeMemory(map.keyCodec.size);
  const attribute = new NativeMemory(32);
  attribute.setPointer(16, next);
  // With keys coming and going all the time there might be no end: twice round is enough.
  for (let i = 0; i < map.maxEntries * 2 + 1; i++) {
    attribute.setU32(0, map.descriptor.fd);
    attribute.setPointer(8, i === 0 ? null : key);
    const result = tryBpf(BpfCommand.MapNextKey, attribute);
    if (result === -Errno.ENOENT) break;
    if (result < 0) throw systemCallError(map.callContext(BpfCommand.MapNextKey), result);
    const bytes = next.bytes.slice(0, map.keyCodec.size);
    key.bytes.set(next.bytes);
    const text = Buffer.from(bytes).toString("latin1");
    if (seen.has(text)) continue;
    seen.add(text);
    found.push(bytes);
  }
  return found;
}

/** As `readBatches`, with calls that every kernel and map type has; each batch has one entry. */
export function* readOneByOne(map: BatchMap): Generator<EntryBatch, void, undefined> {
  const keys = new NativeMemory(map.keyCodec.size);
  const values = new NativeMemory(map.valueCodec.size);
  const attribute = new NativeMemory(32);
  attribute.setPointer(8, keys);
  attribute.setPointer(16, values);
  for (const bytes of collectKeys(map)) {
    keys.bytes.set(bytes);
    attribute.setU32(0, map.descriptor.fd);
    const result = tryBpf(BpfCommand.MapLookup, attribute);
    if (result === -Errno.ENOENT) continue;
    if (result < 0) throw systemCallError(map.callContext(BpfCommand.MapLookup), result);
    yield { keys, values, count: 1 };
  }
}

/** How entries are written: with a batch call, and one by one where that does not do. */
interface Writing {
  readonly batch: BpfCommandRow;
  readonly single: BpfCommandRow;
  /** The errno of an entry that is passed over. */
  readonly passes?: number;
  /** What became of the entries before one that fails, for the error. */
  readonly verb: string;
  readonly flags: bigint;
}

/**
 * Writes part of a batch from entry `start` on. Returns how many the kernel took, and the errno that stopped it. The
 * kernel stops at the first entry that fails and says how many went before.
 */
function writeFrom(
  map: BatchMap,
  how: Writing,
  blocks: EntryBatch,
  start: number,
): { readonly done: number; readonly result: number } {
  const keyStart = start * map.keyCodec.size;
  const valueStart = start * map.valueCodec.size;
  // The kernel refuses flags for whether the key is there in a batch: such entries are written one by one.
  if (how.flags === 0n) {
    const attribute = new NativeMemory(BATCH_SIZE);
    attribute.setPointer(16, blocks.keys, keyStart);
    attribute.setPointer(24, blocks.values, valueStart);
    attribute.setU32(COUNT, blocks.count - start);
    attribute.setU32(36, map.descriptor.fd);
    const result = tryBpf(how.batch, attribute);
    if (result >= 0) return { done: blocks.count - start, result: 0 };
    if (!hasNoBatch(result)) {
      // A refusal of the call as a whole leaves the count as it was.
      const count = attribute.u32(COUNT);
      return { done: count >= blocks.count - start ? 0 : count, result };
    }
  }
  const element = new NativeMemory(32);
  element.setU32(0, map.descriptor.fd);
  element.setPointer(8, blocks.keys, keyStart);
  if (how.single !== BpfCommand.MapDelete) {
    element.setPointer(16, blocks.values, valueStart);
    element.setU64(24, how.flags);
  }
  const one = tryBpf(how.single, element);
  return one < 0 ? { done: 0, result: one } : { done: 1, result: 0 };
}

/** Writes all entries of a batch. Returns how many were done. @param before how many were done in earlier batches */
function writeAll(map: BatchMap, how: Writing, blocks: EntryBatch, before: number): number {
  let done = 0;
  for (let start = 0; start < blocks.count; ) {
    const step = writeFrom(map, how, blocks, start);
    done += step.done;
    start += step.done;
    if (step.result >= 0) continue;
    if (-step.result !== how.passes)
      throw batchError(map.callContext(how.batch), step.result, before + done, how.verb);
    start++;
  }
  return done;
}

/**
 * Takes items one by one and writes them in batches. Where an item cannot be encoded, or the caller's iterator throws, those
 * before it are written first.
 */
function writeItems<T>(
  map: BatchMap,
  how: Writing,
  items: Iterable<T>,
  encode: (blocks: EntryBatch, index: number, item: T) => void,
): number {
  const room = batchLength(map);
  const keys = new NativeMemory(room * map.keyCodec.size);
  const values = new NativeMemory(room * map.valueCodec.size);
  let total = 0;
  let count = 0;
  const flush = (): void => {
    const blocks = { keys, values, count };
    count = 0;
    total += writeAll(map, how, blocks, total);
  };
  try {
    for (const item of items) {
      encode({ keys, values, count }, count, item);
      if (++count === room) flush();
    }
  } catch (error) {
    flush();
    if (!(error instanceof MapError)) throw error;
    const told = `${error.message.replace(/\.$/, "")}; ${total} entries before it were ${how.verb}.`;
    throw new MapError(error.code, told, { cause: error });
  }
  flush();
  return total;
}

/**
 * Sets entries in their order. @returns how many were set
 *
 * @throws BatchError at the first that the kernel refuses, MapError at the first that does not fit its type: those before it are set
 */
export function updateBatch(
  map: BatchMap,
  entries: Iterable<readonly [unknown, unknown]>,
  flags: bigint,
): number {
  const how = { batch: BpfCommand.MapUpdateBatch, single: BpfCommand.MapUpdate, verb: "set", flags };
  return writeItems(map, how, entries, ({ keys, values }, index, [key, value]) => {
    map.keyCodec.encode(keys.view, index * map.keyCodec.size, key);
    map.valueCodec.encode(values.view, index * map.valueCodec.size, value);
  });
}

/** Deletes keys; keys that are not there are passed over. @returns how many were there @throws as `updateBatch` */
export function deleteBatch(map: BatchMap, wanted: Iterable<unknown>): number {
  const how = {
    batch: BpfCommand.MapDeleteBatch,
    single: BpfCommand.MapDelete,
    passes: Errno.ENOENT,
    verb: "deleted",
    flags: 0n,
  };
  return writeItems(map, how, wanted, ({ keys }, index, key) =>
    map.keyCodec.encode(keys.view, index * map.keyCodec.size, key),
  );
}

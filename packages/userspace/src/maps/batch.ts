/**
 * Reading and writing many entries. Batch calls (Linux 5.6) walk a hash by bucket, so that deleting meanwhile neither
 * repeats nor skips others; where the kernel or the map type has none, keys are collected first and then looked up.
 */
import type { ValueCodec } from "@waggle/object";
import { Errno } from "../errors/errno.js";
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
  elementError(command: BpfCommandRow, result: number): Error;
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
    if (result < 0 && !last) throw map.elementError(BpfCommand.MapLookupBatch, result);
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
    if (result < 0) throw map.elementError(BpfCommand.MapNextKey, result);
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
    if (result < 0) throw map.elementError(BpfCommand.MapLookup, result);
    yield { keys, values, count: 1 };
  }
}

function* chunks<T>(items: Iterable<T>, length: number): Generator<T[], void, undefined> {
  let chunk: T[] = [];
  for (const item of items) {
    chunk.push(item);
    if (chunk.length === length) {
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
}

/**
 * Writes part of a batch from entry `start` on. Returns how many the kernel took, and the errno that stopped it. The
 * kernel stops at the first entry that fails and says how many went before.
 */
function writeFrom(
  map: BatchMap,
  command: BpfCommandRow,
  single: BpfCommandRow,
  blocks: EntryBatch & { readonly flags: bigint },
  start: number,
): { readonly done: number; readonly result: number } {
  const attribute = new NativeMemory(BATCH_SIZE);
  const keyStart = start * map.keyCodec.size;
  const valueStart = start * map.valueCodec.size;
  attribute.setPointer(16, blocks.keys, keyStart);
  attribute.setPointer(24, blocks.values, valueStart);
  attribute.setU32(COUNT, blocks.count - start);
  attribute.setU32(36, map.descriptor.fd);
  attribute.setU64(40, blocks.flags);
  const result = tryBpf(command, attribute);
  if (result >= 0) return { done: blocks.count - start, result: 0 };
  if (!hasNoBatch(result)) {
    // A refusal of the call as a whole leaves the count as it was.
    const count = attribute.u32(COUNT);
    return { done: count >= blocks.count - start ? 0 : count, result };
  }
  const element = new NativeMemory(32);
  element.setU32(0, map.descriptor.fd);
  element.setPointer(8, blocks.keys, keyStart);
  if (single !== BpfCommand.MapDelete) {
    element.setPointer(16, blocks.values, valueStart);
    element.setU64(24, blocks.flags);
  }
  const one = tryBpf(single, element);
  return one < 0 ? { done: 0, result: one } : { done: 1, result: 0 };
}

/** Sets entries in batches. @returns how many were set @throws SystemCallError at the first that cannot be set */
export function updateBatch(
  map: BatchMap,
  entries: Iterable<readonly [unknown, unknown]>,
  flags: bigint,
): number {
  const room = batchLength(map);
  const keys = new NativeMemory(room * map.keyCodec.size);
  const values = new NativeMemory(room * map.valueCodec.size);
  let total = 0;
  for (const chunk of chunks(entries, room)) {
    for (const [i, [key, value]] of chunk.entries()) {
      map.keyCodec.encode(keys.view, i * map.keyCodec.size, key);
      map.valueCodec.encode(values.view, i * map.valueCodec.size, value);
    }
    for (let start = 0; start < chunk.length; ) {
      const blocks = { keys, values, count: chunk.length, flags };
      const step = writeFrom(map, BpfCommand.MapUpdateBatch, BpfCommand.MapUpdate, blocks, start);
      if (step.result < 0) throw map.elementError(BpfCommand.MapUpdateBatch, step.result);
      start += step.done;
      total += step.done;
    }
  }
  return total;
}

/** Deletes keys in batches; keys that are not there are passed over. @returns how many were there */
export function deleteBatch(map: BatchMap, wanted: Iterable<unknown>): number {
  const room = batchLength(map);
  const keys = new NativeMemory(room * map.keyCodec.size);
  let total = 0;
  for (const chunk of chunks(wanted, room)) {
    for (const [i, key] of chunk.entries()) map.keyCodec.encode(keys.view, i * map.keyCodec.size, key);
    for (let start = 0; start < chunk.length; ) {
      const blocks = { keys, values: keys, count: chunk.length, flags: 0n };
      const step = writeFrom(map, BpfCommand.MapDeleteBatch, BpfCommand.MapDelete, blocks, start);
      total += step.done;
      start += step.done;
      if (step.result === -Errno.ENOENT) start++;
      else if (step.result < 0) throw map.elementError(BpfCommand.MapDeleteBatch, step.result);
    }
  }
  return total;
}

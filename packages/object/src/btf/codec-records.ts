import type { ByteOrder } from "../byte-order.js";
import { makeCodec, type ValueCodec, valueCodec } from "./codec.js";
import type { Codec } from "./codec-mismatch.js";
import { DecoderSource, type MemoryViews } from "./codec-source.js";
import type { Btf, TypeId } from "./types.js";

/** Values at known places of one memory. Who visits them moves `at`; who sets `end` to `at` ends the visit. */
export interface RecordBatch {
  readonly memory: MemoryViews;
  /** Where values start, in bytes: multiples of 8, so far from the end that a value is inside of the memory. */
  readonly offsets: Uint32Array;
  /** Index of the next offset. */
  at: number;
  /** Index after the last offset. */
  end: number;
}

/** A codec that also decodes many values at a time. */
export interface RecordCodec extends ValueCodec {
  /**
   * Decodes the values of a batch in turn, `limit` at most, and returns how many. `batch.at` has moved past a value by
   * the time that it is visited; where `visit` throws it stays there. The memory is not touched between the visit of a
   * value and the next look at `at` and `end`, so that `visit` may end the batch and then take the memory away.
   */
  visit(batch: RecordBatch, visitor: (value: unknown) => void, limit: number): number;
}

/** @throws ObjectError as `valueCodec` does */
export function recordCodec(btf: Btf, typeId: TypeId, byteOrder: ByteOrder): RecordCodec {
  const codec = makeCodec(btf, typeId, byteOrder);
  return {
    ...valueCodec(btf, typeId, byteOrder),
    visit: generatedVisit(codec) ?? closureVisit(codec),
  };
}

/** The loop with the decoder written out in it: made for each type, it also knows that type's visitor. */
export function generatedVisit(codec: Codec): RecordCodec["visit"] | null {
  const source = new DecoderSource(true);
  const value = source.value(codec, 0);
  return source.compile(`(batch,visitor,limit)=>{
    const {v,u8,i8,u16,i16,u32,i32,u64,i64,f32,f64}=batch.memory,{offsets}=batch;
    let count=0;
    while(count<limit&&batch.at<batch.end){
      const o=offsets[batch.at++];
      count++;
      visitor(${value});
    }
    return count;
  }`) as RecordCodec["visit"] | null;
}

/** The same for a process that forbids code from strings. */
export function closureVisit(codec: Codec): RecordCodec["visit"] {
  const { decode } = codec;
  return (batch, visitor, limit) => {
    const { memory, offsets } = batch;
    let count = 0;
    while (count < limit && batch.at < batch.end) {
      const offset = offsets[batch.at++] ?? 0;
      count++;
      visitor(decode(memory.v, offset));
    }
    return count;
  };
}

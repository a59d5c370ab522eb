import type {
  Bits,
  CString,
  FixedArray,
  i32,
  KernelPtr,
  KernelStruct,
  Ref,
  u8,
  u32,
  u64,
} from "@waggle/kernel";
import { expectTypeOf, test } from "vitest";
import type { Task } from "../helpers/call.js";
import type { KernelValue } from "./kernel-value.js";

interface mm_struct extends KernelStruct<"mm_struct"> {
  readonly arg_start: u64;
}
interface file extends KernelStruct<"file"> {}
interface sched_entity extends KernelStruct<"sched_entity"> {
  readonly vruntime: u64;
}
interface task_struct extends KernelStruct<"task_struct"> {
  readonly tgid: i32;
  readonly comm: CString<16>;
  readonly in_execve: Bits<u32, 1>;
  readonly real_parent: KernelPtr<task_struct>;
  readonly mm: KernelPtr<mm_struct>;
  readonly se: sched_entity;
  readonly bytes: FixedArray<u8, 6>;
  readonly entities: FixedArray<sched_entity, 2>;
  readonly opaque: KernelPtr;
  readonly file: KernelPtr<file>;
  readonly count: KernelPtr<Ref<u64>>;
}

type Value = KernelValue<task_struct>;

test("members have the types of the declarations, and all may be left out", () => {
  expectTypeOf<{
    tgid: number;
    comm: string;
    in_execve: number;
    real_parent: { real_parent: { tgid: number } };
    mm: null;
    se: { vruntime: bigint };
    bytes: Uint8Array;
    entities: { vruntime: bigint }[];
    opaque: bigint;
    file: { f_mode: number };
    count: Uint8Array;
  }>().toExtend<Value>();
  expectTypeOf<Record<never, never>>().toExtend<Value>();
  expectTypeOf<{ real_parent: { type: string; value: { tgid: number } } }>().toExtend<Value>();
  expectTypeOf<Value>().toExtend<Task["kernel"]>();
});

test("what does not fit is an error of types", () => {
  expectTypeOf<{ tgid: bigint }>().not.toExtend<Value>();
  expectTypeOf<{ se: { vruntime: number } }>().not.toExtend<Value>();
  expectTypeOf<{ real_parent: { tgid: string } }>().not.toExtend<Value>();
  expectTypeOf<{ count: { value: bigint } }>().not.toExtend<Value>();
  const value: Value = {
    // @ts-expect-error there is no such member
    tgidd: 1,
  };
  expectTypeOf(value).toEqualTypeOf<Value>();
});

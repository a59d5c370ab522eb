import { VmError } from "../errors.js";
import type { Machine } from "../machine/machine.js";
import { toBigInt } from "../machine/word.js";
import { Errno } from "../maps/table-map.js";
import { regionBase } from "../memory/region.js";
import { type Environment, type Helper, HelperCall, type Run } from "./call.js";

/** Bytes of `struct bpf_iter_num` (linux/bpf.h), which the program keeps on its stack. */
const iteratorBytes = 8;
/** `BPF_MAX_LOOPS` of linux/bpf.h. */
const mostTurns = 1 << 23;

/** An open-coded iterator over numbers. */
export interface NumberIterator {
  /** The number it is at; it begins one before its first. */
  current: number;
  end: number;
  /** Memory that `bpf_iter_num_next` points at, and its address. */
  readonly address: bigint;
  readonly bytes: Uint8Array;
  readonly close: () => void;
}

/** A kernel function (kfunc) that is simulated: how many arguments it has, and what it does. */
interface KernelFunction {
  readonly args: number;
  readonly run: Helper;
}

/**
 * The marks of the stack's bytes that the iterator of argument 1 takes. They stay unwritten while it is in use, so that a read is
 * one of what was never written, and a mark says that the program wrote there (`is_iter_reg_valid_init`, kernel/bpf/verifier.c).
 */
function marksOf(call: HelperCall): Uint8Array {
  const { machine, environment } = call;
  const region = environment.space.find(machine.hi[1] ?? 0);
  if (region?.kind !== "stack" || region.written === null) {
    throw call.bad("argument 1 is not on the stack", "keep the iterator in 8 bytes of the function's stack");
  }
  const offset = call.unsigned(1) - regionBase;
  if (((region.end - offset) & (iteratorBytes - 1)) !== 0) {
    throw call.bad(
      `argument 1 is at fp${offset - region.end}, which is not aligned to ${iteratorBytes} bytes`,
      "keep the iterator at a multiple of 8 bytes below the frame pointer",
    );
  }
  return region.written.subarray(offset, offset + iteratorBytes);
}

function iteratorOf(call: HelperCall): NumberIterator {
  const marks = marksOf(call);
  const iterator = call.run.iterators.get(call.argument(1));
  if (iterator !== undefined && marks.includes(1)) {
    throw call.bad(
      "argument 1 is an iterator that the program wrote over",
      "leave its 8 bytes alone until it is destroyed",
    );
  }
  if (iterator === undefined) {
    throw call.bad(
      "argument 1 is not an iterator in use",
      "begin it with bpf_iter_num_new, and destroy it once",
    );
  }
  return iterator;
}

/** Open-coded iterators over numbers (kernel/bpf/bpf_iter.c, Linux 6.4), by name. */
const kernelFunctions: ReadonlyMap<string, KernelFunction> = new Map<string, KernelFunction>([
  [
    "bpf_iter_num_new",
    {
      args: 3,
      run: (call) => {
        const at = call.argument(1);
        const { iterators } = call.run;
        const marks = marksOf(call);
        if (iterators.has(at))
          throw call.bad("argument 1 is an iterator in use", "destroy it before it begins anew");
        call.output(1, iteratorBytes).fill(0);
        marks.fill(0);
        const [start, end] = [call.signed(2), call.signed(3)];
        const error = start > end ? -Errno.EINVAL : end - start > mostTurns ? -Errno.E2BIG : 0;
        const bytes = new Uint8Array(4);
        const { space } = call.environment;
        const region = space.add({
          kind: "map value",
          name: "number of an iterator",
          bytes,
          writable: false,
        });
        const { hi, lo } = region.address(0);
        iterators.set(at, {
          current: error === 0 ? start - 1 : 0,
          end: error === 0 ? end : 0,
          address: toBigInt(hi, lo),
          bytes,
          close: () => space.remove(region, "the iterator is destroyed"),
        });
        return error;
      },
    },
  ],
  [
    "bpf_iter_num_next",
    {
      args: 1,
      run: (call) => {
        const iterator = iteratorOf(call);
        if (iterator.current + 1 >= iterator.end) {
          iterator.current = iterator.end = 0;
          return 0;
        }
        iterator.current += 1;
        call.machine.beginTurn();
        const view = new DataView(iterator.bytes.buffer);
        view.setInt32(0, iterator.current, call.environment.littleEndian);
        return iterator.address;
      },
    },
  ],
  [
    "bpf_iter_num_destroy",
    {
      args: 1,
      run: (call) => {
        iteratorOf(call).close();
        call.run.iterators.delete(call.argument(1));
        return 0;
      },
    },
  ],
]);

/** How many arguments a kernel function takes; 0 for one that is not simulated. */
export const argumentsOf = (name: string): number => kernelFunctions.get(name)?.args ?? 0;

/** Whether a kernel function is simulated. */
export const isSimulated = (name: string): boolean => kernelFunctions.has(name);

/** Calls a kernel function and sets r0. Throws a `VmError` when it is not simulated. */
export function callKernelFunction(machine: Machine, name: string, environment: Environment, run: Run): void {
  const known = kernelFunctions.get(name);
  if (known === undefined) {
    throw new VmError(
      "unknown-helper",
      `kernel function ${name} is called, which is not simulated yet`,
      "test what needs it on a kernel, or keep it on a path that this test does not take",
    );
  }
  const result = known.run(new HelperCall(name, machine, environment, run));
  if (typeof result === "bigint") machine.setBig(0, result);
  else machine.result(result);
}

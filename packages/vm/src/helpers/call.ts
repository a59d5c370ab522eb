import type { Packet } from "../contexts/packet.js";
import { VmError } from "../errors.js";
import type { Machine } from "../machine/machine.js";
import type { VmMap } from "../maps/map-kinds.js";
import type { Reservations, RingMap } from "../maps/ring-buffer.js";
import type { Cpus, TableMap } from "../maps/table-map.js";
import type { AddressSpace } from "../memory/address-space.js";
import type { KernelObject } from "../memory/kernel-objects.js";
import { Access, type Region } from "../memory/region.js";
import type { TestMemory } from "../memory/test-memory.js";
import type { NumberIterator } from "./kernel-functions.js";

/** The thread that a program runs in, in the kernel's words: `tgid` is the process, `pid` the thread. */
export interface Task {
  readonly pid: number;
  readonly tgid: number;
  readonly uid: number;
  readonly gid: number;
  /** Name of the thread, cut to 15 bytes. */
  readonly comm: string;
  /** What `bpf_get_current_task` returns: the address of its `task_struct`. */
  readonly address: bigint;
  /**
   * What the kernel keeps of it: members of the `task_struct` that the object declares, e.g. `{ real_parent: { tgid: 3 } }`.
   * Those left out are zero, but for `pid`, `tgid` and `comm`.
   */
  readonly kernel: KernelObject;
  readonly cgroupId: bigint;
}

/** What all programs of a simulation share. */
export interface Environment {
  readonly space: AddressSpace;
  readonly cpus: Cpus;
  readonly littleEndian: boolean;
  /** Maps by the region that stands for their address. */
  readonly handles: Map<Region, VmMap>;
  readonly reservations: Reservations;
  /** Nanoseconds since boot. */
  readonly clock: () => bigint;
  /** 32 random bits. */
  readonly random: () => number;
  /** Instructions that a run may take in all. */
  readonly maxInstructions: number;
  /** Lines that programs printed with `bpf_trace_printk`. */
  readonly trace: string[];
  /** Programs by the number that stands for them in a program array, from 1. */
  readonly programs: Map<number, TailTarget>;
}

/** A program to go on in. */
export interface TailTarget {
  readonly name: string;
  readonly kind: string;
}

/** Thrown to go on in another program. It never leaves the simulation. */
export class TailCall extends Error {
  override readonly name = "TailCall";

  constructor(readonly target: TailTarget) {
    super(`tail call of ${target.name}`);
  }
}

/** What belongs to one run. */
export interface Run {
  readonly task: Task;
  readonly memory: TestMemory;
  /** The packet of programs that have one. */
  readonly packet: Packet | null;
  /** Interface that `bpf_redirect` chose. */
  redirect: number | null;
  /** The type of the program that runs. */
  readonly kind: string;
  /** Tail calls so far. */
  tailCalls: number;
  /** Open-coded iterators in use, by the address of their place on the stack. */
  readonly iterators: Map<bigint, NumberIterator>;
}

/** What a helper leaves in r0: a signed number of up to 53 bits, or any 64 bits as a bigint. */
export type HelperResult = number | bigint;

/** A call of a helper: its arguments, read as what they stand for. Arguments count from 1, as registers do. */
export class HelperCall {
  constructor(
    readonly name: string,
    readonly machine: Machine,
    readonly environment: Environment,
    readonly run: Run,
  ) {}

  /** An argument as an unsigned 64-bit number. */
  argument(index: number): bigint {
    return this.machine.big(index);
  }

  /** The low 32 bits of an argument, unsigned. */
  unsigned(index: number): number {
    return (this.machine.lo[index] ?? 0) >>> 0;
  }

  /** The low 32 bits of an argument, signed. */
  signed(index: number): number {
    return this.machine.lo[index] ?? 0;
  }

  /** Flags: those above 32 bits count as one that is unknown. */
  flags(index: number): number {
    const value = this.argument(index);
    return value > 0x7fff_ffffn ? 0x7fff_ffff : Number(value);
  }

  /** Memory that the helper reads, in place. */
  input(index: number, size: number): Uint8Array {
    return this.#memory(index, size, Access.HelperRead);
  }

  /** Memory that the helper writes, in place. */
  output(index: number, size: number): Uint8Array {
    return this.#memory(index, size, Access.HelperWrite);
  }

  /** A map of keys and values. Throws a `VmError` when the argument is another one. */
  table(index: number): TableMap {
    const map = this.#map(index);
    if (map.kind !== "table") throw this.#wrongMap(map);
    return map;
  }

  /** A ring buffer. Throws a `VmError` when the argument is another map. */
  ring(index: number): RingMap {
    const map = this.#map(index);
    if (map.kind !== "ring") throw this.#wrongMap(map);
    return map;
  }

  /** An error about an argument. */
  bad(reason: string, help: string): VmError {
    return new VmError("bad-argument", `${this.name}: ${reason}`, help);
  }

  #memory(index: number, size: number, access: Access): Uint8Array {
    if (size === 0) return new Uint8Array(0);
    const { machine, environment } = this;
    const { bytes } = environment.space.locate(
      machine.hi[index] ?? 0,
      machine.lo[index] ?? 0,
      0,
      size,
      access,
    );
    const { offset } = environment.space;
    return bytes.subarray(offset, offset + size);
  }

  #map(index: number): VmMap {
    const region = this.environment.space.find(this.machine.hi[index] ?? 0);
    const map = region === undefined ? undefined : this.environment.handles.get(region);
    if (map === undefined) {
      throw this.bad(
        `argument ${index} is not a map`,
        "pass the map itself, as its address is loaded from the object",
      );
    }
    return map;
  }

  #wrongMap(map: VmMap): VmError {
    return this.bad(
      `map ${map.spec.name} is of type ${map.spec.type.name}, which this helper does not work on`,
      "use the helpers of that map type",
    );
  }
}

/** A simulated helper. */
export type Helper = (call: HelperCall) => HelperResult;

import type {
  ConfigOf,
  MapKey,
  MapKind,
  MapProgram,
  MapsOf,
  MapValue,
  ProgramsOf,
  UserInput,
  UserPtr,
  UserValue,
  VariablesOf,
} from "@waggle/kernel";
import type { LogLevel, LogRecord } from "@waggle/object";
import type { Task } from "../helpers/call.js";
import type { MemoryImage } from "../memory/test-memory.js";
import type { SimulatedKernel } from "./kernel-types.js";
import type { SimulatedArray, SimulatedMap, SimulatedRingBuffer } from "./map-types.js";
import type { SimulatedProgramArray } from "./program-array.js";
import type { SimulatedVariable } from "./variables.js";

/** Options that do not depend on the class. */
export interface CommonOptions {
  /**
   * The clock of `bpf_ktime_get_ns` and its kin in nanoseconds: a number that stands still, or a function that is asked
   * each time. By default it starts at one second and goes on by a microsecond each time it is read.
   */
  readonly clock?: bigint | (() => bigint);
  /** Source of `bpf_get_prandom_u32`: 32 bits. By default the same sequence in every simulation. */
  readonly random?: () => number;
  /** The task that programs run in when `run` does not say. By default thread and process 1000 of user 1000, "waggle". */
  readonly task?: Partial<Task>;
  /** How many CPUs there are, 1 to 1024; 1 by default. Values of per-CPU maps have as many copies. */
  readonly cpus?: number;
  /**
   * Instructions that one run may take in all: those of every turn of `bpf_loop` and of iterators count, and each turn besides.
   * 1,000,000,000 by default, so that no test runs for ever; without such loops a run ends after 1,000,000 anyway.
   */
  readonly maxInstructions?: number;
  /** Memory of user space and of the kernel for every run. */
  readonly memory?: MemoryImage;
  /** Which messages of programs are made: those of the level and more urgent ones. "info" by default. */
  readonly log?: LogLevel | "off";
  /** Which kernel this is to programs that read its own types (CO-RE). By default one that has all that the object declares. */
  readonly kernel?: SimulatedKernel;
}

/** Options of `simulate`. */
export interface SimulateOptions<C> extends CommonOptions {
  /** Values for `@config` constants, and initial values of variables. */
  readonly config?: Partial<ConfigOf<C>>;
  /** Sizes of maps, for tests of what happens when one is full; of a ring buffer in bytes. */
  readonly maps?: { readonly [Name in keyof MapsOf<C>]?: { readonly maxEntries?: number } };
}

/** Options of `simulateObject`. */
export interface UntypedSimulateOptions extends CommonOptions {
  /** Values for constants in data sections, by name. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Sizes of maps; of a ring buffer in bytes. */
  readonly maps?: Readonly<Record<string, { readonly maxEntries?: number } | undefined>>;
}

/** What every `run` takes. */
export interface CommonInput {
  /** What differs from the simulation's task. Of `pid` and `tgid`, one stands for both. */
  readonly task?: Partial<Task>;
  /** The CPU to run on, from 0. */
  readonly cpu?: number;
  /** Memory for this run, beside the simulation's. */
  readonly memory?: MemoryImage;
}

/** What every `run` gives. */
export interface CommonResult {
  /** The low 32 bits of r0, unsigned: what the kernel sees of it. */
  readonly result: number;
  /** Instructions that ran. */
  readonly instructions: number;
}

/** A packet for an XDP program. */
export interface XdpInput extends CommonInput {
  /** From the link-layer header on. It is copied. */
  readonly data: Uint8Array;
  /** 1 by default. */
  readonly ingressIfindex?: number;
  readonly rxQueueIndex?: number;
  readonly egressIfindex?: number;
}

/** What an XDP program did. */
export interface XdpResult extends CommonResult {
  /** The packet afterwards. */
  readonly data: Uint8Array;
  /** Index of the interface that `redirect` chose last; null when it did not. */
  readonly redirect: number | null;
}

/** An XDP program in process. */
export interface SimulatedXdp {
  readonly name: string;
  /** Throws a `VmError` when the program does what the kernel would not allow, or the input does not fit. */
  run(input: XdpInput): XdpResult;
}

/** Fields of a tracepoint's record. Text or bytes for a pointer are put into user memory, text with a NUL behind it. */
export type FieldInputs<Context> = {
  readonly [Name in keyof Context as Name extends `common_${string}` | symbol
    ? never
    : Name]?: Context[Name] extends UserPtr ? bigint | string | Uint8Array : UserValue<Context[Name]>;
};

/** An event for a tracepoint program. */
export interface TracepointInput<Fields> extends CommonInput {
  /** The record: its fields, those left out being 0, or all its bytes with the 8 common ones. */
  readonly fields?: Fields | Uint8Array;
}

/** A tracepoint program in process. */
export interface SimulatedTracepoint<Fields = Readonly<Record<string, unknown>>> {
  readonly name: string;
  /** Throws a `VmError` when the program does what the kernel would not allow, or the input does not fit. */
  run(input?: TracepointInput<Fields>): CommonResult;
}

/** A program of a type that is not simulated yet: `run` throws. */
export interface NotSimulated {
  readonly name: string;
  run(input: never): never;
}

/** A program whose type is known at run time only. */
export interface AnySimulatedProgram {
  readonly name: string;
  run(input?: CommonInput & Readonly<Record<string, unknown>>): CommonResult & {
    readonly data?: Uint8Array;
    readonly redirect?: number | null;
  };
}

/** The simulated form of a program of kind `Kind` with the parameter `Context`. */
export type ProgramOf<Kind, Context> = Kind extends "xdp"
  ? SimulatedXdp
  : Kind extends "tracepoint"
    ? SimulatedTracepoint<FieldInputs<Context>>
    : NotSimulated;

type ContextOf<F> = F extends (context: infer Context) => unknown ? Context : never;
type PerKind<Kind, Value> = Kind extends `${string}per-cpu-${string}` ? Value[] : Value;

/** The simulated form of a map of a kernel class. */
export type MapOf<M> = [MapProgram<M>] extends [never] ? ValueMapOf<M> : SimulatedProgramArray;

type Seen<M> = PerKind<MapKind<M>, UserValue<MapValue<M>>>;
type Given<M> = PerKind<MapKind<M>, UserInput<MapValue<M>>>;
type ValueMapOf<M> =
  MapKind<M> extends "ring-buffer"
    ? SimulatedRingBuffer<UserValue<MapValue<M>>>
    : MapKind<M> extends `${string}array`
      ? SimulatedArray<UserValue<MapKey<M>>, Seen<M>, UserInput<MapKey<M>>, Given<M>>
      : SimulatedMap<UserValue<MapKey<M>>, Seen<M>, UserInput<MapKey<M>>, Given<M>>;

/** A kernel class in process, typed by the class (`C` is `typeof Flows`). */
export interface Simulation<C> {
  readonly maps: { readonly [Name in keyof MapsOf<C>]: MapOf<MapsOf<C>[Name]> };
  readonly programs: {
    readonly [Name in keyof ProgramsOf<C>]: ProgramOf<
      ProgramsOf<C>[Name],
      Name extends keyof C ? ContextOf<C[Name]> : never
    >;
  };
  /** Its variables by name: read and set between runs. `@config` constants can only be read. */
  readonly variables: {
    readonly [Name in keyof VariablesOf<C>]: SimulatedVariable<VariablesOf<C>[Name], ConfigOf<C>[Name]>;
  };
  /** Lines that programs printed with `bpf_trace_printk`, oldest first. */
  readonly trace: readonly string[];
  /** Messages that programs sent with `log`, oldest first. */
  readonly logs: readonly LogRecord[];
}

/** A map whose type is known at run time only; `type` tells ring buffers from the rest. */
export type AnySimulatedMap = SimulatedMap<unknown, unknown> | SimulatedRingBuffer<unknown>;

/** An object in process whose names are known at run time only. Data sections are among the maps. */
export interface UntypedSimulation {
  readonly maps: Readonly<Record<string, AnySimulatedMap>>;
  readonly programs: Readonly<Record<string, AnySimulatedProgram>>;
  readonly variables: Readonly<Record<string, SimulatedVariable<unknown>>>;
  readonly trace: readonly string[];
  readonly logs: readonly LogRecord[];
}

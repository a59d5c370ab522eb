import type {
  ConfigOf,
  MapInner,
  MapKey,
  MapKind,
  MapProgram,
  MapsOf,
  MapValue,
  ProgramsOf,
  UserInput,
  UserValue,
  VariablesOf,
} from "@waggle/kernel";
import type { LogOptions, Logs } from "./logs/logs.js";
import type { CpuItem, DeviceItem, ItemMap, NestedMap } from "./maps/descriptor-map.js";
import type { PerfEventArray } from "./maps/perf-buffer.js";
import type { ProgramArray } from "./maps/program-array.js";
import type { RingBuffer } from "./maps/ring-buffer.js";
import type { BloomFilter, Sequence } from "./maps/sequence.js";
import type { ArrayMap, BpfMap } from "./maps/types.js";
import type { UserRingBuffer } from "./maps/user-ring-buffer.js";
import type { AnyProgram, ProgramOf } from "./program.js";
import type { Variable } from "./variables/variable.js";

/** A value as user space sees it: where each CPU has its own, an array with one for each. */
type PerKind<Kind, Value> = Kind extends `${string}per-cpu-${string}` ? Value[] : Value;

/** The user side of a map of a kernel class. */
export type MapOf<M> = [MapProgram<M>] extends [never]
  ? ValueMapOf<M>
  : ProgramArray<ProgramOf<MapProgram<M> & string>>;

type Seen<M> = PerKind<MapKind<M>, UserValue<MapValue<M>>>;
type Given<M> = PerKind<MapKind<M>, UserInput<MapValue<M>>>;
type ItemOf<Kind> = Kind extends "devmap" | "devmap-hash"
  ? DeviceItem
  : Kind extends "cpumap"
    ? CpuItem
    : Kind extends "cgroup-array"
      ? string | number
      : object | number;
type ItemKind =
  | "devmap"
  | "devmap-hash"
  | "cpumap"
  | "xskmap"
  | "sockmap"
  | "sockhash"
  | "reuseport-sockarray"
  | "cgroup-array";
type ValueMapOf<M> =
  MapKind<M> extends "ring-buffer"
    ? RingBuffer<UserValue<MapValue<M>>>
    : MapKind<M> extends "user-ring-buffer"
      ? UserRingBuffer<UserInput<MapValue<M>>>
      : PerfOrOtherMapOf<M>;
type PerfOrOtherMapOf<M> =
  MapKind<M> extends "perf-event-array"
    ? PerfEventArray<UserValue<MapValue<M>>>
    : MapKind<M> extends "array-of-maps" | "hash-of-maps"
      ? NestedMap<UserInput<MapKey<M>>, MapOf<MapInner<M>>>
      : MapKind<M> extends ItemKind
        ? ItemMap<UserInput<MapKey<M>>, ItemOf<MapKind<M>>>
        : MapKind<M> extends "queue" | "stack"
          ? Sequence<UserValue<MapValue<M>>, UserInput<MapValue<M>>>
          : MapKind<M> extends "bloom-filter"
            ? BloomFilter<UserInput<MapValue<M>>>
            : KeyedMapOf<M>;
type KeyedMapOf<M> =
  MapKind<M> extends `${string}array`
    ? ArrayMap<UserValue<MapKey<M>>, Seen<M>, UserInput<MapKey<M>>, Given<M>>
    : BpfMap<UserValue<MapKey<M>>, Seen<M>, UserInput<MapKey<M>>, Given<M>>;

/** Options of `load` that do not depend on the class. */
export interface CommonLoadOptions {
  /**
   * How much the verifier writes into each program's `log`: nothing (0, the default), its statistics (1), or every
   * instruction that it walks (2). When it rejects a program there is a log in any case.
   */
  readonly logLevel?: 0 | 1 | 2;
  /**
   * Whether the message of a `VerifierError` has the verifier's whole log: "summary" (the default) or "full". Where it is
   * not given, the environment variable WAGGLE_VERIFIER_LOG decides. The error's `log` has it in any case.
   */
  readonly verifierLog?: "summary" | "full";
  /**
   * The folder on a BPF file system where maps that are pinned by their names are; "/sys/fs/bpf" when not given. It is created when it
   * is missing.
   */
  readonly pinPath?: string;
  /**
   * Whether a BPF file system is mounted at `/sys/fs/bpf` when a map is pinned by its name below it and none is mounted there; true when
   * not given. Mounting needs CAP_SYS_ADMIN, and the mount stays.
   */
  readonly mountBpffs?: boolean;
  /** Which messages of programs are sent, and where they go: on standard error, from "info" on, when it is not given. */
  readonly log?: LogOptions;
  /** Name of the object in the kernel's names of data sections; "waggle" when not given. */
  readonly name?: string;
}

/** Options of a typed `load`. */
export interface LoadOptions<C> extends CommonLoadOptions {
  /** Values for `@config` constants, and initial values of variables. */
  readonly config?: Partial<ConfigOf<C>>;
  /** Sizes of maps; of a ring buffer in bytes, rounded up to what the kernel takes. */
  readonly maps?: { readonly [Name in keyof MapsOf<C>]?: { readonly maxEntries?: number } };
  /** Programs to load; all when not given. */
  readonly programs?: readonly (keyof ProgramsOf<C> & string)[];
}

/** Options of `loadObject`. */
export interface UntypedLoadOptions extends CommonLoadOptions {
  /** Values for constants in data sections, by name. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Sizes of maps; of a ring buffer in bytes, rounded up to what the kernel takes. */
  readonly maps?: Readonly<Record<string, { readonly maxEntries?: number } | undefined>>;
  /** Programs to load; all when not given. */
  readonly programs?: readonly string[];
}

/** What every app has. */
export interface AppBase extends Disposable {
  /** Parts of the BTF that the kernel did not take, with the reason; loading went on without them. */
  readonly btfProblems: readonly string[];
  /** The messages of its programs; null when they send none. */
  readonly logs: Logs | null;
  readonly closed: boolean;
  /**
   * Detaches every link, ends every reader, unloads the programs and frees the maps. Values that were read stay
   * valid; maps, programs and readers throw `ClosedError`. Calling it twice does nothing.
   */
  close(): void;
}

/** A kernel class in the kernel: its maps and programs by name, typed by the class (`C` is `typeof Flows`). */
export interface App<C> extends AppBase {
  readonly maps: { readonly [Name in keyof MapsOf<C>]: MapOf<MapsOf<C>[Name]> };
  readonly programs: { readonly [Name in keyof ProgramsOf<C>]: ProgramOf<ProgramsOf<C>[Name]> };
  /** Its variables: static fields that are neither maps nor readonly. `@config` constants can only be read. Kernel 5.2. */
  readonly variables: {
    readonly [Name in keyof VariablesOf<C>]: Variable<VariablesOf<C>[Name], ConfigOf<C>[Name]>;
  };
}

/** A map whose type is only known at run time; `type` tells ring buffers from the rest. */
export type AnyMap = BpfMap<unknown, unknown> | RingBuffer<unknown>;

/** An object in the kernel whose names are only known at run time. Data sections are among the maps. */
export interface UntypedApp extends AppBase {
  readonly maps: Readonly<Record<string, AnyMap>>;
  readonly programs: Readonly<Record<string, AnyProgram>>;
  readonly variables: Readonly<Record<string, Variable<unknown>>>;
}

/** Whether a map is a ring buffer. */
export function isRingBuffer(map: AnyMap): map is RingBuffer<unknown> {
  return map.type === "ring-buffer";
}

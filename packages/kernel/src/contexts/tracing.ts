/** Contexts of programs that watch the kernel and processes. */
import type { ProgramContext } from "../boundary.js";
import type { i32, i64, u32, u64 } from "../integers.js";
import type {
  Iterators,
  KernelFunction,
  KernelFunctions,
  LsmHooks,
  RawTracepoints,
} from "../kernel-functions.js";
import type { Pointee, Ref } from "../pointers.js";
import type { TRACEPOINT } from "../symbols.js";
import type { Tracepoints } from "../tracepoints.js";

/** The fields of one tracepoint, by its `category/name`; kernel 4.7. */
export type TracepointContext<Name extends keyof Tracepoints> = ProgramContext<"tracepoint"> &
  Tracepoints[Name] & { readonly [TRACEPOINT]?: Name };

/** The arguments of a kernel function by name. */
export type ArgumentsOf<F> =
  F extends KernelFunction<infer Parameters, unknown> ? Readonly<Parameters> : never;
/** What a kernel function gives. */
export type ResultOf<F> = F extends KernelFunction<object, infer Result> ? Result : never;

/** The arguments of a tracepoint as they are before they are formatted into a record; kernel 4.17. */
export interface RawTracepointContext<Name extends keyof RawTracepoints>
  extends ProgramContext<"raw-tracepoint"> {
  readonly args: ArgumentsOf<RawTracepoints[Name]>;
}

/** The same, of a tracepoint that lets its first argument be changed; kernel 5.2. */
export interface RawTracepointWritableContext<Name extends keyof RawTracepoints>
  extends ProgramContext<"raw-tracepoint-writable"> {
  readonly args: ArgumentsOf<RawTracepoints[Name]>;
  /** What the first argument points to, in place. */
  writable<T>(): Pointee<T>;
}

/** The arguments of a tracepoint, to be followed as the kernel's own code does; kernel 5.5. */
export interface BtfTracepointContext<Name extends keyof RawTracepoints>
  extends ProgramContext<"btf-tracepoint"> {
  readonly args: ArgumentsOf<RawTracepoints[Name]>;
}

/** The arguments of a kernel function that is entered; kernel 5.5. */
export interface FentryContext<Name extends keyof KernelFunctions> extends ProgramContext<"fentry"> {
  readonly args: ArgumentsOf<KernelFunctions[Name]>;
}

/** The arguments and the result of a kernel function that returns; kernel 5.5. */
export interface FexitContext<Name extends keyof KernelFunctions> extends ProgramContext<"fexit"> {
  /** As they were when it was entered. */
  readonly args: ArgumentsOf<KernelFunctions[Name]>;
  readonly result: ResultOf<KernelFunctions[Name]>;
}

/** The arguments of a kernel function whose result the program may decide before it runs; kernel 5.7. */
export interface FmodRetContext<Name extends keyof KernelFunctions> extends ProgramContext<"fmod-ret"> {
  readonly args: ArgumentsOf<KernelFunctions[Name]>;
  /** What a program before this one decided; 0 when there was none. */
  readonly result: ResultOf<KernelFunctions[Name]>;
}

/** The arguments of a hook of the Linux security modules; kernel 5.7. */
export interface LsmContext<Name extends keyof LsmHooks> extends ProgramContext<"lsm"> {
  readonly args: ArgumentsOf<LsmHooks[Name]>;
  /** What a program before this one decided; 0 when there was none. */
  readonly result: ResultOf<LsmHooks[Name]>;
}

/** The same for the processes of a cgroup; kernel 6.0. */
export interface LsmCgroupContext<Name extends keyof LsmHooks> extends ProgramContext<"lsm-cgroup"> {
  readonly args: ArgumentsOf<LsmHooks[Name]>;
}

/** The CPU's registers where a function is entered. */
interface EntryRegisters {
  /** The argument at the index 0 to 5, as its register holds it. */
  arg(index: number): u64;
  /** Address of the instruction. */
  readonly ip: u64;
  /** The stack pointer. */
  readonly sp: u64;
}

/** The CPU's registers where a function has returned. */
interface ReturnRegisters {
  /** Address of the instruction that it returns to. */
  readonly ip: u64;
  /** The stack pointer. */
  readonly sp: u64;
}

/** The arguments of a function by name where its types are known; otherwise `arg` gives them by number. */
type KnownArguments<Name> = Name extends keyof KernelFunctions
  ? { readonly args: ArgumentsOf<KernelFunctions[Name]> }
  : unknown;
type KnownResult<Name> = Name extends keyof KernelFunctions ? ResultOf<KernelFunctions[Name]> : u64;

/** A kernel function that is entered, or an instruction of one that is reached; kernel 4.1. */
export type KprobeContext<Name extends string = string> = ProgramContext<"kprobe"> &
  EntryRegisters &
  KnownArguments<Name>;

/** A kernel function that has returned; kernel 4.1. */
export interface KretprobeContext<Name extends string = string>
  extends ProgramContext<"kretprobe">,
    ReturnRegisters {
  readonly result: KnownResult<Name>;
}

/** One of several kernel functions that is entered; kernel 5.18. */
export interface KprobeMultiContext extends ProgramContext<"kprobe-multi">, EntryRegisters {}
/** One of several kernel functions that has returned; kernel 5.18. */
export interface KretprobeMultiContext extends ProgramContext<"kretprobe-multi">, ReturnRegisters {
  readonly result: u64;
}
/** What a program has that runs when a function is entered, and again when it has returned. */
interface Session {
  /** Whether the function has returned: false at its entry. `bpf_session_is_return`, kernel 6.10. */
  isReturn(): boolean;
  /** A number that the entry leaves for the return. `bpf_session_cookie`, kernel 6.10. */
  cookie(): Ref<u64>;
}

/** One of several kernel functions, entered and returned. Kernel 6.10. */
export interface KprobeSessionContext extends ProgramContext<"kprobe-session">, EntryRegisters, Session {
  /** Where it has returned: what it gave. */
  readonly result: u64;
}

/** A system call that is entered; kernel 4.1. `Arguments` names those that it takes. */
export interface KsyscallContext<Arguments extends object = object> extends ProgramContext<"ksyscall"> {
  /** In the order in which they are declared. */
  readonly args: Readonly<Arguments>;
}
/** A system call that has returned; kernel 4.1. */
export interface KretsyscallContext extends ProgramContext<"kretsyscall">, ReturnRegisters {
  /** What it gave: a number, or a negative errno. */
  readonly result: i32;
}

/** A function of a program that is entered; kernel 4.3. `Arguments` names those that it takes. */
export interface UprobeContext<Arguments extends object = object>
  extends ProgramContext<"uprobe">,
    EntryRegisters {
  /** In the order in which they are declared, of at most 64 bits each. */
  readonly args: Readonly<Arguments>;
}
/** A function of a program that has returned; kernel 4.3. */
export interface UretprobeContext<Result = u64> extends ProgramContext<"uretprobe">, ReturnRegisters {
  readonly result: Result;
}
/** One of several functions of programs that is entered; kernel 6.6. */
export interface UprobeMultiContext<Arguments extends object = object>
  extends ProgramContext<"uprobe-multi">,
    EntryRegisters {
  readonly args: Readonly<Arguments>;
}
/** One of several functions of programs that has returned; kernel 6.6. */
export interface UretprobeMultiContext<Result = u64>
  extends ProgramContext<"uretprobe-multi">,
    ReturnRegisters {
  readonly result: Result;
}

/** One of several functions of programs, entered and returned. Kernel 6.13. */
export interface UprobeSessionContext<Arguments extends object = object>
  extends ProgramContext<"uprobe-session">,
    EntryRegisters,
    Session {
  readonly args: Readonly<Arguments>;
  /** Where it has returned: what it gave. */
  readonly result: u64;
}

/** A sample of a performance counter; `struct bpf_perf_event_data`, kernel 4.9. */
export interface PerfEventContext extends ProgramContext<"perf-event"> {
  readonly samplePeriod: u64;
  /** Address that the event is about, where it has one; kernel 4.12. */
  readonly addr: u64;
  /** Address of the instruction that was sampled. */
  readonly ip: u64;
  /** The stack pointer there. */
  readonly sp: u64;
}

/** One of the things that an iterator goes over; kernel 5.8. */
export interface IterContext<Name extends keyof Iterators> extends ProgramContext<"iter"> {
  /** Reading what is not there, as after the last thing, ends the program with 0. */
  readonly args: ArgumentsOf<Iterators[Name]>;
  /** Adds the bytes of a struct, array or text to what is read; 0, or -EOVERFLOW. `bpf_seq_write`, kernel 5.8. */
  write<T extends object>(record: T): i64;
}

/** What user space gives to a program that it runs itself, and gets back; kernel 5.14. */
export interface SyscallContext<Input extends object> extends ProgramContext<"syscall"> {
  readonly input: Input;
}

/** A code that an infrared receiver saw; kernel 4.18. */
export interface LircMode2Context extends ProgramContext<"lirc-mode2"> {
  /** What was seen and for how long: `LIRC_MODE2_*` in the high 8 bits, microseconds in the low 24. */
  readonly sample: u32;
}

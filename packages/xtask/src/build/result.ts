import type { Diagnostic } from "@waggle/compiler";

export type { Diagnostic };

/** What a build came to; `xtask build-ebpf --json` prints exactly this. */
export interface BuildResult {
  /** False when any diagnostic is an error. */
  readonly ok: boolean;
  /** Classes whose outputs are now up to date, by source file and then name. */
  readonly classes: readonly BuiltClass[];
  readonly diagnostics: readonly Diagnostic[];
  readonly durationMs: number;
}

/** A kernel class with its outputs. Paths are absolute. */
export interface BuiltClass {
  readonly name: string;
  /** The source that declares it. */
  readonly file: string;
  /** The linked object that was written. */
  readonly object: string;
  /** The typed module that embeds the object. */
  readonly module: string;
  readonly programs: readonly BuiltProgram[];
  /** Names of its maps. */
  readonly maps: readonly string[];
  /** Size of the object. */
  readonly bytes: number;
  /** True when nothing had changed since the last build, so that nothing was compiled or written. */
  readonly fresh: boolean;
}

export interface BuiltProgram {
  readonly name: string;
  /** ELF section, e.g. `xdp`. */
  readonly section: string;
  /** Slots of 8 bytes, those of the functions that it calls included. */
  readonly instructions: number;
  /** Of its own frame. */
  readonly stackBytes: number;
}

/** What `buildEbpf` and `watchEbpf` take. What is not given is as `xtask.config.ts` says, or the default. */
export interface BuildOptions {
  /** Folder that relative paths start from; the process's by default. */
  readonly cwd?: string;
  /** Kernel files or glob patterns; by default all below `src/kernel` of the project that `cwd` is in. */
  readonly files?: readonly string[];
  /** Byte order of the target; this machine's by default. */
  readonly target?: "bpfel" | "bpfeb";
  /** Instruction set; the compiler's default when not given. */
  readonly cpu?: 1 | 2 | 3 | 4;
  /** The oldest kernel that is to load the programs, such as "5.15"; the compiler's default when not given. */
  readonly kernel?: string;
  /** Folder for the outputs; `src/ebpf` of the project by default. */
  readonly out?: string;
  /** Compile even what is fresh. */
  readonly force?: boolean;
  /** Told of each step while it happens. */
  readonly onProgress?: (event: BuildEvent) => void;
}

/** Steps of a build, in the order in which they happen; files are absolute and each gets one of the last three. */
export type BuildEvent =
  | { readonly type: "found"; readonly files: readonly string[] }
  | { readonly type: "compiling"; readonly file: string }
  | { readonly type: "fresh"; readonly file: string; readonly classes: readonly BuiltClass[] }
  | {
      readonly type: "built";
      readonly file: string;
      readonly classes: readonly BuiltClass[];
      readonly durationMs: number;
    }
  | { readonly type: "failed"; readonly file: string; readonly errors: number };

/** What a project's `xtask.config.ts` may say. Every setting is optional, and a command's option wins over it. */
export interface XtaskConfig {
  /** What the objects are made for. */
  readonly target?: TargetConfig;
  /**
   * Kernel files: paths or glob patterns from the project's folder. Default: `src/kernel/**\/*.ts`. Tests, `.d.ts` files and
   * installed packages are left out.
   */
  readonly files?: string | readonly string[];
  /** Folder for the objects and their modules, from the project's folder. Default: `src/ebpf`. */
  readonly out?: string;
  /** Declarations that `xtask codegen` writes. */
  readonly codegen?: readonly CodegenConfig[];
}

/** What objects are made for. */
export interface TargetConfig {
  /**
   * The oldest kernel that is to load the programs, such as "5.15": what it does not have is an error when the program is
   * built. Default: "5.10".
   */
  readonly kernel?: string;
  /** Instruction set. Default: the newest that every kernel from `kernel` on has, and v3 at most. */
  readonly cpu?: CpuName;
  /** Default: the byte order of the machine that builds. */
  readonly byteOrder?: "little" | "big";
}

/** A version of the instruction set, as clang's `-mcpu` and the kernel's documentation name it. */
export type CpuName = "v1" | "v2" | "v3" | "v4";

/** One file of declarations made from a kernel's BTF. */
export interface CodegenConfig {
  /** The file to write, from the project's folder. */
  readonly out: string;
  /** A BTF file, from the project's folder. Default: the running kernel's, else the one that Waggle brings. */
  readonly btf?: string;
  /** The BTF of a module of the kernel that `btf` is of, from the project's folder. */
  readonly split?: string;
  /** A module of the running kernel, whose types come beside the kernel's. */
  readonly module?: string;
  /** The types that Waggle brings, whatever kernel runs: the same on every machine. */
  readonly builtin?: boolean;
  /** Kernel structs, unions and enums; what they reach comes with them. */
  readonly types?: readonly string[];
  /** Kernel functions, for kprobes and fentry programs. */
  readonly functions?: readonly string[];
  /** Tracepoints as "category/name". */
  readonly tracepoints?: readonly string[];
  /** Hooks of the Linux security modules. */
  readonly lsm?: readonly string[];
  /** What iterators go over, e.g. "task". */
  readonly iterators?: readonly string[];
  /** Functions of the kernel that programs call, e.g. "bpf_task_from_pid". */
  readonly kfuncs?: readonly string[];
}

/** Gives the settings their type where they are written: `export default defineConfig({ … })`. */
export function defineConfig(config: XtaskConfig): XtaskConfig {
  return config;
}

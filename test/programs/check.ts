/** Checks of programs in a kernel: each attaches one, does what it is to see, and looks at what it saw. */
import type { App, LoadOptions } from "@waggle/userspace";

/** What a check needs of the machine, beside the kernel. */
export type Need =
  | "veth"
  | "kprobe"
  | "trampoline"
  | "lsm"
  | "tc-action"
  | "uprobe"
  | "fprobe"
  | "disk"
  | "kernel-config";

/** A check. It throws when the program does not do what it should. */
export interface Check<C> {
  /** What is seen to work. */
  readonly name: string;
  /** Kinds of programs that it shows. */
  readonly kinds: readonly string[];
  /** Oldest kernel, where that is newer than the suite's. */
  readonly since?: string;
  readonly needs?: readonly Need[];
  run(load: (options?: LoadOptions<C>) => App<C>): void | Promise<void>;
}

/** The checks of one kernel class. */
export interface Suite<C> {
  /** Name of the class, and of its file in `kernel/` in lower case with dashes. */
  readonly className: string;
  readonly file: string;
  /** Where the file is, when that is not `kernel/` here. */
  readonly folder?: URL;
  /** The kernel that it is compiled for. */
  readonly kernel: string;
  readonly checks: readonly Check<C>[];
}

/** Waits until `done` says so; fails after five seconds. */
export async function until(done: () => boolean, what: string): Promise<void> {
  for (let turn = 0; turn < 250; turn++) {
    if (done()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${what}: it did not come within 5 s`);
}

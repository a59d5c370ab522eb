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

/** Seconds that a check waits for something to come. An emulated guest on a busy machine is slow. */
const patience = 90;

/** Waits until `done` says so; fails after `patience`. */
export async function until(done: () => boolean, what: string): Promise<void> {
  const end = performance.now() + patience * 1000;
  for (;;) {
    if (done()) return;
    if (performance.now() > end) throw new Error(`${what}: it did not come within ${patience} s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Keeps the processor busy until this process has used `milliseconds` of it, however many others want it too. */
export function useProcessor(milliseconds: number): void {
  const before = process.cpuUsage();
  for (;;) {
    const { user, system } = process.cpuUsage(before);
    if (user + system >= milliseconds * 1000) return;
  }
}

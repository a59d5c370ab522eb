/** What only the running kernel knows: its functions that programs call, its symbols, and how it was built. */
import type { CString } from "./arrays.js";
import { kernelOnly } from "./kernel-only.js";
import type { KernelPtr } from "./pointers.js";
import type { KERNEL_OBJECT } from "./symbols.js";

/**
 * Functions of the kernel that programs may call (kfuncs), as `kfuncs.NAME(…)`. `xtask codegen kfunc:bpf_task_from_pid` adds one; by hand it
 * is `declare module "@waggle/kernel" { interface Kfuncs { bpf_task_from_pid(pid: i32): KernelPtr<task_struct> | null } }`. Which may
 * be called by what programs is said at each in the kernel's documentation (bpf/kfuncs.rst). Kernel 5.13, in most programs 6.0.
 */
// biome-ignore lint/suspicious/noEmptyInterface: it is there to be added to
export interface Kfuncs {}

/** Functions of the kernel that programs may call; see `Kfuncs`. */
export const kfuncs: Kfuncs = {};

/**
 * Memory that the kernel knows the bounds of, by kernel functions such as `bpf_dynptr_from_skb` and `bpf_dynptr_slice`: a variable,
 * `const packet = zeroed<Dynptr>()`. `struct bpf_dynptr`, kernel 5.19.
 */
export interface Dynptr {
  readonly [KERNEL_OBJECT]: "bpf_dynptr";
}

/** Whether the running kernel has the function. A branch that asks may call it also where there is none. */
export function kfuncExists(_name: keyof Kfuncs & string): boolean {
  return kernelOnly("kfuncExists()");
}

/**
 * Where a function of the kernel lies, by its name in /proc/kallsyms, or a variable where CONFIG_KALLSYMS_ALL names those too; null
 * (`isNull`) where the kernel names none. Reading that file needs CAP_SYSLOG.
 */
export function ksym<T = unknown>(_name: string): KernelPtr<T> {
  return kernelOnly("ksym()");
}

/** What an option of the kernel's build may be asked as. */
export type KconfigValue = boolean | number | bigint | CString<number>;

/**
 * How the running kernel was built, from /proc/config.gz or /boot/config-RELEASE: `kconfig<u32>("CONFIG_HZ")`. As boolean whether it is built
 * in or a module, text without its quotes; an option that is not set is false, 0 or empty. `LINUX_KERNEL_VERSION` is the version, 0x060c00
 * for 6.12.0.
 */
export function kconfig<T extends KconfigValue>(_name: `CONFIG_${string}` | "LINUX_KERNEL_VERSION"): T {
  return kernelOnly("kconfig()");
}

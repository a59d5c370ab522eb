import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { debianKernel } from "./debian-kernel.js";
import { type GuestProgram, makeInitramfs } from "./initramfs.js";
import { modulesInOrder } from "./kernel-modules.js";
import { boot, type GuestRun } from "./qemu.js";

/**
 * Bound of one run in the machine, in seconds. It ends a guest that hangs, and nothing else: an emulated guest on a busy machine takes
 * several times as long as on a quiet one.
 */
const guestSeconds = 1_200;

/** The timeout of a test that calls `runInKernel` once, in milliseconds: two boots, a download and what is compiled before. */
export const guestTestTimeout = (2 * guestSeconds + 600) * 1_000;

export interface KernelRunOptions extends GuestProgram {
  /** Which kernel: "6.1" for the newest 6.1 of Debian's archive, "newest" for the newest of all. */
  readonly kernel: string;
  /** Modules of the kernel that are loaded first, with those that they need. */
  readonly modules?: readonly string[];
  /** More words for the kernel's command line. */
  readonly commandLine?: string;
}

/**
 * Runs a module of this repository on another kernel, in a virtual machine that ends with it. The module runs as root on
 * this machine's Node; it finds the packages' builds and nothing else of this machine.
 * Throws an Error that says what to install or what the guest wrote last. x86-64 only.
 */
export async function runInKernel(options: KernelRunOptions): Promise<GuestRun> {
  const image = await debianKernel(options.kernel);
  const directory = await mkdtemp(join(tmpdir(), "waggle-guest-"));
  try {
    const initramfs = join(directory, "initramfs.cpio");
    const modules = await modulesInOrder(image.modules, options.modules ?? []);
    await writeFile(initramfs, await makeInitramfs(options, modules));
    const { commandLine = "" } = options;
    return await boot({ kernel: image.file, initramfs, timeout: guestSeconds, commandLine });
  } finally {
    await rm(directory, { recursive: true });
  }
}

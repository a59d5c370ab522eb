/** Rules and reports of the kernel side. */
import { statSync } from "node:fs";
import type { App } from "@waggle/userspace";
import type { FileGuard } from "./kernel/file-guard.js";

type GuardApp = App<typeof FileGuard>;

/** stat(2) has a device's number in the form of old programs, the kernel within itself in another: linux/kdev_t.h. */
function kernelDevice(device: bigint): number {
  const major = Number((device >> 8n) & 0xfffn);
  const minor = Number((device & 0xffn) | ((device >> 12n) & 0xfff00n));
  return major * 2 ** 20 + minor;
}

/** Lets only a user open a file from now on. @throws what stat(2) gives, when there is no such file */
export function guard(app: GuardApp, path: string, uid: number): void {
  const { ino, dev } = statSync(path, { bigint: true });
  app.maps.guarded.set({ inode: ino, device: kernelDevice(dev) }, uid);
}

/** A line for each time that a guarded file was kept from somebody, until the signal. */
export async function* denials(app: GuardApp, signal: AbortSignal): AsyncGenerator<string> {
  for await (const { inode, pid, uid, comm } of app.maps.denied.read({ signal }))
    yield `denied inode ${inode} to ${comm} (process ${pid}, user ${uid})`;
}

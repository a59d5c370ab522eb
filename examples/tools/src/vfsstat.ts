import type { App } from "@waggle/userspace";
import type { Vfsstat } from "./kernel/vfsstat.js";
import { columns, stopped } from "./report.js";

/** In the order in which the kernel side counts them. */
const calls = ["read", "write", "fsync", "open", "unlink"] as const;

/** How often programs read, wrote, synced, opened and unlinked files until the signal. */
export async function* vfsstat(app: App<typeof Vfsstat>, signal: AbortSignal): AsyncGenerator<string> {
  const { onRead, onWrite, onSync, onOpen, onUnlink } = app.programs;
  for (const program of [onRead, onWrite, onSync, onOpen, onUnlink]) program.attach();
  await stopped(signal);
  const widths = [-8, 12];
  yield columns(widths, ["CALL", "COUNT"]);
  for (const [index, cpus] of app.maps.calls)
    yield columns(widths, [calls[index] ?? index, cpus.reduce((sum, count) => sum + count, 0n)]);
}

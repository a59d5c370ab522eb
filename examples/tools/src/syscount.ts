import type { App } from "@waggle/userspace";
import type { Syscount } from "./kernel/syscount.js";
import { columns, milliseconds, stopped } from "./report.js";
import { syscallName } from "./syscall-names.js";

/** Which system calls were made until the signal, how often, and how long they took. */
export async function* syscount(app: App<typeof Syscount>, signal: AbortSignal): AsyncGenerator<string> {
  app.programs.onExit.attach();
  app.programs.onEnter.attach();
  await stopped(signal);
  const widths = [-22, 10, 12];
  yield columns(widths, ["CALL", "COUNT", "TIME (ms)"]);
  const rows = [...app.maps.stats].sort(([, one], [, other]) => Number(other.calls - one.calls));
  for (const [call, { calls, time }] of rows)
    yield columns(widths, [syscallName(call), calls, milliseconds(time)]);
}

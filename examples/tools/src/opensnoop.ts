import type { App } from "@waggle/userspace";
import type { Opensnoop } from "./kernel/opensnoop.js";
import { columns } from "./report.js";

/** A line for each file that is opened, or could not be. */
export async function* opensnoop(app: App<typeof Opensnoop>, signal: AbortSignal): AsyncGenerator<string> {
  const widths = [7, 6, -15, 6, 4];
  app.programs.onOpen.attach();
  app.programs.onOpened.attach();
  yield columns(widths, ["PID", "UID", "BY", "FD", "ERR", "PATH"]);
  for await (const { pid, uid, comm, result, path } of app.maps.events.read({ signal }))
    yield columns(widths, [pid, uid, comm, Math.max(result, -1), Math.max(-result, 0), path]);
}

import type { App } from "@waggle/userspace";
import type { Gethostlatency } from "./kernel/gethostlatency.js";
import { columns, milliseconds } from "./report.js";

/** A line for each name that a program looks up by getaddrinfo(3): how long it took. */
export async function* gethostlatency(
  app: App<typeof Gethostlatency>,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const widths = [7, -15, 12, 6];
  app.programs.onLookup.attach();
  app.programs.onLookedUp.attach();
  yield columns(widths, ["PID", "BY", "TIME (ms)", "RESULT", "HOST"]);
  for await (const { pid, comm, time, result, host } of app.maps.events.read({ signal }))
    yield columns(widths, [pid, comm, milliseconds(time), result, host]);
}

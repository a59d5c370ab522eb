import type { App } from "@waggle/userspace";
import type { Exitsnoop } from "./kernel/exitsnoop.js";
import { columns, milliseconds } from "./report.js";
import { signalName } from "./signal-names.js";

/** A line for each process that ends: how long it lived, and how it ended. */
export async function* exitsnoop(app: App<typeof Exitsnoop>, signal: AbortSignal): AsyncGenerator<string> {
  const widths = [7, 7, -15, 12];
  app.programs.onExit.attach();
  yield columns(widths, ["PID", "PARENT", "NAME", "AGE (ms)", "END"]);
  for await (const event of app.maps.events.read({ signal })) {
    const end = event.signal === 0 ? `exit ${event.code}` : signalName(event.signal);
    yield columns(widths, [event.pid, event.ppid, event.comm, milliseconds(event.age), end]);
  }
}

import type { App } from "@waggle/userspace";
import type { Sigsnoop } from "./kernel/sigsnoop.js";
import { columns } from "./report.js";
import { signalName } from "./signal-names.js";

/** `TRACE_SIGNAL_*` of the kernel's trace/events/signal.h. */
const results = ["delivered", "ignored", "already pending", "overflow", "information lost"];

/** A line for each signal that is sent. */
export async function* sigsnoop(app: App<typeof Sigsnoop>, signal: AbortSignal): AsyncGenerator<string> {
  const widths = [7, -15, 7, -10];
  app.programs.onSignal.attach();
  yield columns(widths, ["FROM", "NAME", "TO", "SIGNAL", "RESULT"]);
  for await (const { pid, comm, target, signal: number, result } of app.maps.events.read({ signal }))
    yield columns(widths, [pid, comm, target, signalName(number), results[result] ?? result]);
}

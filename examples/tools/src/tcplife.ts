import type { App } from "@waggle/userspace";
import type { Tcplife } from "./kernel/tcplife.js";
import { columns, ipText, milliseconds } from "./report.js";

/** A line for each TCP connection that ends: how long it was, and how much it carried. */
export async function* tcplife(app: App<typeof Tcplife>, signal: AbortSignal): AsyncGenerator<string> {
  const widths = [7, -15, -25, -25, 10, 10];
  app.programs.onState.attach();
  yield columns(widths, ["PID", "NAME", "HERE", "THERE", "SENT", "RECEIVED", "TIME (ms)"]);
  for await (const event of app.maps.events.read({ signal })) {
    const here = `${ipText(event.saddr)} ${event.sport}`;
    const there = `${ipText(event.daddr)} ${event.dport}`;
    const { pid, comm, sent, received, time } = event;
    yield columns(widths, [pid, comm, here, there, sent, received, milliseconds(time)]);
  }
}

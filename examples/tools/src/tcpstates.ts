import type { App } from "@waggle/userspace";
import type { Tcpstates } from "./kernel/tcpstates.js";
import { columns, ipText, milliseconds } from "./report.js";

/** By number, as net/tcp_states.h has them. */
const states = [
  "",
  "ESTABLISHED",
  "SYN_SENT",
  "SYN_RECV",
  "FIN_WAIT1",
  "FIN_WAIT2",
  "TIME_WAIT",
  "CLOSE",
  "CLOSE_WAIT",
  "LAST_ACK",
  "LISTEN",
  "CLOSING",
  "NEW_SYN_RECV",
] as const;

/** A line for each TCP connection that goes from one state to another. */
export async function* tcpstates(app: App<typeof Tcpstates>, signal: AbortSignal): AsyncGenerator<string> {
  const widths = [-25, -25, -12, -12];
  app.programs.onState.attach();
  yield columns(widths, ["HERE", "THERE", "FROM", "TO", "AFTER (ms)"]);
  for await (const event of app.maps.events.read({ signal })) {
    const here = `${ipText(event.saddr)} ${event.sport}`;
    const there = `${ipText(event.daddr)} ${event.dport}`;
    const [before, after] = [event.before, event.after].map((state) => states[state] ?? String(state));
    yield columns(widths, [here, there, before ?? "", after ?? "", milliseconds(event.time)]);
  }
}

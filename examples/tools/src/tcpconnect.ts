import type { App } from "@waggle/userspace";
import type { Tcpconnect } from "./kernel/tcpconnect.js";
import { addressText, columns } from "./report.js";

/** A line for each connection that a program begins over TCP. */
export async function* tcpconnect(app: App<typeof Tcpconnect>, signal: AbortSignal): AsyncGenerator<string> {
  const widths = [7, 6, -15, 2, -25];
  const { onConnect4, onConnected4, onConnect6, onConnected6 } = app.programs;
  for (const program of [onConnect4, onConnect6]) program.attach();
  for (const program of [onConnected4, onConnected6]) program.attach();
  yield columns(widths, ["PID", "UID", "BY", "IP", "FROM", "TO"]);
  for await (const event of app.maps.events.read({ signal })) {
    const { pid, uid, comm, version, sport, dport } = event;
    const from = `${addressText(version, event.saddr)} ${sport}`;
    const to = `${addressText(version, event.daddr)} ${dport}`;
    yield columns(widths, [pid, uid, comm, version, from, to]);
  }
}

import type { App } from "@waggle/userspace";
import type { Bindsnoop } from "./kernel/bindsnoop.js";
import { addressText, columns } from "./report.js";

/** `IPPROTO_*` of netinet/in.h. */
const protocols: Readonly<Record<number, string>> = { 1: "ICMP", 6: "TCP", 17: "UDP", 132: "SCTP" };

/** A line for each socket that is bound to an address, or could not be. */
export async function* bindsnoop(app: App<typeof Bindsnoop>, signal: AbortSignal): AsyncGenerator<string> {
  const widths = [7, -15, 6, -5, 5];
  app.programs.onBind4.attach();
  app.programs.onBind6.attach();
  app.programs.onBound4.attach();
  app.programs.onBound6.attach();
  yield columns(widths, ["PID", "BY", "RESULT", "PROTO", "PORT", "ADDRESS"]);
  for await (const { pid, comm, result, protocol, port, version, address } of app.maps.events.read({
    signal,
  })) {
    const text = addressText(version, address);
    yield columns(widths, [pid, comm, result, protocols[protocol] ?? protocol, port, text]);
  }
}

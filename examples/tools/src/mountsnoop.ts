import type { App } from "@waggle/userspace";
import type { Mountsnoop } from "./kernel/mountsnoop.js";
import { columns } from "./report.js";

/** A line for each file system that is mounted or unmounted. */
export async function* mountsnoop(app: App<typeof Mountsnoop>, signal: AbortSignal): AsyncGenerator<string> {
  const widths = [7, -15, 6];
  app.programs.onMount.attach();
  app.programs.onMounted.attach();
  app.programs.onUnmount.attach();
  yield columns(widths, ["PID", "BY", "RESULT", "CALL"]);
  for await (const event of app.maps.events.read({ signal })) {
    const flags = `0x${event.flags.toString(16)}`;
    const call = event.mounts
      ? `mount(${event.source}, ${event.target}, ${event.type}, ${flags})`
      : `umount(${event.target}, ${flags})`;
    yield columns(widths, [event.pid, event.comm, event.mounts ? event.result : "", call]);
  }
}

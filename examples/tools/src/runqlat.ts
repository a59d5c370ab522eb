import type { App } from "@waggle/userspace";
import type { Runqlat } from "./kernel/runqlat.js";
import { histogram, stopped } from "./report.js";

/** How long tasks that could run waited for a CPU, until the signal. */
export async function* runqlat(app: App<typeof Runqlat>, signal: AbortSignal): AsyncGenerator<string> {
  app.programs.onWakeup.attach();
  app.programs.onWakeupNew.attach();
  app.programs.onSwitch.attach();
  await stopped(signal);
  yield* histogram("µs without a CPU", app.maps.histogram);
}

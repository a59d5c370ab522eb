import type { App } from "@waggle/userspace";
import type { Cpudist } from "./kernel/cpudist.js";
import { histogram, stopped } from "./report.js";

/** How long tasks ran before they left their CPU, until the signal. */
export async function* cpudist(app: App<typeof Cpudist>, signal: AbortSignal): AsyncGenerator<string> {
  app.programs.onSwitch.attach();
  await stopped(signal);
  yield* histogram("µs on a CPU", app.maps.histogram);
}

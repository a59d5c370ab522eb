import type { App } from "@waggle/userspace";
import type { Biolatency } from "./kernel/biolatency.js";
import { histogram, stopped } from "./report.js";

/** How long disks took for their requests, until the signal. */
export async function* biolatency(app: App<typeof Biolatency>, signal: AbortSignal): AsyncGenerator<string> {
  app.programs.onComplete.attach();
  app.programs.onIssue.attach();
  await stopped(signal);
  yield* histogram("µs for a request", app.maps.histogram);
}

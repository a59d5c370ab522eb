import type { App } from "@waggle/userspace";
import type { Profile } from "./kernel/profile.js";
import { stopped } from "./report.js";
import { kernelFrames, userFrames } from "./stacks.js";

/** Where programs ran until the signal, as folded stacks with samples, 99 a second: what flame graphs are drawn from. */
export async function* profile(app: App<typeof Profile>, signal: AbortSignal): AsyncGenerator<string> {
  app.programs.onSample.attach({ event: "cpu-clock", frequency: 99 });
  await stopped(signal);
  const rows = [...app.maps.samples].sort(([, one], [, other]) => Number(other - one));
  for (const [{ pid, comm, kernelStack, userStack }, samples] of rows) {
    const user = userFrames(app.maps.stacks, userStack);
    const kernel = kernelFrames(app.maps.stacks, kernelStack);
    yield `${[`${comm}-${pid}`, ...user, ...kernel].join(";")} ${samples}`;
  }
}

import type { App } from "@waggle/userspace";
import type { Offcputime } from "./kernel/offcputime.js";
import { stopped } from "./report.js";
import { kernelFrames } from "./stacks.js";

/** Where tasks waited until the signal, as folded stacks with microseconds: what flame graphs are drawn from. */
export async function* offcputime(app: App<typeof Offcputime>, signal: AbortSignal): AsyncGenerator<string> {
  app.programs.onSwitch.attach();
  await stopped(signal);
  const rows = [...app.maps.times].sort(([, one], [, other]) => Number(other - one));
  for (const [{ pid, comm, stack }, time] of rows)
    yield `${[`${comm}-${pid}`, ...kernelFrames(app.maps.stacks, stack)].join(";")} ${time / 1000n}`;
}

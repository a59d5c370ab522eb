import type { App } from "@waggle/userspace";
import type { Softirqs } from "./kernel/softirqs.js";
import { columns, milliseconds, stopped } from "./report.js";

/** In the order of `*_SOFTIRQ` in linux/interrupt.h. */
const names = [
  "hi",
  "timer",
  "net_tx",
  "net_rx",
  "block",
  "irq_poll",
  "tasklet",
  "sched",
  "hrtimer",
  "rcu",
] as const;

/** How often software interrupts came until the signal, and how long they took. */
export async function* softirqs(app: App<typeof Softirqs>, signal: AbortSignal): AsyncGenerator<string> {
  app.programs.onEntry.attach();
  app.programs.onExit.attach();
  await stopped(signal);
  const widths = [-10, 10, 12];
  yield columns(widths, ["INTERRUPT", "COUNT", "TIME (ms)"]);
  for (const [index, cpus] of app.maps.stats) {
    const count = cpus.reduce((sum, cpu) => sum + cpu.count, 0n);
    const time = cpus.reduce((sum, cpu) => sum + cpu.time, 0n);
    if (count > 0n) yield columns(widths, [names[index] ?? index, count, milliseconds(time)]);
  }
}

import { ok, strictEqual } from "node:assert";
import { closeSync, constants, openSync } from "node:fs";
import { getPriority } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { App } from "@waggle/userspace";
import { type Suite, until, useProcessor } from "./check.js";
import type { Calls } from "./kernel/calls.js";
import type { Tracing } from "./kernel/tracing.js";
import { callNumber } from "./machine.js";

type Kernel = typeof Tracing;
const config = { pid: process.pid, call: callNumber("openat") };
const hits = (app: App<Kernel>, index: number): bigint => app.maps.hits.get(index) ?? 0n;
const seen = (app: App<Kernel>, index: number): bigint => app.maps.seen.get(index) ?? 0n;
const open = (flags: number): void => closeSync(openSync("/proc/self/exe", flags));

export const tracing: Suite<Kernel> = {
  className: "Tracing",
  file: "tracing",
  kernel: "5.10",
  checks: [
    {
      name: "a tracepoint is hit",
      kinds: ["tracepoint"],
      run: (load) => {
        using app = load({ config, programs: ["onOpen"] });
        const link = app.programs.onOpen.attach();
        open(constants.O_RDONLY | constants.O_NONBLOCK);
        ok((seen(app, 0) & BigInt(constants.O_NONBLOCK)) !== 0n);
        const before = hits(app, 0);
        link.detach();
        open(constants.O_RDONLY);
        strictEqual(hits(app, 0), before);
      },
    },
    {
      name: "a raw tracepoint is hit",
      kinds: ["raw-tracepoint"],
      run: (load) => {
        using app = load({ config, programs: ["onCall"] });
        app.programs.onCall.attach();
        open(constants.O_RDONLY);
        strictEqual(seen(app, 1), config.call);
      },
    },
    {
      name: "a tracepoint's arguments are followed",
      kinds: ["btf-tracepoint"],
      run: async (load) => {
        using app = load({ config, programs: ["onSwitch"] });
        app.programs.onSwitch.attach();
        await until(() => hits(app, 2) > 0n && hits(app, 3) > 0n, "a switch of tasks");
        strictEqual(seen(app, 2), BigInt(process.pid));
      },
    },
    {
      name: "an iterator goes over all tasks",
      kinds: ["iter"],
      run: (load) => {
        using app = load({ programs: ["tasks"] });
        const link = app.programs.tasks.attach();
        const rows = (): number[] => [...new Uint32Array(new Uint8Array(link.read()).buffer)];
        ok(rows().includes(process.pid));
        ok(rows().length >= 4);
        strictEqual(link.read().length % 8, 0);
      },
    },
    {
      name: "a counter is sampled",
      kinds: ["perf-event"],
      run: async (load) => {
        using app = load({ config, programs: ["sample"] });
        app.programs.sample.attach({ event: "cpu-clock", frequency: 500 });
        useProcessor(200);
        await sleep(1);
        ok(hits(app, 5) >= 5n);
        ok(seen(app, 5) > 0x1000n);
        ok(seen(app, 6) > 0n);
      },
    },
    {
      name: "a function of a library is entered and returns",
      kinds: ["uprobe", "uretprobe"],
      needs: ["uprobe"],
      run: (load) => {
        using app = load({ programs: ["onPriority", "onPriorityEnd"] });
        const link = app.programs.onPriority.attach({ pid: process.pid });
        app.programs.onPriorityEnd.attach({ pid: process.pid });
        const priority = getPriority(process.pid);
        strictEqual(seen(app, 7), BigInt(process.pid));
        strictEqual(seen(app, 8), 0n);
        ok(seen(app, 9) > 0x1000n);
        strictEqual(BigInt.asIntN(64, seen(app, 10)), BigInt(priority));
        link.detach();
        getPriority(process.pid);
        strictEqual(hits(app, 7), 1n);
        strictEqual(hits(app, 10), 2n);
      },
    },
  ],
};

export const calls: Suite<typeof Calls> = {
  className: "Calls",
  file: "calls",
  kernel: "5.14",
  checks: [
    {
      name: "user space runs a program with a struct of its own",
      kinds: ["syscall"],
      run: (load) => {
        using app = load();
        const context = new Uint8Array(16);
        new Uint32Array(context.buffer).set([4_000_000_000, 500_000_000]);
        const { result, context: after } = app.programs.add.testRun({ context });
        strictEqual(result, 7);
        strictEqual(new DataView(after.buffer).getBigUint64(8, true), 4_500_000_000n);
      },
    },
  ],
};

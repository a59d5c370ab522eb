import { ok, strictEqual } from "node:assert";
import { getPriority } from "node:os";
import type { Suite } from "./check.js";
import { cgroupRoot, inCgroup } from "./in-cgroup.js";
import type { Tasks } from "./kernel/tasks.js";
import { callNumber } from "./machine.js";

const config = { pid: process.pid, call: callNumber("getpriority") };

export const tasks: Suite<typeof Tasks> = {
  className: "Tasks",
  file: "tasks",
  kernel: "5.11",
  checks: [
    {
      name: "each thread has a value of its own",
      kinds: ["btf-tracepoint"],
      run: (load) => {
        using app = load({ config, programs: ["count"] });
        app.programs.count.attach();
        for (let i = 0; i < 5; i++) getPriority();
        strictEqual(app.maps.seen.get(0), 5n);
      },
    },
    {
      name: "stacks are taken, and cgroups are known",
      kinds: ["raw-tracepoint"],
      run: (load) =>
        inCgroup((path) => {
          using app = load({ config, programs: ["stack"] });
          app.maps.groups.set(0, path);
          app.maps.groups.set(1, cgroupRoot());
          app.programs.stack.attach();
          getPriority();
          const id = app.maps.ids.get(0) ?? -1n;
          ok(id >= 0n);
          const frames = (app.maps.stacks.get(Number(id)) ?? []).filter((frame) => frame !== 0n);
          ok(frames.length >= 2);
          ok(frames.every((frame) => frame > 0x8000_0000_0000_0000n));
          ok((app.maps.ids.get(1) ?? -1n) >= 0n);
          strictEqual(app.maps.seen.get(1), 1n);
          strictEqual(app.maps.seen.get(2), 1n);
        }),
    },
  ],
};

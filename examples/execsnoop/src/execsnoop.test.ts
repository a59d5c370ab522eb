import { expect, test } from "vitest";
import execsnoop from "./ebpf/execsnoop.js";

test("an execve is an event with the caller and the path", () => {
  const sim = execsnoop.simulate();
  sim.programs.onExecve.run({
    fields: { filename: "/usr/bin/node" },
    task: { tgid: 4711, pid: 4712, uid: 1000, comm: "bash", kernel: { real_parent: { tgid: 3 } } },
  });
  expect(sim.maps.events.records()).toEqual([
    { pid: 4711, ppid: 3, uid: 1000, comm: "bash", filename: "/usr/bin/node" },
  ]);
});

test("a path that does not fit is cut", () => {
  const sim = execsnoop.simulate();
  sim.programs.onExecve.run({ fields: { filename: `/${"x".repeat(400)}` } });
  expect(sim.maps.events.records()[0]?.filename).toBe(`/${"x".repeat(254)}`);
});

test("an address that cannot be read leaves the path empty", () => {
  const sim = execsnoop.simulate();
  sim.programs.onExecve.run({ fields: { filename: 1n } });
  expect(sim.maps.events.records()[0]?.filename).toBe("");
});

test("a full buffer loses events and says nothing wrong", () => {
  const sim = execsnoop.simulate({ maps: { events: { maxEntries: 4096 } } });
  for (let turn = 0; turn < 100; turn++) sim.programs.onExecve.run({ fields: { filename: "/bin/true" } });
  const records = sim.maps.events.records();
  expect(records.length).toBeGreaterThan(0);
  expect(records.length).toBeLessThan(100);
  expect(sim.maps.events.lost).toBe(BigInt(100 - records.length));
});

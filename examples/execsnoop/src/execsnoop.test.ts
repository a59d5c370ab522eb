import { expect, test } from "vitest";
import execsnoop from "./ebpf/execsnoop.js";

const filename = 0x7000_0000n;

test("an execve is an event with the caller and the path", () => {
  const sim = execsnoop.simulate();
  sim.programs.onExecve.run({
    fields: { filename },
    task: { tgid: 4711, pid: 4712, uid: 1000, comm: "bash" },
    memory: [{ address: filename, bytes: "/usr/bin/node" }],
  });
  expect(sim.maps.events.records()).toEqual([
    { pid: 4711, uid: 1000, comm: "bash", filename: "/usr/bin/node" },
  ]);
});

test("a path that does not fit is cut", () => {
  const sim = execsnoop.simulate();
  sim.programs.onExecve.run({
    fields: { filename },
    memory: [{ address: filename, bytes: `/${"x".repeat(400)}` }],
  });
  expect(sim.maps.events.records()[0]?.filename).toBe(`/${"x".repeat(254)}`);
});

test("an address that cannot be read leaves the path empty", () => {
  const sim = execsnoop.simulate();
  sim.programs.onExecve.run({ fields: { filename: 1n } });
  expect(sim.maps.events.records()[0]?.filename).toBe("");
});

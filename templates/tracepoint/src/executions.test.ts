import { expect, test } from "vitest";
import executions from "./ebpf/executions.js";

// The compiled program runs in this process: no root, no Linux.
test("reports who starts what", () => {
  const sim = executions.simulate();
  sim.programs.onExecve.run({
    fields: { filename: "/usr/bin/true" },
    task: { pid: 42, uid: 1000, comm: "sh" },
  });
  expect(sim.maps.events.records()).toEqual([{ pid: 42, uid: 1000, comm: "sh", filename: "/usr/bin/true" }]);
});

import { describe, expect, it } from "vitest";
import { isRingBuffer } from "../app.js";
import { kernelTitle, whyNot } from "../fixtures/kernel.js";
import * as f from "../fixtures/specs.js";
import { loadSpec } from "../load/load.js";

describe.skipIf(whyNot !== "")(kernelTitle("a slow reader"), () => {
  it("does not make the event loop turn for nothing", async () => {
    using app = loadSpec(f.spec([f.ring(), f.bssMap()], [f.emitting()]));
    const ring = app.maps.events;
    if (ring === undefined || !isRingBuffer(ring)) throw new Error("no ring");
    const iterator = ring.read();
    const first = iterator.next();
    app.programs.emit?.testRun({ data: f.packet, repeat: 20 });
    await first;
    await new Promise((resolve) => setTimeout(resolve, 50));
    const before = process.cpuUsage();
    await new Promise((resolve) => setTimeout(resolve, 400));
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(200);
    await iterator.return?.();
  });
});

import { env } from "node:process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { guestTestTimeout, runInKernel } from "./run-in-kernel.js";

const asked = (env.WAGGLE_KERNELS ?? "").split(",").filter((version) => version !== "");
const title =
  asked.length > 0
    ? "the examples on other kernels"
    : "the examples on other kernels (skipped: WAGGLE_KERNELS names none, as in WAGGLE_KERNELS=5.10,6.1)";

describe.skipIf(asked.length === 0)(title, () => {
  test.each(asked.length > 0 ? asked : ["any"])("Linux %s", { timeout: guestTestTimeout }, async (kernel) => {
    const run = await runInKernel({
      kernel,
      program: fileURLToPath(new URL("guest/examples.ts", import.meta.url)),
      files: ["examples/flows/captures/sample.pcap"],
    });
    console.log(`${run.release} by ${run.accelerator} in ${run.seconds.toFixed(1)} s\n${run.output}`);
    expect(run.output.match(/^(not )?ok .*$/gm)).toEqual([
      "ok flows counts packets on lo",
      "ok flows agrees with the in-process machine on the capture",
      "ok flows counts one protocol when it is told so",
      "ok execsnoop sees an execve",
    ]);
    expect(run.status).toBe(0);
  });
});

import { env } from "node:process";
import { defineConfig, mergeConfig } from "vitest/config";
import { KernelLanes } from "./scripts/kernel-lanes.js";
import { StuckFiles } from "./scripts/stuck-files.js";
import { guestTestTimeout } from "./test/kernels/run-in-kernel.js";
import config from "./vitest.config.js";

/** The kernels of docs/programs-by-kernel.md. */
const KERNELS = "5.10,6.1,6.12,6.18,newest";
env.WAGGLE_KERNELS ??= KERNELS;

/** What runs in kernels: the one of this machine, and others in a micro VM. */
export default mergeConfig(
  { ...config, test: { ...config.test, include: [], reporters: [] } },
  defineConfig({
    test: {
      include: ["test/programs/*.test.ts", "test/kernel/*.test.ts", "test/kernels/*.test.ts"],
      // A guest takes a whole CPU.
      fileParallelism: false,
      // Each file is a task of its own, so that ending a stuck one leaves the others to run.
      isolate: true,
      reporters: [
        "default",
        new StuckFiles(guestTestTimeout / 1000 + 120),
        new KernelLanes(env.WAGGLE_KERNELS === KERNELS),
      ],
    },
  }),
);

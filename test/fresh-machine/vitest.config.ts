import { defineConfig, mergeConfig } from "vitest/config";
import config from "../../vitest.config.js";

/** What runs in a mount namespace where nothing is mounted: `fresh-machine.test.ts` starts it there. */
export default mergeConfig(
  { ...config, test: { ...config.test, include: [], exclude: [], reporters: [] } },
  defineConfig({
    test: {
      include: [
        "test/fresh-machine/bare/*.test.ts",
        "packages/userspace/src/load/load.test.ts",
        "packages/userspace/src/attach/attach.test.ts",
        "packages/userspace/src/errors/errors.test.ts",
      ],
      // What one file mounts, the next one finds: the files run in turns, each in a namespace of its own.
      fileParallelism: false,
      reporters: ["json"],
    },
  }),
);

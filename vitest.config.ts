import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defaultExclude, defineConfig } from "vitest/config";
import { ClosingLine } from "./scripts/closing-line.js";
import { StuckFiles } from "./scripts/stuck-files.js";

/** Seconds without progress after which a test file is ended. More than the time that any test of it may take. */
export const PATIENCE = 300;

/** Tests that `npm run test:slow` and CI run, so that `npm test` stays below four minutes on two cores. */
export const slowTests = [
  "packages/*/src/**/*.slow.test.ts",
  "examples/*/src/**/*.slow.test.ts",
  "test/**/*.slow.test.ts",
];

const packages = fileURLToPath(new URL("packages", import.meta.url));

export default defineConfig({
  resolve: {
    // Tests run on the sources: a change is tested without a build in between.
    alias: [
      { find: /^@waggle\/([a-z-]+)$/, replacement: `${packages}/$1/src/index.ts` },
      { find: /^@waggle\/([a-z-]+)\/([a-z-]+)$/, replacement: `${packages}/$1/src/$2/index.ts` },
    ],
  },
  test: {
    include: ["packages/*/src/**/*.test.ts", "examples/*/src/**/*.test.ts", "test/**/*.test.ts"],
    exclude: [...defaultExclude, ...slowTests, "test/fresh-machine/bare/**", "test/stuck/files/**"],
    testTimeout: 120_000,
    // Vitest would leave one processor to itself, which is half of two. With one worker it would give it all files in one task,
    // and ending a stuck file would end them all.
    maxWorkers: Math.max(2, availableParallelism()),
    // A worker keeps its modules from file to file: loading TypeScript for each took more than a third of the whole time.
    isolate: false,
    setupFiles: [fileURLToPath(new URL("scripts/report-worker.ts", import.meta.url))],
    reporters: ["default", new StuckFiles(PATIENCE), new ClosingLine()],
  },
});

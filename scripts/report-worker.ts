import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { env, pid } from "node:process";
import { expect } from "vitest";

// Tells `StuckFiles` in vitest's main process which process runs which test file. It runs before each test file.
const folder = env.WAGGLE_TEST_WORKERS;
const file = expect.getState().testPath;
if (folder !== undefined && file !== undefined) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, String(pid)), file);
}

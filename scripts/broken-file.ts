import type { TestModule } from "vitest/node";

/** Whether a test file failed as a whole: it cannot be read, or its process ended before its tests did. */
export function isBroken(file: TestModule): boolean {
  const state = file.state();
  return file.errors().length > 0 || state === "pending" || state === "queued";
}

import type { Reporter, TestModule } from "vitest/node";
import { isBroken } from "./broken-file.js";

/** Ends a run with one line that scripts can read: `tests: N passed, N failed, N skipped`. */
export class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) {
      const broken = isBroken(module);
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        // Tests that a broken file did not come to are counted with the file, as one failure.
        if (!broken || state !== "pending") counts[state] += 1;
      }
      if (broken) counts.failed += 1;
    }
    const { passed, failed, skipped, pending } = counts;
    console.log(`tests: ${passed} passed, ${failed} failed, ${skipped + pending} skipped`);
  }
}

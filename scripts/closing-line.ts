import type { Reporter, TestModule } from "vitest/node";

/** Ends a run with one line that scripts can read: `tests: N passed, N failed, N skipped`. */
export class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) counts[test.result().state] += 1;
      // A file that cannot be read has no tests to count, and is a failure all the same.
      if (module.errors().length > 0) counts.failed += 1;
    }
    const { passed, failed, skipped, pending } = counts;
    console.log(`tests: ${passed} passed, ${failed} failed, ${skipped + pending} skipped`);
  }
}

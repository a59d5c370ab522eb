import type { Reporter, TestCase, TestModule } from "vitest/node";
import { isBroken } from "./broken-file.js";

/**
 * Ends a run of both suites of the language with what scripts read: `conformance: N passed, N failed` counts small
 * programs, each of which passed only if it did at every level, in process and in the kernel; `rejections: …` counts
 * programs that must be refused, with exactly the diagnostics that are expected.
 */
export class ConformanceLines implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const programs = new Set<string>();
    const failed = new Set<string>();
    const rejections = { passed: 0, failed: 0 };
    const skipped = new Set<string>();
    for (const module of modules) {
      const isRejections = module.moduleId.endsWith("/rejected.test.ts");
      for (const item of module.children.allTests()) {
        const { state } = item.result();
        if (isRejections) rejections[state === "passed" ? "passed" : "failed"] += 1;
        else if (state === "skipped") skipped.add(item.name);
        else this.#count(module, item, programs, failed);
      }
      if (isBroken(module)) failed.add(module.moduleId);
    }
    for (const name of skipped) console.log(`not run: ${name}`);
    for (const name of failed) console.log(`failed: ${name}`);
    console.log(
      `conformance: ${[...programs].filter((name) => !failed.has(name)).length} passed, ${failed.size} failed`,
    );
    console.log(`rejections: ${rejections.passed} passed, ${rejections.failed} failed`);
  }

  #count(module: TestModule, item: TestCase, programs: Set<string>, failed: Set<string>): void {
    const ran = item.meta().conformance;
    const name = (program: string): string => `${module.relativeModuleId} ${program}`;
    for (const program of ran?.programs ?? []) programs.add(name(program));
    for (const program of ran?.failed ?? []) failed.add(name(program));
    // A test that says nothing of programs is one of the suite's own.
    if (item.result().state === "failed" && (ran?.failed ?? []).length === 0) failed.add(name(item.fullName));
  }
}

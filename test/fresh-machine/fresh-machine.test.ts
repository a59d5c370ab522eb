import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { onBareMachine, whyNoBareMachine } from "./bare-machine.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const reason = whyNoBareMachine();

interface Report {
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** Runs a test file where nothing is mounted, and gives the tests by how they ended. */
async function runOnBareMachine(file: string): Promise<{ passed: number; failed: readonly string[] }> {
  const vitest = ["node_modules/vitest/vitest.mjs", "run", "--config", "test/fresh-machine/vitest.config.ts"];
  const [command, args] = onBareMachine(process.execPath, [...vitest, file]);
  const { stdout, stderr } = await execa(command, args, { cwd: root, reject: false, timeout: 240_000 });
  const start = stdout.indexOf('{"numTotalTestSuites"');
  if (start === -1) throw new Error(`vitest gave no report:\n${stdout}\n${stderr}`);
  const report: Report = JSON.parse(stdout.slice(start));
  const failed = report.testResults.flatMap((one) =>
    one.status === "failed" && one.assertionResults.length === 0
      ? [`${one.name}: ${one.message}`]
      : one.assertionResults
          .filter(({ status }) => status === "failed")
          .map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages.join("\n")}`),
  );
  return { passed: report.numPassedTests, failed };
}

const title = "where no BPF file system and no tracefs is mounted";
describe.skipIf(reason !== "")(reason === "" ? title : `${title} (skipped: ${reason})`, () => {
  it.each([
    "test/fresh-machine/bare/pinning.test.ts",
    "test/fresh-machine/bare/tracing.test.ts",
    "packages/userspace/src/load/load.test.ts",
    "packages/userspace/src/attach/attach.test.ts",
    "packages/userspace/src/errors/errors.test.ts",
  ])(
    "%s passes",
    async (file) => {
      const { passed, failed } = await runOnBareMachine(file);
      expect(failed).toEqual([]);
      expect(passed).toBeGreaterThan(0);
    },
    280_000,
  );
});

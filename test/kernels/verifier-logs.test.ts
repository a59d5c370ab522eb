import { readFile, writeFile } from "node:fs/promises";
import { env } from "node:process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { formatLogs, type RecordedLog } from "../../packages/userspace/src/verifier/fixtures/logs.js";
import { guestTestTimeout, runInKernel } from "./run-in-kernel.js";

const asked = (env.WAGGLE_KERNELS ?? "").split(",").filter((version) => version !== "");
const title = "what verifiers say of bad programs";

describe.skipIf(asked.length === 0)(
  asked.length > 0 ? title : `${title} (skipped: WAGGLE_KERNELS names none)`,
  () => {
    test.each(asked.length > 0 ? asked : ["any"])(
      "Linux %s",
      { timeout: guestTestTimeout },
      async (kernel) => {
        const run = await runInKernel({
          kernel,
          program: fileURLToPath(new URL("guest/verifier-logs.ts", import.meta.url)),
        });
        const lines = run.output.split("\n").filter((line) => line.startsWith("{"));
        const logs = lines
          .map((line): Omit<RecordedLog, "kernel"> => JSON.parse(line))
          .filter(({ errno }) => errno !== "");
        expect(run.status, run.output.slice(-2000)).toBe(0);
        expect(logs.length).toBeGreaterThan(70);
        const version = run.release.split(".").slice(0, 2).join(".");
        const file = new URL(
          `../../packages/userspace/src/verifier/fixtures/logs/${version}.txt`,
          import.meta.url,
        );
        const text = formatLogs(`# Linux ${run.release}, log level 1`, logs);
        if (env.WAGGLE_RECORD_LOGS === "1") await writeFile(file, text);
        const heads = (all: string) => all.match(/^=== .*$/gm);
        expect(heads(text)).toEqual(heads(await readFile(file, "utf8")));
      },
    );
  },
);

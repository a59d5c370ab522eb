import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Runs files of `test/stuck/files` as `npm test` runs its own, with 4 s of patience. */
async function run(...files: string[]) {
  const config = "test/stuck/files/vitest.config.ts";
  const vitest = ["node_modules/vitest/vitest.mjs", "run", "--config", config, ...files];
  const { exitCode, stdout, stderr } = await execa(process.execPath, vitest, { cwd: root, reject: false });
  return { exitCode, lines: stdout.split("\n").filter((line) => line !== ""), stderr };
}

it("a test file that is stuck in a system call is ended, named and counted as failed", async () => {
  const { exitCode, lines, stderr } = await run("blocked", "fine");
  expect(exitCode).toBe(1);
  const stuck =
    /^stuck: test\/stuck\/files\/blocked\.test\.ts made no progress for \d+ s \(.*\); its process was ended$/;
  // And no other: the file that is fine has ended by then.
  expect(lines.filter((line) => line.startsWith("stuck: "))).toEqual([expect.stringMatching(stuck)]);
  expect(stderr).toMatch(/^stuck: /m);
  expect(lines.at(-1)).toMatch(/^tests: [12] passed, 1 failed, 0 skipped$/);
  // What the file started is ended too.
  const commands = readdirSync("/proc").flatMap((pid) => {
    try {
      return /^\d+$/.test(pid) ? [readFileSync(`/proc/${pid}/cmdline`, "utf8")] : [];
    } catch {
      return []; // The process has ended meanwhile.
    }
  });
  expect(commands.filter((command) => command.startsWith("sleep\0" + "86399"))).toEqual([]);
}, 280_000);

it("a test file whose process is ended by a signal is counted as failed", async () => {
  const { exitCode, lines } = await run("killed", "fine");
  expect(exitCode).toBe(1);
  expect(lines.at(-1)).toBe("tests: 1 passed, 1 failed, 0 skipped");
}, 280_000);

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import type { UserConsoleLog } from "vitest";
import type { Reporter, TestCase, TestModule } from "vitest/node";

/** A test file that is running. */
interface Running {
  /** The ids of its tests start with it. */
  readonly id: string;
  /** When it last started or ended a test, or printed something; milliseconds. */
  since: number;
  /** The test that it reported last; null before the first. */
  test: string | null;
}

const CHECK_EVERY = 2_000;

/**
 * Ends test files that make no progress: a file that starts no test, ends none and prints nothing for `seconds`. Its process is killed with
 * all that it started, even when it is stuck in a system call and never returns to JavaScript, which test timeouts need. Vitest
 * then counts the file as failed and goes on with the others.
 *
 * The main process learns from `report-worker.ts`, a setup file, which process runs which file.
 */
export class StuckFiles implements Reporter {
  readonly #running = new Map<string, Running>();
  readonly #ended: string[] = [];
  readonly #milliseconds: number;
  #folder: string | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(seconds: number) {
    this.#milliseconds = seconds * 1000;
  }

  onTestRunStart(): void {
    this.#folder = mkdtempSync(join(tmpdir(), "waggle-workers-"));
    process.env.WAGGLE_TEST_WORKERS = this.#folder;
    this.#timer = setInterval(() => this.#endStuck(), CHECK_EVERY);
    this.#timer.unref();
  }

  onTestModuleQueued({ moduleId, id }: TestModule): void {
    this.#running.set(moduleId, { id, since: Date.now(), test: null });
  }

  onTestModuleStart({ moduleId }: TestModule): void {
    this.#progress(moduleId);
  }

  onTestCaseReady(test: TestCase): void {
    this.#progress(test.module.moduleId, test.fullName);
  }

  onTestCaseResult(test: TestCase): void {
    this.#progress(test.module.moduleId, test.fullName);
  }

  onUserConsoleLog({ taskId = "" }: UserConsoleLog): void {
    for (const running of this.#running.values()) {
      if (taskId.startsWith(running.id)) running.since = Date.now();
    }
  }

  onTestModuleEnd({ moduleId }: TestModule): void {
    this.#running.delete(moduleId);
  }

  onTestRunEnd(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    if (this.#folder !== null) rmSync(this.#folder, { recursive: true, force: true });
    for (const line of this.#ended) console.log(line);
  }

  /** Results of tests may come after the end of their file: only a file that is running makes progress. */
  #progress(file: string, test: string | null = null): void {
    const running = this.#running.get(file);
    if (running === undefined) return;
    running.since = Date.now();
    running.test = test ?? running.test;
  }

  #endStuck(): void {
    const now = Date.now();
    for (const [file, { since, test }] of this.#running) {
      const worker = this.#workerOf(file);
      if (worker === null) continue;
      const { pid, started } = worker;
      const quiet = now - Math.max(since, started);
      if (quiet < this.#milliseconds) continue;
      this.#running.delete(file);
      const seconds = Math.round(quiet / 1000);
      const where = test === null ? "it reported no test" : `the last test that it reported: ${test}`;
      const line = `stuck: ${relative(process.cwd(), file)} made no progress for ${seconds} s (${where}); its process was ended`;
      console.error(line);
      this.#ended.push(line);
      // The file first: else it would go on when what it waits for has ended.
      for (const one of [pid, ...descendants(pid)]) kill(one);
    }
  }

  /** The process that runs a file, and when it came to it; null before it did. */
  #workerOf(file: string): { readonly pid: number; readonly started: number } | null {
    const folder = this.#folder;
    if (folder === null) return null;
    for (const pid of readdirSync(folder)) {
      const path = join(folder, pid);
      if (readFileSync(path, "utf8") !== file) continue;
      // The number of a process that has ended may be another's by now.
      const isOurs = process.platform !== "linux" || parentOf(pid) === process.pid;
      if (isOurs) return { pid: Number(pid), started: statSync(path).mtimeMs };
    }
    return null;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    // It has ended meanwhile.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** The processes that a process has started, and those that they have, on Linux. */
function descendants(pid: number): number[] {
  if (process.platform !== "linux") return [];
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    const parent = /^\d+$/.test(name) ? parentOf(name) : null;
    if (parent !== null) parents.set(Number(name), parent);
  }
  const below = (one: number): number[] =>
    [...parents].filter(([, parent]) => parent === one).flatMap(([child]) => [...below(child), child]);
  return below(pid);
}

function parentOf(pid: string): number | null {
  try {
    const [, parent] = /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return parent === undefined ? null : Number(parent);
  } catch (error) {
    // It has ended meanwhile.
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ESRCH"))
      return null;
    throw error;
  }
}

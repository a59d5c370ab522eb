/** Starts a worker, and sees how it ends. */
import { fork } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Fault } from "./try-object.js";
import type { Report, Work } from "./worker.js";

/** What became of a worker. */
export interface WorkerEnd {
  /** The first input that it did not try; a fault that ended the worker counts as tried. */
  readonly next: number;
  readonly ended: boolean;
}

/** A worker that stays with one input for so many seconds of CPU time, or of time on the clock where others compute, hangs. */
const PATIENCE = { cpu: 20, clock: 600 };
/** `USER_HZ`: what the CPU times of /proc count. */
const TICKS_PER_SECOND = 100;
/** Megabytes of JavaScript objects at once. */
const HEAP = 768;

/**
 * Lets a worker try inputs.
 * @param folder for files that the two processes share
 * @param onFault hears of each fault, also of that which ended the worker
 * @param onProgress hears up to where the worker came
 */
export function runWorker(
  work: Work,
  folder: string,
  onFault: (input: number, fault: Fault) => void,
  onProgress: (next: number) => void,
): Promise<WorkerEnd> {
  const workFile = `${folder}/work.json`;
  const placeFile = `${folder}/place`;
  writeFileSync(workFile, JSON.stringify(work));
  writeFileSync(placeFile, String(work.first));
  const place = (): number => Number(readFileSync(placeFile, "utf8"));
  const child = fork(fileURLToPath(new URL("worker.js", import.meta.url)), [workFile, placeFile], {
    execArgv: [`--max-old-space-size=${HEAP}`],
    stdio: ["ignore", "inherit", "pipe", "ipc"],
  });
  let said = "";
  child.stderr?.on("data", (text: Buffer) => {
    said = (said + text.toString()).slice(-2000);
  });
  let last = { next: work.first, ended: false };
  let hangs = false;
  let seen = { place: -1, cpu: 0, clock: 0 };
  const watchdog = setInterval(() => {
    const now = { place: place(), cpu: cpuSeconds(child.pid), clock: Date.now() / 1000 };
    if (now.place !== seen.place) seen = now;
    else if (now.cpu - seen.cpu > PATIENCE.cpu || now.clock - seen.clock > PATIENCE.clock) {
      hangs = true;
      child.kill("SIGKILL");
    }
  }, 500);
  child.on("message", (report: Report) => {
    if ("fault" in report) onFault(report.input, report.fault);
    else {
      last = report;
      onProgress(report.next);
    }
  });
  return new Promise((resolve) => {
    child.on("exit", (code, signal) => {
      clearInterval(watchdog);
      if (last.ended) return resolve(last);
      const input = place();
      onFault(input, endOf(hangs, code, signal, said));
      resolve({ next: input + 1, ended: false });
    });
  });
}

/** CPU time that a process has used (utime and stime of proc_pid_stat(5)); 0 where /proc does not tell. */
function cpuSeconds(pid: number | undefined): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return 0;
  }
}

function endOf(hangs: boolean, code: number | null, signal: string | null, said: string): Fault {
  const how = hangs ? "hangs" : signal === null ? `exit code ${code}` : signal;
  const line = said.split("\n").find((text) => /error|fatal/i.test(text)) ?? "";
  return {
    part: "process",
    key: `process: ${how} ${line}`,
    text: `the process ended: ${how} ${line}`.trim(),
  };
}

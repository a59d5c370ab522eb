/** `npm run fuzz:source`: mutated kernel sources give a diagnostic or an object that loads. */
import { Worker } from "node:worker_threads";
import { readFuzzOptions } from "../shared/arguments.js";
import { progress } from "../shared/progress.js";
import type { Report, Work } from "./worker.js";

/** Seconds of processor time that an input may take. */
const mostSeconds = 10;

const options = readFuzzOptions(process.argv.slice(2), { count: 1000 });
const end = options.seed + options.count;
const deadline = Date.now() + options.seconds * 1000;
const faults = new Map<string, number>();
const kinds = new Map<string, number>();
let fine = 0;
let next = options.seed;

const faultCount = (): number => [...faults.values()].reduce((sum, one) => sum + one, 0);
const counted = (counts: ReadonlyMap<string, number>): string =>
  [...counts].map(([name, count]) => `${count} ${name}`).join(", ");
const tell = progress(() => `${next - options.seed} inputs: ${counted(kinds)}, ${faultCount()} faults`);
const processorSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const note = (key: string): void => void faults.set(key, (faults.get(key) ?? 0) + 1);
const indented = (text: string): string => text.replace(/^/gm, "    ");

while (next < end && Date.now() < deadline) await runWorker();

for (const [key, count] of faults) console.log(`${count} × ${key}`);
console.log(`source fuzz: ${fine} fine, ${faultCount()} faults`);
process.exitCode = faultCount() === 0 ? 0 : 1;

/** Runs inputs until all are tried, the time is over, or one takes too long: the worker is then ended, and another goes on. */
function runWorker(): Promise<void> {
  const work: Work = { first: next, count: end - next, known: [...faults.keys()] };
  const worker = new Worker(new URL("worker.js", import.meta.url), { workerData: work });
  let begun: { readonly report: Report & { type: "begin" }; readonly at: number } | null = null;
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearInterval(watch);
      void worker.terminate().then(() => resolve());
    };
    const watch = setInterval(() => {
      if (Date.now() >= deadline) stop();
      if (begun === null || processorSeconds() - begun.at <= mostSeconds) return;
      const { seed, source, text } = begun.report;
      note("takes more than 10 s");
      console.log(`input ${seed} (${source}) takes more than 10 s:\n${indented(text)}`);
      next = seed + 1;
      stop();
    }, 500);
    worker.on("message", (report: Report) => {
      tell();
      if (report.type === "begin") {
        begun = { report, at: processorSeconds() };
        return;
      }
      begun = null;
      if (report.type === "reduced") {
        console.log(`the source of input ${report.seed}, made small:\n${indented(report.text)}`);
        return;
      }
      next = report.seed + 1;
      if (report.type === "end") {
        fine += 1;
        kinds.set(report.kind, (kinds.get(report.kind) ?? 0) + 1);
        return;
      }
      if (!faults.has(report.fault.key))
        console.log(
          `input ${report.seed} (${report.source}): ${report.fault.key}\n${indented(report.fault.text)}`,
        );
      note(report.fault.key);
    });
    worker.on("error", reject);
    worker.on("exit", () => {
      clearInterval(watch);
      resolve();
    });
  });
}

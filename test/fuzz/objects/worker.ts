/**
 * The process that tries inputs: a crash or a hang ends it, and the process that started it goes on behind the input at fault.
 * Arguments: a file with the work, and one to write the number of the current input to.
 */
import { openSync, readFileSync, writeSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { inputOf } from "./input.js";
import { seedOf } from "./seeds.js";
import { type Fault, tryObject } from "./try-object.js";

/** Inputs to try, as the file of the work has them. */
export interface Work {
  /** Names and files of the seeds. */
  readonly seeds: readonly (readonly [name: string, file: string])[];
  readonly first: number;
  /** One past the last. */
  readonly end: number;
  readonly kernel: boolean;
  /** Milliseconds since 1970 at which to stop. */
  readonly deadline: number | null;
}

/** What a worker tells: a fault, or up to where it came. */
export type Report =
  | { readonly fault: Fault; readonly input: number }
  | { readonly next: number; readonly ended: boolean };

/** Inputs between two reports. */
const TURN = 64;

const [workFile = "", placeFile = ""] = process.argv.slice(2);
const work: Work = JSON.parse(readFileSync(workFile, "utf8"));
const seeds = work.seeds.map(([name, file]) => seedOf(name, new Uint8Array(readFileSync(file))));
const place = openSync(placeFile, "w");

const report = (message: Report): Promise<void> =>
  new Promise((resolve) => process.send?.(message, undefined, undefined, () => resolve()) ?? resolve());

let next = work.first;
for (; next < work.end; next++) {
  if ((next - work.first) % TURN === TURN - 1) {
    await report({ next, ended: false });
    await setImmediate();
    if (work.deadline !== null && Date.now() > work.deadline) break;
  }
  writeSync(place, String(next).padEnd(16), 0);
  const { object, companion, inKernel } = inputOf(next, seeds, work.kernel);
  const fault = tryObject(object, companion, inKernel);
  if (fault !== null) await report({ fault, input: next });
}
await report({ next, ended: true });
process.disconnect?.();

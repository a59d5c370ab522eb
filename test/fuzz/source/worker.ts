/** Tries inputs one after the other. A worker, so that the main thread can end it when one takes too long. */
import { parentPort, workerData } from "node:worker_threads";
import { randomFrom } from "../shared/random.js";
import { checkSource, type Fault, type Outcome, randomSettings } from "./check-source.js";
import { mutate } from "./mutate.js";
import { reduce } from "./reduce.js";
import { readSeeds } from "./seeds.js";

/** What the main thread asks for. */
export interface Work {
  readonly first: number;
  readonly count: number;
  /** Faults that are known already and are not reduced again. */
  readonly known: readonly string[];
}

/** What the main thread is told. */
export type Report =
  | { readonly type: "begin"; readonly seed: number; readonly source: string; readonly text: string }
  | { readonly type: "end"; readonly seed: number; readonly kind: Outcome["kind"] }
  | { readonly type: "fault"; readonly seed: number; readonly fault: Fault; readonly source: string }
  | { readonly type: "reduced"; readonly seed: number; readonly fault: Fault; readonly text: string };

const port = parentPort;
if (port === null) throw new Error("worker.js is run by main.js");
const report = (message: Report): void => port.postMessage(message);
const { first, count, known }: Work = workerData;
const seeds = await readSeeds();
const reduced = new Set(known);

for (let seed = first; seed < first + count; seed += 1) {
  const random = randomFrom(seed);
  const { name, folder, text } = random.pick(seeds);
  const mutated = mutate(text, random.pick(seeds).text, random);
  const settings = randomSettings(random);
  const source = `${name}, ${JSON.stringify(settings)}`;
  report({ type: "begin", seed, source, text: mutated });
  const { kind, fault } = checkSource(folder, mutated, settings);
  if (fault === null) {
    report({ type: "end", seed, kind });
    continue;
  }
  report({ type: "fault", seed, fault, source });
  if (reduced.has(fault.key)) continue;
  reduced.add(fault.key);
  const small = reduce(mutated, (next) => checkSource(folder, next, settings).fault?.key === fault.key);
  report({ type: "reduced", seed, fault, text: small });
}

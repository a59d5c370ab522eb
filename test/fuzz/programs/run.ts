/** Programs by the batch, until enough were tried. */
import type { FuzzOptions } from "../shared/arguments.js";
import { progress } from "../shared/progress.js";
import { type Fault, faultsOf, type Tested, tested } from "./batch.js";
import { batchSize, configurationsOf, configurationText } from "./configurations.js";
import { generate } from "./generator.js";
import { printFile } from "./print.js";
import { reduce } from "./reducer.js";

/** Faults of one cause that are reduced; the others are counted. */
const mostReduced = 2;

/** Where programs run and reports go. */
export interface FuzzMeans {
  readonly kernel: boolean;
  readonly print: (line: string) => void;
}

/**
 * Tries programs: each agrees with the evaluator in all its configurations, or differs in some, or is more than a kernel takes in some and
 * agrees in the others.
 */
export function fuzz(
  { count, seed, seconds }: FuzzOptions,
  { kernel, print }: FuzzMeans,
): { readonly agreed: number; readonly differed: number; readonly limited: number } {
  const start = Date.now();
  const elapsed = (): number => (Date.now() - start) / 1000;
  const seen = new Map<string, number>();
  let [agreed, differed, limited] = [0, 0, 0];
  const tell = progress(
    () => `${agreed} agreed, ${differed} differed, ${((agreed + differed) / elapsed()).toFixed(1)} a second`,
  );
  for (let next = seed; next < seed + count && elapsed() < seconds; ) {
    const batch = Math.floor(next / batchSize);
    const end = Math.min((batch + 1) * batchSize, seed + count);
    const programs: Tested[] = [];
    for (; next < end; next++) programs.push(tested(generate(next)));
    const found = configurationsOf(batch).flatMap((configuration) =>
      faultsOf(programs, configuration, kernel),
    );
    const seeds = new Set(found.map(({ tree }) => tree.seed));
    const faults = found.filter(({ kind }) => kind !== "limit");
    const failed = new Set(faults.map(({ tree }) => tree.seed));
    differed += failed.size;
    limited += seeds.size - failed.size;
    agreed += programs.length - seeds.size;
    for (const fault of faults.filter(isFirst)) report(fault);
    tell();
  }
  return { agreed, differed, limited };

  /** Of a program only its first fault is told. */
  function isFirst(fault: Fault, index: number, all: readonly Fault[]): boolean {
    return all.findIndex(({ tree }) => tree === fault.tree) === index;
  }

  function report(fault: Fault): void {
    const key = `${fault.kind} ${fault.key}`;
    const times = (seen.get(key) ?? 0) + 1;
    seen.set(key, times);
    const at = `seed ${fault.tree.seed}, ${configurationText(fault.configuration)}`;
    if (times > mostReduced) {
      print(`\n${key}: again, ${at}`);
      return;
    }
    const small = reduce(fault, kernel);
    print(`\n${fault.kind}: ${at}\n${small.text}\n${printFile([small.tree])}`);
  }
}

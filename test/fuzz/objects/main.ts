/** `npm run fuzz:objects`: damaged objects through reader, linker, in-process machine and loader. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { canLoad } from "@waggle/userspace";
import { readFuzzOptions } from "../shared/arguments.js";
import { progress } from "../shared/progress.js";
import { inputOf } from "./input.js";
import { reduce } from "./reduce.js";
import { runWorker } from "./run-worker.js";
import { loadSeeds } from "./seeds.js";
import { type Fault, tryObject } from "./try-object.js";

/** Objects tried to reduce a fault that ends the process: each takes a process of its own. */
const REDUCED_AT_MOST = 20;

const options = readFuzzOptions(process.argv.slice(2), { count: 1000 });
const seeds = loadSeeds();
const folder = mkdtempSync(`${tmpdir()}/waggle-fuzz-objects-`);
const loadable = canLoad();
const end = options.seed + options.count;
console.log(
  `object fuzz: ${options.count} inputs from seed ${options.seed}, ${seeds.length} objects to start from; ` +
    (loadable.ok ? "one in sixteen is shown to the kernel" : `without the kernel: ${loadable.reason}`),
);

const files = seeds.map(({ name, object }, index) => {
  const file = `${folder}/seed-${index}.o`;
  writeFileSync(file, object);
  return [name, file] as const;
});
const deadline = Number.isFinite(options.seconds) ? Date.now() + options.seconds * 1000 : null;
const faults: { input: number; fault: Fault }[] = [];
const shown = new Set<string>();
let next = options.seed;
const say = progress(() => `object fuzz: ${next - options.seed} tried, ${faults.length} faults`);
while (next < end && (deadline === null || Date.now() < deadline)) {
  const ended = await runWorker(
    { seeds: files, first: next, end, kernel: loadable.ok, deadline },
    folder,
    (input, fault) => {
      faults.push({ input, fault });
      if (!shown.has(fault.key)) console.log(`fault at input ${input}: ${fault.part}: ${fault.text}`);
      shown.add(fault.key);
    },
    (reached) => {
      next = reached;
      say();
    },
  );
  next = ended.next;
}

const firsts = faults.filter(
  ({ fault }, index) => faults.findIndex((other) => other.fault.key === fault.key) === index,
);
for (const { input, fault } of firsts.slice(0, REDUCED_AT_MOST)) showReduced(input, fault);
const tried = next - options.seed;
if (faults.length === 0) rmSync(folder, { recursive: true });
console.log(`object fuzz: ${tried - faults.length} fine, ${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;

/** Writes the input with as little damage as shows the fault. */
function showReduced(number: number, fault: Fault): void {
  const { seed, object, companion, inKernel } = inputOf(number, seeds, loadable.ok);
  // What ends the process would end this one.
  const shows = (bytes: Uint8Array): boolean => tryObject(bytes, companion, inKernel)?.key === fault.key;
  const reduced = fault.part === "process" ? { object, changes: null } : reduce(seed.object, object, shows);
  const path = `${folder}/fault-${number}.o`;
  writeFileSync(path, reduced.object);
  const hex = (value: number | null): string =>
    value === null ? "none" : value.toString(16).padStart(2, "0");
  const places = (reduced.changes ?? [])
    .slice(0, 8)
    .map(({ at, from, to }) => `0x${at.toString(16)}: ${hex(from)} to ${hex(to)}`)
    .join(", ");
  console.log(
    `${path}: ${fault.part}: ${fault.text}\n  ${seed.name}, ${reduced.changes?.length ?? "not reduced, unknown"} bytes changed` +
      `${places === "" ? "" : ` (${places})`}; again: npm run fuzz:objects -- --seed ${number} --count 1`,
  );
}

/** What must hold of an object, however damaged: each part of the project gives a result or a typed error, and takes little memory. */
import { LinkError, link } from "@waggle/linker";
import { disassemble, type MapSpec, ObjectError, type ObjectSpec, readObject } from "@waggle/object";
import { BpfError, loadSpec } from "@waggle/userspace";
import { simulateSpec, VmError } from "@waggle/vm";
import { MemoryWatch, memoryProblem } from "./memory.js";

/** What is wrong. */
export interface Fault {
  /** The part that is at fault. */
  readonly part: string;
  /** Tells kinds of faults apart: the same for two objects that show the same fault. */
  readonly key: string;
  /** What happened, for people. */
  readonly text: string;
}

/** Instructions that one simulated run may take. */
const INSTRUCTIONS = 300_000;
/** User-mode CPU seconds that an object may take. */
const SECONDS = 5;
/** Bytes of a map in the kernel. */
const LARGEST_MAP = 1 << 20;
/** The kernel's log of a program that it refuses, however small the program is, and the buffers that were too small for it. */
const LARGEST_LOG = 24 << 20;
/** Longer programs are not shown to the kernel: it takes seconds to walk through them. */
const LONGEST_PROGRAM = 10_000;

const packet = new Uint8Array(64);
packet.set([0x08, 0x00], 12);

type Part = readonly [
  name: string,
  errors: readonly (abstract new (...args: never) => Error)[],
  run: () => unknown,
];

/** Gives an object to each part; null when all is well. */
export function tryObject(object: Uint8Array, companion: Uint8Array | null, inKernel: boolean): Fault | null {
  const parts: readonly Part[] = [
    ["reader", [ObjectError], () => read(object)],
    ["linker", [LinkError], () => link([{ name: "a.o", bytes: object }])],
    ...(companion === null
      ? []
      : [
          [
            "linker of two",
            [LinkError],
            () =>
              link([
                { name: "a.o", bytes: object },
                { name: "b.o", bytes: companion },
              ]),
          ] as const,
        ]),
    ["simulation", [ObjectError, VmError], () => simulate(object)],
    ...(inKernel ? [["loader", [ObjectError, BpfError], () => load(object)] as const] : []),
  ];
  // Memory is looked at once for all of them, and part by part where that is much.
  const whole = new MemoryWatch(object.length);
  const kept: unknown[] = [];
  const cpu = process.cpuUsage();
  for (const part of parts) {
    const fault = tryPart(part, kept, cpu);
    if (fault !== null) return fault;
  }
  if (!whole.isSuspicious()) return null;
  for (const [part, , run] of parts) {
    const bytes = object.length + (part === "linker of two" ? (companion?.length ?? 0) : 0);
    const problem = memoryProblem(run, bytes, part === "loader" ? LARGEST_LOG : 0);
    if (problem !== null) return { part, key: `${part}: memory`, text: problem };
  }
  return null;
}

/** Keeps what the part gives, so that its memory is there to be counted. */
function tryPart([part, errors, run]: Part, kept: unknown[], cpu: NodeJS.CpuUsage): Fault | null {
  const started = performance.now();
  try {
    kept.push(run());
  } catch (error) {
    if (!errors.some((known) => error instanceof known)) return faultOf(part, error);
  }
  if (performance.now() - started < SECONDS * 1000) return null;
  // Time on the clock passes while others run.
  const seconds = process.cpuUsage(cpu).user / 1e6;
  return seconds > SECONDS ? { part, key: `${part}: slow`, text: `took ${seconds.toFixed(1)} s` } : null;
}

function faultOf(part: string, error: unknown): Fault {
  if (!(error instanceof Error)) return { part, key: `${part}: ${typeof error}`, text: String(error) };
  // The first frame of our own: what is built in is named by the message.
  const [, called = "", place = ""] =
    /\n\s+at (?:(\S+) )?[^\n]*?\/(packages\/[^\n)]*)/.exec(error.stack ?? "") ?? [];
  return {
    part,
    key: `${part}: ${error.name} ${called} ${place}`,
    text: `${error.name}: ${error.message.split("\n", 1)[0]} (${called} ${place})`,
  };
}

function read(object: Uint8Array): unknown {
  const spec = readObject(object);
  return [spec, spec.programs.map(({ instructions }) => disassemble(instructions))];
}

function simulate(object: Uint8Array): unknown {
  const spec = readObject(object);
  const simulation = simulateSpec(spec, { maxInstructions: INSTRUCTIONS });
  // What is read is as large as the object says: that is left out where it is more than the object itself.
  const isSmall = ({ size }: { readonly size: number }): boolean => size <= object.length;
  const small = new Set([
    ...spec.maps.filter(({ valueSize: size }) => isSmall({ size })).map(({ name }) => name),
    ...spec.maps.flatMap(({ data }) => data?.variables.filter(isSmall).map(({ name }) => name) ?? []),
  ]);
  const tried: unknown[] = [simulation];
  const attempt = (run: () => unknown): void => {
    try {
      tried.push(run());
    } catch (error) {
      if (!(error instanceof VmError || error instanceof ObjectError)) throw error;
    }
  };
  for (const program of Object.values(simulation.programs)) {
    attempt(() => program.run({ data: packet }));
    attempt(() => program.run());
  }
  for (const [name, map] of Object.entries(simulation.maps)) {
    if (!small.has(name)) continue;
    if ("records" in map) attempt(() => map.records());
    // A program array has no values that could be read.
    else if ("entries" in map) attempt(() => firstOf(map.entries(), 4));
  }
  for (const [name, variable] of Object.entries(simulation.variables)) {
    if (small.has(name)) attempt(() => variable.get());
  }
  attempt(() => simulation.logs);
  return tried;
}

function firstOf(items: Iterable<unknown>, count: number): unknown[] {
  const found: unknown[] = [];
  for (const item of items) {
    found.push(item);
    if (found.length === count) break;
  }
  return found;
}

/** Shows the programs to the verifier and attaches none. Maps are made small: the kernel itself would take what they ask for. */
function load(object: Uint8Array): void {
  const spec = readObject(object);
  if (spec.programs.some(({ instructions }) => instructions.length > LONGEST_PROGRAM)) return;
  const maps = spec.maps.map(smaller);
  if (maps.some((map) => map === null)) return;
  const small: ObjectSpec = { ...spec, maps: maps.flatMap((map) => map ?? []) };
  const app = loadSpec(small);
  try {
    for (const variable of Object.values(app.variables)) variable.get();
  } finally {
    app.close();
  }
}

function smaller(map: MapSpec): MapSpec | null {
  const entry = map.keySize + map.valueSize + 64;
  if (entry > LARGEST_MAP) return null;
  const inner = map.inner === undefined ? undefined : smaller(map.inner);
  if (inner === null) return null;
  const maxEntries = Math.min(map.maxEntries, 4096, Math.floor(LARGEST_MAP / entry));
  return { ...map, pinning: "none", maxEntries, ...(inner === undefined ? {} : { inner }) };
}

import {
  hostByteOrder,
  LOG_LEVEL,
  LOG_MAP,
  lostSuffix,
  type MapSpec,
  nearest,
  type ObjectSpec,
  type ProgramSpec,
  readObject,
  withConfig,
} from "@waggle/object";
import type { AnyMap, UntypedApp, UntypedLoadOptions } from "../app.js";
import type { Link } from "../attach/link.js";
import { asLoadError, LoadError } from "../errors/errors.js";
import { LogReader, levelNumber } from "../logs/logs.js";
import { keyCodecOf, namedCodec, perCpuCodec, recordCodecOf, valueCodecOf } from "../maps/codec.js";
import { holdsItems, KernelItemMap } from "../maps/descriptor-map.js";
import { KernelMap } from "../maps/kernel-map.js";
import { PerfBufferReader } from "../maps/perf-buffer.js";
import { KernelProgramArray } from "../maps/program-array.js";
import { RingBufferReader } from "../maps/ring-buffer.js";
import { KernelSequence } from "../maps/sequence.js";
import { UserRingWriter } from "../maps/user-ring-buffer.js";
import { type AnyProgram, makeProgram } from "../program.js";
import { possibleCpus } from "../sys/cpus.js";
import type { Descriptor } from "../sys/descriptor.js";
import { copiedSection, mappedSection, type SectionMemory } from "../variables/section-memory.js";
import { variablesOf } from "../variables/variable.js";
import { type CreatedMap, createMap, entriesOf } from "./create-map.js";
import { fillWithMaps, fillWithPrograms } from "./fill-slots.js";
import { answered } from "./kernel-facts.js";
import { resolveKernelTypes } from "./kernel-types.js";
import { type LoadedBtf, loadBtf } from "./load-btf.js";
import { loadProgram, patchReferences } from "./load-program.js";
import { pinnedMap } from "./pinned-map.js";

const DEFAULT_NAME = "waggle";

/** Closes things in the reverse of the order in which they came, once. */
class Closers {
  readonly #list: Disposable[] = [];

  add<T extends Disposable>(one: T): T {
    this.#list.push(one);
    return one;
  }

  closeAll(): void {
    for (let one = this.#list.pop(); one !== undefined; one = this.#list.pop()) one[Symbol.dispose]();
  }
}

function unknownName(
  code: "unknown-map" | "unknown-program",
  name: string,
  known: readonly string[],
): LoadError {
  const close = nearest(name, known);
  const hint = close === null ? "" : ` Did you mean ${close}?`;
  const list = known.length === 0 ? "none" : known.join(", ");
  return new LoadError(code, `the object has no ${code.slice(8)} ${name}.${hint} It has: ${list}.`);
}

function chosenPrograms(spec: ObjectSpec, names: readonly string[] | undefined): readonly ProgramSpec[] {
  if (names === undefined) return spec.programs.filter(({ autoload }) => autoload !== false);
  const untyped = spec.untypedPrograms?.find(({ name }) => names.includes(name));
  if (untyped !== undefined) throw new LoadError("bad-program", `${untyped.problem}.`);
  const known = spec.programs.map((program) => program.name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw unknownName("unknown-program", unknown, known);
  return spec.programs.filter((program) => names.includes(program.name));
}

function checkSpec(spec: ObjectSpec, options: UntypedLoadOptions): void {
  if (spec.byteOrder !== hostByteOrder) {
    const target = (order: string) => (order === "little" ? "bpfel" : "bpfeb");
    throw new LoadError(
      "wrong-byte-order",
      `the object is ${spec.byteOrder}-endian and this machine is ${hostByteOrder}-endian: ` +
        `build it with --target ${target(hostByteOrder)}.`,
    );
  }
  const sizable = spec.maps.map((map) => map.name);
  const unknown = Object.keys(options.maps ?? {}).find((name) => !sizable.includes(name));
  if (unknown !== undefined) throw unknownName("unknown-map", unknown, sizable);
}

/** Reads the counter of lost records of a ring buffer; 0 where the object has none. */
function lostCounter(spec: ObjectSpec, maps: ReadonlyMap<string, AnyMap>, name: string): () => bigint {
  for (const map of spec.maps) {
    if (map.data === null || map.data.readOnly) continue;
    const variable = map.data.variables.find((one) => one.name === name + lostSuffix && one.size === 8);
    if (variable === undefined) continue;
    // Read past the codec: the section may hold much else.
    let last = 0n;
    return () => {
      const section = maps.get(map.name);
      if (!(section instanceof KernelMap)) return last;
      if (!section.descriptor.closed) last = section.readU64(0, variable.offset);
      return last;
    };
  }
  return () => 0n;
}

function wrapMap(
  spec: ObjectSpec,
  created: CreatedMap,
  lost: () => bigint,
  makeInner: (inner: MapSpec) => AnyMap,
): AnyMap {
  const map: MapSpec = created.spec;
  // The type of maps whose class is not known has what most maps have.
  if (map.type.name === "program-array")
    return new KernelProgramArray(map, created.maxEntries, created.descriptor) as unknown as AnyMap;
  const item = namedCodec(keyCodecOf(spec, map), `key of map ${map.name}`);
  if (holdsItems(map.type.name))
    return new KernelItemMap(
      map,
      created.maxEntries,
      created.descriptor,
      item,
      makeInner,
    ) as unknown as AnyMap;
  if (map.type.name === "queue" || map.type.name === "stack" || map.type.name === "bloom-filter") {
    const value = namedCodec(valueCodecOf(spec, map), `value of map ${map.name}`);
    return new KernelSequence(map, created.maxEntries, created.descriptor, value) as unknown as AnyMap;
  }
  if (map.type.name === "perf-event-array") {
    const record = recordCodecOf(spec, map);
    return new PerfBufferReader(map, created.maxEntries, created.descriptor, record) as unknown as AnyMap;
  }
  if (map.type.name === "user-ring-buffer") {
    const record = recordCodecOf(spec, map);
    const named = record === null ? null : namedCodec(record, `record of map ${map.name}`);
    return new UserRingWriter(map, created.maxEntries, created.descriptor, named) as unknown as AnyMap;
  }
  if (map.type.name === "ring-buffer") {
    return new RingBufferReader(map, created.maxEntries, created.descriptor, recordCodecOf(spec, map), lost);
  }
  const one = valueCodecOf(spec, map);
  const value = map.type.perCpu ? perCpuCodec(one, possibleCpus()) : one;
  const key = namedCodec(keyCodecOf(spec, map), `key of map ${map.name}`);
  const named = namedCodec(value, `value of map ${map.name}`);
  return new KernelMap(map, created.maxEntries, created.descriptor, key, named);
}

/** Constants are not mapped: the kernel has frozen them. */
function sectionMemory({ spec, descriptor }: CreatedMap): SectionMemory {
  const mapped = spec.data?.readOnly === false ? mappedSection(descriptor, spec.valueSize) : null;
  return mapped ?? copiedSection(descriptor, spec.valueSize);
}

/**
 * Loads an object that has been read already.
 *
 * @throws LoadError, VerifierError, SystemCallError; nothing is left in the kernel then
 */
export function loadSpec(spec: ObjectSpec, options: UntypedLoadOptions = {}): UntypedApp {
  const chosen = chosenPrograms(spec, options.programs);
  checkSpec(spec, options);
  const { config } = options;
  const level = levelNumber(options.log?.level);
  const constants = spec.logs === undefined ? config : { ...config, [LOG_LEVEL]: level };
  const closers = new Closers();
  const unpin: (() => void)[] = [];
  try {
    // Types are looked at when something needs them, so that any step may find that the object is damaged.
    return asLoadError(() => {
      const configured = constants === undefined ? spec : withConfig(spec, constants);
      const complete = answered(configured, chosen);
      return build(complete, resolveKernelTypes(complete, chosen), options, closers, unpin);
    });
  } catch (error) {
    for (const undo of unpin) undo();
    closers.closeAll();
    throw error;
  }
}

function build(
  spec: ObjectSpec,
  programSpecs: readonly ProgramSpec[],
  options: UntypedLoadOptions,
  closers: Closers,
  unpin: (() => void)[],
): UntypedApp {
  const btfProblems: string[] = [];
  const answer = loadBtf(spec, programSpecs);
  let btf: LoadedBtf | null = null;
  if ("reason" in answer) {
    if (spec.btf !== null) btfProblems.push(answer.reason);
  } else {
    btf = answer;
    closers.add(btf.descriptor);
  }

  const descriptors = new Map<string, Descriptor>();
  const reused = new Set<MapSpec>();
  const maps = new Map<string, AnyMap>();
  const sections = new Map<string, SectionMemory>();
  const makeMap = (map: MapSpec): CreatedMap => {
    const asked = {
      objectName: options.name ?? DEFAULT_NAME,
      maxEntries: options.maps?.[map.name]?.maxEntries,
      btf: btf?.descriptor ?? null,
    };
    const create = (): CreatedMap => createMap(map, asked);
    const created =
      map.pinning === "none"
        ? create()
        : pinnedMap(map, spec.btf, entriesOf(map, asked.maxEntries), options, create, (undo) =>
            unpin.push(undo),
          );
    closers.add(created.descriptor);
    return created;
  };
  const makeInner = (inner: MapSpec): AnyMap => wrapMap(spec, makeMap(inner), () => 0n, makeInner);
  for (const map of spec.maps) {
    const created = makeMap(map);
    if (created.btfReason !== null) btfProblems.push(created.btfReason);
    descriptors.set(map.name, created.descriptor);
    if (created.isReused === true) reused.add(map);
    const wrapped = wrapMap(spec, created, lostCounter(spec, maps, map.name), makeInner);
    if (
      wrapped instanceof RingBufferReader ||
      wrapped instanceof PerfBufferReader ||
      wrapped instanceof UserRingWriter
    )
      closers.add(wrapped);
    maps.set(map.name, wrapped);
    if (wrapped instanceof KernelMap) closers.add(wrapped);
    if (map.data !== null) sections.set(map.name, closers.add(sectionMemory(created)));
  }

  for (const map of spec.maps) if (!reused.has(map)) fillWithMaps(map, descriptors);

  const ring = maps.get(LOG_MAP);
  const logs =
    spec.logs !== undefined && ring instanceof RingBufferReader
      ? closers.add(new LogReader(ring, spec.logs, options.log?.to))
      : null;
  const links = new Closers();
  const programs = new Map<string, AnyProgram>();
  const programDescriptors = new Map<string, Descriptor>();
  let closed = false;
  for (const program of programSpecs) {
    const code = patchReferences(program, (name) => descriptors.get(name)?.fd);
    const { descriptor, log } = loadProgram(program, code, {
      license: spec.license,
      byteOrder: spec.byteOrder,
      btf,
      logLevel: options.logLevel ?? 0,
      verifierLog: options.verifierLog,
    });
    closers.add(descriptor);
    programDescriptors.set(program.name, descriptor);
    const keep = (link: Link): Link => links.add(link);
    programs.set(program.name, makeProgram(program, descriptor, log, keep) as AnyProgram);
  }

  for (const map of spec.maps) {
    const own = descriptors.get(map.name);
    if (own !== undefined) fillWithPrograms(map, own, programSpecs, programDescriptors);
  }

  const close = () => {
    closed = true;
    links.closeAll();
    closers.closeAll();
  };
  logs?.start();
  return {
    maps: Object.fromEntries(maps),
    logs,
    programs: Object.fromEntries(programs),
    variables: variablesOf(spec, sections),
    btfProblems,
    get closed() {
      return closed;
    },
    close,
    [Symbol.dispose]: close,
  };
}

/**
 * Loads the bytes of a BPF object whose names are only known at run time. Needs Linux and CAP_BPF, with CAP_PERFMON or
 * CAP_NET_ADMIN for most programs.
 *
 * @throws LoadError (also when the bytes are no valid object), VerifierError, SystemCallError
 */
export function loadObject(bytes: Uint8Array, options: UntypedLoadOptions = {}): UntypedApp {
  return loadSpec(
    asLoadError(() => readObject(bytes)),
    options,
  );
}

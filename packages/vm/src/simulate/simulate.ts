import { constants } from "node:os";
import { decodeLogRecord, LOG_MAP, type LogRecord, type ObjectSpec, readObject } from "@waggle/object";
import type { Environment } from "../helpers/call.js";
import { makeMap, type VmMap } from "../maps/map-kinds.js";
import { AddressSpace } from "../memory/address-space.js";
import { kernelTypesOf } from "./kernel-types.js";
import { mapView } from "./map-view.js";
import { clockOf, configured, cpusOf, maxInstructionsOf, randomOf, taskOf } from "./options.js";
import { simulatedProgram } from "./program.js";
import { fillProgramArray } from "./program-array.js";
import type { SimulateOptions, Simulation, UntypedSimulateOptions, UntypedSimulation } from "./types.js";
import { simulatedVariables } from "./variables.js";

/**
 * Runs an object in this process: no kernel, no privileges, any OS. Objects of either byte order run with the memory of
 * that order. Everything is deterministic unless options bring in a clock or chance.
 *
 * `C` is the type of the kernel class (`typeof Flows`); the module that `xtask build-ebpf` writes gives it.
 *
 * @param object the ELF file, as bytes or as base64
 * @throws ObjectError for an object that cannot be read and for config values that do not fit
 * @throws VmError for a map that cannot be simulated and for other options that do not fit
 */
export function simulate<C>(object: Uint8Array | string, options: SimulateOptions<C> = {}): Simulation<C> {
  // The names of an object and of the class that it was compiled from are the same by construction.
  return simulateObject(object, options as UntypedSimulateOptions) as unknown as Simulation<C>;
}

/** As `simulate`, for an object whose class is not at hand: names are strings, values are what BTF says. */
export function simulateObject(
  object: Uint8Array | string,
  options: UntypedSimulateOptions = {},
): UntypedSimulation {
  const bytes = typeof object === "string" ? new Uint8Array(Buffer.from(object, "base64")) : object;
  return simulateSpec(readObject(bytes), options);
}

const errnoNames = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]));
const errnoName = (number: number): string | null => errnoNames.get(number) ?? null;

/** As `simulateObject`, for an object that was read already. */
export function simulateSpec(object: ObjectSpec, options: UntypedSimulateOptions = {}): UntypedSimulation {
  const spec = configured(object, options);
  const environment: Environment = {
    space: new AddressSpace(),
    cpus: { count: cpusOf(options), current: 0 },
    littleEndian: spec.byteOrder === "little",
    handles: new Map(),
    reservations: new Map(),
    clock: clockOf(options),
    random: randomOf(options),
    maxInstructions: maxInstructionsOf(options),
    trace: [],
    programs: new Map(),
  };
  const maps = new Map<string, VmMap>();
  for (const mapSpec of spec.maps) {
    const map = makeMap({ ...environment, spec: mapSpec }, environment.reservations);
    maps.set(mapSpec.name, map);
    environment.handles.set(map.handle, map);
  }
  const logs: LogRecord[] = [];
  const task = taskOf(undefined, options.task);
  const memory = options.memory ?? [];
  const kernel = kernelTypesOf(spec, options.kernel);
  const programs = new Map(
    spec.programs.map((program) => [
      program.name,
      simulatedProgram({ spec, program, maps, environment, kernel, task, memory }),
    ]),
  );
  for (const map of maps.values()) fillProgramArray(map, programs, environment.littleEndian);
  return {
    maps: Object.fromEntries([...maps].map(([name, map]) => [name, mapView(map, spec.btf, spec.byteOrder)])),
    programs: Object.fromEntries(programs),
    variables: simulatedVariables(spec, maps),
    trace: environment.trace,
    get logs() {
      const ring = maps.get(LOG_MAP);
      if (ring?.kind === "ring")
        for (const bytes of ring.drain()) {
          const record = decodeLogRecord(bytes, spec.logs ?? new Map(), {
            byteOrder: spec.byteOrder,
            errno: errnoName,
          });
          if (record !== null) logs.push(record);
        }
      return logs;
    },
  };
}

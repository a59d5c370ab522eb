/** Maps that are pinned under their names, so that several processes and runs share them (`LIBBPF_PIN_BY_NAME`). */
import { unlinkSync } from "node:fs";
import { type MapSpec, mapTypeByValue } from "@waggle/object";
import { Errno } from "../errors/errno.js";
import { LoadError } from "../errors/errors.js";
import { check } from "../errors/system-call-failure.js";
import { BPF_FILE_SYSTEM, type PinOptions } from "../pin/bpf-file-system.js";
import { pinAt } from "../pin/pin.js";
import { bpfContext, callBpf, tryBpf } from "../sys/bpf.js";
import { Descriptor } from "../sys/descriptor.js";
import { NativeMemory, textMemory } from "../sys/memory.js";
import { BpfCommand } from "../sys/uapi.js";
import type { CreatedMap } from "./create-map.js";

const GET_SIZE = 16;
const INFO_ATTRIBUTE_SIZE = 16;
/** The part of `struct bpf_map_info` that is looked at. */
const INFO_SIZE = 24;

/** What a map in the kernel is like. */
interface MapInfo {
  readonly type: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly flags: number;
}

function infoOf(descriptor: Descriptor): MapInfo {
  const info = new NativeMemory(INFO_SIZE);
  const attribute = new NativeMemory(INFO_ATTRIBUTE_SIZE);
  attribute.setU32(0, descriptor.fd);
  attribute.setU32(4, INFO_SIZE);
  attribute.setPointer(8, info);
  callBpf(BpfCommand.ObjectInfo, attribute, `of ${descriptor.what}`);
  return {
    type: info.u32(0),
    keySize: info.u32(8),
    valueSize: info.u32(12),
    maxEntries: info.u32(16),
    flags: info.u32(20),
  };
}

/** The map at a path, when there is something. @throws LoadError "incompatible-map" when it is not like `spec` */
function openPinned(spec: MapSpec, path: string, maxEntries: number): Descriptor | null {
  const attribute = new NativeMemory(GET_SIZE);
  attribute.setPointer(0, textMemory(path));
  const fd = tryBpf(BpfCommand.ObjectGet, attribute);
  if (fd === -Errno.ENOENT) return null;
  check(fd, bpfContext(BpfCommand.ObjectGet, `of ${path} for map ${spec.name}`));
  const descriptor = new Descriptor(fd, `map ${spec.name}`);
  try {
    checkCompatible(spec, path, maxEntries, infoOf(descriptor));
  } catch (error) {
    descriptor.close();
    throw error;
  }
  return descriptor;
}

function checkCompatible(spec: MapSpec, path: string, maxEntries: number, found: MapInfo): void {
  const type = mapTypeByValue(found.type)?.name ?? `type ${found.type}`;
  const differences = (
    [
      ["type", type, spec.type.name],
      ["key size", found.keySize, spec.keySize],
      ["value size", found.valueSize, spec.valueSize],
      ["maxEntries", found.maxEntries, maxEntries],
      ["flags", found.flags, spec.flags],
    ] as const
  ).filter(([, is, wanted]) => is !== wanted);
  if (differences.length === 0) return;
  const list = differences.map(([what, is, wanted]) => `${what} ${is} instead of ${wanted}`).join(", ");
  throw new LoadError(
    "incompatible-map",
    `map ${spec.name} is pinned at ${path} already, with ${list}: remove that file when nobody needs it any more, ` +
      "or give the map another name.",
  );
}

/** Where maps are pinned by their names, and how. */
export interface PinnedMapOptions extends PinOptions {
  /** `BPF_FILE_SYSTEM` when not given. */
  readonly pinPath?: string;
}

/**
 * Opens the map that is pinned under the name, or makes one with `create` and pins it.
 *
 * @param made is told what undoes the pinning, should loading fail later
 */
export function pinnedMap(
  spec: MapSpec,
  maxEntries: number,
  options: PinnedMapOptions,
  create: () => CreatedMap,
  made: (undo: () => void) => void,
): CreatedMap {
  const path = `${options.pinPath ?? BPF_FILE_SYSTEM}/${spec.name}`;
  const found = openPinned(spec, path, maxEntries);
  if (found !== null) return { spec, maxEntries, descriptor: found, btfReason: null, isReused: true };
  const created = create();
  try {
    pinAt(created.descriptor, path, options);
  } catch (error) {
    created.descriptor.close();
    throw error;
  }
  made(() => unlinkSync(path));
  return created;
}

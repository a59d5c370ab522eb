/** Maps that are pinned under their names, so that several processes and runs share them (`LIBBPF_PIN_BY_NAME`). */
import { unlinkSync } from "node:fs";
import { type Btf, type MapSpec, mapTypeByValue, typeDifference } from "@waggle/object";
import { Errno } from "../errors/errno.js";
import { LoadError } from "../errors/errors.js";
import { check } from "../errors/system-call-failure.js";
import { BPF_FILE_SYSTEM, type PinOptions } from "../pin/bpf-file-system.js";
import { pinAt } from "../pin/pin.js";
import { bpfContext, resultName, tryBpf } from "../sys/bpf.js";
import { Descriptor } from "../sys/descriptor.js";
import { NativeMemory, textMemory } from "../sys/memory.js";
import { BpfCommand } from "../sys/uapi.js";
import { type CreatedMap, reportedFlags } from "./create-map.js";
import { btfById, type MapInfo, mapInfo, objectKind } from "./map-info.js";

const GET_SIZE = 16;
/** The map at a path, when there is something. @throws LoadError "incompatible-map" when it is not like `spec` */
function openPinned(
  spec: MapSpec,
  btf: Btf | null,
  path: string,
  maxEntries: number,
): Pick<CreatedMap, "descriptor" | "btfReason"> | null {
  const attribute = new NativeMemory(GET_SIZE);
  attribute.setPointer(0, textMemory(path));
  const fd = tryBpf(BpfCommand.ObjectGet, attribute);
  if (fd === -Errno.ENOENT) return null;
  check(fd, bpfContext(BpfCommand.ObjectGet, `of ${path} for map ${spec.name}`));
  const descriptor = new Descriptor(fd, `map ${spec.name}`);
  try {
    const kind = objectKind(descriptor);
    if (kind !== null && kind !== "map")
      throw new LoadError(
        "incompatible-map",
        `map ${spec.name} is to be pinned at ${path}, where a BPF object of another kind is (${kind}): remove that file, or give the map another name.`,
      );
    const info = mapInfo(descriptor);
    checkForm(spec, path, maxEntries, info);
    const btfReason = checkTypes(spec, btf, path, info);
    return { descriptor, btfReason };
  } catch (error) {
    descriptor.close();
    throw error;
  }
}

function checkForm(spec: MapSpec, path: string, maxEntries: number, found: MapInfo): void {
  const type = mapTypeByValue(found.type)?.name ?? `type ${found.type}`;
  const differences = (
    [
      ["type", type, spec.type.name],
      ["key size", found.keySize, spec.keySize],
      ["value size", found.valueSize, spec.valueSize],
      ["maxEntries", found.maxEntries, maxEntries],
      ["flags", found.flags, reportedFlags(spec)],
    ] as const
  ).filter(([, is, wanted]) => is !== wanted);
  if (differences.length === 0) return;
  const list = differences.map(([what, is, wanted]) => `${what} ${is} instead of ${wanted}`).join(", ");
  throw incompatible(spec, path, `with ${list}`);
}

function incompatible(spec: MapSpec, path: string, how: string): LoadError {
  return new LoadError(
    "incompatible-map",
    `map ${spec.name} is pinned at ${path} already, ${how}: remove that file when nobody needs it any more, ` +
      "or give the map another name.",
  );
}

/**
 * Compares the fields of keys and values: of equal sizes they would be read under the wrong names. Maps that were made without types are
 * compared by their sizes only.
 *
 * @returns why the types could not be compared; null when they were, or there are none
 */
function checkTypes(spec: MapSpec, btf: Btf | null, path: string, info: MapInfo): string | null {
  if (btf === null || info.btf === 0) return null;
  const pinned = btfById(info.btf);
  if (typeof pinned === "number")
    return `the types of map ${spec.name}, which is pinned at ${path}, were not compared: ${BpfCommand.BtfGetById.name} gave ${resultName(pinned)}`;
  for (const [what, found, wanted] of [
    ["key", info.keyType, spec.keyType],
    ["value", info.valueType, spec.valueType],
  ] as const) {
    if (found === 0 || wanted === null) continue;
    const difference = typeDifference({ btf: pinned, type: found }, { btf, type: wanted });
    if (difference === null) continue;
    const place = difference.path === "" ? what : `${what}.${difference.path}`;
    throw incompatible(
      spec,
      path,
      `with other fields: ${place} is ${difference.one} there, and ${difference.other} in this object`,
    );
  }
  return null;
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
  btf: Btf | null,
  maxEntries: number,
  options: PinnedMapOptions,
  create: () => CreatedMap,
  made: (undo: () => void) => void,
): CreatedMap {
  const path = `${options.pinPath ?? BPF_FILE_SYSTEM}/${spec.name}`;
  const found = openPinned(spec, btf, path, maxEntries);
  if (found !== null) return { spec, maxEntries, ...found, isReused: true };
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

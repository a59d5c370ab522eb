/** Where a function lies in the file of a program or library. */
import { nearest } from "@waggle/object";
import { AttachError } from "../errors/errors.js";
import { whyUnreadable } from "../sys/file-system.js";
import { type ElfFunction, elfFunctions, versionInName } from "./elf-functions.js";
import { findFile } from "./user-files.js";

/** A place in a file. */
export interface FunctionPlace {
  readonly path: string;
  /** In bytes from the start of the file. */
  readonly offset: number;
  /** In words. */
  readonly title: string;
}

/**
 * The place of a function, or of an offset into the file when no function is named.
 *
 * @throws AttachError "unknown-file", or as `functionIn` does
 */
export function placeInFile(
  name: string,
  functionName: string | null,
  offset: number,
  pid?: number,
): FunctionPlace {
  const path = findFile(name, pid);
  if (functionName === null) return { path, offset, title: `${path}+${offset}` };
  const start = functionIn(path, functionsOf(path), functionName);
  const plus = offset === 0 ? "" : `+${offset}`;
  return { path, offset: start + offset, title: `${path}:${functionName}${plus}` };
}

/** The functions that the symbol tables of a file name. */
export function functionsOf(path: string): readonly ElfFunction[] {
  try {
    return elfFunctions(path);
  } catch (error) {
    throw new AttachError(
      "unknown-file",
      `${path} is no program or library that can be read: ${whyUnreadable(error)}.`,
    );
  }
}

const bindingOrder: readonly ElfFunction["binding"][] = ["global", "weak", "local"];

/**
 * Where the function of a name begins. As linkers choose it: the default version unless the name has one
 * (`memcpy@GLIBC_2.2.5`), exported functions before static ones, global before weak before local.
 *
 * @throws AttachError "unknown-function" with the nearest name; "ambiguous-function" where several are as good;
 * "indirect-function" where the code only chooses the function
 */
export function functionIn(path: string, functions: readonly ElfFunction[], asked: string): number {
  const { name = asked, version } = versionInName(asked);
  const named = functions.filter((each) => each.name === name);
  if (named.length === 0) throw new AttachError("unknown-function", unknownFunction(path, functions, asked));
  const fitting = named.filter((each) => version === null || each.version === version);
  if (fitting.length === 0) {
    const versions = [...new Set(named.map((each) => each.version ?? "none"))].join(", ");
    throw new AttachError(
      "unknown-function",
      `${path} has no version ${version} of the function ${name}: it has ${versions}.`,
    );
  }
  const isVersion = narrowed(fitting, (each) => each.isDefault);
  const inTable = narrowed(isVersion, (each) => each.table === "dynamic");
  const binding = bindingOrder.find((wanted) => inTable.some((each) => each.binding === wanted));
  const best = inTable.filter((each) => each.binding === binding);
  const offsets = [...new Set(best.map(({ offset }) => offset))];
  const [first] = best;
  if (first === undefined || offsets.length > 1) {
    const versions = new Set(best.map((each) => each.version));
    const cure =
      versions.size > 1
        ? `name a version: ${[...versions].map((each) => `${name}@${each}`).join(", ")}`
        : `give the offset of one: ${offsets.map((offset) => `0x${offset.toString(16)}`).join(", ")}`;
    throw new AttachError("ambiguous-function", `${path} has ${offsets.length} functions ${asked}: ${cure}.`);
  }
  if (best.some((each) => each.isIndirect))
    throw new AttachError("indirect-function", indirectFunction(path, functions, name));
  return first.offset;
}

/** Those that have a property, where any has. */
function narrowed<T>(list: readonly T[], has: (each: T) => boolean): readonly T[] {
  const some = list.filter(has);
  return some.length > 0 ? some : list;
}

function unknownFunction(path: string, functions: readonly ElfFunction[], asked: string): string {
  const close = nearest(
    asked,
    functions.map(({ name }) => name),
  );
  const why =
    functions.length === 0
      ? "its symbols are stripped: give an offset"
      : close === null
        ? "it is not among its symbols"
        : `did you mean ${close}?`;
  return `${path} has no function ${asked}: ${why}.`;
}

/** Implementations are called `__memcpy_avx_unaligned` by glibc, `crc32_generic` by others. */
function indirectFunction(path: string, functions: readonly ElfFunction[], name: string): string {
  const implementations = functions.filter(
    (each) => !each.isIndirect && each.name !== name && each.name.replace(/^_+/, "").startsWith(`${name}_`),
  );
  const names = [...new Set(implementations.map((each) => each.name))].slice(0, 8);
  const cure =
    names.length > 0
      ? `probe those that processors of this kind take: ${names.join(", ")}`
      : "give the offset of the implementation that this processor takes, which a debugger shows";
  return (
    `${name} of ${path} is chosen for the processor when a program starts (STT_GNU_IFUNC): its symbol is of the code that ` +
    `chooses, which later calls do not go through. Instead ${cure}.`
  );
}

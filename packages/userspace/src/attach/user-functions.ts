/** Where a function lies in the file of a program or library. */
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { nearest } from "@waggle/object";
import { AttachError } from "../errors/errors.js";
import { elfFunctions } from "./elf-functions.js";

/** A place in a file. */
export interface FunctionPlace {
  readonly path: string;
  /** In bytes from the start of the file. */
  readonly offset: number;
  /** In words. */
  readonly title: string;
}

/** Folders that libraries are in, beside those that /etc/ld.so.conf names. */
const libraryFolders = ["/lib", "/usr/lib", "/lib64", "/usr/lib64", "/usr/local/lib"];
const multiarch: Readonly<Record<string, string>> = { x64: "x86_64-linux-gnu", arm64: "aarch64-linux-gnu" };

/**
 * The file of a program or library: a path as it is; a name is looked for among the libraries that a process has mapped, in the folders of
 * libraries, and in PATH.
 *
 * @throws AttachError "unknown-file"
 */
export function findFile(name: string, pid?: number): string {
  if (name.includes("/")) {
    if (existsSync(name)) return realpathSync(name);
    throw new AttachError("unknown-file", `there is no file ${name}.`);
  }
  const mapped = mappedFile(name, pid ?? process.pid);
  if (mapped !== null) return mapped;
  const arch = multiarch[process.arch] ?? "";
  const folders = [
    ...libraryFolders.flatMap((folder) => [`${folder}/${arch}`, folder]),
    ...(process.env.PATH ?? "").split(":").filter((folder) => folder !== ""),
  ];
  const found = folders.map((folder) => `${folder}/${name}`).find((path) => existsSync(path));
  if (found !== undefined) return realpathSync(found);
  throw new AttachError(
    "unknown-file",
    `there is no library or program ${name} in the folders where they are looked for: give its path.`,
  );
}

function mappedFile(name: string, pid: number): string | null {
  try {
    const maps = readFileSync(`/proc/${pid}/maps`, "utf8");
    const path = maps
      .split("\n")
      .map((line) => /\s(\/.*)$/.exec(line)?.[1])
      .find((each) => each?.endsWith(`/${name}`));
    return path !== undefined && existsSync(path) ? path : null;
  } catch {
    return null;
  }
}

/**
 * The place of a function, or of an offset into the file when no function is named.
 *
 * @throws AttachError "unknown-file", or "unknown-function" with the nearest name
 */
export function placeInFile(
  name: string,
  functionName: string | null,
  offset: number,
  pid?: number,
): FunctionPlace {
  const path = findFile(name, pid);
  if (functionName === null) return { path, offset, title: `${path}+${offset}` };
  const functions = functionsOf(path);
  const start = functions.get(functionName);
  if (start === undefined) {
    const close = nearest(functionName, [...functions.keys()]);
    const why =
      functions.size === 0
        ? "its symbols are stripped: give an offset"
        : close === null
          ? "it is not among its symbols"
          : `did you mean ${close}?`;
    throw new AttachError("unknown-function", `${path} has no function ${functionName}: ${why}.`);
  }
  const plus = offset === 0 ? "" : `+${offset}`;
  return { path, offset: start + offset, title: `${path}:${functionName}${plus}` };
}

/** The functions of a file, by name: where they begin in it. */
export function functionsOf(path: string): ReadonlyMap<string, number> {
  try {
    return elfFunctions(path);
  } catch (error) {
    if (error instanceof RangeError)
      throw new AttachError(
        "unknown-file",
        `${path} is no program or library that can be read: ${error.message}.`,
      );
    throw error;
  }
}

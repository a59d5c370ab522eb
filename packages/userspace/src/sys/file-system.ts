import { statfsSync } from "node:fs";

/** Magic numbers of the file systems that the loader uses, as statfs(2) reports them (linux/magic.h). */
export const FileSystem = { Bpf: 0xcafe_4a11, Tracefs: 0x7472_6163 } as const;

/** Why a path's file system is not known: there is no such path, or the process may not look at it. */
export type UnknownFileSystem = "missing" | "unreadable";

const unknown: Readonly<Record<string, UnknownFileSystem>> = {
  ENOENT: "missing",
  ENOTDIR: "missing",
  EACCES: "unreadable",
  EPERM: "unreadable",
};

/** The code of an error that Node's `fs` throws, e.g. "ENOENT"; null for any other value. */
export function fileErrorCode(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "it is not there",
  EACCES: "this user may not read it",
};

/** Why a file cannot be read, for the end of a sentence. */
export function whyUnreadable(error: unknown): string {
  const known = reasons[fileErrorCode(error) ?? ""];
  return known ?? (error instanceof Error ? error.message : String(error));
}

/**
 * The magic number of the file system that a path is on.
 *
 * @throws the error of statfs(2) when it is neither that the path is missing nor that it is unreadable
 */
export function fileSystemOf(path: string): number | UnknownFileSystem {
  try {
    // Node gives the field as a signed number on some processors.
    return statfsSync(path).type >>> 0;
  } catch (error) {
    const reason = unknown[fileErrorCode(error) ?? ""];
    if (reason === undefined) throw error;
    return reason;
  }
}

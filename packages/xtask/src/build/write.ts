import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { BuildCode, BuildFailure, buildDiagnostic } from "./diagnostics.js";
import { errnoOf, systemReason } from "./system-error.js";

/** A file to be written, whole. */
export interface Output {
  readonly path: string;
  readonly bytes: Uint8Array;
}

const cures: Readonly<Record<string, string>> = {
  ENOSPC: "free some space and build again",
  EDQUOT: "free some space and build again",
  EACCES: "make the folder writable, or write elsewhere with --out",
  EPERM: "make the folder writable, or write elsewhere with --out",
  EROFS: "write elsewhere with --out",
  ENOTDIR: "choose another folder with --out",
  EEXIST: "choose another folder with --out",
};

/**
 * Writes files that belong together: all are complete beside their targets before the first takes its place, so that a
 * full disk leaves the last good set. A file that already has its content is not touched.
 * @returns whether anything was written
 * @throws BuildFailure when one cannot be written; nothing half-written remains
 */
export function writeOutputs(outputs: readonly Output[]): boolean {
  const changed = outputs.filter((output) => !hasContent(output));
  const pending: { temporary: string; path: string }[] = [];
  let current = "";
  try {
    for (const { path, bytes } of changed) {
      current = path;
      mkdirSync(dirname(path), { recursive: true });
      const temporary = `${path}.${process.pid}.tmp`;
      pending.push({ temporary, path });
      writeFileSync(temporary, bytes);
    }
    while (pending[0] !== undefined) {
      current = pending[0].path;
      renameSync(pending[0].temporary, current);
      pending.shift();
    }
  } catch (error) {
    for (const { temporary } of pending) rmSync(temporary, { force: true });
    const errno = errnoOf(error);
    if (errno === null) throw error;
    const help = cures[errno];
    throw new BuildFailure([
      buildDiagnostic(BuildCode.CannotWrite, current, `cannot write ${current}: ${systemReason(error)}`, {
        notes: ["the last good output is left as it was"],
        ...(help === undefined ? {} : { help }),
      }),
    ]);
  }
  return changed.length > 0;
}

function hasContent(output: Output): boolean {
  try {
    return readFileSync(output.path).equals(output.bytes);
  } catch {
    // Missing or unreadable: writing it says more than reading it.
    return false;
  }
}

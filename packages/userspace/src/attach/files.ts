import { closeSync, openSync } from "node:fs";
import { AttachError, type AttachErrorCode } from "../errors/errors.js";
import { whyUnreadable } from "../sys/file-system.js";

/**
 * Calls `use` with a descriptor of a file or folder, which is closed after; of a descriptor itself, it stays open.
 *
 * @param what what it is, for the error
 * @throws AttachError with `code` when it cannot be opened
 */
export function withFile<T>(
  file: string | number,
  what: string,
  code: AttachErrorCode,
  use: (fd: number) => T,
): T {
  if (typeof file === "number") return use(file);
  let fd: number;
  try {
    fd = openSync(file, "r");
  } catch (error) {
    throw new AttachError(code, `${what} ${file} cannot be opened: ${whyUnreadable(error)}.`);
  }
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}

import { opendirSync } from "node:fs";
import { Errno, errnoName } from "../errors/errno.js";
import { AttachError } from "../errors/errors.js";
import { Descriptor } from "../sys/descriptor.js";
import { FileSystem, fileErrorCode, fileSystemOf } from "../sys/file-system.js";
import { textMemory } from "../sys/memory.js";
import { fsconfig, fsmount, fsopen } from "../sys/system-calls.js";
import { Mount } from "../sys/uapi.js";

/** Where tracefs is usually mounted. */
export const TRACEFS_DIRECTORIES: readonly string[] = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"];

function unavailable(result: number, hidden: string | undefined): AttachError {
  const cure =
    result === -Errno.EPERM
      ? "mounting it needs CAP_SYS_ADMIN: run as root, or have it mounted"
      : "the kernel may be built without tracing (CONFIG_FTRACE)";
  const where =
    hidden === undefined
      ? `on ${TRACEFS_DIRECTORIES.join(" or ")}`
      : `where this process may look (not at ${hidden})`;
  return new AttachError(
    "tracefs-unavailable",
    `tracefs is not mounted ${where}, and a private mount failed with ` +
      `${errnoName(-result)}: ${cure} (mount -t tracefs tracefs /sys/kernel/tracing).`,
  );
}

function unreadable(directory: string): AttachError {
  return new AttachError(
    "tracefs-unreadable",
    `tracefs is mounted at ${directory}, and this process may not read it: run as root or with CAP_DAC_READ_SEARCH, ` +
      `or let its group read it (mount -o remount,mode=0750,gid=GROUP ${directory}).`,
  );
}

/**
 * A mount of tracefs that is attached to no directory: nobody else sees it, and it ends with the descriptor.
 *
 * @param hidden a directory where tracefs may be mounted and this process may not look
 */
function privateMount(hidden: string | undefined): Descriptor {
  const context = fsopen(textMemory("tracefs"), Mount.fsopenCloseOnExec);
  if (context < 0) throw unavailable(context, hidden);
  using contextOwner = new Descriptor(context, "tracefs context");
  const created = fsconfig(contextOwner.fd, Mount.configCreate);
  if (created < 0) throw unavailable(created, hidden);
  const mount = fsmount(contextOwner.fd, Mount.fsmountCloseOnExec, 0);
  if (mount < 0) throw unavailable(mount, hidden);
  return new Descriptor(mount, "tracefs");
}

function isReadable(directory: string): boolean {
  try {
    // access(2) would ask for the real user, not the effective one.
    opendirSync(`${directory}/events`).closeSync();
    return true;
  } catch (error) {
    if (fileErrorCode(error) === null) throw error;
    return false;
  }
}

/**
 * Calls `use` with the path of tracefs: where it is mounted, else a private mount (Linux 5.2) that is gone when `use`
 * returns. Nothing stays mounted.
 *
 * @param directories where to look first
 * @throws AttachError "tracefs-unreadable" when it is mounted and this process may not read it, "tracefs-unavailable" when it is not
 * mounted and cannot be
 */
export function withTracefs<T>(
  use: (path: string) => T,
  directories: readonly string[] = TRACEFS_DIRECTORIES,
): T {
  const mounted = directories.filter((directory) => fileSystemOf(directory) === FileSystem.Tracefs);
  const readable = mounted.find(isReadable);
  if (readable !== undefined) return use(readable);
  // There is one tracefs: a private mount has the same owner and mode.
  if (mounted[0] !== undefined) throw unreadable(mounted[0]);
  using mount = privateMount(directories.find((directory) => fileSystemOf(directory) === "unreadable"));
  return use(`/proc/self/fd/${mount.fd}`);
}

import { existsSync } from "node:fs";
import { Errno, errnoName } from "../errors/errno.js";
import { AttachError } from "../errors/errors.js";
import { Descriptor } from "../sys/descriptor.js";
import { textMemory } from "../sys/memory.js";
import { fsconfig, fsmount, fsopen } from "../sys/system-calls.js";
import { Mount } from "../sys/uapi.js";

/** Where tracefs is usually mounted. */
export const TRACEFS_DIRECTORIES: readonly string[] = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"];

function unavailable(result: number): AttachError {
  const cure =
    result === -Errno.EPERM
      ? "mounting it needs CAP_SYS_ADMIN: run as root, or have it mounted"
      : "the kernel may be built without tracing (CONFIG_FTRACE)";
  return new AttachError(
    "tracefs-unavailable",
    `tracefs is not mounted on ${TRACEFS_DIRECTORIES.join(" or ")}, and a private mount failed with ` +
      `${errnoName(-result)}: ${cure} (mount -t tracefs tracefs /sys/kernel/tracing).`,
  );
}

/** A mount of tracefs that is attached to no directory: nobody else sees it, and it ends with the descriptor. */
function privateMount(): Descriptor {
  const context = fsopen(textMemory("tracefs"), Mount.fsopenCloseOnExec);
  if (context < 0) throw unavailable(context);
  using contextOwner = new Descriptor(context, "tracefs context");
  const created = fsconfig(contextOwner.fd, Mount.configCreate);
  if (created < 0) throw unavailable(created);
  const mount = fsmount(contextOwner.fd, Mount.fsmountCloseOnExec, 0);
  if (mount < 0) throw unavailable(mount);
  return new Descriptor(mount, "tracefs");
}

/**
 * Calls `use` with the path of tracefs: where it is mounted, else a private mount (Linux 5.2) that is gone when `use`
 * returns. Nothing stays mounted.
 *
 * @param directories where to look first
 * @throws AttachError "tracefs-unavailable"
 */
export function withTracefs<T>(
  use: (path: string) => T,
  directories: readonly string[] = TRACEFS_DIRECTORIES,
): T {
  const mounted = directories.find((directory) => existsSync(`${directory}/events`));
  if (mounted !== undefined) return use(mounted);
  using mount = privateMount();
  return use(`/proc/self/fd/${mount.fd}`);
}

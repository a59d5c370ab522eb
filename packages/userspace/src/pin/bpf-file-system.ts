/** The BPF file system, where pinned objects have their paths (Documentation/bpf/libbpf, bpf(2)). */
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Errno, errnoName } from "../errors/errno.js";
import { PinError } from "../errors/errors.js";
import { FileSystem, fileErrorCode, fileSystemOf } from "../sys/file-system.js";
import { textMemory } from "../sys/memory.js";
import { flock, mount } from "../sys/system-calls.js";
import { Flock, Mount } from "../sys/uapi.js";

/** Where the BPF file system is usually mounted. */
export const BPF_FILE_SYSTEM = "/sys/fs/bpf";

const MOUNT_COMMAND = `mount -t bpf bpf ${BPF_FILE_SYSTEM}`;

/** How an object is pinned. */
export interface PinOptions {
  /**
   * Whether a BPF file system is mounted at `/sys/fs/bpf` when the path is below it and none is mounted there; true when not
   * given. Mounting needs CAP_SYS_ADMIN, and the mount stays.
   */
  readonly mountBpffs?: boolean;
}

/**
 * Makes sure that a folder exists on a BPF file system: mounts one at `/sys/fs/bpf` when none is there, and creates the folders that
 * are missing on it. Creates nothing on any other file system.
 *
 * @throws PinError when the folder is not on a BPF file system, or cannot be created
 */
export function preparePinFolder(folder: string, { mountBpffs = true }: PinOptions = {}): void {
  const path = resolve(folder);
  if (!isOnBpfFileSystem(path)) {
    if (!isWithin(path, BPF_FILE_SYSTEM)) {
      throw new PinError(
        "no-bpf-file-system",
        `${path} is not on a BPF file system: pin below ${BPF_FILE_SYSTEM}, or mount one (mount -t bpf bpf FOLDER).`,
      );
    }
    if (!mountBpffs) {
      throw new PinError(
        "no-bpf-file-system",
        `no BPF file system is mounted at ${BPF_FILE_SYSTEM}, and mounting one was turned off (mountBpffs: false): ${MOUNT_COMMAND}.`,
      );
    }
    mountBpfFileSystem();
  }
  createFolders(path);
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** Whether the nearest folder that exists, of a path and those above it, is on a BPF file system. */
function isOnBpfFileSystem(path: string): boolean {
  const found = fileSystemOf(path);
  const parent = dirname(path);
  if (found === "missing" && parent !== path) return isOnBpfFileSystem(parent);
  return found === FileSystem.Bpf;
}

/** Creates what is missing of a path, from the top down. Node's own recursion never returns where the file system refuses (v20). */
function createFolders(path: string): void {
  if (fileSystemOf(path) !== "missing") return;
  createFolders(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    const code = fileErrorCode(error);
    // Another process was first.
    if (code === "EEXIST") return;
    if (code === null) throw error;
    throw new PinError("cannot-create-folder", `the folder ${path} cannot be created: ${code}.`, {
      cause: error,
    });
  }
}

const mountCures: Readonly<Record<number, string>> = {
  [Errno.EPERM]: `mounting it needs CAP_SYS_ADMIN: run as root, or have it mounted (${MOUNT_COMMAND})`,
  [Errno.EACCES]: `mounting it needs CAP_SYS_ADMIN: run as root, or have it mounted (${MOUNT_COMMAND})`,
  [Errno.ENODEV]: "the kernel was built without BPF (CONFIG_BPF_SYSCALL)",
};

function mountFailed(reason: string, cure: string): PinError {
  return new PinError(
    "no-bpf-file-system",
    `no BPF file system is mounted at ${BPF_FILE_SYSTEM}, and mounting one failed with ${reason}: ${cure}.`,
  );
}

/**
 * Mounts a BPF file system at `/sys/fs/bpf`. The folder is locked meanwhile: a second mount would hide what another process
 * has just pinned on the first.
 */
function mountBpfFileSystem(): void {
  let folder: number;
  try {
    folder = openSync(BPF_FILE_SYSTEM, "r");
  } catch (error) {
    const code = fileErrorCode(error);
    if (code === null) throw error;
    throw mountFailed(
      code,
      "the kernel has no such folder: sysfs must be mounted at /sys, and the kernel have BPF",
    );
  }
  try {
    const locked = flock(folder, Flock.Exclusive);
    if (locked < 0) throw mountFailed(errnoName(-locked), "the folder cannot be locked");
    if (fileSystemOf(BPF_FILE_SYSTEM) === FileSystem.Bpf) return;
    const flags = Mount.noSetUid | Mount.noDevices | Mount.noExec;
    // As bpftool and systemd do: for root only.
    const mounted = mount(
      textMemory("bpf"),
      textMemory(BPF_FILE_SYSTEM),
      textMemory("bpf"),
      flags,
      textMemory("mode=0700"),
    );
    if (mounted < 0) {
      throw mountFailed(errnoName(-mounted), mountCures[-mounted] ?? `try it by hand (${MOUNT_COMMAND})`);
    }
  } finally {
    closeSync(folder);
  }
}

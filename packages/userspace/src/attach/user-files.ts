/** The file of a program or library that a probe is asked for: as the asker sees it, or as a process in a container does. */
import { lstatSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { AttachError } from "../errors/errors.js";
import { fileErrorCode } from "../sys/file-system.js";

/** Folders that libraries are in, beside those that /etc/ld.so.conf names. */
const libraryFolders = ["/lib", "/usr/lib", "/lib64", "/usr/lib64", "/usr/local/lib"];
const multiarch: Readonly<Record<string, string>> = { x64: "x86_64-linux-gnu", arm64: "aarch64-linux-gnu" };
/** As many symbolic links as the kernel follows (`MAXSYMLINKS`). */
const MOST_LINKS = 40;
/** The root folder of a process, as a path that leads there. */
const processRoot = /^(\/proc\/[^/]+(?:\/task\/[^/]+)?\/root)(\/.*)$/;

/**
 * The file of a program or library, as a path that leads the kernel to it. A path is taken as it is: of `/proc/PID/root/…` the links
 * are followed below that root, as the process would. A name is looked for among the libraries that the process has
 * mapped, in its folders of libraries, and in PATH.
 *
 * @throws AttachError "unknown-file"
 */
export function findFile(name: string, pid?: number): string {
  if (name.includes("/")) return existing(name);
  const mapped = mappedFile(name, pid);
  if (mapped !== null) return mapped;
  const arch = multiarch[process.arch] ?? "";
  const folders = [
    ...libraryFolders.flatMap((folder) => [`${folder}/${arch}`, folder]),
    ...(process.env.PATH ?? "").split(":").filter((folder) => folder.startsWith("/")),
  ];
  const root = rootOf(pid);
  for (const folder of folders) {
    const path = `${folder}/${name}`;
    const found = root === "" ? path : inRoot(root, path);
    if (isFile(found)) return found;
  }
  const where = root === "" ? "" : ` of process ${pid}`;
  throw new AttachError(
    "unknown-file",
    `there is no library or program ${name} in the folders${where} where they are looked for: give its path.`,
  );
}

function existing(name: string): string {
  // Not simplified: `..` after a symbolic link leads to the parent of where the link leads.
  const absolute = name.startsWith("/") ? name : `${process.cwd()}/${name}`;
  const [, root, inside] = processRoot.exec(absolute) ?? [];
  const path = root === undefined || inside === undefined ? absolute : inRoot(root, inside);
  const problem = problemOf(path);
  if (problem === null) return path;
  const other = /^\/proc\/(\d+)(?:\/|$)/.exec(path)?.[1];
  if (other !== undefined && problem === "ENOENT" && problemOf(`/proc/${other}`) !== null)
    throw new AttachError("unknown-file", `there is no file ${name}: no process ${other} is running.`);
  if (problem === "ENOENT" || problem === "ENOTDIR")
    throw new AttachError("unknown-file", `there is no file ${name}.`);
  const cure =
    other === undefined
      ? "this user may not look into a folder of its path"
      : `looking into the folders of process ${other} needs CAP_SYS_PTRACE, or the same user`;
  throw new AttachError("unknown-file", `${name} cannot be reached (${problem}): ${cure}.`);
}

/** Why a file cannot be looked at, as an errno; null when it can. */
function problemOf(path: string): string | null {
  try {
    statSync(path);
    return null;
  } catch (error) {
    const code = fileErrorCode(error);
    if (code === null) throw error;
    return code;
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * The place that a path leads to for a process whose root folder is `root`. Left to the kernel, an absolute link below
 * `/proc/PID/root` would lead to the file of that name of whoever follows it.
 */
export function inRoot(root: string, path: string): string {
  const rest = path.split("/").reverse();
  const done: string[] = [];
  for (let links = 0; rest.length > 0; ) {
    const part = rest.pop() ?? "";
    if (part === "" || part === ".") continue;
    if (part === "..") {
      done.pop();
      continue;
    }
    const here = [root, ...done, part].join("/");
    const target = links < MOST_LINKS ? linkAt(here) : null;
    if (target === null) {
      done.push(part);
      continue;
    }
    links++;
    if (target.startsWith("/")) done.length = 0;
    rest.push(...target.split("/").reverse());
  }
  return [root, ...done].join("/");
}

/** Where a symbolic link leads; null for what is none. */
function linkAt(path: string): string | null {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : null;
  } catch {
    return null;
  }
}

/** The root folder of a process as a path; "" when its files are those that this process sees. */
function rootOf(pid: number | undefined): string {
  if (pid === undefined || pid === process.pid) return "";
  const root = `/proc/${pid}/root`;
  try {
    const [own, other] = [statSync("/"), statSync(root)];
    const isSame = own.dev === other.dev && own.ino === other.ino;
    return isSame && readlinkSync("/proc/self/ns/mnt") === readlinkSync(`/proc/${pid}/ns/mnt`) ? "" : root;
  } catch {
    return root;
  }
}

/** The library of a name that a process has mapped, though its path may be another process's file, or gone. */
function mappedFile(name: string, pid: number | undefined): string | null {
  const folder = `/proc/${pid ?? "self"}`;
  let maps: string;
  try {
    maps = readFileSync(`${folder}/maps`, "utf8");
  } catch {
    return null;
  }
  for (const line of maps.split("\n")) {
    const [, range, inode, text] = /^(\S+) \S+ \S+ \S+ (\d+)\s+(\/.*)$/.exec(line) ?? [];
    if (range === undefined || text === undefined) continue;
    const path = text.replace(/ \(deleted\)$/, "");
    if (!path.endsWith(`/${name}`)) continue;
    const reachable = rootOf(pid) + path;
    if (inodeOf(reachable) === inode) return reachable;
    // Deleted or replaced: the mapping itself still leads to the file, for whoever has CAP_CHECKPOINT_RESTORE.
    const mapping = `${folder}/map_files/${range}`;
    if (isFile(mapping)) return mapping;
    if (pid === undefined) continue;
    throw new AttachError(
      "unknown-file",
      `process ${pid} has mapped ${path}, which is deleted or replaced: probing it there needs CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN.`,
    );
  }
  return null;
}

function inodeOf(path: string): string | null {
  try {
    return String(statSync(path, { bigint: true }).ino);
  } catch {
    return null;
  }
}

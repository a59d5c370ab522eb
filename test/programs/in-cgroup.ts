/** A cgroup of its own that this process is in while something runs. */
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";

/** Where cgroups of version 2 are. */
export function cgroupRoot(): string {
  const line = readFileSync("/proc/mounts", "utf8")
    .split("\n")
    .find((each) => each.split(" ")[2] === "cgroup2");
  const path = line?.split(" ")[1];
  if (path === undefined) throw new Error("no cgroup2 is mounted");
  return path;
}

let count = 0;

/** Runs `use` with the path of a new cgroup, which this process is in as long. */
export async function inCgroup(use: (path: string) => void | Promise<void>): Promise<void> {
  const root = cgroupRoot();
  const own = /^0::(.*)$/m.exec(readFileSync("/proc/self/cgroup", "utf8"))?.[1] ?? "/";
  const path = `${root}/waggle-${process.pid}-${count++}`;
  mkdirSync(path);
  try {
    writeFileSync(`${path}/cgroup.procs`, String(process.pid));
    await use(path);
  } finally {
    writeFileSync(`${root}${own === "/" ? "" : own}/cgroup.procs`, String(process.pid));
    rmdirSync(path);
  }
}

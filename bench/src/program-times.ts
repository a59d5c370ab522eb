import { readdir, readFile, writeFile } from "node:fs/promises";

const switchFile = "/proc/sys/kernel/bpf_stats_enabled";

/** Does something while the kernel keeps run times of programs (bpf_stats_enabled), and leaves the switch as it was. */
export async function withProgramTimes<T>(action: () => Promise<T>): Promise<T> {
  const before = await readFile(switchFile, "utf8");
  await writeFile(switchFile, "1");
  try {
    return await action();
  } finally {
    await writeFile(switchFile, before);
  }
}

/** Mean nanoseconds of a run of the one program that this process holds, from /proc/self/fdinfo. */
export async function timeOfProgram(): Promise<number> {
  const infos = await Promise.all(
    (await readdir("/proc/self/fdinfo")).map((fd) =>
      readFile(`/proc/self/fdinfo/${fd}`, "utf8").catch(() => ""),
    ),
  );
  const times = infos.filter((info) => info.includes("prog_tag:") && info.includes("run_cnt:")).map(meanTime);
  const [time] = times.filter((nanoseconds) => nanoseconds !== null);
  if (time === undefined) throw new Error("no program of this process has run");
  return time;
}

function meanTime(info: string): number | null {
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(info)?.[1] ?? 0);
  const runs = field("run_cnt");
  return runs === 0 ? null : field("run_time_ns") / runs;
}

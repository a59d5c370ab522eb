import { readFileSync } from "node:fs";

/** Counts the CPUs in a list of the kernel's form, e.g. 6 for `0-3,8-9`. */
export function countCpus(list: string): number {
  let count = 0;
  for (const range of list.trim().split(",")) {
    const [first, last] = range.split("-").map(Number);
    if (first !== undefined && Number.isInteger(first)) count += (last ?? first) - first + 1;
  }
  return count;
}

let cached = 0;

/** CPUs that this machine can ever have: a per-CPU map has a value for each, and the number does not change. */
export function possibleCpus(): number {
  if (cached === 0) cached = countCpus(readFileSync("/sys/devices/system/cpu/possible", "utf8"));
  return cached;
}

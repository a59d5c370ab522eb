import { readFileSync } from "node:fs";

/** The CPUs in a list of the kernel's form, e.g. 0, 1, 2, 3, 8 and 9 for `0-3,8-9`. */
export function listedCpus(list: string): number[] {
  return list
    .trim()
    .split(",")
    .flatMap((range) => {
      const [first, last] = range.split("-").map(Number);
      if (range === "" || first === undefined || !Number.isInteger(first)) return [];
      return Array.from({ length: (last ?? first) - first + 1 }, (_, index) => first + index);
    });
}

/** How many CPUs a list of the kernel's form has. */
export const countCpus = (list: string): number => listedCpus(list).length;

/** The CPUs that run now. */
export const onlineCpus = (): number[] => listedCpus(readFileSync("/sys/devices/system/cpu/online", "utf8"));

let cached = 0;

/** CPUs that this machine can ever have: a per-CPU map has a value for each, and the number does not change. */
export function possibleCpus(): number {
  if (cached === 0) cached = countCpus(readFileSync("/sys/devices/system/cpu/possible", "utf8"));
  return cached;
}

/** A kernel's version as far as its interface follows from it: [major, minor]. */
export type KernelVersion = readonly [major: number, minor: number];

/** The oldest kernel that objects are made for when nobody says another. */
export const defaultKernelVersion: KernelVersion = [5, 10];

/** Reads "5.15", "6.1.0-13-amd64" or "v6.18"; null when the text does not begin as a version does. */
export function parseKernelVersion(text: string): KernelVersion | null {
  const match = /^v?(\d{1,4})\.(\d{1,4})(?!\d)/.exec(text.trim());
  return match === null ? null : [Number(match[1]), Number(match[2])];
}

/** "5.15". */
export const formatKernelVersion = ([major, minor]: KernelVersion): string => `${major}.${minor}`;

/** Whether a kernel of `version` has what appeared in `since`, e.g. the `since` of a row of a table. */
export function kernelHas(version: KernelVersion, since: string): boolean {
  const first = parseKernelVersion(since);
  if (first === null) throw new RangeError(`"${since}" is not a kernel version`);
  return version[0] > first[0] || (version[0] === first[0] && version[1] >= first[1]);
}

/** The middle value; of an even count the lower of the two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted[(sorted.length - 1) >> 1];
  if (middle === undefined) throw new Error("no values to take a median of");
  return middle;
}

/** Runs two measurements in turns, so that both meet the same weather, and gives the median of each. */
export async function interleaved(
  turns: number,
  ours: () => number | Promise<number>,
  theirs: () => number | Promise<number>,
): Promise<{ ours: number; theirs: number }> {
  const times: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] };
  await ours(); // a turn that does not count warms caches and compilers
  await theirs();
  for (let turn = 0; turn < turns; turn++) {
    times.ours.push(await ours());
    times.theirs.push(await theirs());
  }
  return { ours: median(times.ours), theirs: median(times.theirs) };
}

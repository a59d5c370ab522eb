/** One comparison: ours beside the peer's. */
export interface Row {
  readonly what: string;
  readonly ours: number;
  readonly theirs: number;
  readonly unit: string;
}

/** A table of comparisons. The ratio is ours by theirs: below 1 is better for all that costs, as all of these do. */
export function formatTable(title: string, peer: string, rows: readonly Row[]): string {
  const cells = rows.map(({ what, ours, theirs, unit }) => [
    what,
    `${round(ours)} ${unit}`,
    `${round(theirs)} ${unit}`,
    (ours / theirs).toFixed(2),
  ]);
  const all = [[title, "Waggle", peer, "ratio"], ...cells];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  return all
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join("   "),
    )
    .join("\n");
}

function round(value: number): string {
  return value >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2);
}

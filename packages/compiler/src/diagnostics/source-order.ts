/** The order in which diagnostics are told. */
import type { Diagnostic } from "./diagnostic.js";

/** One mistake is told once, in the order of the source. */
export function inSourceOrder(list: readonly Diagnostic[]): Diagnostic[] {
  const byPlace = new Map(
    list.map((item) => [`${item.file}:${item.line}:${item.column}:${item.code}:${item.message}`, item]),
  );
  return [...byPlace.values()].sort((a, b) =>
    a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line || a.column - b.column,
  );
}

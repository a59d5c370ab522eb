/** What a hover says about a diagnostic. */
import type { Diagnostic } from "../build/result.js";
import { isTypescripts } from "./present.js";

/** Markdown on what a code means and what to do; the empty string when there is nothing to add to the message. */
export async function explain(diagnostic: Diagnostic, page: string | null): Promise<string> {
  const { code, help } = diagnostic;
  // The editor shows the error itself; the cure in kernel code is ours.
  if (isTypescripts(diagnostic)) return help === null ? "" : `**Waggle**: ${help}`;
  const { codes } = await import("@waggle/compiler");
  const row = Object.entries(codes).find(([name]) => name === code)?.[1];
  const parts = [`**${code}${row === undefined ? "" : `: ${row.title}`}**`];
  if (row !== undefined) parts.push(row.explanation);
  if (help !== null) parts.push(`**Help**: ${help}`);
  if (page !== null) parts.push(`[More on ${code}](${page})`);
  return parts.join("\n\n");
}

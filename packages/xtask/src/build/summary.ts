import { displayPath } from "./diagnostics.js";
import type { BuildResult, BuiltClass } from "./result.js";

/** "1 class", "2 classes". */
export function count(number: number, singular: string, plural = `${singular}s`): string {
  return `${number} ${number === 1 ? singular : plural}`;
}

/** 812 → "812 ms", 1840 → "1.8 s". */
export function formatDuration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** 812 → "812 B", 5240 → "5.2 kB". */
export function formatBytes(bytes: number): string {
  return bytes < 1000 ? `${bytes} B` : `${(bytes / 1000).toFixed(1)} kB`;
}

/** One line on a class: its size and, of its programs, all instructions and the deepest stack. */
export function classSummary(cwd: string, built: BuiltClass): string {
  const instructions = built.programs.reduce((sum, program) => sum + program.instructions, 0);
  const stack = Math.max(0, ...built.programs.map((program) => program.stackBytes));
  const size = `${count(instructions, "instruction")}, ${count(stack, "byte")} of stack, ${formatBytes(built.bytes)}`;
  return `${built.name} → ${displayPath(cwd, built.module)}: ${size}`;
}

/** The last line of a build. */
export function buildSummary(result: BuildResult): string {
  const fresh = result.classes.filter((built) => built.fresh).length;
  const parts = [`${result.classes.length - fresh} built`, `${fresh} fresh`];
  const errors = result.diagnostics.filter((diagnostic) => diagnostic.severity === "error").length;
  const warnings = result.diagnostics.length - errors;
  if (errors > 0) parts.push(count(errors, "error"));
  if (warnings > 0) parts.push(count(warnings, "warning"));
  return `${count(result.classes.length, "class", "classes")}: ${parts.join(", ")} in ${formatDuration(result.durationMs)}`;
}

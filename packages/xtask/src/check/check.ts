import { resolve } from "node:path";
import { performance } from "node:perf_hooks";
import { claim, noClasses, withoutRepeats } from "../build/across-files.js";
import { BuildFailure, errorCount } from "../build/diagnostics.js";
import { findSources, rootsAfterFailure } from "../build/find.js";
import type { BuildOptions, BuiltClass, BuiltProgram, Diagnostic } from "../build/result.js";
import { resolveSettings } from "../build/settings.js";
import type { Checker } from "./checker.js";
import { createChecker } from "./checker.js";

/** What `checkEbpf` takes. */
export type CheckOptions = Pick<BuildOptions, "cwd" | "files" | "target" | "cpu" | "kernel">;

/** What a check found; `xtask check --json` prints exactly this. */
export interface CheckResult {
  /** False when any diagnostic is an error. */
  readonly ok: boolean;
  /** Classes without errors, by source file and then name. */
  readonly classes: readonly CheckedClass[];
  readonly diagnostics: readonly Diagnostic[];
  readonly durationMs: number;
}

/** A kernel class that would be built. */
export interface CheckedClass {
  readonly name: string;
  /** Absolute path of the source that declares it. */
  readonly file: string;
  readonly programs: readonly BuiltProgram[];
}

/**
 * Finds what a build would find wrong with the kernel classes of a project. Nothing is written.
 * @throws UsageError when `files` names what does not exist. Everything else that a user can do wrong is a diagnostic
 */
export async function checkEbpf(options: CheckOptions = {}): Promise<CheckResult> {
  return (await checkOnce(options, createChecker())).result;
}

/** `checkEbpf` for callers that go on watching and keep the checker. */
export async function checkOnce(
  options: CheckOptions,
  checker: Checker,
): Promise<{ readonly result: CheckResult; readonly watch: readonly string[] }> {
  const start = performance.now();
  const cwd = resolve(options.cwd ?? ".");
  const classes: CheckedClass[] = [];
  const diagnostics: Diagnostic[] = [];
  const watch: string[] = [];
  try {
    const sources = await findSources(cwd, options.files ?? []);
    const { project } = sources;
    const { out, target } = resolveSettings(cwd, project, options, sources.config);
    watch.push(...sources.roots);
    const owners = new Map<string, BuiltClass>();
    let found = 0;
    for (const file of sources.files) {
      const compiled = await checker.check(file, { project, out, target });
      const built = compiled.classes.map((produced) => produced.built);
      found += built.length;
      watch.push(...compiled.inputs);
      const taken = claim(owners, built);
      diagnostics.push(...compiled.diagnostics, ...taken);
      if (taken.length > 0) continue;
      classes.push(...built.map(({ name, file, programs }) => ({ name, file, programs })));
    }
    if (found === 0 && errorCount(diagnostics) === 0) diagnostics.push(noClasses(cwd, sources));
  } catch (error) {
    if (!(error instanceof BuildFailure)) throw error;
    diagnostics.push(...error.diagnostics);
    watch.push(...rootsAfterFailure(cwd));
  }
  const result = {
    ok: errorCount(diagnostics) === 0,
    classes,
    diagnostics: withoutRepeats(diagnostics),
    durationMs: Math.round(performance.now() - start),
  };
  return { result, watch };
}

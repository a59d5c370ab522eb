import { relative, resolve } from "node:path";
import { performance } from "node:perf_hooks";
import { setImmediate } from "node:timers/promises";
import { claim, noClasses, withoutRepeats } from "./across-files.js";
import type { CachedFile, CachedOutput } from "./cache.js";
import { readCache, writeCache } from "./cache.js";
import type { Produced } from "./compile-file.js";
import { compileFile } from "./compile-file.js";
import { BuildCode, BuildFailure, buildDiagnostic, errorCount } from "./diagnostics.js";
import type { Sources } from "./find.js";
import { findSources, rootsAfterFailure } from "./find.js";
import { hashBytes, memoizedHash } from "./hash.js";
import type { BuildOptions, BuildResult, BuiltClass, Diagnostic } from "./result.js";
import { resolveSettings } from "./settings.js";
import { removeStale } from "./stale.js";
import { toolchainId } from "./toolchain.js";
import { writeOutputs } from "./write.js";

/** A result together with what a watcher needs to know. */
export interface BuildOutcome {
  readonly result: BuildResult;
  /** Files and folders whose change calls for another build. */
  readonly watch: readonly string[];
}

/**
 * Builds the kernel classes of a project: compile, link, embed, write. What has not changed since the last build is
 * not compiled again and its files are not touched; a failed build leaves the last good files in place.
 * @throws UsageError when `files` names what does not exist. Everything else that a user can do wrong is a diagnostic
 */
export async function buildEbpf(options: BuildOptions = {}): Promise<BuildResult> {
  return (await buildOnce(options)).result;
}

/** `buildEbpf` for callers that go on watching. */
export async function buildOnce(options: BuildOptions): Promise<BuildOutcome> {
  const start = performance.now();
  const cwd = resolve(options.cwd ?? ".");
  const finish = (classes: readonly BuiltClass[], diagnostics: readonly Diagnostic[]): BuildResult => ({
    ok: errorCount(diagnostics) === 0,
    classes,
    diagnostics,
    durationMs: Math.round(performance.now() - start),
  });
  try {
    const sources = await findSources(cwd, options.files ?? []);
    const { classes, diagnostics, inputs } = await buildSources(cwd, sources, options);
    return { result: finish(classes, diagnostics), watch: [...sources.roots, ...inputs] };
  } catch (error) {
    if (!(error instanceof BuildFailure)) throw error;
    return { result: finish([], error.diagnostics), watch: rootsAfterFailure(cwd) };
  }
}

interface Built {
  readonly classes: readonly BuiltClass[];
  readonly diagnostics: readonly Diagnostic[];
  readonly inputs: readonly string[];
}

async function buildSources(cwd: string, sources: Sources, options: BuildOptions): Promise<Built> {
  const { project, files } = sources;
  const progress = options.onProgress ?? (() => {});
  const { out, target } = resolveSettings(cwd, project, options, sources.config);
  const key = hashBytes(Buffer.from(JSON.stringify([toolchainId(), target])));
  const cache = readCache(project);
  const outKey = projectPath(project, out);
  const last: CachedOutput = cache.outputs[outKey] ?? { key, files: {} };
  const hash = memoizedHash();

  const classes: BuiltClass[] = [];
  const diagnostics: Diagnostic[] = [];
  const inputs = new Set<string>();
  const entries: Record<string, CachedFile> = {};
  // The paths that this build has given to a class, and, for a build of a part, those of the files that it leaves alone.
  const owners = new Map<string, BuiltClass | { name: string; file: string }>();
  const listed = new Set(files.map((file) => projectPath(project, file)));
  for (const [file, entry] of Object.entries(last.files)) {
    // A file that failed keeps its entry: reverting the edit makes it fresh again.
    if (last.key === key && (sources.partial || listed.has(file))) entries[file] = entry;
    if (listed.has(file) || !sources.partial || hash(resolve(project, file)) === null) continue;
    for (const { name, module } of entry.classes) {
      owners.set(resolve(project, module), { name, file: resolve(project, file) });
    }
  }

  progress({ type: "found", files });
  for (const file of files) {
    const started = performance.now();
    const name = projectPath(project, file);
    const cached = last.key === key && options.force !== true ? last.files[name] : undefined;
    const fresh = cached === undefined ? null : freshClasses(project, file, cached, hash);
    if (cached !== undefined && fresh !== null) {
      for (const input of Object.keys(cached.inputs)) inputs.add(resolve(project, input));
      const taken = claim(owners, fresh);
      diagnostics.push(...cached.warnings, ...taken);
      classes.push(...fresh);
      progress(
        taken.length > 0
          ? { type: "failed", file, errors: taken.length }
          : { type: "fresh", file, classes: fresh },
      );
      continue;
    }
    progress({ type: "compiling", file });
    // Compiling blocks: let what shows progress draw first.
    await setImmediate();
    const compiled = await compileFile(file, project, out, target);
    for (const input of compiled.inputs) inputs.add(input);
    const built = compiled.classes.map((produced) => produced.built);
    const found = [...compiled.diagnostics, ...claim(owners, built)];
    if (errorCount(found) === 0) found.push(...write(compiled.classes));
    diagnostics.push(...found);
    const errors = errorCount(found);
    if (errors > 0) {
      progress({ type: "failed", file, errors });
      continue;
    }
    entries[name] = {
      inputs: Object.fromEntries(
        compiled.inputs.map((input) => [projectPath(project, input), hash(input) ?? ""]),
      ),
      classes: compiled.classes.map((produced) => cachedClass(project, produced)),
      warnings: found,
    };
    classes.push(...built);
    progress({ type: "built", file, classes: built, durationMs: Math.round(performance.now() - started) });
  }

  if (errorCount(diagnostics) === 0) {
    if (classes.length === 0) diagnostics.push(noClasses(cwd, sources));
    else if (!sources.partial)
      removeStale(out, new Set(classes.map((built) => built.module)), new Set(files));
  }
  try {
    writeCache(project, { outputs: { ...cache.outputs, [outKey]: { key, files: entries } } });
  } catch (error) {
    if (!(error instanceof BuildFailure)) throw error;
    const message = `the next build will start anew: ${error.message}`;
    // With an error beside it, the same full disk has been told of already.
    if (errorCount(diagnostics) === 0) {
      diagnostics.push(buildDiagnostic(BuildCode.NoCache, project, message, { severity: "warning" }));
    }
  }
  return { classes, diagnostics: withoutRepeats(diagnostics), inputs: [...inputs] };
}

/** The classes of a cached file when no input and no output has changed since; null when it must be built. */
function freshClasses(
  project: string,
  file: string,
  cached: CachedFile,
  hash: (path: string) => string | null,
): BuiltClass[] | null {
  const same = (path: string, expected: string) => hash(resolve(project, path)) === expected;
  if (!Object.entries(cached.inputs).every(([path, expected]) => same(path, expected))) return null;
  const untouched = cached.classes.every(
    (entry) => same(entry.object, entry.objectHash) && same(entry.module, entry.moduleHash),
  );
  if (!untouched) return null;
  return cached.classes.map(({ name, object, module, programs, maps, bytes }) => ({
    name,
    file,
    object: resolve(project, object),
    module: resolve(project, module),
    programs,
    maps,
    bytes,
    fresh: true,
  }));
}

function cachedClass(project: string, { built, object, module }: Produced): CachedFile["classes"][number] {
  const { name, programs, maps, bytes } = built;
  return {
    name,
    object: projectPath(project, built.object),
    objectHash: hashBytes(object),
    module: projectPath(project, built.module),
    moduleHash: hashBytes(module),
    bytes,
    programs,
    maps,
  };
}

function write(classes: readonly Produced[]): readonly Diagnostic[] {
  try {
    writeOutputs(
      classes.flatMap(({ built, object, module }) => [
        { path: built.object, bytes: object },
        { path: built.module, bytes: module },
      ]),
    );
    return [];
  } catch (error) {
    if (error instanceof BuildFailure) return error.diagnostics;
    throw error;
  }
}

function projectPath(project: string, path: string): string {
  return relative(project, path).replaceAll("\\", "/");
}

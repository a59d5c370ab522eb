import { existsSync, statSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { glob, isDynamicPattern } from "tinyglobby";
import type { LoadedConfig } from "../config/load.js";
import { configNames, loadConfig } from "../config/load.js";
import { UsageError } from "../usage-error.js";
import { BuildCode, BuildFailure, buildDiagnostic, displayPath } from "./diagnostics.js";

/** The project of a build and its kernel files, absolute and sorted. */
export interface Sources {
  /** Folder of the nearest package.json. */
  readonly project: string;
  readonly files: readonly string[];
  /** True when the caller named the files: the project may have others. */
  readonly partial: boolean;
  /** Folders and files to watch for changes besides the inputs that the compiler reports. */
  readonly roots: readonly string[];
  /** Where the files were looked for, as a person says it; null when the caller named them. */
  readonly searched: string | null;
  readonly config: LoadedConfig["config"];
}

/** Where kernel classes are looked for in a project. */
const defaultPattern = "src/kernel/**/*.ts";
const ignored = ["**/*.d.ts", "**/*.test.ts", "**/*.spec.ts", "**/node_modules/**"];

/** What to write when nothing was found. */
export const classHelp =
  "a kernel class is an exported class with a static method that has a program's decorator, such as @xdp()";

/** Whether a file may hold kernel code: it names the package, in an import or elsewhere. */
export function mentionsKernel(text: string): boolean {
  return text.includes("@waggle/kernel");
}

/**
 * Finds the files to build. `patterns` are files or globs from `cwd`; empty means the project's default.
 * @throws UsageError for a file that does not exist, a pattern without a match, or files of two projects
 * @throws BuildFailure when the project has no kernel file, or there is no project
 */
export async function findSources(cwd: string, patterns: readonly string[]): Promise<Sources> {
  if (patterns.length === 0) return projectSources(cwd);
  const files = (await Promise.all(patterns.map((pattern) => matches(cwd, pattern)))).flat();
  const unique = [...new Set(files)].sort();
  const projects = [...new Set(unique.map((file) => projectOf(dirname(file))))];
  const [project, other] = projects;
  if (project === undefined || other !== undefined) {
    const named = projects.map((path) => displayPath(cwd, path)).join(" and ");
    throw new UsageError(`the files belong to different projects: ${named}. Build each project on its own`);
  }
  const { file, config } = await loadConfig(project);
  const roots = file === null ? unique : [...unique, file];
  return { project, files: unique, partial: true, roots, searched: null, config };
}

async function projectSources(cwd: string): Promise<Sources> {
  const project = projectOf(cwd);
  const { file: configFile, config } = await loadConfig(project);
  const patterns = typeof config.files === "string" ? [config.files] : (config.files ?? [defaultPattern]);
  const files = await glob(patterns, { cwd: project, absolute: true, ignore: ignored });
  const searched = `${patterns.join(", ")} in ${project}`;
  if (files.length === 0) {
    const message = `no kernel classes: no file matches ${searched} (tests and .d.ts files do not count)`;
    const help =
      config.files === undefined
        ? "put kernel classes into src/kernel/, or name their files: xtask build-ebpf path/to/class.ts"
        : `files in ${configFile} says where they are`;
    throw new BuildFailure([
      buildDiagnostic(BuildCode.NoClasses, project, message, { help, notes: [classHelp] }),
    ]);
  }
  return {
    project,
    files: files.map((file) => resolve(file)).sort(),
    partial: false,
    roots: watchRoots(project, patterns, configFile),
    searched,
    config,
  };
}

/** What to watch so that a file that matches, or a configuration, is seen to come. */
function watchRoots(project: string, patterns: readonly string[], configFile: string | null): string[] {
  const configs = configFile === null ? configNames.map((name) => join(project, name)) : [configFile];
  return [...patterns.map((pattern) => resolve(project, fixedPart(pattern))), ...configs];
}

/** What to watch when a build failed before it knew its files. */
export function rootsAfterFailure(cwd: string): string[] {
  return watchRoots(nearestProject(cwd) ?? cwd, [defaultPattern], null);
}

/** The folders of a pattern before its first wildcard: `src/kernel` of `src/kernel/**\/*.ts`. */
function fixedPart(pattern: string): string {
  const parts = pattern.split("/");
  const wild = parts.findIndex((part) => isDynamicPattern(part));
  return (wild < 0 ? parts : parts.slice(0, wild)).join("/") || ".";
}

async function matches(cwd: string, pattern: string): Promise<string[]> {
  const path = resolve(cwd, pattern);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isFile()) return [path];
  if (stat?.isDirectory()) {
    throw new UsageError(
      `${pattern} is a folder: name files or a pattern, such as "${pattern.replace(/\/$/, "")}/**/*.ts"`,
    );
  }
  if (!isDynamicPattern(pattern)) throw new UsageError(`no such file: ${pattern} (looked in ${cwd})`);
  const found = await glob(pattern.replaceAll(sep, "/"), { cwd, absolute: true, ignore: ignored });
  if (found.length === 0) throw new UsageError(`no file matches ${pattern} (looked in ${cwd})`);
  return found.map((file) => resolve(file));
}

/** The nearest folder with a package.json, upwards from `folder`; null when there is none. */
export function nearestProject(folder: string): string | null {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, "package.json"))) return at;
    if (dirname(at) === at) return null;
  }
}

/**
 * `nearestProject` where there must be one.
 * @throws BuildFailure when there is none
 */
export function projectOf(folder: string): string {
  const project = nearestProject(folder);
  if (project !== null) return project;
  const message = `no project: neither ${folder} nor a folder above it has a package.json`;
  const help = "run xtask inside a project, or make one: npm create bpf-app";
  throw new BuildFailure([buildDiagnostic(BuildCode.NoClasses, folder, message, { help })]);
}

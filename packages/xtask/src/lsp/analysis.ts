/** Which kernel files must be checked for what is open, and what was found in them. */
import { existsSync } from "node:fs";
import { resolve, sep } from "node:path";
import { BuildFailure } from "../build/diagnostics.js";
import { findSources, mentionsKernel } from "../build/find.js";
import type { BuiltClass, Diagnostic } from "../build/result.js";
import { createChecker } from "../check/checker.js";
import { UsageError } from "../usage-error.js";
import type { Documents } from "./documents.js";
import { createProjects } from "./project-settings.js";

/** A kernel file that was checked: its classes are compiled, and other files with them. */
interface Unit {
  readonly inputs: ReadonlySet<string>;
  readonly diagnostics: readonly Diagnostic[];
  readonly classes: readonly BuiltClass[];
}

/** What is known about the open files. */
export interface Analysis {
  /** Notes that a file was opened or closed, or its text changed, in the editor or on disk. */
  touch(path: string): void;
  /** True when something was touched and not checked since. */
  isStale(): boolean;
  /**
   * Checks what is stale, file by file; `found` is called after each with the files about which there may be news.
   * Ends early, with the rest still stale, when `isCancelled` says so.
   */
  update(found: (files: ReadonlySet<string>) => void, isCancelled: () => boolean): Promise<void>;
  /** What is wrong in a file, TypeScript's own errors included; each mistake once. */
  diagnostics(path: string): readonly Diagnostic[];
  /** The folder of the project that a file belongs to. */
  projectOf(path: string): Promise<string>;
  /** The kernel classes that a file declares, when it has no errors. */
  classes(path: string): readonly BuiltClass[];
}

/** An analysis of the open documents that knows nothing yet. */
export function createAnalysis(documents: Documents): Analysis {
  const checker = createChecker();
  const projectOf = createProjects();
  const units = new Map<string, Unit>();
  const touched = new Set<string>();
  const stale = new Set<string>();
  /** Files for which the project was searched for those that import them. */
  const searched = new Set<string>();

  const isEntry = (text: string): boolean => mentionsKernel(text) && /\bclass\b/.test(text);
  const dependents = (path: string): string[] =>
    [...units].filter(([entry, unit]) => entry === path || unit.inputs.has(path)).map(([entry]) => entry);

  /** Decides what the touched files make stale. Returns the files whose diagnostics are gone. */
  async function plan(): Promise<Set<string>> {
    for (const path of [...touched]) {
      touched.delete(path);
      for (const entry of dependents(path)) stale.add(entry);
      const document = documents.get(path);
      if (document === undefined) {
        searched.delete(path);
        continue;
      }
      if (path.includes(`${sep}node_modules${sep}`) || !/\.[cm]?ts$/.test(path)) continue;
      if (isEntry(document.text)) stale.add(path);
      else if (dependents(path).length === 0 && !searched.has(path)) {
        searched.add(path);
        for (const entry of await kernelFiles(path, document.text)) if (!units.has(entry)) stale.add(entry);
      }
    }
    return drop();
  }

  /** The kernel files that may import a file. */
  async function kernelFiles(path: string, text: string): Promise<readonly string[]> {
    try {
      const { project } = await projectOf(path);
      const { files } = await findSources(project, []);
      return mentionsKernel(text) || files.includes(path) ? files : [];
    } catch (error) {
      if (error instanceof BuildFailure || error instanceof UsageError) return [];
      throw error;
    }
  }

  /** Forgets units that no open file belongs to. */
  function drop(): Set<string> {
    const gone = new Set<string>();
    for (const [entry, unit] of units) {
      const isWanted = documents.all().some(({ path }) => path === entry || unit.inputs.has(path));
      if (isWanted && (documents.get(entry) !== undefined || existsSync(entry))) continue;
      for (const file of filesOf(unit)) gone.add(file);
      units.delete(entry);
      stale.delete(entry);
      checker.forget(entry);
    }
    return gone;
  }

  async function check(entry: string): Promise<Set<string>> {
    const served = await projectOf(entry);
    const compiled = await checker.check(entry, { ...served, overlay: documents.overlay() });
    const isKernel = compiled.classes.length > 0 || compiled.diagnostics.length > 0;
    const unit: Unit = {
      inputs: new Set(compiled.inputs.map((path) => resolve(path))),
      diagnostics: [...compiled.diagnostics, ...(isKernel ? served.problems : [])],
      classes: compiled.classes.map(({ built }) => built),
    };
    const files = new Set([entry, ...filesOf(units.get(entry)), ...filesOf(unit)]);
    units.set(entry, unit);
    return files;
  }

  return {
    touch: (path) => void touched.add(path),
    isStale: () => touched.size > 0 || stale.size > 0,
    async update(found, isCancelled) {
      found(await plan());
      // What is in front of the user first.
      const order = [...stale].sort(
        (a, b) => Number(documents.get(b) !== undefined) - Number(documents.get(a) !== undefined),
      );
      for (const entry of order) {
        if (isCancelled()) return;
        stale.delete(entry);
        found(await check(entry));
        // Checking blocks: let messages in between.
        await new Promise((done) => setImmediate(done));
      }
      found(drop());
    },
    diagnostics(path) {
      const all = [...units.values()].flatMap(({ diagnostics }) =>
        diagnostics.filter(({ file }) => resolve(file) === path),
      );
      return [...new Map(all.map((item) => [JSON.stringify(item), item])).values()];
    },
    projectOf: async (path) => (await projectOf(path)).project,
    classes: (path) => units.get(path)?.classes ?? [],
  };
}

function filesOf(unit: Unit | undefined): string[] {
  return unit?.diagnostics.map(({ file }) => resolve(file)) ?? [];
}

import type { CompiledFile } from "../build/compile-file.js";
import { compileFile } from "../build/compile-file.js";
import { hashBytes, hashFile } from "../build/hash.js";
import type { Target } from "../build/settings.js";

/** What a file is checked as a part of. */
export interface CheckContext {
  /** Absolute folder of the project. */
  readonly project: string;
  /** Absolute folder of the outputs, whose names two classes may not share. */
  readonly out: string;
  readonly target: Target;
  /** Texts that stand for files, by absolute path: an editor's unsaved buffers. */
  readonly overlay?: ReadonlyMap<string, string>;
}

/** Compiles files without writing anything, and remembers what each came to until something that it read changes. */
export interface Checker {
  /** @param file absolute */
  check(file: string, context: CheckContext): Promise<CompiledFile>;
  /** Forgets the file. */
  forget(file: string): void;
}

interface Remembered {
  readonly key: string;
  /** Hashes of the inputs by path; null for one that was not there. */
  readonly stamps: ReadonlyMap<string, string | null>;
  readonly compiled: CompiledFile;
}

/** A checker that remembers nothing yet. */
export function createChecker(): Checker {
  const remembered = new Map<string, Remembered>();
  return {
    async check(file, { project, out, target, overlay = new Map() }) {
      const stamp = (path: string): string | null => {
        const text = overlay.get(path);
        return text === undefined ? hashFile(path) : hashBytes(Buffer.from(text));
      };
      const key = JSON.stringify([project, out, target]);
      const last = remembered.get(file);
      if (last?.key === key && [...last.stamps].every(([path, old]) => stamp(path) === old))
        return last.compiled;
      const compiled = await compileFile(file, project, out, target, overlay);
      // An import that leads nowhere is an error that a new file may cure, of which no stamp would tell.
      const open = compiled.diagnostics.some(({ code }) => code === "TS2307" || code === "TS7016");
      remembered.delete(file);
      if (!open)
        remembered.set(file, {
          key,
          stamps: new Map(compiled.inputs.map((path) => [path, stamp(path)])),
          compiled,
        });
      return compiled;
    },
    forget: (file) => void remembered.delete(file),
  };
}

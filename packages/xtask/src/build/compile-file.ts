import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { BuildCode, buildDiagnostic, errorCount } from "./diagnostics.js";
import { embedModule, outputName } from "./embed.js";
import type { BuiltClass, Diagnostic } from "./result.js";
import type { Target } from "./settings.js";
import { systemReason } from "./system-error.js";

/** A class that was compiled and linked and is ready to be written. */
export interface Produced {
  readonly built: BuiltClass;
  readonly object: Uint8Array;
  readonly module: Uint8Array;
}

/** What one kernel file came to. */
export interface CompiledFile {
  readonly classes: readonly Produced[];
  readonly diagnostics: readonly Diagnostic[];
  /** Absolute paths of every file that was read. */
  readonly inputs: readonly string[];
}

/**
 * Compiles one kernel file, links each of its classes and embeds it. Nothing is written. Files are compiled one by one
 * so that each knows its own inputs, and an error in one, also a bug of ours (WG9001), does not keep the others from being built.
 * @param overlay texts that stand for files, by absolute path
 */
export async function compileFile(
  file: string,
  project: string,
  out: string,
  target: Target,
  overlay: ReadonlyMap<string, string> = new Map(),
): Promise<CompiledFile> {
  try {
    if (!overlay.has(file)) readFileSync(file);
  } catch (error) {
    const message = `cannot read ${file}: ${systemReason(error)}`;
    return {
      classes: [],
      diagnostics: [buildDiagnostic(BuildCode.CannotRead, file, message)],
      inputs: [file],
    };
  }
  // Loaded here and not above: they bring TypeScript, which --help and fresh builds need not wait for.
  const [{ compile, failureAt, faultPoint }, { link }, { readObject }] = await Promise.all([
    import("@waggle/compiler"),
    import("@waggle/linker"),
    import("@waggle/object"),
  ]);
  const compiled = compile({ files: [file], cwd: project, target, overlay });
  const diagnostics: Diagnostic[] = compiled.diagnostics.map((diagnostic) => ({
    ...diagnostic,
    file: resolve(project, diagnostic.file),
  }));
  const inputs = [...new Set([file, ...compiled.inputs.map((input) => resolve(project, input))])];
  if (errorCount(diagnostics) > 0) return { classes: [], diagnostics, inputs };

  const classes: Produced[] = [];
  for (const unit of compiled.classes) {
    const base = join(out, outputName(unit.name));
    const source = resolve(project, unit.file);
    try {
      faultPoint("link", unit.name);
      const object = link([{ name: `${unit.name}.o`, bytes: unit.object }]).object;
      // As the kernel gets them: with the functions that they call.
      const sizes = new Map(
        readObject(object).programs.map(({ name, instructions }) => [name, instructions.length]),
      );
      const module = embedModule({
        className: unit.name,
        exportName: unit.exportName,
        source,
        module: `${base}.ts`,
        object,
      });
      const built: BuiltClass = {
        name: unit.name,
        file: source,
        object: `${base}.o`,
        module: `${base}.ts`,
        programs: unit.programs.map(({ name, section, stackBytes }) => ({
          name,
          section,
          instructions: sizes.get(name) ?? 0,
          stackBytes,
        })),
        maps: [...unit.maps],
        bytes: object.length,
        fresh: false,
      };
      classes.push({ built, object, module: Buffer.from(module) });
    } catch (error) {
      // One object that the compiler made itself: no source can make the linker refuse it.
      const start = { line: 1, column: 1, endLine: 1, endColumn: 1 };
      diagnostics.push(failureAt(error, { file: source, ...start }));
    }
  }
  return { classes: errorCount(diagnostics) > 0 ? [] : classes, diagnostics, inputs };
}

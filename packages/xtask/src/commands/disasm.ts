import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { nearest, ObjectError, readObject } from "@waggle/object";
import { compileFile } from "../build/compile-file.js";
import { BuildCode, BuildFailure, buildDiagnostic, errorCount } from "../build/diagnostics.js";
import { classHelp, mentionsKernel, projectOf } from "../build/find.js";
import type { BuildOptions } from "../build/result.js";
import { resolveSettings } from "../build/settings.js";
import { systemReason } from "../build/system-error.js";
import { loadConfig } from "../config/load.js";
import type { Listing } from "../disasm/listing.js";
import { formatListing, listPrograms } from "../disasm/listing.js";
import { ExitCode } from "../exit-code.js";
import type { Terminal } from "../terminal.js";
import { UsageError } from "../usage-error.js";

/** What the command line of `xtask disasm` says. */
export interface DisasmFlags extends Pick<BuildOptions, "target" | "cpu" | "kernel"> {
  readonly program?: string;
  readonly json?: boolean;
}

/**
 * `xtask disasm`. Returns the exit code.
 * @throws UsageError for a file that is neither there nor readable, and for an unknown program
 * @throws BuildFailure for a kernel file with errors and for bytes that are no object
 */
export async function disasmCommand(file: string, flags: DisasmFlags, terminal: Terminal): Promise<ExitCode> {
  const path = resolve(terminal.cwd, file);
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new UsageError(`no such file: ${file} (looked in ${terminal.cwd})`);
  }
  const objects = /\.[cm]?ts$/.test(path) ? await compileObjects(path, flags) : [readBytes(path)];
  const listings = objects.flatMap((object) => listPrograms(parse(path, object)));
  const chosen = choose(listings, flags.program);
  if (flags.json === true) {
    terminal.write(`${JSON.stringify({ programs: chosen })}\n`);
  } else {
    const paint = { label: terminal.out.bold, source: terminal.out.dim };
    terminal.write(chosen.map((listing) => formatListing(listing, paint)).join("\n"));
  }
  return ExitCode.Ok;
}

async function compileObjects(path: string, flags: DisasmFlags): Promise<Uint8Array[]> {
  const project = projectOf(dirname(path));
  // Its errors would be those of a file that was never meant for the compiler.
  if (!mentionsKernel(readBytes(path).toString("utf8"))) {
    const message = `${path} is not a kernel file: it does not import @waggle/kernel`;
    throw new BuildFailure([buildDiagnostic(BuildCode.NoClasses, path, message, { help: classHelp })]);
  }
  const { config } = await loadConfig(project);
  const { out, target } = resolveSettings(project, project, flags, config);
  const { classes, diagnostics } = await compileFile(path, project, out, target);
  if (errorCount(diagnostics) > 0) throw new BuildFailure(diagnostics);
  if (classes.length === 0) {
    const message = `no kernel classes in ${path}`;
    throw new BuildFailure([buildDiagnostic(BuildCode.NoClasses, path, message, { help: classHelp })]);
  }
  return classes.map((produced) => produced.object);
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${systemReason(error)}`);
  }
}

function parse(path: string, bytes: Uint8Array) {
  try {
    return readObject(bytes);
  } catch (error) {
    if (!(error instanceof ObjectError)) throw error;
    throw new BuildFailure([
      buildDiagnostic(
        BuildCode.CannotRead,
        path,
        `${path} is not a BPF object that can be read: ${error.message}`,
      ),
    ]);
  }
}

function choose(listings: readonly Listing[], program: string | undefined): readonly Listing[] {
  if (program === undefined) return listings;
  const chosen = listings.filter((listing) => listing.program === program);
  if (chosen.length > 0) return chosen;
  const names = listings.map((listing) => listing.program);
  const close = nearest(program, names);
  const hint = close === null ? `it has ${names.join(", ") || "none"}` : `did you mean ${close}?`;
  throw new UsageError(`no program is called ${program}; ${hint}`);
}

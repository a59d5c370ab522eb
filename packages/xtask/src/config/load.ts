import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BuildCode, BuildFailure, buildDiagnostic } from "../build/diagnostics.js";
import type { Diagnostic } from "../build/result.js";
import type { XtaskConfig } from "./config.js";
import { defineConfig } from "./config.js";

/** A project's configuration. */
export interface LoadedConfig {
  /** Absolute; null when the project has none. */
  readonly file: string | null;
  readonly config: XtaskConfig;
}

/** Where a configuration is looked for, in the project's folder. */
export const configNames = ["xtask.config.ts", "xtask.config.mts", "xtask.config.js", "xtask.config.mjs"];

/**
 * Reads a project's configuration, anew each time. Without a file it is empty, and nothing is loaded to find that out.
 * @throws BuildFailure when the file cannot be run or holds what is no setting; each mistake is told with its place
 */
export async function loadConfig(project: string): Promise<LoadedConfig> {
  const [file, second] = configNames.map((name) => join(project, name)).filter((path) => existsSync(path));
  if (file === undefined) return { file: null, config: {} };
  if (second !== undefined) {
    const message = `the project has two configurations: ${file} and ${second}`;
    throw new BuildFailure([
      buildDiagnostic(BuildCode.Config, file, message, { help: "remove one of them" }),
    ]);
  }
  const value = await evaluate(file);
  const { isConfig } = await import("./check-config.js");
  const problems: Parameters<typeof isConfig>[1] = [];
  if (isConfig(value, problems)) return { file, config: value };
  const { locateSetting } = await import("./locate.js");
  const source = readFileSync(file, "utf8");
  throw new BuildFailure(
    problems.map(({ path, message, help }): Diagnostic => {
      const place = locateSetting(source, path);
      return { ...buildDiagnostic(BuildCode.Config, file, message), ...place, endLine: place.line, help };
    }),
  );
}

/** Runs the file and gives its default export. */
async function evaluate(file: string): Promise<unknown> {
  // Node 20 strips no types; jiti does, and knows CommonJS and modules.
  const { createJiti } = await import("jiti");
  const jiti = createJiti(file, {
    fsCache: false,
    moduleCache: false,
    // The name stands for this very package: a configuration loads no second copy of it.
    virtualModules: { "@waggle/xtask": { defineConfig } },
  });
  let exported: unknown;
  try {
    exported = await jiti.import(file);
  } catch (error) {
    throw new BuildFailure([cannotRun(file, error)]);
  }
  if (typeof exported === "object" && exported !== null && "default" in exported) return exported.default;
  throw new BuildFailure([
    buildDiagnostic(BuildCode.Config, file, `${file} has no default export`, {
      help: "write export default defineConfig({ … })",
    }),
  ]);
}

function cannotRun(file: string, error: unknown): Diagnostic {
  const text = error instanceof Error ? error.message : String(error);
  const [message = "", ...rest] = text.split("\n").filter((line) => line.trim() !== "");
  const diagnostic = buildDiagnostic(BuildCode.Config, file, `${file} cannot be run: ${message}`, {
    notes: rest.length > 0 ? [rest.join("\n")] : [],
  });
  const [, line, column] = placeIn(file, error) ?? [];
  if (line === undefined || column === undefined) return diagnostic;
  const at = { line: Number(line), column: Number(column) };
  return { ...diagnostic, ...at, endLine: at.line, endColumn: at.column + 1, notes: [] };
}

/** The file's line and column in the error's message or stack. */
function placeIn(file: string, error: unknown): RegExpMatchArray | null {
  // The stack of a module that is not found speaks of the code that jiti made.
  if (!(error instanceof Error) || error.message.startsWith("Cannot find module")) return null;
  const text = `${error.message}\n${error.stack ?? ""}`;
  const at = text.indexOf(`${file}:`);
  return at < 0 ? null : text.slice(at + file.length).match(/^:(\d+):(\d+)/);
}

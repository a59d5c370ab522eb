import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Diagnostic, Fix, Note } from "@waggle/compiler";
import type { BuiltProgram } from "./result.js";
import { writeOutputs } from "./write.js";

/**
 * What the last builds of a project were made from, one entry an output folder. Kept in `.waggle/build.json`; losing
 * it costs a rebuild and nothing else. Paths are relative to the project, so that a project may be moved.
 */
export interface BuildCache {
  readonly outputs: Readonly<Record<string, CachedOutput>>;
}

export interface CachedOutput {
  /** Hash over toolchain and options. */
  readonly key: string;
  /** By kernel file. */
  readonly files: Readonly<Record<string, CachedFile>>;
}

/** A kernel file that was built without errors. */
export interface CachedFile {
  /** Hash by path of every file that the compiler read. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly classes: readonly CachedClass[];
  /** Shown again while the class is fresh, so that a warning does not vanish by building twice. */
  readonly warnings: readonly Diagnostic[];
}

export interface CachedClass {
  readonly name: string;
  readonly object: string;
  readonly objectHash: string;
  readonly module: string;
  readonly moduleHash: string;
  readonly bytes: number;
  readonly programs: readonly BuiltProgram[];
  readonly maps: readonly string[];
}

const version = 1;

function cacheFile(project: string): string {
  return join(project, ".waggle", "build.json");
}

/** Reads the cache of a project; an empty one when there is none or it is not one of ours. */
export function readCache(project: string): BuildCache {
  try {
    const value: unknown = JSON.parse(readFileSync(cacheFile(project), "utf8"));
    if (isRecord(value) && value.version === version && isRecordOf(value.outputs, isCachedOutput)) {
      return { outputs: value.outputs };
    }
  } catch {
    // Missing or torn: as good as empty.
  }
  return { outputs: {} };
}

/**
 * Writes the cache of a project.
 * @throws BuildFailure when it cannot be written
 */
export function writeCache(project: string, cache: BuildCache): void {
  const text = `${JSON.stringify({ version, ...cache })}\n`;
  writeOutputs([{ path: cacheFile(project), bytes: Buffer.from(text) }]);
}

type Check<T> = (value: unknown) => value is T;

const isString: Check<string> = (value) => typeof value === "string";
const isNumber: Check<number> = (value) => typeof value === "number";
const isRecord: Check<Record<string, unknown>> = (value): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function isRecordOf<T>(value: unknown, check: Check<T>): value is Record<string, T> {
  return isRecord(value) && Object.values(value).every(check);
}

function isListOf<T>(value: unknown, check: Check<T>): value is T[] {
  return Array.isArray(value) && value.every(check);
}

const isCachedOutput: Check<CachedOutput> = (value): value is CachedOutput =>
  isRecord(value) && isString(value.key) && isRecordOf(value.files, isCachedFile);

const isCachedFile: Check<CachedFile> = (value): value is CachedFile =>
  isRecord(value) &&
  isRecordOf(value.inputs, isString) &&
  isListOf(value.classes, isCachedClass) &&
  isListOf(value.warnings, isDiagnostic);

const isCachedClass: Check<CachedClass> = (value): value is CachedClass =>
  isRecord(value) &&
  [value.name, value.object, value.objectHash, value.module, value.moduleHash].every(isString) &&
  isNumber(value.bytes) &&
  isListOf(value.programs, isProgram) &&
  isListOf(value.maps, isString);

const isProgram: Check<BuiltProgram> = (value): value is BuiltProgram =>
  isRecord(value) &&
  [value.name, value.section].every(isString) &&
  [value.instructions, value.stackBytes].every(isNumber);

const isDiagnostic: Check<Diagnostic> = (value): value is Diagnostic =>
  isRecord(value) &&
  [value.code, value.message, value.file].every(isString) &&
  (value.severity === "error" || value.severity === "warning") &&
  [value.line, value.column, value.endLine, value.endColumn].every(isNumber) &&
  isListOf(value.notes, isNote) &&
  (value.help === null || isString(value.help)) &&
  (value.fixes === undefined || isListOf(value.fixes, isFix));

const isNote: Check<Note> = (value): value is Note =>
  isString(value) ||
  (isRecord(value) &&
    [value.message, value.file].every(isString) &&
    [value.line, value.column].every(isNumber));

const isFix: Check<Fix> = (value): value is Fix =>
  isRecord(value) && isString(value.title) && isListOf(value.edits, isEdit);

const isEdit: Check<Fix["edits"][number]> = (value): value is Fix["edits"][number] =>
  isRecord(value) && [value.file, value.text].every(isString) && [value.start, value.end].every(isNumber);

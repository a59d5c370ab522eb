/** The TypeScript program: which files, under which options, and what is kept from one compile to the next. */

import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "#typescript";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { faultPoint } from "../../fault-injection.js";
import { diagnosticAtSpan, spanAt } from "../rejections/rejection.js";
import { type Unsound, unsoundOf } from "../unsound/unsound.js";
import { type ErrorPlace, nodeOfSpan, wrongToken } from "./error-place.js";
import { kernelExports } from "./kernel-exports.js";
import { fieldsHelp } from "./member-help.js";
import { blamingNesting, parseFile, refuseDeepFiles } from "./nesting.js";
import { type Mistake, mistakesOf } from "./one-mistake.js";
import { rememberingChecker } from "./remembering-checker.js";
import { smallLibrary, smallLibraryName } from "./small-library.js";
import {
  helpFor,
  silencedErrors,
  withoutBrands,
  withoutEchoes,
  withoutLibraryAdvice,
} from "./typescript-help.js";

/** A checked program. */
export interface KernelProgram {
  readonly program: ts.Program;
  readonly checker: ts.TypeChecker;
  /** The folder of @waggle/kernel's sources, with a slash at the end. */
  readonly kernelSources: string;
  readonly diagnostics: readonly Diagnostic[];
  /** What errors make unfit to be lowered; null when there are none. */
  readonly unsound: Unsound | null;
  /** Every file read that a change of may change the result: no libraries. */
  readonly inputs: readonly string[];
}

/** Parsed files by path. A file whose stamp (time and size, or text) is the same is not parsed again. */
const parsed = new Map<string, { readonly stamp: string; readonly source: ts.SourceFile }>();
interface KeptProgram {
  readonly program: ts.Program;
  /** What was found out about it. */
  readonly checked: KernelProgram;
  /** Files with an import that led nowhere. */
  readonly unresolved: ReadonlySet<string>;
}

/** The last program of each set of files: TypeScript takes over what has not changed. */
const programs = new Map<string, KeptProgram>();
const keptPrograms = 8;

/** Forgets what is kept from one compile to the next. */
export function forgetPrograms(): void {
  parsed.clear();
  programs.clear();
}

function findKernelSources(from: string): string {
  for (const start of [from, dirname(fileURLToPath(import.meta.url))]) {
    for (let folder = start; ; folder = dirname(folder)) {
      const candidate = join(folder, "node_modules/@waggle/kernel");
      if (existsSync(join(candidate, "src/index.ts"))) return `${realpathSync(candidate)}/src/`;
      if (dirname(folder) === folder) break;
    }
  }
  return "";
}

function readOptions(
  folder: string,
  diagnostics: Diagnostic[],
): { options: ts.CompilerOptions; config: string | null } {
  const config = ts.findConfigFile(folder, ts.sys.fileExists) ?? null;
  if (config === null) return { options: {}, config };
  const text = ts.readJsonConfigFile(config, ts.sys.readFile);
  const host = { ...ts.sys, readDirectory: () => [] };
  const { options, errors } = ts.parseJsonSourceFileConfigFileContent(text, host, dirname(config));
  // 18003 says that no files match: which files are compiled is not the configuration's to say.
  diagnostics.push(...errors.filter((error) => error.code !== 18003).map((error) => convert(error, config)));
  return { options, config };
}

const isLocated = (error: ts.Diagnostic): error is ts.DiagnosticWithLocation =>
  error.file !== undefined && error.start !== undefined && error.length !== undefined;

const messageOf = (error: ts.Diagnostic): string =>
  withoutLibraryAdvice(ts.flattenDiagnosticMessageText(withoutBrands(error.messageText), "\n  "));

/** An error of a file's syntax or types, with what it means in kernel code. */
function convertLocated({ error, repeats }: Mistake, place: Omit<ErrorPlace, "node">): Diagnostic {
  const { start, length } = wrongToken(error);
  const message = messageOf(error);
  const node = nodeOfSpan(error.file, start, length);
  const help =
    helpFor(error.code, message, { node, ...place }) ??
    (noMember.has(error.code) ? fieldsHelp(place.checker, error.file, start) : null);
  const told = diagnosticAtSpan(error.file, start, start + length, `TS${error.code}`, message, help);
  // An editor shows TypeScript's errors where TypeScript does.
  const others = [...(start === error.start ? [] : [error]), ...repeats];
  if (others.length === 0) return told;
  return {
    ...told,
    repeats: others.map((other) => spanAt(other.file, other.start, other.start + other.length)),
  };
}

/** An error of the configuration. */
function convert(error: ts.Diagnostic, fallback: string): Diagnostic {
  const { file, start = 0, length = 0 } = error;
  const message = messageOf(error);
  if (file !== undefined)
    return diagnosticAtSpan(file, start, start + length, `TS${error.code}`, message, null);
  const place = { line: 1, column: 1, endLine: 1, endColumn: 1 };
  return {
    code: `TS${error.code}`,
    severity: "error",
    message,
    file: fallback,
    ...place,
    notes: [],
    help: null,
  };
}

/** "Property … does not exist on type …" */
const noMember: ReadonlySet<number> = new Set([2339]);

/** Packages name their kernel code under the condition "waggle" of `exports`; resolutions older than those do not know it. */
function libraryCondition({
  moduleResolution,
  customConditions = [],
}: ts.CompilerOptions): ts.CompilerOptions {
  const { Classic, Node10 } = ts.ModuleResolutionKind;
  return moduleResolution === Classic || moduleResolution === Node10
    ? {}
    : { customConditions: [...new Set(["waggle", ...customConditions])] };
}

const libraries = dirname(ts.sys.getExecutingFilePath());
const smallLibraryPath = `${libraries}/${smallLibraryName}`;

/** JavaScript's library as kernel code sees it, nothing of Node or the browser: all of it, or what is mostly enough. */
const wholeLibraryName = "lib.es2022.d.ts";

/**
 * Parses and checks kernel files. `overlay` gives texts that stand for files, by absolute path.
 *
 * Reading the whole library takes longer than all the rest, so correct files do without. Files with errors are checked
 * again: the errors are those of the whole library, which are the editor's.
 */
export function createKernelProgram(
  files: readonly string[],
  cwd: string,
  overlay: ReadonlyMap<string, string>,
): KernelProgram {
  faultPoint("check", files[0] ?? "");
  const quick = checkFiles(files, cwd, overlay, smallLibraryName);
  return quick.diagnostics.length === 0 ? quick : checkFiles(files, cwd, overlay, wholeLibraryName);
}

function checkFiles(
  files: readonly string[],
  cwd: string,
  overlay: ReadonlyMap<string, string>,
  library: string,
): KernelProgram {
  const roots = files.map((file) => resolve(cwd, file));
  const folder = dirname(roots[0] ?? cwd);
  const diagnostics: Diagnostic[] = [];
  const { options: given, config } = readOptions(folder, diagnostics);
  const kernelSources = findKernelSources(folder);
  const options: ts.CompilerOptions = {
    module: given.module ?? ts.ModuleKind.NodeNext,
    moduleResolution: given.moduleResolution ?? ts.ModuleResolutionKind.NodeNext,
    ...libraryCondition(given),
    ...(given.paths === undefined ? {} : { paths: given.paths }),
    ...(given.baseUrl === undefined ? {} : { baseUrl: given.baseUrl }),
    target: ts.ScriptTarget.ES2022,
    lib: [library],
    types: [],
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    noErrorTruncation: true,
    noUncheckedIndexedAccess: false,
  };
  const inputs = new Set<string>(config === null ? [] : [config]);
  const host = ts.createCompilerHost(options);
  // Comments that document are for editors.
  host.jsDocParsingMode = ts.JSDocParsingMode.ParseNone;
  const fileExists = host.fileExists.bind(host);
  host.fileExists = (file) => overlay.has(file) || fileExists(file);
  const readFile = host.readFile.bind(host);
  host.readFile = (file) => overlay.get(file) ?? readFile(file);
  host.getSourceFile = (file, languageVersion) => {
    const own = file === smallLibraryPath ? smallLibrary : overlay.get(file);
    let stamp: string;
    try {
      const stat = own === undefined ? statSync(file) : null;
      stamp = stat === null ? `text ${own}` : `${stat.mtimeMs} ${stat.size}`;
    } catch {
      return undefined;
    }
    if (!file.startsWith(libraries)) inputs.add(file);
    const format = typeof languageVersion === "object" ? languageVersion.impliedNodeFormat : undefined;
    const old = parsed.get(file);
    if (old?.stamp === stamp && old.source.impliedNodeFormat === format) return old.source;
    const source = parseFile(file, own ?? readFileSync(file, "utf8"), languageVersion);
    parsed.set(file, { stamp, source });
    return source;
  };
  const unresolved = new Set<string>();
  host.resolveModuleNameLiterals = (literals, containing, redirected, compilerOptions) =>
    literals.map((literal) => {
      const name = literal.text;
      if (kernelSources !== "" && /^@waggle\/kernel(\/[a-z-]+)?$/.test(name)) {
        const sub = name.slice("@waggle/kernel".length + 1);
        const resolvedFileName = join(kernelSources, sub, "index.ts");
        const extension = ts.Extension.Ts;
        return { resolvedModule: { resolvedFileName, extension, isExternalLibraryImport: false } };
      }
      const { ESNext } = ts.ModuleKind;
      const found = ts.resolveModuleName(
        name,
        containing,
        compilerOptions,
        host,
        undefined,
        redirected,
        ESNext,
      );
      if (found.resolvedModule === undefined) unresolved.add(host.getCanonicalFileName(containing));
      return found;
    });

  const key = JSON.stringify([roots, config, options]);
  const old = programs.get(key);
  // TypeScript takes over what imports led to, also to nothing, which a new file may change. The host lives as long as its program, so it must
  // not refer to the old program: each would keep the one before.
  const unresolvedBefore = old?.unresolved;
  host.hasInvalidatedResolutions = (path) => unresolvedBefore?.has(path) === true;
  const program = ts.createProgram({
    rootNames: roots,
    options,
    host,
    ...(old === undefined ? {} : { oldProgram: old.program }),
  });
  // The same files for another target have the same types.
  if (old !== undefined && diagnostics.length === 0 && haveSameFiles(old.program, program))
    return old.checked;

  const own = program
    .getSourceFiles()
    .filter((file) => !(file.isDeclarationFile || file.fileName.startsWith(kernelSources || "\0")));
  refuseDeepFiles(own, [...inputs]);
  diagnostics.push(
    ...program.getOptionsDiagnostics().map((error) => convert(error, config ?? roots[0] ?? cwd)),
  );
  const checked = blamingNesting(own, [...inputs], () =>
    checkSources(program, own, kernelSources, diagnostics, [...inputs]),
  );
  programs.delete(key);
  programs.set(key, { program, checked, unresolved });
  for (const oldest of programs.keys()) {
    if (programs.size <= keptPrograms) break;
    programs.delete(oldest);
  }
  return checked;
}

/** Adds what is wrong with the files of a program to `diagnostics`. */
function checkSources(
  program: ts.Program,
  own: readonly ts.SourceFile[],
  kernelSources: string,
  diagnostics: Diagnostic[],
  inputs: readonly string[],
): KernelProgram {
  const checker = rememberingChecker(program.getTypeChecker());
  let exported: ReturnType<typeof kernelExports> | null = null;
  const module = (name: string): string | null => {
    exported ??= kernelExports(program, kernelSources);
    return exported.get(name)?.module ?? null;
  };
  const located: ts.DiagnosticWithLocation[] = [];
  const unchecked: ts.SourceFile[] = [];
  for (const source of own) {
    const errors = program.getSyntacticDiagnostics(source);
    const found = errors.length > 0 ? errors : program.getSemanticDiagnostics(source).filter(isLocated);
    const mistakes = mistakesOf(found, checker);
    diagnostics.push(...withoutEchoes(mistakes.map((one) => convertLocated(one, { checker, module }))));
    const silenced = /[\\/]node_modules[\\/]/.test(source.fileName) ? [] : silencedErrors(source);
    diagnostics.push(...silenced);
    located.push(...found);
    if (errors.length + silenced.length > 0) unchecked.push(source);
  }
  let unsound: Unsound | null | undefined = located.length + unchecked.length === 0 ? null : undefined;
  return {
    program,
    checker,
    kernelSources,
    diagnostics,
    // Found when it is asked for: what is checked without the whole library is checked again, or has no errors.
    get unsound(): Unsound | null {
      if (unsound === undefined) unsound = unsoundOf(checker, new Set(own), located, unchecked);
      return unsound;
    },
    inputs,
  };
}

function haveSameFiles(a: ts.Program, b: ts.Program): boolean {
  const files = b.getSourceFiles();
  return (
    a.getSourceFiles().length === files.length &&
    a.getSourceFiles().every((file, index) => file === files[index])
  );
}

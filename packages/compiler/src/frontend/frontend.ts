/** TypeScript to IR: the files' kernel classes, or what is wrong with them. */

import { resolve } from "node:path";
import { defaultKernelVersion, type KernelVersion } from "@waggle/object";
import ts from "#typescript";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { failureAt } from "../diagnostics/failure.js";
import { inSourceOrder } from "../diagnostics/source-order.js";
import { faultPoint } from "../fault-injection.js";
import type { Module } from "../ir/types.js";
import { forgottenPrograms } from "./classes/class-rules.js";
import { isKernelClass, lowerClass } from "./classes/classes.js";
import { withFixes } from "./fixes/fixes.js";
import { TooDeep } from "./program/nesting.js";
import { createKernelProgram, forgetPrograms } from "./program/program.js";
import { failureAtDeclaration } from "./rejections/rejection.js";
import { isLeftOut } from "./unsound/unsound.js";
import { TypeResolver } from "./values/resolve-type.js";

/** What to compile. */
export interface FrontendOptions {
  /** Kernel files; what they import is found from them. */
  readonly files: readonly string[];
  /** Relative paths are relative to it; the process's when absent. */
  readonly cwd?: string;
  /** "little" when absent. */
  readonly byteOrder?: "little" | "big";
  /** The oldest kernel that is to load the objects; `defaultKernelVersion` when absent. */
  readonly kernel?: KernelVersion;
  /** Texts that stand for files, by absolute path: an editor's unsaved buffers, tests. */
  readonly overlay?: ReadonlyMap<string, string>;
}

/** Modules are there for the classes without mistakes. */
export interface FrontendResult {
  readonly modules: readonly Module[];
  /** Instead of modules where TypeScript found an error: what no error reaches, for the diagnostics of later steps. */
  readonly unfinished: readonly Module[];
  readonly diagnostics: readonly Diagnostic[];
  /** Every file that was read and whose change may change the result. */
  readonly inputs: readonly string[];
}

/** Compiles the kernel classes of the files to IR. Bad input gives diagnostics, and so do bugs of the compiler itself. */
export function frontend(options: FrontendOptions): FrontendResult {
  const files = options.files.map((file) => resolve(options.cwd ?? process.cwd(), file));
  try {
    return checkAndLower(options);
  } catch (error) {
    // What was kept may be unfinished.
    forgetPrograms();
    if (error instanceof TooDeep)
      return { modules: [], unfinished: [], diagnostics: error.diagnostics, inputs: error.inputs };
    const start = { line: 1, column: 1, endLine: 1, endColumn: 1 };
    return {
      modules: [],
      unfinished: [],
      diagnostics: [failureAt(error, { file: files[0] ?? "", ...start })],
      inputs: files,
    };
  }
}

function checkAndLower(options: FrontendOptions): FrontendResult {
  const cwd = options.cwd ?? process.cwd();
  const missing = options.files
    .map((file) => resolve(cwd, file))
    .filter((file) => !(options.overlay?.has(file) || ts.sys.fileExists(file)));
  if (missing.length > 0) {
    const place = { line: 1, column: 1, endLine: 1, endColumn: 1, notes: [], help: null };
    const diagnostics = missing.map(
      (file): Diagnostic => ({
        code: "TS6053",
        severity: "error",
        message: `File '${file}' not found.`,
        file,
        ...place,
      }),
    );
    return { modules: [], unfinished: [], diagnostics, inputs: [] };
  }
  const kernel = createKernelProgram(options.files, cwd, options.overlay ?? new Map());
  const hasErrors = kernel.diagnostics.some(({ severity }) => severity === "error");
  const diagnostics: Diagnostic[] = [...kernel.diagnostics];
  const modules: Module[] = [];
  const resolver = new TypeResolver(kernel.checker);
  const target = { byteOrder: options.byteOrder ?? "little", kernel: options.kernel ?? defaultKernelVersion };
  for (const file of options.files) {
    const source = kernel.program.getSourceFile(resolve(cwd, file));
    for (const statement of source?.statements ?? []) {
      if (!ts.isClassDeclaration(statement) || isLeftOut(kernel, statement)) continue;
      if (!isKernelClass(kernel, statement)) {
        diagnostics.push(...forgottenPrograms(kernel, statement));
        continue;
      }
      try {
        faultPoint("class", statement.name?.text ?? "");
        const module = lowerClass(kernel, resolver, statement, target, diagnostics);
        if (module !== null) modules.push(module);
      } catch (error) {
        diagnostics.push(failureAtDeclaration(error, statement));
      }
    }
  }
  return {
    modules: hasErrors ? [] : modules,
    unfinished: hasErrors ? modules : [],
    diagnostics: withFixes(kernel, inSourceOrder(diagnostics)),
    inputs: kernel.inputs,
  };
}

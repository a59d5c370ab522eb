/** What @waggle/kernel exports. */
import type ts from "typescript";

/** The package that kernel code imports. */
export const kernelModule = "@waggle/kernel";

/** An exported name and the module that has it. */
export interface KernelExport {
  readonly symbol: ts.Symbol;
  /** `@waggle/kernel` or one below it. */
  readonly module: string;
}

/**
 * The names that the modules of @waggle/kernel export, as values and types. Of the modules below it, only those that the program imports.
 * @param kernelSources the folder of its sources, with a slash at the end; empty when there is none
 */
export function kernelExports(program: ts.Program, kernelSources: string): ReadonlyMap<string, KernelExport> {
  const found = new Map<string, KernelExport>();
  const checker = program.getTypeChecker();
  for (const file of program.getSourceFiles()) {
    if (
      kernelSources === "" ||
      !file.fileName.startsWith(kernelSources) ||
      !file.fileName.endsWith("/index.ts")
    )
      continue;
    const symbol = checker.getSymbolAtLocation(file);
    if (symbol === undefined) continue;
    const sub = file.fileName.slice(kernelSources.length - 1, -"/index.ts".length);
    for (const item of checker.getExportsOfModule(symbol)) {
      if (!found.has(item.name) || sub === "")
        found.set(item.name, { symbol: item, module: `${kernelModule}${sub}` });
    }
  }
  return found;
}

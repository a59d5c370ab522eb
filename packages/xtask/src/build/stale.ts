import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { embeddedSource } from "./embed.js";

/**
 * Removes the outputs of classes that are gone: modules in `out` that carry our header, are not in `current`, and come
 * from a file that was built or that no longer exists. The object beside such a module goes with it. Anything else in
 * the folder, and modules of another project that shares it, stays.
 * @param built the kernel files of this build, absolute
 * @returns the modules that were removed
 */
export function removeStale(out: string, current: ReadonlySet<string>, built: ReadonlySet<string>): string[] {
  if (!existsSync(out)) return [];
  const removed: string[] = [];
  for (const name of readdirSync(out)) {
    const path = join(out, name);
    if (!name.endsWith(".ts") || current.has(path)) continue;
    const source = embeddedSource(readFileSync(path, "utf8"));
    if (source === null) continue;
    const file = resolve(out, source);
    if (existsSync(file) && !built.has(file)) continue;
    rmSync(path);
    rmSync(path.replace(/\.ts$/, ".o"), { force: true });
    removed.push(path);
  }
  return removed;
}

import { readFileSync } from "node:fs";
import { dirname, isAbsolute, join, relative, sep } from "node:path";

/**
 * A source's path as it goes into an object: relative to the project when it lies in it, else its place in the package
 * that it belongs to (`@waggle/kernel/src/current.ts`), so that objects are the same whatever machine builds them.
 * Forward slashes on every system.
 */
export function sourcePath(project: string, path: string): string {
  const own = isAbsolute(path) ? relative(project, path) : path;
  const parts = own.split(sep);
  const outside = isAbsolute(own) || parts[0] === ".." || parts.includes("node_modules");
  return (outside ? pathInPackage(path) : null) ?? parts.join("/");
}

function pathInPackage(path: string): string | null {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    const name = packageName(folder);
    if (name !== null) return `${name}/${relative(folder, path).split(sep).join("/")}`;
  }
  return null;
}

function packageName(folder: string): string | null {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    if (typeof manifest !== "object" || manifest === null || !("name" in manifest)) return null;
    return typeof manifest.name === "string" ? manifest.name : null;
  } catch {
    return null; // no package.json here, or none that can be read: look further up
  }
}

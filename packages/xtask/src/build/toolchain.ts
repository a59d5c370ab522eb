import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/** Packages whose code decides what a build writes. TypeScript's version is pinned by the compiler's. */
const packages = ["@waggle/compiler", "@waggle/linker", "@waggle/object", "@waggle/xtask"];

let known: string | null = null;

/**
 * Identifies the code that builds, so that no output of another version passes for fresh. It hashes the code and not
 * only the versions: in a workspace the code changes while the version stays. It is read once: what a process has loaded
 * does not change any more.
 */
export function toolchainId(): string {
  known ??= hashToolchain();
  return known;
}

function hashToolchain(): string {
  const hash = createHash("sha256");
  const fromSources = import.meta.url.endsWith(".ts");
  for (const name of packages) {
    const folder = packageFolder(name);
    hash.update(name);
    if (folder === null) continue;
    const code = join(folder, fromSources ? "src" : "dist");
    const suffix = fromSources ? ".ts" : ".js";
    for (const file of existsSync(code)
      ? readdirSync(code, { recursive: true, encoding: "utf8" }).sort()
      : []) {
      if (file.endsWith(suffix)) hash.update(file).update(readFileSync(join(code, file)));
    }
  }
  return hash.digest("hex");
}

/** Root of an installed package, also when its `exports` hide its package.json; null when it is not there. */
function packageFolder(name: string): string | null {
  const parents = createRequire(import.meta.url).resolve.paths(name) ?? [];
  for (const parent of parents) {
    const folder = join(parent, name);
    if (existsSync(join(folder, "package.json"))) return folder;
  }
  return null;
}

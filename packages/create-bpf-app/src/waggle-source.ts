import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { UsageError } from "./errors.js";

/** Where a project gets the @waggle packages from. */
export type WaggleSource =
  | { readonly kind: "version"; readonly range: string }
  /** `file:` specs by package name, of tarballs as `npm pack` writes them. */
  | { readonly kind: "tarballs"; readonly specs: ReadonlyMap<string, string> };

/**
 * Reads `--waggle`: a folder with packed tarballs, or a version. Without it, the version is this package's own, since
 * all packages are released together.
 * @throws UsageError for text that is neither
 */
export function waggleSource(text: string | undefined, cwd: string): WaggleSource {
  if (text === undefined) return { kind: "version", range: ownVersion() };
  const folder = resolve(cwd, text);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    if (/^[~^]?\d+\.\d+\.\d+[\w.+-]*$|^[a-z]+$/.test(text)) return { kind: "version", range: text };
    throw new UsageError(`--waggle takes a version or a folder with packed tarballs; ${text} is neither`);
  }
  const specs = new Map<string, string>();
  for (const file of readdirSync(folder).sort()) {
    const match = /^waggle-([a-z-]+)-\d.*\.tgz$/.exec(file);
    if (match !== null) specs.set(`@waggle/${match[1]}`, `file:${join(folder, file).replaceAll("\\", "/")}`);
  }
  if (specs.size === 0) {
    throw new UsageError(`--waggle: no waggle-*.tgz in ${folder}; make them with npm pack --workspaces`);
  }
  return { kind: "tarballs", specs };
}

/** The version of this package. */
export function ownVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  if (typeof manifest === "object" && manifest !== null && "version" in manifest) {
    if (typeof manifest.version === "string") return manifest.version;
  }
  throw new Error("package.json has no version");
}

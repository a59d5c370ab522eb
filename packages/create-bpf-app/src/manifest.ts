import { UsageError } from "./errors.js";
import type { WaggleSource } from "./waggle-source.js";

/**
 * A template's package.json made into a project's: its name, and the @waggle packages from `source`.
 * @throws UsageError when a tarball is missing for a package that the template needs
 */
export function projectManifest(template: string, name: string, source: WaggleSource): string {
  const manifest: unknown = JSON.parse(template);
  if (!isRecord(manifest)) throw new Error("a template's package.json is not an object");
  const { description: _ofTemplate, ...rest } = manifest;
  const project: Record<string, unknown> = { ...rest, name };
  for (const field of ["dependencies", "devDependencies"]) {
    const wanted = project[field];
    if (!isRecord(wanted)) continue;
    project[field] = Object.fromEntries(
      Object.entries(wanted).map(([key, range]) => [
        key,
        key.startsWith("@waggle/") ? spec(key, source) : range,
      ]),
    );
  }
  // The packed packages ask for each other by version: without this, npm would look for those in the registry.
  if (source.kind === "tarballs") project.overrides = Object.fromEntries(source.specs);
  return `${JSON.stringify(project, null, 2)}\n`;
}

function spec(name: string, source: WaggleSource): string {
  if (source.kind === "version") return source.range;
  const found = source.specs.get(name);
  if (found === undefined) throw new UsageError(`--waggle: no tarball of ${name}`);
  return found;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

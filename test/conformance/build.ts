/** Groups compiled: files written, compiled together, each class linked to an object. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile, formatDiagnostics } from "@waggle/compiler";
import { link } from "@waggle/linker";
import { type Group, sourceOf, type Variant } from "./program.js";

const here = fileURLToPath(new URL(".", import.meta.url));

/** A group's files in a folder of their own, inside the repository, so that @waggle/kernel resolves. */
export function writeGroup({ classes, extra = {} }: Group): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(here, ".build-"));
  for (const item of classes) writeFileSync(join(folder, `${item.name}.ts`), sourceOf(item));
  for (const [name, text] of Object.entries(extra)) writeFileSync(join(folder, name), text);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The oldest kernel that a group is compiled for in a way; undefined for the compiler's default. */
export const kernelOf = ({ kernel }: Group, { cpu }: Variant): string | undefined =>
  // Instructions of version 4 are Linux 6.6's.
  cpu === 4 ? "6.6" : kernel;

/** The objects of a group by class, and what the compiler has to say: "" when nothing. */
export function buildGroup(
  group: Group,
  folder: string,
  variant: Variant,
): { readonly objects: ReadonlyMap<string, Uint8Array>; readonly said: string } {
  const { optimize, ...target } = variant;
  const kernel = kernelOf(group, variant);
  const { classes, diagnostics } = compile({
    files: group.classes.map(({ name }) => `${name}.ts`),
    cwd: folder,
    target: kernel === undefined ? target : { ...target, kernel },
    optimize,
    check: true,
  });
  return {
    objects: new Map(classes.map(({ name, object }) => [name, link([{ name, bytes: object }]).object])),
    said: formatDiagnostics(diagnostics, { color: false, cwd: folder }),
  };
}

import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ScaffoldError } from "./errors.js";
import { projectManifest } from "./manifest.js";
import type { Template } from "./templates.js";
import type { WaggleSource } from "./waggle-source.js";

/** What to make, and where. */
export interface Project {
  /** Absolute path; it may exist when it is empty. */
  readonly folder: string;
  /** A valid package name. */
  readonly name: string;
  readonly template: Template;
  readonly waggle: WaggleSource;
}

/** What a version control system or a file manager may have put there already. */
const harmless = new Set([".git", ".DS_Store"]);

/**
 * Refuses a folder that has anything in it.
 * @throws ScaffoldError that names what is in the way
 */
export function requireFree(folder: string): void {
  const stat = statSync(folder, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (!stat.isDirectory()) throw new ScaffoldError(`${folder} is a file; choose another folder`);
  const entries = readdirSync(folder).filter((name) => !harmless.has(name));
  if (entries.length === 0) return;
  const shown =
    entries.slice(0, 5).join(", ") + (entries.length > 5 ? `, and ${entries.length - 5} more` : "");
  throw new ScaffoldError(`${folder} is not empty: ${shown}. Nothing is overwritten; choose another folder`);
}

/**
 * Writes a project. It is made in one go, so that a signal finds all of it or nothing; when a write fails, what was
 * made is removed again.
 * @returns the files, relative to the folder
 * @throws ScaffoldError, and UsageError from the manifest
 */
export function scaffold(project: Project): string[] {
  const { folder, template } = project;
  requireFree(folder);
  const files = readFiles(template.folder).map(({ path, bytes }) =>
    path === "package.json"
      ? { path, bytes: Buffer.from(projectManifest(bytes.toString("utf8"), project.name, project.waggle)) }
      : { path: path.replace(/(^|\/)_gitignore$/, "$1.gitignore"), bytes },
  );
  const made: string[] = [];
  try {
    for (const { path, bytes } of files) {
      const target = join(folder, path);
      const created = mkdirSync(join(target, ".."), { recursive: true });
      if (created !== undefined) made.push(created);
      writeFileSync(target, bytes, { flag: "wx" });
      made.push(target);
    }
  } catch (error) {
    for (const path of made.reverse()) rmSync(path, { recursive: true, force: true });
    const reason = error instanceof Error ? error.message : String(error);
    throw new ScaffoldError(`cannot write the project: ${reason}. What was written is removed again`);
  }
  return files.map((file) => file.path);
}

/** Left behind when somebody has worked inside a template. */
const leftovers = new Set(["node_modules", "dist", "ebpf", ".waggle", "package-lock.json"]);

function readFiles(root: string): { path: string; bytes: Buffer }[] {
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => !path.split("/").some((part) => leftovers.has(part)))
    .filter((path) => statSync(join(root, path)).isFile())
    .sort()
    .map((path) => ({ path, bytes: readFileSync(join(root, path)) }));
}

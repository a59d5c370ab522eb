import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { UsageError } from "./errors.js";

/** A project that can be scaffolded. */
export interface Template {
  readonly name: string;
  /** One sentence, from its package.json. */
  readonly description: string;
  readonly folder: string;
}

/** What is taken when nobody chooses. */
export const defaultTemplate = "tracepoint";

/** The templates by name: those of the package or, in the workspace, where they are written. */
export function listTemplates(): Template[] {
  const roots = ["../templates", "../../../templates"].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  const root = roots.find((path) => existsSync(path));
  if (root === undefined) throw new Error(`the package is incomplete: no templates at ${roots.join(" or ")}`);
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, entry.name, "package.json")))
    .map(({ name }) => {
      const folder = join(root, name);
      return { name, description: readDescription(folder), folder };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * A template by its name.
 * @throws UsageError that lists them when there is none of that name
 */
export function findTemplate(name: string): Template {
  const templates = listTemplates();
  const template = templates.find((each) => each.name === name);
  if (template !== undefined) return template;
  throw new UsageError(
    `no template is called ${name}; there are ${templates.map((each) => each.name).join(", ")}`,
  );
}

function readDescription(folder: string): string {
  const manifest: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const known = typeof manifest === "object" && manifest !== null && "description" in manifest;
  return known && typeof manifest.description === "string" ? manifest.description : "";
}

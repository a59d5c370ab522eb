/** The pages of error codes, docs/errors/CODE.md: packed with xtask, or in this repository. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What a page says, in Markdown. */
export interface ErrorPage {
  readonly code: string;
  readonly title: string;
  /** All below the heading. */
  readonly text: string;
}

// From dist/pages or src/pages: the package, and the repository that it may be in.
const folders = ["../../errors", "../../../../docs/errors"].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);

/** Path of a code's page; null when it has none. */
export function pagePath(code: string): string | null {
  if (!/^WG\d{4}$/.test(code)) return null;
  return folders.map((folder) => join(folder, `${code}.md`)).find(existsSync) ?? null;
}

/** A code's page; null when it has none. */
export function readPage(code: string): ErrorPage | null {
  const path = pagePath(code);
  if (path === null) return null;
  const [heading = "", ...lines] = readFileSync(path, "utf8").trim().split(/\r?\n/);
  return { code, title: heading.replace(/^# WG\d{4}: /, ""), text: lines.join("\n").trim() };
}

/** The codes that have a page, in order. */
export function pageCodes(): readonly string[] {
  const folder = folders.find(existsSync);
  const names = folder === undefined ? [] : readdirSync(folder);
  return names.flatMap((name) => /^(WG\d{4})\.md$/.exec(name)?.[1] ?? []).sort();
}

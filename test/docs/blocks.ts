import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The repository's root, with a slash at the end. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/** A fenced block of TypeScript on a page. */
export interface Block {
  /** From the root: "docs/first-program.md". */
  readonly page: string;
  /** Of the opening fence, from 1. */
  readonly line: number;
  /** What is said after `ts`: "wrong" for what must be refused. */
  readonly flags: readonly string[];
  readonly text: string;
  /** The file that the block is, when its first line names one: `// src/kernel/flows.ts`. */
  readonly path: string | null;
}

/** The pages whose code must work: the README and everything under docs/. */
export function pages(): string[] {
  const docs = readdirSync(`${root}docs`, { recursive: true, encoding: "utf8" });
  return ["README.md", ...docs.filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`)].sort();
}

/** The blocks of TypeScript on a page, in order. */
export function blocksOf(page: string): Block[] {
  const text = readFileSync(`${root}${page}`, "utf8");
  return [...text.matchAll(/^```ts\b(.*)\n([\s\S]*?)^```$/gm)].map((match) => {
    const [, said = "", body = ""] = match;
    return {
      page,
      line: text.slice(0, match.index).split("\n").length,
      flags: said.split(/\s+/).filter((word) => word !== ""),
      text: body,
      path: /^\/\/ (\S+\.[a-z]+)\n/.exec(body)?.[1] ?? null,
    };
  });
}

/** The first line of a page. */
export const headingOf = (page: string): string =>
  readFileSync(`${root}${page}`, "utf8").split("\n", 1)[0] ?? "";

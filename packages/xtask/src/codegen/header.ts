/** The comment at the top of a generated file: what it is, and the command that makes it again. */
import type { Request } from "./request.js";
import { formatRequest, parseRequest } from "./request.js";

/** What a generated file was made of. */
export interface Recipe {
  readonly requests: readonly Request[];
  /** Options that choose the BTF, as on the command line: ["--btf", "vmlinux.btf"]. */
  readonly source: readonly string[];
}

const marker = " * Made by `xtask codegen`";
const width = 110;

/** The comment, with the line breaks that it ends with. `label` says which kernel the types are of. */
export function formatHeader({ requests, source }: Recipe, label: string): string {
  const words = ["xtask", "codegen", ...source, ...requests.map(formatRequest)].map(quote);
  const lines: string[] = [];
  let line = " *   ";
  for (const word of words) {
    if (line.trim() !== "*" && line.length + word.length + 3 > width) {
      lines.push(`${line} \\`);
      line = " *     ";
    }
    line += line.endsWith("  ") ? word : ` ${word}`;
  }
  lines.push(line);
  return [
    "/**",
    `${marker} from the types of ${label}. Do not edit: run it again, here is how.`,
    " *",
    ...lines,
    " */",
    "",
  ].join("\n");
}

/** Reads the recipe out of a generated file; null when the file is none. */
export function parseHeader(text: string): Recipe | null {
  const end = text.indexOf(" */");
  const lines = text.slice(0, end).split(/\r?\n/);
  if (lines[0] !== "/**" || lines[1]?.startsWith(marker) !== true) return null;
  const command = lines
    .slice(3)
    .map((line) => line.replace(/^ \* +/, "").replace(/ \\$/, ""))
    .join(" ");
  const words = [...command.matchAll(/"(?:[^"\\]|\\.)*"|\S+/g)].map(([word]) => unquote(word));
  if (words[0] !== "xtask" || words[1] !== "codegen") return null;
  const source: string[] = [];
  const requests: Request[] = [];
  const rest = words.slice(2);
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--builtin") source.push(word);
    else if (word.startsWith("--")) source.push(word, rest.shift() ?? "");
    else {
      const request = parseRequest(word);
      if (typeof request !== "string") requests.push(request);
    }
  }
  return { requests, source };
}

function quote(word: string): string {
  return /^[\w:/.@%+=,$-]+$/.test(word) ? word : JSON.stringify(word).replaceAll("*/", "*\\/");
}

function unquote(word: string): string {
  if (!word.startsWith('"')) return word;
  const value: unknown = JSON.parse(word);
  return typeof value === "string" ? value : word;
}

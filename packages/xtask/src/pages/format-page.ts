import type { ErrorPage } from "./error-pages.js";

/** How parts of a page are drawn. */
export interface PagePaint {
  readonly heading: (text: string) => string;
  readonly refused: (text: string) => string;
  readonly accepted: (text: string) => string;
}

/** A page as text for a terminal: its code is indented under a word on whether it compiles. */
export function formatPage({ code, title, text }: ErrorPage, paint: PagePaint): string {
  const lines = [paint.heading(`${code}: ${title}`), ""];
  let isCode = false;
  for (const line of text.split("\n")) {
    if (!line.startsWith("```")) {
      lines.push(isCode && line !== "" ? `    ${line}` : line);
      continue;
    }
    isCode = !isCode;
    if (isCode)
      lines.push(line.endsWith(" wrong") ? paint.refused("  refused:") : paint.accepted("  accepted:"));
  }
  return `${lines.join("\n")}\n`;
}

/** Where a setting stands in the text of a configuration, for errors: a scan over brackets, not a parser. */

/** Counts from 1; the end column is the one after the last character. */
export interface SettingPlace {
  readonly line: number;
  readonly column: number;
  readonly endColumn: number;
}

/** Spaces, comments, strings, names, and single other characters. */
const tokens =
  /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|[\w$]+|./gy;

interface Token {
  readonly text: string;
  readonly start: number;
}

/** The place of the setting's name, or of the nearest one around it that is found; the first line when none is. */
export function locateSetting(source: string, path: readonly (string | number)[]): SettingPlace {
  const list = [...source.matchAll(tokens)]
    .map((match) => ({ text: match[0], start: match.index }))
    .filter(({ text }) => !/^(\s|\/\/|\/\*)/.test(text));
  const begin = list.findIndex(
    (token, index) => token.text === "default" && list[index - 1]?.text === "export",
  );
  let at = list.findIndex((token, index) => index > begin && token.text === "{");
  let found: Token | null = null;
  for (const part of path) {
    const next: number | null =
      at < 0 ? null : typeof part === "number" ? element(list, at, part) : member(list, at, part);
    const token: Token | undefined = next === null ? undefined : list[next];
    if (next === null || token === undefined) break;
    found = token;
    // After a name comes its colon, then the value.
    at = typeof part === "number" ? next : next + 2;
  }
  if (found === null) return { line: 1, column: 1, endColumn: 1 };
  const before = source.slice(0, found.start).split("\n");
  const column = (before.at(-1)?.length ?? 0) + 1;
  return { line: before.length, column, endColumn: column + found.text.length };
}

/** Visits the tokens directly inside the bracket at `open`; stops at what `visit` takes. */
function inside(list: readonly Token[], open: number, visit: (index: number) => boolean): number | null {
  if (!/^[[{(]$/.test(list[open]?.text ?? "")) return null;
  for (let index = open + 1, depth = 0; index < list.length; index++) {
    const text = list[index]?.text ?? "";
    if (depth === 0 && visit(index)) return index;
    if (/^[[{(]$/.test(text)) depth++;
    if (/^[\]})]$/.test(text) && --depth < 0) return null;
  }
  return null;
}

function member(list: readonly Token[], open: number, name: string): number | null {
  return inside(list, open, (index) => {
    const text = list[index]?.text ?? "";
    const isName = text === name || text === `"${name}"` || text === `'${name}'`;
    // A name follows the bracket or a comma: `{ kernel, cpu: "v3" }` has two.
    return isName && /^[{,]$/.test(list[index - 1]?.text ?? "");
  });
}

function element(list: readonly Token[], open: number, wanted: number): number | null {
  let count = 0;
  return inside(list, open, (index) => {
    if (list[index]?.text === ",") count++;
    return count === wanted && list[index]?.text !== ",";
  });
}

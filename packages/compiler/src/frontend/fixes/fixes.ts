/**
 * Quick fixes: which mistake is mended how. A row is chosen by a diagnostic's code and words and works on the syntax under
 * it, so that what finds a mistake need not know how an editor mends it. A fix is offered only where, applied, it takes
 * the diagnostic away.
 */
import type { Diagnostic, Fix } from "../../diagnostics/diagnostic.js";
import type { KernelProgram } from "../program/program.js";
import type { FixContext } from "./context.js";
import { nodeAt } from "./context.js";
import {
  convertByteOrder,
  convertCast,
  convertSides,
  convertTo64,
  convertValue,
  widen,
} from "./conversions.js";
import {
  addParameter,
  asConst,
  callDecorator,
  decorate,
  exportClass,
  giveDefault,
  giveWidth,
  makeMember,
  makeNamedReadonly,
  removeAsync,
  removeQuestionMark,
  removeReadonly,
} from "./declarations.js";
import { importAsValue, suggestedName, unknownExport, unknownMember, unknownName } from "./names.js";
import { checkForNull, guardIndex } from "./null-checks.js";
import { copyOverwritten } from "./overwritten.js";
import {
  letForVar,
  nameRing,
  readValue,
  removeComment,
  removeStatement,
  strictComparison,
  writeInstead,
} from "./rewrites.js";

interface Row {
  readonly codes: readonly string[];
  /** What the message, a line break and the help must contain. */
  readonly words?: RegExp;
  readonly fixes: (context: FixContext, match: readonly (string | undefined)[]) => readonly Fix[];
}

const number = "[ui](?:8|16|32|64)";
const bigEndian = "be(?:16|32|64)";

/** The first row that gives a fix wins. */
const rows: readonly Row[] = [
  {
    codes: ["WG2002", "WG2004", "TS2322", "TS2345"],
    words: RegExp(`write (${number}|${bigEndian})\\(`),
    fixes: (context, [, name = ""]) => convertValue(context, name),
  },
  {
    codes: ["TS2322", "TS2345"],
    words: RegExp(`ype 'number' is not assignable to (?:parameter of )?type '(${number})'`),
    fixes: (context, [, name = ""]) => convertValue(context, name),
  },
  {
    codes: ["WG2003"],
    words: RegExp(`convert one: (${number})\\(…\\) or (${number})\\(…\\)`),
    fixes: (context, [, left = "", right = ""]) => convertSides(context, left, right),
  },
  { codes: ["WG2004", "TS2365", "TS2367"], words: /be(?:16|32|64)/, fixes: convertByteOrder },
  { codes: ["TS2365", "TS2367"], words: /'[ui]64'/, fixes: convertTo64 },
  {
    codes: ["WG2001"],
    words: RegExp(`^(-?\\d+) does not fit (${number})`),
    fixes: (context, [, literal = "", name = ""]) => widen(context, literal, name),
  },
  { codes: ["WG1012"], words: /^a cast/, fixes: convertCast },
  { codes: ["WG1012"], words: /^@ts-/, fixes: removeComment },
  { codes: ["TS18047", "TS2531", "WG1020"], fixes: checkForNull },
  {
    codes: ["WG1011"],
    words: /guard a const index: if \(i < (\d+)\) …(?: or mask it: \[i & (\d+)\])?/,
    fixes: (context, [, length = "", mask]) => guardIndex(context, length, mask),
  },
  { codes: ["TS2304", "TS2552", "WG1013"], fixes: unknownName },
  { codes: ["TS2339", "TS2551"], fixes: unknownMember },
  { codes: ["TS2305", "TS2724"], fixes: unknownExport },
  {
    codes: ["TS1361"],
    words: /^'(\w+)'/,
    fixes: (context, [, name = ""]) => importAsValue(context, name),
  },
  {
    codes: ["TS2345", "TS2820", "TS2322"],
    words: /did you mean ("[^"]+")\?/i,
    fixes: (context, [, name = ""]) => suggestedName(context, name),
  },
  {
    codes: ["TS2353", "TS1107", "TS1115", "TS1116"],
    words: /\ndid you mean (\w+)\?$/,
    fixes: (context, [, name = ""]) => suggestedName(context, name),
  },
  {
    codes: ["TS2561"],
    words: /mean to write '(\w+)'\?/,
    fixes: (context, [, name = ""]) => suggestedName(context, name),
  },
  {
    codes: ["TS1329"],
    words: /write '(@(\w+)\(\))'/,
    fixes: (context, [, , name = ""]) => callDecorator(context, name),
  },
  { codes: ["TS2345"], words: /\| null' is not assignable/, fixes: checkForNull },
  {
    codes: ["WG1014"],
    words: /write ([!=]==)/,
    fixes: (context, [, operator = ""]) => strictComparison(context, operator),
  },
  {
    codes: ["WG1022"],
    words: /^(\w+) refers to/,
    fixes: (context, [, name = ""]) => copyOverwritten(context, name),
  },
  { codes: ["WG1007"], words: /remove async/, fixes: removeAsync },
  { codes: ["TS1241"], words: /remove async/, fixes: removeAsync },
  { codes: ["TS1241"], words: /write static/, fixes: (context) => makeMember(context, "static") },
  { codes: ["WG1001"], words: /^var /, fixes: letForVar },
  {
    codes: ["WG1001"],
    words: /give it a default: (.+)$/,
    fixes: (context, [, text = ""]) => giveDefault(context, text),
  },
  { codes: ["WG1001"], words: /no debugger/, fixes: removeStatement },
  { codes: ["WG1001"], words: /read it with \.value/, fixes: readValue },
  { codes: ["WG2007"], words: /static readonly/, fixes: (context) => makeMember(context, "static readonly") },
  {
    codes: ["WG2007"],
    words: /\nuse (\d+)$/,
    fixes: (context, [, size = ""]) => writeInstead(context, size),
  },
  { codes: ["WG2009"], words: /make it static/, fixes: (context) => makeMember(context, "static") },
  { codes: ["WG2009"], words: /nor readonly/, fixes: (context) => makeMember(context, "readonly") },
  { codes: ["WG2010"], words: /as const/, fixes: asConst },
  { codes: ["WG2010"], words: /neither readonly/, fixes: makeNamedReadonly },
  { codes: ["WG2008"], words: /remove readonly/, fixes: removeReadonly },
  { codes: ["WG2008"], words: /\n(?:export it|write export class)/, fixes: exportClass },
  {
    codes: ["WG2017"],
    words: /\nwrite ((\w+\.\w+)\..*)$/,
    fixes: (context, [, text = "", ring = ""]) => nameRing(context, text, ring),
  },
  {
    codes: ["WG2008"],
    words: /write (@(\w+)\(\)) before it/,
    fixes: (context, [, decorator = "", name = ""]) => decorate(context, decorator, name),
  },
  {
    codes: ["WG2008"],
    words: /add it: \((.*)\)$/,
    fixes: (context, [, parameter = ""]) => addParameter(context, parameter),
  },
  {
    codes: ["WG2011"],
    words: /^(number|bigint) /,
    fixes: (context, [, plain]) => giveWidth(context, plain === "bigint" ? "bigint" : "number"),
  },
  {
    codes: ["WG2005"],
    words: /^(\w+)\.(\w+) is optional/,
    fixes: (context, [, owner = "", name = ""]) => removeQuestionMark(context, owner, name),
  },
];

/** The diagnostics with the fixes that are known for them. One that has fixes already keeps them. */
export function withFixes(kernel: KernelProgram, list: readonly Diagnostic[]): Diagnostic[] {
  return list.map((diagnostic) => {
    const fixes = diagnostic.fixes === undefined ? fixesOf(kernel, diagnostic) : [];
    return fixes.length === 0 ? diagnostic : { ...diagnostic, fixes };
  });
}

function fixesOf({ program, checker, kernelSources }: KernelProgram, diagnostic: Diagnostic): readonly Fix[] {
  const candidates = rows.filter(({ codes }) => codes.includes(diagnostic.code));
  const source = candidates.length === 0 ? undefined : program.getSourceFile(diagnostic.file);
  // What is installed is not for the user to mend.
  if (source === undefined || /[\\/]node_modules[\\/]/.test(source.fileName)) return [];
  const context = { diagnostic, source, program, checker, kernelSources, node: nodeAt(source, diagnostic) };
  const said = `${diagnostic.message}\n${diagnostic.help ?? ""}`;
  for (const { words, fixes } of candidates) {
    const match = words === undefined ? [said] : said.match(words);
    const found = match === null ? [] : fixes(context, match);
    if (found.length > 0) return found;
  }
  return [];
}

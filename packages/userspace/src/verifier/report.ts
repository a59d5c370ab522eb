import type { LineSpec } from "@waggle/object";
import type { Verdict } from "./classify.js";
import type { PathStep } from "./path.js";

const PATH_ENTRIES = 12;
const ordinals = ["no", "first", "second", "third", "fourth", "fifth"];

/** The helper that an instruction calls, e.g. `bpf_map_lookup_elem`. */
export function calledIn(text: string | null): string | null {
  return /^call ([a-z_]\w*)#\d+/.exec(text ?? "")?.[1] ?? null;
}

/** Fills the placeholders of a row's sentence. */
export function fill(sentence: string, verdict: Verdict, variable: string | null): string {
  const values: Readonly<Record<string, string | undefined>> = {
    ...verdict.groups,
    it: variable === null ? (verdict.row?.noun ?? "the value") : `\`${variable}\``,
    call: calledIn(verdict.text) ?? "the call",
    arg: verdict.register === null ? "argument" : `${ordinals[verdict.register] ?? "an"} argument`,
    helper: verdict.groups.helper ?? "this helper",
    type: verdict.groups.type ?? "a value",
    count: verdict.groups.count ?? "a million",
    offset: verdict.groups.offset ?? "that offset",
    size: verdict.groups.size ?? "that size",
    range: verdict.groups.range ?? "a number",
    function: verdict.groups.function ?? "the function",
  };
  const filled = sentence.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
  return filled.charAt(0).toUpperCase() + filled.slice(1);
}

const placeOf = (at: { file: string; line: number; column: number }): string =>
  `${at.file}:${at.line}:${at.column}`;

/** A source line with a caret below the column. Tabs stay tabs, so that the caret stands right. */
export function frame(location: LineSpec): string[] {
  const source = location.source.trimEnd();
  if (source.trim() === "") return [];
  const number = String(location.line).padStart(6);
  const before = source.slice(0, Math.max(0, location.column - 1)).replace(/[^\t]/g, " ");
  const lines = [`${number} | ${source}`];
  if (location.column > 0 && location.column <= source.length) lines.push(`${" ".repeat(6)} | ${before}^`);
  return lines;
}

function pathLines(path: readonly PathStep[], turnsLeftOut: number): string[] {
  if (path.length < 2) return [];
  const shown = path.slice(-PATH_ENTRIES);
  const hidden = path.length - shown.length;
  const lines = shown.map((step) => {
    const decided = step.decided === null ? "" : `   (where ${step.decided})`;
    return `    ${placeOf(step)}  ${step.source.trim()}${decided}`;
  });
  return [
    "  the path to it:",
    ...(hidden > 0 ? [`    (${hidden} ${hidden === 1 ? "line" : "lines"} before)`] : []),
    ...lines,
    ...(turnsLeftOut > 0 ? [`    (${turnsLeftOut} more turns of its loops)`] : []),
  ];
}

/** What a report is made of. */
export interface Report {
  readonly program: string;
  readonly errno: string;
  readonly explanation: string;
  readonly fix: string | null;
  readonly location: LineSpec | null;
  readonly path: readonly PathStep[];
  readonly turnsLeftOut: number;
  readonly verdict: Verdict;
  /** null: the log is not shown. */
  readonly log: string | null;
}

/** The message of a `VerifierError`. */
export function formatReport(report: Report): string {
  const { location, verdict, fix } = report;
  const at =
    verdict.instruction === null
      ? ""
      : ` (instruction ${verdict.instruction}${verdict.text === null ? "" : `: ${verdict.text}`})`;
  return [
    `the kernel's verifier rejected program ${report.program} (${report.errno}): ${report.explanation}`,
    ...(location === null ? [] : [`  at ${placeOf(location)}`, ...frame(location)]),
    ...(fix === null ? [] : [`  fix: ${fix}`]),
    ...pathLines(report.path, report.turnsLeftOut),
    `  the verifier's words: ${verdict.reason}${at}`,
    ...(report.log === null
      ? ["  for its whole log: error.log, or WAGGLE_VERIFIER_LOG=full in the environment"]
      : [
          "  the verifier's log:",
          ...report.log
            .trimEnd()
            .split("\n")
            .map((line) => `    ${line}`),
        ]),
  ].join("\n");
}

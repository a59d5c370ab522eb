import type { LineSpec } from "@waggle/object";
import type { LogStep } from "./log.js";

/** A place in the source on the way to a rejection. */
export interface PathStep {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** Text of that line. */
  readonly source: string;
  /** What held at the last branches that were taken here, e.g. "`seen` is not 0"; null where nothing was decided. */
  readonly decided: string | null;
}

/** The source line that an instruction was compiled from: the nearest one at or before it. */
export function lineOf(lines: readonly LineSpec[], instruction: number): LineSpec | null {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((lines[middle]?.instruction ?? 0) <= instruction) low = middle + 1;
    else high = middle;
  }
  return lines[low - 1] ?? null;
}

const JUMP = /^if (?:\((\w+)\) )?([rw])(\d+) (s?[<>]=?|==|!=|&|set) (\S+) goto /;
const words: Readonly<Record<string, readonly [taken: string, not: string]>> = {
  "==": ["is", "is not"],
  "!=": ["is not", "is"],
  "<": ["is less than", "is not less than"],
  "<=": ["is at most", "is more than"],
  ">": ["is more than", "is at most"],
  ">=": ["is at least", "is less than"],
  "&": ["has a bit of", "has no bit of"],
};

/** The variable that a register holds before a step of the path; null when it is not known. */
export type NameOf = (register: number, step: number) => string | null;

/** What a conditional jump decided, by which instruction follows it; null where it is none or a name is not known. */
export function decision(
  step: LogStep,
  next: LogStep | undefined,
  nameOf: (register: number) => string | null,
): string | null {
  const [, , , register, operator = "", operand = ""] = JUMP.exec(step.text) ?? [];
  if (register === undefined || next === undefined) return null;
  const name = nameOf(Number(register));
  const pair = words[operator.replace(/^s/, "")];
  if (name === null || pair === undefined) return null;
  const taken = next.instruction !== step.instruction + 1;
  const other = /^[rw](\d+)$/.exec(operand)?.[1];
  const right = other === undefined ? String(Number(operand)) : nameOf(Number(other));
  if (right === null || right === "NaN") return null;
  return `\`${name}\` ${taken ? pair[0] : pair[1]} ${other === undefined ? right : `\`${right}\``}`;
}

const isBranch = ({ text }: LogStep): boolean => text.startsWith("if ");

const sameLine = (a: LineSpec, b: LineSpec): boolean => a.file === b.file && a.line === b.line;

/**
 * The lines of the source that the walked instructions came from, in order: one entry for a run of instructions of one line,
 * and for a loop only its last turn (`loops` counts the turns that were left out).
 */
export function sourcePath(
  steps: readonly LogStep[],
  lines: readonly LineSpec[],
  nameOf: NameOf,
): { readonly path: readonly PathStep[]; readonly turnsLeftOut: number } {
  const runs: Run[] = [];
  let turnsLeftOut = 0;
  for (const [i, step] of steps.entries()) {
    const line = lineOf(lines, step.instruction);
    if (line === null) continue;
    const last = runs.at(-1);
    if (last !== undefined && sameLine(last.line, line)) {
      if (isBranch(step)) last.branches.push(i);
      if (last.branches.length > 2 * MOST_BRANCHES) last.branches.splice(0, MOST_BRANCHES);
      continue;
    }
    runs.push({ line, branches: isBranch(step) ? [i] : [] });
    // The turn before this one, when the same lines come again.
    const turn = repeated(runs);
    if (turn > 0) {
      runs.splice(runs.length - turn, turn);
      turnsLeftOut++;
    }
  }
  // Names are looked for in what is left: a loop may have been walked a million times.
  const path = runs.map(({ line: { file, line, column, source }, branches }): PathStep => {
    let decided: string | null = null;
    for (const i of branches.slice(-MOST_BRANCHES)) {
      const step = steps[i];
      if (step === undefined) continue;
      decided = both(
        decided,
        decision(step, steps[i + 1], (register) => nameOf(register, i)),
      );
    }
    return { file, line, column, source, decided };
  });
  return { path, turnsLeftOut };
}

/** Instructions of one line that were walked one after the other, with the conditional jumps among them, by index. */
interface Run {
  readonly line: LineSpec;
  readonly branches: number[];
}

/** Branches of a run that are looked at, from its end: far more than are shown. */
const MOST_BRANCHES = 32;

/** A line shows so many of its branches. */
const MOST_DECIDED = 3;

/** What was decided before on the line, and what came to it; a name's last decision counts. */
function both(before: string | null, decided: string | null): string | null {
  if (before === null || decided === null) return decided ?? before;
  const name = /^`[^`]*`/.exec(decided)?.[0] ?? decided;
  const others = before.split(", ").filter((one) => !one.startsWith(`${name} `));
  return [...others, decided].slice(-MOST_DECIDED).join(", ");
}

const LONGEST_TURN = 24;

/** Length of the run at the end that repeats what stands right before it; 0 when nothing does. */
function repeated(runs: readonly Run[]): number {
  for (let length = 2; length <= LONGEST_TURN && length * 2 <= runs.length; length++) {
    let same = true;
    for (let i = runs.length - length; same && i < runs.length; i++) {
      const [one, before] = [runs[i], runs[i - length]];
      same = one !== undefined && before !== undefined && sameLine(one.line, before.line);
    }
    if (same) return length;
  }
  return 0;
}

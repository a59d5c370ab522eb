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
  return lines.findLast((line) => line.instruction <= instruction) ?? null;
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

const sameLine = (a: PathStep, b: LineSpec): boolean => a.file === b.file && a.line === b.line;

/**
 * The lines of the source that the walked instructions came from, in order: one entry for a run of instructions of one line,
 * and for a loop only its last turn (`loops` counts the turns that were left out).
 */
export function sourcePath(
  steps: readonly LogStep[],
  lines: readonly LineSpec[],
  nameOf: NameOf,
): { readonly path: readonly PathStep[]; readonly turnsLeftOut: number } {
  const path: PathStep[] = [];
  let turnsLeftOut = 0;
  for (const [i, step] of steps.entries()) {
    const line = lineOf(lines, step.instruction);
    if (line === null) continue;
    const decided = decision(step, steps[i + 1], (register) => nameOf(register, i));
    const last = path.at(-1);
    if (last !== undefined && sameLine(last, line)) {
      path[path.length - 1] = { ...last, decided: both(last.decided, decided) };
      continue;
    }
    const { file, source, column } = line;
    path.push({ file, line: line.line, column, source, decided });
    // The turn before this one, when the same lines come again.
    const turn = repeated(path);
    if (turn > 0) {
      path.splice(path.length - turn, turn);
      turnsLeftOut++;
    }
  }
  return { path, turnsLeftOut };
}

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
function repeated(path: readonly PathStep[]): number {
  for (let length = 2; length <= LONGEST_TURN && length * 2 <= path.length; length++) {
    const same = path.slice(-length).every((one, i) => {
      const before = path[path.length - 2 * length + i];
      return before !== undefined && before.line === one.line && before.file === one.file;
    });
    if (same) return length;
  }
  return 0;
}

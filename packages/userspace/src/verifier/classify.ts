import { callClasses } from "./classes/calls.js";
import { memoryClasses } from "./classes/memory.js";
import { programClasses } from "./classes/program.js";
import type { RejectionClass } from "./classes/row.js";
import type { ParsedLog } from "./log.js";

/** Every kind of rejection, in the order in which they are tried. */
export const rejectionClasses: readonly RejectionClass[] = [
  ...memoryClasses,
  ...callClasses,
  ...programClasses,
];

const byId = new Map(rejectionClasses.map((row) => [row.id, row]));

/** What a rejection is about. */
export interface Verdict {
  /** null: a message that the table does not have. */
  readonly row: RejectionClass | null;
  /** The verifier's own words. */
  readonly reason: string;
  /** The instruction that is rejected; null when the log names none. */
  readonly instruction: number | null;
  /** The kernel's text of it; null when the log does not show it. */
  readonly text: string | null;
  /** Number of the register at fault; null where the message names none. */
  readonly register: number | null;
  /** Groups of the row's pattern. */
  readonly groups: Readonly<Record<string, string>>;
}

// The verifier gives some reasons in two lines: these rows only frame what another line says, or the other way round.
const OVER: Readonly<Record<string, readonly string[]>> = {
  "reference-leak": ["leak-at-tail-call"],
  "context-field": ["argument-missing"],
  "beyond-map-value": ["index-unbounded", "index-negative", "index-too-large"],
  "beyond-memory": [
    "packet-unchecked",
    "beyond-map-value",
    "index-unbounded",
    "index-negative",
    "index-too-large",
  ],
  "index-too-large": ["packet-unchecked"],
};
// A global function's caller: the line before says why its argument does not do.
const FRAMES = ["global-arguments", "lock"];

function find(message: string): { row: RejectionClass; groups: Record<string, string> } | null {
  for (const row of rejectionClasses) {
    for (const pattern of row.patterns) {
      const match = pattern.exec(message);
      if (match === null) continue;
      const groups = Object.entries(match.groups ?? {}).filter(
        (one): one is [string, string] => one[1] !== undefined,
      );
      return { row, groups: Object.fromEntries(groups) };
    }
  }
  return null;
}

/** Register that the instruction's access goes through: its base, or what arithmetic adds. */
function registerIn(text: string): number | null {
  const found =
    /\*\(\w+ \*\)\(r(\d+)/.exec(text) ??
    /^[rw]\d+ [-+]= [rw](\d+)$/.exec(text) ??
    /^[rw](\d+) [-+]= /.exec(text);
  return found === null ? null : Number(found[1]);
}

const EMPTY_PROGRAM_ERRNO: Readonly<Record<string, string>> = { E2BIG: "too-many-instructions" };

/** Finds the verdict in a log. @param errno name of the errno of BPF_PROG_LOAD, for a log that is cut off */
export function classify(log: ParsedLog, errno: string): Verdict {
  const found = log.messages.map((message) => ({ message, ...find(message) }));
  let best = found.find(({ row }) => row !== undefined);
  for (const one of found) {
    if (best?.row === undefined || one.row === undefined || one === best) continue;
    const better = OVER[best.row.id]?.includes(one.row.id) === true || FRAMES.includes(best.row.id);
    if (better) best = one;
  }
  const framed = found.find(({ row }) => row?.id === "global-arguments");
  if (framed !== undefined) best = framed;
  const byErrno = log.messages.length === 0 ? byId.get(EMPTY_PROGRAM_ERRNO[errno] ?? "") : undefined;
  const row = best?.row ?? byErrno ?? null;
  const reason = best?.message ?? log.messages.at(-1) ?? "no reason given";
  const groups = best?.groups ?? {};
  const last = log.steps.at(-1);
  const named = groups.insn ?? /\binsn #?(\d+)\b/.exec(reason)?.[1];
  const instruction = named !== undefined ? Number(named) : (last?.instruction ?? null);
  const text = log.steps.findLast((step) => step.instruction === instruction)?.text ?? null;
  const register =
    groups.reg !== undefined ? Number(groups.reg) : text === null || row === null ? null : registerIn(text);
  return { row, reason, instruction, text, register, groups };
}

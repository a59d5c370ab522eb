import { env } from "node:process";
import type { LineSpec, ProgramSpec } from "@waggle/object";
import { BpfError } from "../errors/errors.js";
import { classify } from "./classify.js";
import { parseLog } from "./log.js";
import { lineOf, type PathStep, sourcePath } from "./path.js";
import { fill, formatReport } from "./report.js";
import { variablesOf } from "./variables.js";

/** Whether the message of a `VerifierError` has the verifier's whole log. */
export type VerifierLog = "summary" | "full";

const ENVIRONMENT = "WAGGLE_VERIFIER_LOG";

/** What an option asks for, or else the environment variable WAGGLE_VERIFIER_LOG, or else a summary. */
export function wantedLog(option: VerifierLog | undefined): VerifierLog {
  if (option !== undefined) return option;
  return env[ENVIRONMENT] === "full" ? "full" : "summary";
}

/**
 * The verifier rejected a program. The message is a short report: the reason in plain words, the TypeScript line with a
 * caret, what to change, the lines of the path that leads there, and the verifier's own words; `log` has all of its log.
 */
export class VerifierError extends BpfError {
  override readonly name = "VerifierError";
  readonly code = "verifier-rejected";
  /** Name of the program. */
  readonly program: string;
  /** Name of the errno that BPF_PROG_LOAD gave, e.g. `EACCES`. */
  readonly errno: string;
  /** Kind of rejection, e.g. `null-unchecked`, as docs/verifier-errors.md lists them; null for one that is not known. */
  readonly reasonClass: string | null;
  /** The reason in plain words. */
  readonly explanation: string;
  /** What to change; null for a kind of rejection that is not known. */
  readonly fix: string | null;
  /** The variable at fault; null when it is not known. */
  readonly variable: string | null;
  /** The verifier's reason, in its own words. */
  readonly reason: string;
  /** Where in the source, from the line information; null when the object has none there. */
  readonly location: LineSpec | null;
  /** The lines that lead there, in the order in which they run; the last turn of each loop. */
  readonly path: readonly PathStep[];
  /** Index of the rejected instruction; null when the log names none. */
  readonly instruction: number | null;
  /** The verifier's whole log. */
  readonly log: string;

  /** @param errno name of the errno that BPF_PROG_LOAD gave */
  constructor(program: ProgramSpec, errno: string, log: string, show: VerifierLog = "summary") {
    const parsed = parseLog(log);
    const verdict = classify(parsed, errno);
    const nameOf = variablesOf(program, parsed.steps);
    const { instruction, register, row } = verdict;
    const location = instruction === null ? null : lineOf(program.lines, instruction);
    const step = parsed.steps.findLastIndex((one) => one.instruction === instruction);
    const variable = register === null || step === -1 ? null : nameOf(register, step);
    const { path, turnsLeftOut } = sourcePath(parsed.steps, program.lines, nameOf);
    const explanation = row === null ? `${verdict.reason}.` : fill(row.explain, verdict, variable);
    const fix = row === null ? null : fill(row.fix, verdict, variable);
    super(
      formatReport({
        program: program.name,
        errno,
        explanation,
        fix,
        location,
        path,
        turnsLeftOut,
        verdict,
        log: show === "full" ? log : null,
      }),
    );
    this.program = program.name;
    this.errno = errno;
    this.reasonClass = row?.id ?? null;
    this.explanation = explanation;
    this.fix = fix;
    this.variable = variable;
    this.reason = verdict.reason;
    this.location = location;
    this.path = path;
    this.instruction = instruction;
    this.log = log;
  }
}

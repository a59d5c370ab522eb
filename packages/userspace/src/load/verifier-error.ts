import type { LineSpec, ProgramSpec } from "@waggle/object";
import { BpfError } from "../errors/errors.js";

const INSTRUCTION = /^(\d+): \([0-9a-f]{2}\)/;
const STATE = /^\d+: /;
// What the verifier prints around its verdict (print_verification_stats and friends, kernel/bpf/verifier.c).
const CHATTER = /^(processed \d+ insns|verification time|stack depth|max_states|;|mark_precise|from \d+ to)/;
const NAMED_INSTRUCTION = /\binsn #?(\d+)\b/;
const TAIL_LINES = 12;

/** What a verifier log says about a rejection. */
export interface VerifierVerdict {
  /** The line that gives the reason, e.g. `R1 invalid mem access 'scalar'`. */
  readonly reason: string;
  /** The instruction that it is about; null when the log names none. */
  readonly instruction: number | null;
  /** The kernel's text of that instruction; null when the log does not show it. */
  readonly text: string | null;
}

/** Reads the verdict from the end of a verifier log of any level. */
export function readVerdict(log: string): VerifierVerdict {
  const lines = log.split("\n").map((line) => line.trimEnd());
  const isReason = (line: string) => line !== "" && !CHATTER.test(line) && !STATE.test(line);
  const reason = lines.findLast(isReason) ?? "no reason given";
  const named = NAMED_INSTRUCTION.exec(reason)?.[1];
  const last = lines.findLast((line) => INSTRUCTION.test(line));
  const lastNumber = last === undefined ? undefined : INSTRUCTION.exec(last)?.[1];
  const number = named ?? lastNumber;
  const instruction = number === undefined ? null : Number(number);
  const text = lines.findLast((line) => line.startsWith(`${number}: (`)) ?? null;
  return { reason, instruction, text };
}

/** The source line that an instruction was compiled from: the nearest one at or before it. */
export function lineOf(lines: readonly LineSpec[], instruction: number): LineSpec | null {
  return lines.findLast((line) => line.instruction <= instruction) ?? null;
}

/**
 * The verifier rejected a program. The message is a summary: the reason, the TypeScript line, the instruction and the
 * end of the log; `log` has all of it.
 */
export class VerifierError extends BpfError {
  override readonly name = "VerifierError";
  readonly code = "verifier-rejected";
  /** Name of the program. */
  readonly program: string;
  /** The verifier's reason, in its own words. */
  readonly reason: string;
  /** Where in the source, from the line information; null when the object has none there. */
  readonly location: LineSpec | null;
  /** Index of the rejected instruction; null when the log names none. */
  readonly instruction: number | null;
  /** The verifier's whole log. */
  readonly log: string;

  /** @param errno name of the errno that BPF_PROG_LOAD gave */
  constructor(program: ProgramSpec, errno: string, log: string) {
    const { reason, instruction, text } = readVerdict(log);
    const location = instruction === null ? null : lineOf(program.lines, instruction);
    const tail = log.trimEnd().split("\n").slice(-TAIL_LINES);
    const message = [
      `the kernel's verifier rejected program ${program.name} (${errno}): ${reason}`,
      location === null ? null : `  at ${location.file}:${location.line}:${location.column}`,
      location === null || location.source.trim() === "" ? null : `     ${location.source.trim()}`,
      instruction === null ? null : `  instruction ${text ?? instruction}`,
      "  end of the verifier's log (all of it is in error.log):",
      ...tail.map((line) => `    ${line}`),
    ];
    super(message.filter((line) => line !== null).join("\n"));
    this.program = program.name;
    this.reason = reason;
    this.location = location;
    this.instruction = instruction;
    this.log = log;
  }
}

/** One instruction that the verifier walked. */
export interface LogStep {
  readonly instruction: number;
  /** The kernel's text of it, without its number, code and state: `if r0 != 0x0 goto pc+2`. */
  readonly text: string;
}

/** A verifier log, read. */
export interface ParsedLog {
  /** The instructions on the path that ends at the verdict, in order. */
  readonly steps: readonly LogStep[];
  /** What the verifier says in sentences behind the last instruction, in order: the reason is among them. */
  readonly messages: readonly string[];
}

const STEP = /^(\d+): (?:frame\d+: )?\([0-9a-f]{2}\) (.*)$/;
const FROM = /^from (\d+) to (\d+)/;
// Documentation of the path and of the verifier's own work, not of a fault (print_verification_stats, mark_chain_precision,
// print_verifier_state of kernel/bpf/verifier.c and log.c).
const CHATTER =
  /^(?:processed \d+ insns|verification time|stack depth|max_states|;|mark_precise|from \d+ to|last_idx|regs=|parent |cur state:|old state:|propagating |caller:|callee:|returning from callee|to caller at|Validating |func#\d+ @|Func#\d+ |Live regs before|\d+: (?!BUG_)|(?:cur|old) state|arg#\d+ type is not|frame \d+:|\[…\]$)/;
// Since 7.3 a report follows the verdict, in sections with indented text.
const REPORT = /^(?:Verification failed: |Reason:$|At:$|Causal path:$|Suggestion:$|\s)/;
const INFORMATION = /^func '\S+' arg\d+ has btf_id/;
// Some messages lack their line's end (the one of check_helper_call on tail calls).
const STUCK_STATISTICS = /processed \d+ insns .*$/;

// A state follows behind `;`, or behind the number of the next instruction.
const withoutState = (text: string): string =>
  text.replace(/\s*; .*$|\s+;$|\s+\d+: (?:frame\d+: )?R\d.*$/, "").trimEnd();

/**
 * Reads the log of a rejected program, of level 1 or 2, of any kernel. At level 2 the log has every path that was walked: on
 * `from A to B` the walk goes back to instruction A, so what came after A is dropped.
 */
export function parseLog(log: string): ParsedLog {
  const steps: LogStep[] = [];
  /** How often each instruction is among the steps. */
  const counts = new Map<number, number>();
  const count = (instruction: number, by: number): void => {
    counts.set(instruction, (counts.get(instruction) ?? 0) + by);
  };
  let messages: string[] = [];
  for (const raw of log.split("\n")) {
    const line = raw.trimEnd();
    const step = STEP.exec(line);
    if (step !== null) {
      const instruction = Number(step[1]);
      steps.push({ instruction, text: withoutState(step[2] ?? "") });
      count(instruction, 1);
      messages = [];
      continue;
    }
    const from = FROM.exec(line);
    if (from !== null) {
      const branch = Number(from[1]);
      for (
        let last = steps.at(-1);
        (counts.get(branch) ?? 0) > 0 && last !== undefined;
        last = steps.at(-1)
      ) {
        if (last.instruction === branch) break;
        count(last.instruction, -1);
        steps.pop();
      }
      messages = [];
      continue;
    }
    if (line === "" || CHATTER.test(line) || REPORT.test(line) || INFORMATION.test(line)) continue;
    messages.push(line.replace(STUCK_STATISTICS, ""));
  }
  return { steps, messages };
}

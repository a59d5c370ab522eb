import type { FunctionNames, LineSpec } from "@waggle/object";
import { afterEach, describe, expect, it } from "vitest";
import * as f from "../fixtures/specs.js";
import { readLogs } from "./fixtures/logs.js";
import { parseLog } from "./log.js";
import { decision, sourcePath } from "./path.js";
import { frame } from "./report.js";
import { variablesOf } from "./variables.js";
import { VerifierError, wantedLog } from "./verifier-error.js";

const source: Readonly<Record<number, string>> = {
  12: "    const seen = Flows.stats.get(key);",
  13: "    if (i >= 8) return XdpAction.Pass;",
  14: "\tseen.packets[i] += 1n;",
};
const at = (instruction: number, line: number, column: number): LineSpec => ({
  instruction,
  file: "src/kernel/flows.ts",
  source: source[line] ?? "",
  line,
  column,
});

const recorded = (kernel: string, name: string): { log: string; errno: string } => {
  const found = readLogs().find((one) => one.kernel === kernel && one.name === name);
  if (found === undefined) throw new Error(`no log ${name} of ${kernel}`);
  return found;
};

describe("reading a log", () => {
  const walked = (log: string) => parseLog(log).steps.map(({ instruction }) => instruction);

  it("takes the last path of a log of level 2", () => {
    const log = [
      "func#0 @0",
      "0: R1=ctx() R10=fp0",
      "; const seen = Flows.stats.get(key); @ flows.ts:12",
      "0: (bf) r6 = r1                       ; R1=ctx() R6_w=ctx()",
      "1: (15) if r0 == 0x0 goto pc+2        ; R0=scalar()",
      "2: (b7) r0 = 0                        ; R0_w=0",
      "3: (95) exit",
      "",
      "from 1 to 4: R0=0 R6=ctx() R10=fp0",
      "4: (79) r1 = *(u64 *)(r0 +0)",
      "R0 invalid mem access 'scalar'",
      "processed 5 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0",
    ].join("\n");
    expect(parseLog(log)).toEqual({
      steps: [
        { instruction: 0, text: "r6 = r1" },
        { instruction: 1, text: "if r0 == 0x0 goto pc+2" },
        { instruction: 4, text: "r1 = *(u64 *)(r0 +0)" },
      ],
      messages: ["R0 invalid mem access 'scalar'"],
    });
  });

  it("knows frames, and states before and behind instructions", () => {
    const log =
      "5: (85) call pc+2\ncaller:\n R10=fp0\ncallee:\n frame1: R1=ctx() R10=fp0\n8: frame1: R1=ctx()\n8: (b7) r0 = 5  ; frame1: R0=5 cb";
    expect(walked(log)).toEqual([5, 8]);
    expect(parseLog(log).messages).toEqual([]);
    expect(walked(recorded("5.10", "index too large").log)).toEqual([0, 1, 2, 3, 4, 5, 6, 8, 9, 12, 13]);
  });

  it("leaves out the report that kernels since 7.3 add", () => {
    expect(parseLog(recorded("7.3", "record never submitted").log).messages).toEqual([
      "Unreleased reference id=2 alloc_insn=4",
      "BPF_EXIT instruction in main prog would lead to reference leak",
    ]);
  });
});

describe("the path", () => {
  const names = (register: number) => (register === 6 ? "i" : register === 0 ? "seen" : null);

  it.each([
    ["if r0 == 0x0 goto pc+2", 3, "`seen` is not 0"],
    ["if r0 == 0x0 goto pc+2", 5, "`seen` is 0"],
    ["if r6 s> 0x3f goto pc+2", 3, "`i` is at most 63"],
    ["if w6 < 0x8 goto pc+2", 5, "`i` is less than 8"],
    ["if r6 != r0 goto pc+2", 5, "`i` is not `seen`"],
    ["if r7 != 0x1 goto pc+2", 5, null],
    ["r0 = 5", 3, null],
  ])("%s, then %i: %s", (text, next, words) => {
    expect(decision({ instruction: 2, text }, { instruction: next, text: "" }, names)).toBe(words);
  });

  it("folds the instructions of a line, and the turns of a loop", () => {
    const turn = [1, 2, 3, 4];
    const walked = [0, ...turn, ...turn, ...turn, 5].map((instruction) => ({ instruction, text: "" }));
    const lines = [at(0, 12, 5), at(1, 13, 9), at(3, 14, 2), at(5, 20, 1)];
    const { path, turnsLeftOut } = sourcePath(walked, lines, names);
    expect(path.map(({ line }) => line)).toEqual([12, 13, 14, 20]);
    expect(turnsLeftOut).toBe(2);
  });
});

describe("loops that were walked a million times", () => {
  const turns = 100_000;

  it("have names looked for in their last turns only", () => {
    const walked = Array.from({ length: turns }, (_, turn) => [
      { instruction: 1, text: "r6 += 1" },
      { instruction: 2, text: `if r6 < 0x${turn.toString(16)} goto pc-2` },
    ]).flat();
    let asked = 0;
    const { path } = sourcePath(walked, [at(0, 12, 5)], () => {
      asked++;
      return "i";
    });
    // What the last of them decided, no step shows.
    expect(path).toMatchObject([{ line: 12, decided: "`i` is less than 99998" }]);
    expect(asked).toBeLessThan(100);
  });

  it("are not followed to their first turn for the name of a register", () => {
    let asked = 0;
    const names = new (class extends Map<string, FunctionNames> {
      override get(name: string): FunctionNames | undefined {
        asked++;
        return super.get(name);
      }
    })([["count", { registers: [], frame: [] }]]);
    const walked = Array.from({ length: turns }, () => ({ instruction: 1, text: "r6 += 1" }));
    const variable = variablesOf(f.program("count", "xdp", [], { names }), walked)(7, turns - 1);
    expect(variable).toBeNull();
    expect(asked).toBeLessThan(3000);
  });

  it("go back to a branch only where it was walked", () => {
    const log = [
      "1: (b7) r0 = 1",
      "2: (95) exit",
      "from 9 to 4: R0=0",
      "4: (b7) r0 = 2",
      "from 2 to 5: R0=0",
      "5: (95) exit",
    ];
    expect(parseLog(log.join("\n")).steps.map(({ instruction }) => instruction)).toEqual([1, 2, 5]);
  });
});

describe("the report", () => {
  const program = f.program("count", "xdp", [], { lines: [at(0, 12, 18), at(9, 13, 9), at(12, 14, 7)] });
  const { log, errno } = recorded("6.18", "index too large");

  it("has reason, place, fix, path and the verifier's words", () => {
    const error = new VerifierError(program, errno, log);
    expect(error.message).toBe(
      [
        "the kernel's verifier rejected program count (EACCES): The index has a bound here, but at its largest value the access ends behind the memory.",
        "  at src/kernel/flows.ts:14:7",
        "    14 | \tseen.packets[i] += 1n;",
        "       | \t     ^",
        "  fix: Lower the bound to the number of elements (`i < array.length`); where one access takes several bytes, the bound is the size less those bytes.",
        "  the path to it:",
        "    src/kernel/flows.ts:12:18  const seen = Flows.stats.get(key);",
        "    src/kernel/flows.ts:13:9  if (i >= 8) return XdpAction.Pass;",
        "    src/kernel/flows.ts:14:7  seen.packets[i] += 1n;",
        "  the verifier's words: R0 max value is outside of the allowed memory range (instruction 13: r1 = *(u8 *)(r0 +0))",
        "  for its whole log: error.log, or WAGGLE_VERIFIER_LOG=full in the environment",
      ].join("\n"),
    );
    expect(error).toMatchObject({
      code: "verifier-rejected",
      program: "count",
      errno: "EACCES",
      reasonClass: "index-too-large",
      reason: "R0 max value is outside of the allowed memory range",
      variable: null,
      location: { line: 14, column: 7 },
      instruction: 13,
      log,
    });
    expect(error.path.map(({ line }) => line)).toEqual([12, 13, 14]);
  });

  it("shows words that no row knows as they are, without advice", () => {
    const error = new VerifierError(
      program,
      "EINVAL",
      "0: (95) exit\nsomething new in 9.9\nprocessed 1 insns",
    );
    expect(error).toMatchObject({ reasonClass: null, fix: null, explanation: "something new in 9.9." });
    expect(error.message).not.toContain("fix:");
  });

  it("has the whole log when asked", () => {
    expect(new VerifierError(program, errno, log, "full").message).toContain(
      "  the verifier's log:\n    0: R1=ctx() R10=fp0\n",
    );
  });

  it("places the caret below a tab, and nowhere beyond the line", () => {
    expect(frame({ ...at(0, 14, 2), source: "\tab" })).toEqual(["    14 | \tab", "       | \t^"]);
    expect(frame({ ...at(0, 14, 9), source: "ab" })).toEqual(["    14 | ab"]);
    expect(frame({ ...at(0, 14, 9), source: " " })).toEqual([]);
  });
});

describe("which log is shown", () => {
  afterEach(() => {
    delete process.env.WAGGLE_VERIFIER_LOG;
  });
  it("is the option's, else the environment's, else the summary", () => {
    expect(wantedLog(undefined)).toBe("summary");
    process.env.WAGGLE_VERIFIER_LOG = "full";
    expect(wantedLog(undefined)).toBe("full");
    expect(wantedLog("summary")).toBe("summary");
  });
});

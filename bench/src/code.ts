import { readObject } from "@waggle/object";
import { loadObject } from "@waggle/userspace";
import { simulateObject } from "@waggle/vm";
import { execa } from "execa";
import { timeOfProgram, withProgramTimes } from "./program-times.js";
import { interleaved } from "./statistics.js";
import type { Row } from "./table.js";

const REPEAT = 200_000;
const TURNS = 9;
const EXECVES = 20_000;

/** Instructions that a program has, subprograms included. */
function emitted(object: Uint8Array, name: string): number {
  const program = readObject(object).programs.find((program) => program.name === name);
  if (program === undefined) throw new Error(`the object has no program ${name}`);
  return program.instructions.length;
}

/** A TCP packet over IPv4, as most are. */
function tcpPacket(): Uint8Array {
  const packet = new Uint8Array(64);
  packet.set([0x08, 0x00, 0x45, 0, 0, 50, 0, 1, 0, 0, 64, 6], 12);
  packet.set([192, 0, 2, 1, 198, 51, 100, 7, 0xc0, 0x00, 0x01, 0xbb], 26);
  return packet;
}

/** The tracepoint's record: 8 common bytes, the number of the call, then its arguments at 16, 24 and 32. */
function sysEnterExecve(filename: bigint): Uint8Array {
  const record = new Uint8Array(40);
  new DataView(record.buffer).setBigUint64(16, filename, true);
  return record;
}

/** The flows example beside its C twin: a packet of a flow that is known already. */
export async function flowsRows(ours: Uint8Array, theirs: Uint8Array): Promise<Row[]> {
  const data = tcpPacket();
  const executed = (object: Uint8Array) => {
    const program = simulateObject(object).programs.count;
    program?.run({ data });
    return program?.run({ data }).instructions ?? 0;
  };
  using a = loadObject(ours, { name: "waggle" });
  using b = loadObject(theirs, { name: "clang" });
  const nanoseconds = (app: typeof a) => () =>
    app.programs.count?.testRun({ data, repeat: REPEAT }).durationNs ?? 0;
  return [
    {
      what: "flows: instructions emitted",
      ours: emitted(ours, "count"),
      theirs: emitted(theirs, "count"),
      unit: "",
    },
    { what: "flows: instructions executed", ours: executed(ours), theirs: executed(theirs), unit: "" },
    {
      what: "flows: time of one run",
      ...(await interleaved(TURNS, nanoseconds(a), nanoseconds(b))),
      unit: "ns",
    },
  ];
}

/**
 * The execsnoop example beside its C twin. The kernel cannot test-run tracepoint programs, so both are attached in turns
 * while a process calls execve(2), and the kernel's own statistics tell the time.
 */
export async function execsnoopRows(ours: Uint8Array, theirs: Uint8Array, loop: string): Promise<Row[]> {
  const executed = (object: Uint8Array) =>
    simulateObject(object).programs.onExecve?.run({
      fields: sysEnterExecve(0x1000n),
      memory: [{ address: 0x1000n, bytes: "/nonexistent/waggle" }],
    }).instructions ?? 0;
  const nanoseconds = (object: Uint8Array) => async () => {
    using app = loadObject(object);
    const program = app.programs.onExecve;
    if (program?.kind !== "tracepoint") throw new Error("onExecve is not a tracepoint program");
    program.attach();
    await execa(loop, [String(EXECVES)]);
    return await timeOfProgram(); // the program must live until it is read
  };
  const times = await withProgramTimes(() => interleaved(TURNS, nanoseconds(ours), nanoseconds(theirs)));
  return [
    {
      what: "execsnoop: instructions emitted",
      ours: emitted(ours, "onExecve"),
      theirs: emitted(theirs, "onExecve"),
      unit: "",
    },
    { what: "execsnoop: instructions executed", ours: executed(ours), theirs: executed(theirs), unit: "" },
    { what: "execsnoop: time of one run", ...times, unit: "ns" },
  ];
}

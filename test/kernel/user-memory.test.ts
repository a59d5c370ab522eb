/** Pointers into a process's memory: the arguments of execve(2), read by one program in the kernel and in process. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compile, formatDiagnostics } from "@waggle/compiler";
import { link } from "@waggle/linker";
import { canLoad, loadObject } from "@waggle/userspace";
import { simulateObject } from "@waggle/vm";
import { afterAll, beforeAll, expect, test } from "vitest";

const source = `import type { CString, FixedArray, TracepointContext, u32, UserPtr } from "@waggle/kernel";
import { isNull, probeReadUser, RingBuffer, tracepoint, u64, zeroed } from "@waggle/kernel";
interface Event { count: u32; lengths: u64; first: CString<32>; last: CString<32> }
export class Args {
  static readonly events = new RingBuffer<Event>({ bytes: 65_536 });
  @tracepoint("syscalls", "sys_enter_execve")
  static onExecve({ argv }: TracepointContext<"syscalls/sys_enter_execve">): void {
    const args = zeroed<FixedArray<UserPtr, 6>>();
    probeReadUser(args, argv);
    const event = zeroed<Event>();
    if (event.first.readUser(args[0]) < 0n || !event.first.startsWith("waggle-")) return;
    for (const arg of args) {
      if (isNull(arg)) break;
      event.count++;
      const size = event.last.readUser(arg);
      if (size > 0n) event.lengths = event.lengths * 100n + u64(size) - 1n;
    }
    Args.events.output(event);
  }
}
`;

/** Reads the arguments by the address that the kernel keeps as a number. */
const byNumber = `import type { CString, i32, KernelPtr, KernelStruct, TracepointContext, u64 } from "@waggle/kernel";
import { currentTask, kernelPtr, RingBuffer, tracepoint, u64 as wide, userPtr, zeroed } from "@waggle/kernel";
interface mm_struct extends KernelStruct<"mm_struct"> { readonly arg_start: u64; readonly arg_end: u64 }
interface task_struct extends KernelStruct<"task_struct"> { readonly mm: KernelPtr<mm_struct>; readonly tgid: i32 }
interface Event { first: CString<32>; second: CString<8>; size: u64; same: i32; tgid: i32 }
export class Numbers {
  static readonly events = new RingBuffer<Event>({ bytes: 65_536 });
  @tracepoint("syscalls", "sys_enter_openat")
  static onOpen(_ctx: TracepointContext<"syscalls/sys_enter_openat">): void {
    const task = currentTask<task_struct>();
    const event = zeroed<Event>();
    if (event.first.readUser(userPtr(task.mm.arg_start)) < 0n || !event.first.startsWith("waggle-")) return;
    event.second.readUser(userPtr(task.mm.arg_start + 12n));
    event.size = task.mm.arg_end - task.mm.arg_start;
    event.tgid = task.tgid;
    event.same = kernelPtr<task_struct>(wide(task)).tgid;
    Numbers.events.output(event);
  }
}
`;

let folder = "";
let object: Uint8Array;
let numbers: Uint8Array;
beforeAll(() => {
  folder = mkdtempSync(join(import.meta.dirname, ".build-"));
  const build = (name: string, text: string): Uint8Array => {
    writeFileSync(join(folder, name), text);
    const { classes, diagnostics } = compile({ files: [name], cwd: folder });
    expect(formatDiagnostics(diagnostics, { color: false, cwd: folder })).toBe("");
    return link(classes.map((item) => ({ name: item.name, bytes: item.object }))).object;
  };
  object = build("args.ts", source);
  numbers = build("numbers.ts", byNumber);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const expected = { count: 3, lengths: 110305n, first: "waggle-args", last: "third" };

const kernel = canLoad();
test.skipIf(!kernel.ok)(
  `the kernel gives the arguments of a process${kernel.ok ? "" : ` (skipped: ${kernel.reason})`}`,
  async () => {
    using app = loadObject(object);
    const { onExecve } = app.programs;
    if (onExecve?.kind !== "tracepoint") throw new Error("no tracepoint program");
    using _link = onExecve.attach();
    const { events } = app.maps;
    if (events === undefined || !(Symbol.asyncIterator in events)) throw new Error("no ring buffer");
    const seen = events[Symbol.asyncIterator]();
    spawnSync("/bin/true", ["two", "third"], { argv0: "waggle-args" });
    expect((await seen.next()).value).toEqual(expected);
    await seen.return?.();
  },
);

test.skipIf(!kernel.ok)(
  `the kernel gives memory by addresses that are numbers${kernel.ok ? "" : ` (skipped: ${kernel.reason})`}`,
  async () => {
    using app = loadObject(numbers);
    const { onOpen } = app.programs;
    if (onOpen?.kind !== "tracepoint") throw new Error("no tracepoint program");
    using _link = onOpen.attach();
    const { events } = app.maps;
    if (events === undefined || !(Symbol.asyncIterator in events)) throw new Error("no ring buffer");
    const seen = events[Symbol.asyncIterator]();
    const { pid } = spawnSync("/bin/true", ["two", "third"], { argv0: "waggle-args" });
    const event = { first: "waggle-args", second: "two", size: 22n, same: pid, tgid: pid };
    expect((await seen.next()).value).toEqual(event);
    await seen.return?.();
  },
);

test("in process, from memory that the test gives", () => {
  const at = [0x5000n, 0x5100n, 0x5200n];
  const texts = ["waggle-args\0", "two\0", "third\0"];
  const { programs, maps } = simulateObject(object, {
    memory: [
      { address: 0x4000n, bytes: new Uint8Array(new BigUint64Array([...at, 0n, 0n, 0n]).buffer) },
      ...at.map((address, index) => ({ address, bytes: texts[index] ?? "" })),
    ],
  });
  programs.onExecve?.run({ fields: { argv: 0x4000n } });
  const { events } = maps;
  expect(events !== undefined && "records" in events ? events.records() : null).toEqual([expected]);
});

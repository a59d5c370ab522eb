/** Programs that read the kernel's types, in process: in the kernel that they declare, and in kernels that a test names. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { compile, formatDiagnostics } from "@waggle/compiler";
import { link } from "@waggle/linker";
import { type ByteOrder, encodeBtf, parseBtf } from "@waggle/object";
import { simulateObject, VmError } from "@waggle/vm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const here = import.meta.dirname;
const source = `import { currentTask, enumExists, enumValue, exists, flavour, offsetOf, sizeOf, tracepoint, u64 } from "@waggle/kernel";
import type { Bits, CString, i32, i64, KernelPtr, KernelStruct, TracepointContext, u32 } from "@waggle/kernel";
interface sched_entity extends KernelStruct<"sched_entity"> { readonly vruntime: u64 }
interface sched_entity___made_up extends KernelStruct<"sched_entity___made_up"> { readonly waited: u64 }
interface mm_struct extends KernelStruct<"mm_struct"> { readonly arg_start: u64 }
interface task_struct extends KernelStruct<"task_struct"> {
  readonly pid: i32; readonly tgid: i32; readonly real_parent: KernelPtr<task_struct>; readonly __state: u32;
  readonly se: sched_entity; readonly comm: CString<16>; readonly mm: KernelPtr<mm_struct>; readonly in_execve: Bits<u32, 1>;
}
interface task_struct___before extends KernelStruct<"task_struct___before"> { readonly state: i64 }
interface task_struct___made_up extends KernelStruct<"task_struct___made_up"> { readonly se: sched_entity___made_up; readonly pid: i32 }
interface absent_thing extends KernelStruct<"absent_thing"> { readonly a: i32 }
enum pid_type { PIDTYPE_PID, PIDTYPE_TGID }
enum pid_type___made_up { PIDTYPE_MADE_UP = 40 }
type Ctx = TracepointContext<"sched/sched_switch">;
export class Tasks {
  static state: u64 = 0n;
  static seen: u64 = 0n;
  @tracepoint("sched", "sched_switch") static states(_ctx: Ctx): i32 {
    const task = currentTask<task_struct>();
    Tasks.seen = 0n;
    if (exists<task_struct>("__state")) { Tasks.state = u64(task.__state); Tasks.seen |= 1n; }
    if (exists<task_struct___before>("state")) { Tasks.state += u64(flavour<task_struct___before>(task).state) * 1000n; Tasks.seen |= 2n; }
    if (exists<absent_thing>()) Tasks.seen |= 4n;
    return 0;
  }
  @tracepoint("sched", "sched_switch") static unasked(_ctx: Ctx): i32 {
    Tasks.state = u64(currentTask<task_struct>().__state);
    return 0;
  }
  @tracepoint("sched", "sched_switch") static reads(_ctx: Ctx): i32 {
    const task = currentTask<task_struct>();
    Tasks.state = u64(task.real_parent.real_parent.tgid) + task.se.vruntime * 100n + task.mm.arg_start * 10_000n + u64(task.in_execve) * 1_000_000n;
    if (task.comm.equals("sh")) Tasks.state += 10_000_000n;
    return task.pid;
  }
  @tracepoint("sched", "sched_switch") static numbers(_ctx: Ctx): i32 {
    Tasks.state = u64(sizeOf<task_struct>()) * 1_000_000n + u64(offsetOf<task_struct>("se.vruntime"));
    Tasks.seen = enumValue<typeof pid_type>("PIDTYPE_TGID");
    if (enumExists<typeof pid_type___made_up>("PIDTYPE_MADE_UP")) Tasks.seen += enumValue<typeof pid_type___made_up>("PIDTYPE_MADE_UP");
    return 0;
  }
  @tracepoint("sched", "sched_switch") static nested(_ctx: Ctx): i32 {
    const task = currentTask<task_struct>();
    const other = flavour<task_struct___made_up>(task);
    Tasks.state = task.se.vruntime;
    if (exists<task_struct___made_up>("se.waited")) Tasks.state += other.se.waited * 100n;
    return other.pid;
  }
}
`;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(here, ".build-"));
  writeFileSync(join(folder, "tasks.ts"), source);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function compiled(kernel: "5.10" | "5.11", byteOrder: ByteOrder = "little"): Uint8Array {
  const { classes, diagnostics } = compile({
    files: ["tasks.ts"],
    cwd: folder,
    target: { kernel, byteOrder },
  });
  expect(formatDiagnostics(diagnostics, { color: false, cwd: folder })).toBe("");
  return link(classes.map(({ name, object }) => ({ name, bytes: object }))).object;
}

const typesOf = (kernel: string): Uint8Array =>
  brotliDecompressSync(readFileSync(join(here, "fixtures", `${kernel}.btf.br`)));
const answersOf = (kernel: string): Record<string, number> =>
  JSON.parse(readFileSync(join(here, "fixtures", `${kernel}.json`), "utf8"));

// Compiled for 5.10 it reads by probes, for 5.11 by loads.
describe.each(["5.10", "5.11"] as const)("compiled for %s", (oldest) => {
  test("without a kernel's types all exists that is declared, each member in a place of its own", () => {
    const { programs, variables } = simulateObject(compiled(oldest));
    programs.states?.run({ task: { kernel: { __state: 7, state: 3n } } });
    expect([variables.state?.get(), variables.seen?.get()]).toEqual([3007n, 7n]);
    programs.numbers?.run();
    expect(variables.seen?.get()).toBe(41n);
    const result = programs.nested?.run({ task: { pid: 9, kernel: { se: { vruntime: 5n, waited: 6n } } } });
    expect([variables.state?.get(), result?.result]).toEqual([605n, 9]);
  });

  test.each([
    ["5.10", { state: 3n }, 3000n, 2n],
    ["6.12", { __state: 7 }, 7n, 1n],
  ] as const)("in Linux %s only its own layout exists", (kernel, given, state, seen) => {
    const { programs, variables } = simulateObject(compiled(oldest), { kernel: { btf: typesOf(kernel) } });
    programs.states?.run({ task: { kernel: given } });
    expect([variables.state?.get(), variables.seen?.get()]).toEqual([state, seen]);
    const other = kernel === "5.10" ? { __state: 1 } : { state: 1n };
    expect(() => programs.states?.run({ task: { kernel: other } })).toThrow(
      /^task\.kernel: task_struct of the kernel has no member (__)?state\n/,
    );
  });

  test.each(["5.10", "6.1", "6.12", "6.18", "7.3"])("in Linux %s fields are where it has them", (kernel) => {
    const { programs, variables } = simulateObject(compiled(oldest), { kernel: { btf: typesOf(kernel) } });
    const { result } = programs.reads?.run({
      task: {
        pid: 77,
        comm: "sh",
        kernel: {
          se: { vruntime: 11n },
          in_execve: 1,
          mm: { arg_start: 12n },
          real_parent: { real_parent: { tgid: 13 } },
        },
      },
    }) ?? { result: -1 };
    expect(result).toBe(77);
    expect(variables.state?.get()).toBe(13n + 1100n + 120_000n + 1_000_000n + 10_000_000n);
    programs.numbers?.run();
    const answers = answersOf(kernel);
    expect(variables.state?.get()).toBe(
      BigInt(answers["task_struct type size"] ?? 0) * 1_000_000n +
        BigInt(answers["task_struct.se.vruntime offset"] ?? 0),
    );
    expect(variables.seen?.get()).toBe(1n);
    programs.nested?.run({ task: { kernel: { se: { vruntime: 5n } } } });
    expect(variables.state?.get()).toBe(5n);
  });

  test("what that kernel lacks and the program does not ask for is an error at its line", () => {
    const { programs } = simulateObject(compiled(oldest), { kernel: { btf: typesOf("5.10") } });
    const line =
      source.split("\n").findIndex((text) => text.includes("currentTask<task_struct>().__state")) + 1;
    const error = (() => {
      try {
        return programs.unasked?.run();
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(VmError);
    expect(error).toMatchObject({ code: "not-in-kernel", location: { source: { line } } });
    expect(error).toMatchObject({
      reason: expect.stringMatching(
        /^the program needs the (offset|size) of task_struct\.__state, which the simulated kernel does not have$/,
      ),
      help: "ask exists<T>(…) or enumExists<typeof E>(…) first, and do without it where it is missing",
    });
  });
});

test("types that cannot be those of the kernel are refused", () => {
  const object = compiled("5.10");
  expect(() => simulateObject(object, { kernel: { btf: new Uint8Array(30) } })).toThrow(
    expect.objectContaining({
      code: "bad-option",
      message: expect.stringMatching(/^kernel\.btf: .*\n {2}help: give the bytes/s),
    }),
  );
  const big = encodeBtf(parseBtf(typesOf("5.10")).btf, null, "big").btf;
  expect(() => simulateObject(object, { kernel: { btf: big } })).toThrow(
    "kernel.btf is of a big-endian kernel, and the object of a little-endian one\n" +
      '  help: build the object with target.byteOrder "big", or give the types of another kernel',
  );
});

test("a big-endian kernel, by probes", () => {
  const { programs, variables } = simulateObject(compiled("5.10", "big"));
  programs.states?.run({ task: { kernel: { __state: 7, state: 3n } } });
  expect([variables.state?.get(), variables.seen?.get()]).toEqual([3007n, 7n]);
  const kernel = { se: { vruntime: 1n }, in_execve: 1, real_parent: { real_parent: { tgid: 2 } } };
  programs.reads?.run({ task: { pid: 5, comm: "x", kernel } });
  expect(variables.state?.get()).toBe(1_000_102n);
});

test("a kernel that has no such struct at all", () => {
  const { btf } = parseBtf(typesOf("5.10"));
  const types = btf.types.map((type) =>
    type.kind === "struct" && type.name === "task_struct" ? { ...type, name: "other" } : type,
  );
  const { programs } = simulateObject(compiled("5.10"), {
    kernel: { btf: encodeBtf({ types }, null, "little").btf },
  });
  expect(() => programs.states?.run({ task: { kernel: { pid: 1 } } })).toThrow(
    "task.kernel: the kernel has no task_struct\n  help: give the types of a whole kernel in kernel.btf",
  );
});

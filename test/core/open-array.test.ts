/** An array of the kernel that goes on past its end, read in the kernel that runs this: the process's number in its own namespace. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile, formatDiagnostics } from "@waggle/compiler";
import { canLoad, loadObject } from "@waggle/userspace";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(join(fileURLToPath(new URL(".", import.meta.url)), ".build-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const source = (elements: number): string => `
import { currentPid, currentTask, RingBuffer, tracepoint, u32 } from "@waggle/kernel";
import type { FixedArray, i32, KernelPtr, KernelStruct, TracepointContext } from "@waggle/kernel";
interface upid extends KernelStruct<"upid"> { readonly nr: i32 }
interface pid extends KernelStruct<"pid"> { readonly level: u32; readonly numbers: FixedArray<upid, ${elements}> }
interface task_struct extends KernelStruct<"task_struct"> { readonly thread_pid: KernelPtr<pid> }
interface Seen { pid: u32; level: u32; inner: i32; outer: i32; next: i32 }
export class Numbers {
  static readonly seen = new RingBuffer<Seen>({ bytes: 4096 });
  @tracepoint("sched", "sched_process_exec") static exec(ctx: TracepointContext<"sched/sched_process_exec">): void {
    const { thread_pid } = currentTask<task_struct>();
    const { level } = thread_pid;
    const outer = thread_pid.numbers[0].nr;
    Numbers.seen.output({ pid: currentPid(), level, inner: thread_pid.numbers[level].nr, outer, next: thread_pid.numbers[1].nr });
  }
}
`;

const kernel = canLoad();
test.skipIf(!kernel.ok).each([0, 1])(
  `declared with %i elements${kernel.ok ? "" : ` (skipped: ${kernel.reason})`}`,
  async (elements) => {
    const file = `numbers${elements}.ts`;
    writeFileSync(join(folder, file), source(elements));
    const { classes, diagnostics } = compile({ files: [file], cwd: folder });
    expect(formatDiagnostics(diagnostics, { color: false, cwd: folder })).toBe("");
    using app = loadObject(classes[0]?.object ?? new Uint8Array());
    const { exec } = app.programs;
    if (exec?.kind !== "tracepoint") throw new Error("exec is no tracepoint program");
    using _link = exec.attach();
    const child = spawnSync("/bin/true");
    for await (const record of app.maps.seen as AsyncIterable<Record<string, number>>) {
      if (record.pid !== child.pid) continue;
      const { level = -1, inner, outer, next } = record;
      // In the first namespace, the one that the kernel counts in, a process has one number.
      expect(level).toBeGreaterThanOrEqual(0);
      expect(outer).toBe(child.pid);
      if (level === 0) expect(inner).toBe(child.pid);
      if (level === 1) expect(next).toBe(inner);
      break;
    }
  },
);

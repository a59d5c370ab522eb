import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { compile, formatDiagnostics } from "@waggle/compiler";
import { link } from "@waggle/linker";
import { readObject } from "@waggle/object";
import { describe, expect, it } from "vitest";

const source = `import { range, xdp, XdpAction } from "@waggle/kernel";
import type { u32, XdpContext } from "@waggle/kernel";
interface Io { turns: u32; sum: u32; }
export class Counts {
  @xdp() static count(ctx: XdpContext): XdpAction {
    const io = ctx.at<Io>(0);
    if (io === null) return XdpAction.Aborted;
    let sum: u32 = 0;
    for (const i of range(io.turns)) sum += i;
    return sum === 4950 ? XdpAction.Drop : XdpAction.Pass;
  }
}
`;

/** Why libbpf cannot be asked here; null when it can. */
function whyNot(): string | null {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "loading needs root on Linux";
  const asked = spawnSync("bpftool", ["btf", "dump", "file", "/sys/kernel/btf/vmlinux"], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (asked.error !== undefined) return "bpftool is not installed";
  return asked.stdout.includes("FUNC 'bpf_iter_num_new'") ? null : "the kernel has no iterators (6.4)";
}
const reason = whyNot();

function bpftool(args: readonly string[]): string {
  const { status, stderr, stdout } = spawnSync("bpftool", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr.slice(-6000));
  return stdout;
}

describe.skipIf(reason !== null)(`libbpf${reason === null ? "" : ` (skipped: ${reason})`}`, () => {
  it.each([0, 2] as const)("loads a loop by the kernel's iterator, level %d", (optimize) => {
    const folder = mkdtempSync(join(import.meta.dirname, ".build-"));
    const pin = `/sys/fs/bpf/waggle-${basename(folder).slice(7)}`;
    const file = (name: string) => join(folder, name);
    try {
      writeFileSync(file("counts.ts"), source);
      const { classes, diagnostics } = compile({
        files: ["counts.ts"],
        cwd: folder,
        target: { byteOrder: "little", cpu: 3, kernel: "6.4" },
        optimize,
      });
      expect(formatDiagnostics(diagnostics, { color: false, cwd: folder })).toBe("");
      const { object } = link(classes.map((item) => ({ name: item.name, bytes: item.object })));
      const called = readObject(object).programs.flatMap(({ kernelCalls = [] }) => kernelCalls);
      expect(new Set(called.map(({ name }) => name))).toEqual(
        new Set(["bpf_iter_num_new", "bpf_iter_num_next", "bpf_iter_num_destroy"]),
      );
      writeFileSync(file("counts.o"), object);
      bpftool(["prog", "load", file("counts.o"), pin]);
      // 0 + 1 + … + 99 is 4950.
      for (const [turns, result] of [
        [100, 1],
        [99, 2],
      ] as const) {
        const packet = new Uint8Array(64);
        new DataView(packet.buffer).setUint32(0, turns, true);
        writeFileSync(file("packet"), packet);
        const answer = bpftool([
          "-j",
          "prog",
          "run",
          "pinned",
          pin,
          "data_in",
          file("packet"),
          "data_out",
          file("out"),
        ]);
        expect(JSON.parse(answer)).toMatchObject({ retval: result });
      }
    } finally {
      rmSync(pin, { force: true });
      rmSync(folder, { recursive: true });
    }
  });
});

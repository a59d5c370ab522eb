import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { clangCommand } from "./peers.js";
import { interleaved } from "./statistics.js";
import type { Row } from "./table.js";

const TURNS = 5;
const root = fileURLToPath(new URL("../..", import.meta.url));
const xtask = join(root, "packages/xtask/bin/xtask.js");

async function milliseconds(command: string, args: readonly string[], cwd: string): Promise<number> {
  const start = performance.now();
  await execa(command, args, { cwd });
  return performance.now() - start;
}

/** From the start of a process to the object written: `xtask build-ebpf` of an example beside clang of its C twin. */
export async function buildRow(name: string, folder: string): Promise<Row> {
  const example = join(root, "examples", name);
  const out = await mkdtemp(join(tmpdir(), "waggle-bench-out-"));
  const [clang, args] = clangCommand(name, folder);
  const times = await interleaved(
    TURNS,
    () => milliseconds(process.execPath, [xtask, "build-ebpf", "--force", "--out", out], example),
    () => milliseconds(clang, args, folder),
  );
  await rm(out, { recursive: true });
  return { what: `${name}: build, as a whole process`, ...times, unit: "ms" };
}

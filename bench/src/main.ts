import { readFile, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { canLoad } from "@waggle/userspace";
import { buildRow } from "./build-time.js";
import { execsnoopRows, flowsRows } from "./code.js";
import { compileNative, compileTwin, makeWorkFolder } from "./peers.js";
import { ringBufferRow } from "./ring-buffer.js";
import { formatTable } from "./table.js";

const example = (name: string) =>
  readFile(fileURLToPath(new URL(`../../examples/${name}/src/ebpf/${name}.o`, import.meta.url)));

/** Measures everything in one run, ours and the peer's in turns, and prints medians and their ratios. */
async function main(): Promise<void> {
  const kernel = canLoad();
  if (!kernel.ok) throw new Error(`The benchmark runs programs in the kernel. ${kernel.reason}`);
  const folder = await makeWorkFolder();
  try {
    const [flows, execsnoop, fill] = await Promise.all(
      ["flows", "execsnoop", "ring-fill"].map((name) => compileTwin(name, folder)),
    );
    const loop = await compileNative("execve-loop", folder, []);
    const reader = await compileNative("ring-reader", folder, ["-lbpf"]);
    const code = [
      ...(await flowsRows(await example("flows"), await readFile(flows ?? ""))),
      ...(await execsnoopRows(await example("execsnoop"), await readFile(execsnoop ?? ""), loop)),
    ];
    const build = [await buildRow("flows", folder), await buildRow("execsnoop", folder)];
    const ring = [await ringBufferRow(reader, fill ?? "")];
    console.log(`\n${formatTable("Code", "clang-19 -O2", code)}\n`);
    console.log(`${formatTable("Build", "clang-19 -O2", build)}\n`);
    console.log(`${formatTable("Reading", "libbpf (C)", ring)}\n`);
    console.log("Medians, the two taken in turns. A ratio below 1: Waggle costs less.");
  } finally {
    await rm(folder, { recursive: true });
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});

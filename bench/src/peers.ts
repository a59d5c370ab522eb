import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";

const sources = fileURLToPath(new URL("../c", import.meta.url));
const multiarch = { x64: "x86_64-linux-gnu", arm64: "aarch64-linux-gnu" }[process.arch as string];

/** A folder for what the peers make; it lies where the system keeps temporary files. */
export const makeWorkFolder = (): Promise<string> => mkdtemp(join(tmpdir(), "waggle-bench-"));

/** The command that compiles a C twin as its users do. */
export function clangCommand(name: string, folder: string): readonly [string, readonly string[]] {
  const include = multiarch === undefined ? [] : [`-I/usr/include/${multiarch}`];
  const output = join(folder, `${name}.bpf.o`);
  return [
    "clang-19",
    [
      "-O2",
      "-g",
      "-target",
      "bpf",
      "-mcpu=v3",
      ...include,
      "-c",
      join(sources, `${name}.bpf.c`),
      "-o",
      output,
    ],
  ];
}

/** Compiles a C twin and gives the object's path. */
export async function compileTwin(name: string, folder: string): Promise<string> {
  const [command, args] = clangCommand(name, folder);
  await execa(command, args);
  return join(folder, `${name}.bpf.o`);
}

/** Compiles one of the C programs for this machine and gives its path. */
export async function compileNative(
  name: string,
  folder: string,
  libraries: readonly string[],
): Promise<string> {
  const output = join(folder, name);
  await execa("clang-19", ["-O2", join(sources, `${name}.c`), ...libraries, "-o", output]);
  return output;
}

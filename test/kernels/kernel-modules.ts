import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";

/** A module of a kernel. */
export interface KernelModule {
  readonly name: string;
  /** Its file, not compressed. */
  readonly data: Buffer;
}

const suffix = /\.ko(\.xz|\.zst)?$/;
const plainName = (file: string): string => file.replace(suffix, "").replaceAll("-", "_");

/**
 * The modules of the names, and those that they need, in the order in which they are to be loaded. What is built into the kernel, or is
 * not of it, is left out.
 */
export async function modulesInOrder(
  folder: string,
  names: readonly string[],
): Promise<readonly KernelModule[]> {
  const files = new Map(
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((path) => suffix.test(path))
      .map((path) => [plainName(path.slice(path.lastIndexOf("/") + 1)), join(folder, path)]),
  );
  const found = new Map<string, KernelModule>();
  const add = async (name: string): Promise<void> => {
    const file = files.get(name);
    if (file === undefined || found.has(name)) return;
    const data = await contentOf(file);
    for (const needed of neededBy(data)) await add(needed);
    found.set(name, { name, data });
  };
  for (const name of names) await add(plainName(name));
  return [...found.values()];
}

async function contentOf(file: string): Promise<Buffer> {
  if (file.endsWith(".ko")) return readFileSync(file);
  const [program, ...args] = file.endsWith(".xz") ? ["xz", "-dc"] : ["zstd", "-dcq"];
  const { stdout } = await execa(program ?? "xz", [...args, file], { encoding: "buffer" });
  return Buffer.from(stdout);
}

/** The names in `depends=` of the section `.modinfo`. */
function neededBy(data: Buffer): readonly string[] {
  const mark = "\0depends=";
  const start = data.indexOf(mark);
  if (start < 0) return [];
  const text = data.toString("latin1", start + mark.length, data.indexOf(0, start + mark.length));
  return text
    .split(",")
    .filter((name) => name !== "")
    .map(plainName);
}

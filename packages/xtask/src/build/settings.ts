import { endianness } from "node:os";
import { join, resolve } from "node:path";
import type { XtaskConfig } from "../config/config.js";
import type { BuildOptions } from "./result.js";

/** What objects are made for, as the compiler takes it; a part of the build cache's key. */
export interface Target {
  readonly byteOrder: "little" | "big";
  readonly cpu?: 1 | 2 | 3 | 4;
  readonly kernel?: string;
}

/** What a command does, its options and the project's configuration taken together. */
export interface Settings {
  /** Absolute folder of the outputs. */
  readonly out: string;
  readonly target: Target;
}

/** The instruction sets by name. */
export const cpus = { v1: 1, v2: 2, v3: 3, v4: 4 } as const;

/** The command's options, else the configuration, else the defaults. */
export function resolveSettings(
  cwd: string,
  project: string,
  options: Pick<BuildOptions, "out" | "target" | "cpu" | "kernel">,
  config: XtaskConfig,
): Settings {
  const named = options.target === undefined ? undefined : options.target === "bpfeb" ? "big" : "little";
  const own = endianness() === "BE" ? "big" : "little";
  const cpu = options.cpu ?? (config.target?.cpu === undefined ? undefined : cpus[config.target.cpu]);
  const kernel = options.kernel ?? config.target?.kernel;
  return {
    out:
      options.out === undefined
        ? resolve(project, config.out ?? join("src", "ebpf"))
        : resolve(cwd, options.out),
    target: {
      byteOrder: named ?? config.target?.byteOrder ?? own,
      ...(cpu === undefined ? {} : { cpu }),
      ...(kernel === undefined ? {} : { kernel }),
    },
  };
}

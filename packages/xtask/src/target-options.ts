/** The options that several commands share: what is compiled for. They win over `xtask.config.ts`. */
import { InvalidArgumentError, Option } from "commander";
import { cpus } from "./build/settings.js";
import { wrongKernel } from "./config/rules.js";

/** `--target bpfel|bpfeb`. */
export const targetOption = (): Option =>
  new Option("--target <target>", "byte order (default: this machine's)").choices(["bpfel", "bpfeb"]);

/** `--cpu v1` to `--cpu v4`, as a number. */
export const cpuOption = (): Option =>
  new Option("--cpu <version>", "instruction set: v1, v2, v3 or v4").argParser((text) => {
    const found = Object.entries(cpus).find(([name]) => name === text);
    if (found === undefined) throw new InvalidArgumentError("Allowed choices are v1, v2, v3, v4.");
    return found[1];
  });

/** `--kernel 5.15`. */
export const kernelOption = (): Option =>
  new Option("--kernel <version>", 'oldest kernel that is to load the programs (default: "5.10")').argParser(
    (text) => {
      const wrong = wrongKernel(text);
      if (wrong !== null) throw new InvalidArgumentError(`It ${wrong}.`);
      return text;
    },
  );

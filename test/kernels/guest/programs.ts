// Runs in the guest: the checks of test/programs, whose classes the host has compiled. A line of JSON for each:
// { suite, name, result: "passed" | "failed" | "skipped", why }.
import { readFileSync } from "node:fs";
import { bpfModule, VerifierError } from "@waggle/userspace";
import { suites } from "../../programs/all.js";
import { lackOf } from "../../programs/machine.js";

/** Objects in base64 by file. */
const bundle: Record<string, string> = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8"));
// What ends with a check, such as a socket that was refused, must not end the others.
process.on("uncaughtException", (error) => console.log(`uncaught ${error}`));

for (const suite of suites) {
  const module = bpfModule<never>(bundle[suite.file] ?? "");
  for (const check of suite.checks) {
    const tell = (result: string, why = ""): void =>
      console.log(
        JSON.stringify({ suite: suite.className, name: check.name, kinds: check.kinds, result, why }),
      );
    const lack = lackOf(suite, check);
    if (lack !== null) {
      tell("skipped", lack);
      continue;
    }
    try {
      await check.run((options) => module.load(options));
      tell("passed");
    } catch (error) {
      tell(
        "failed",
        error instanceof VerifierError ? `${error.message}\n${error.log.slice(-3000)}` : String(error),
      );
    }
  }
}
process.exit(0);

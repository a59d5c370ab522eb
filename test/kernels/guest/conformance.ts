// Runs in the guest: the conformance programs, which the host has compiled. A line a group and way; a line a fault.
import { readFileSync } from "node:fs";
import { loadObject } from "@waggle/userspace";
import { all } from "../../conformance/all.js";
import { disagreements } from "../../conformance/packets.js";

/** Objects in base64 by class, by group and way. */
const bundle: Record<string, Record<string, string>> = JSON.parse(
  readFileSync(process.argv[2] ?? "", "utf8"),
);
let passed = 0;
let failed = 0;
for (const [key, objects] of Object.entries(bundle)) {
  const group = all.find(({ title }) => key.startsWith(`${title}: `));
  for (const item of group?.classes ?? []) {
    let faults: string[][];
    try {
      using app = loadObject(Buffer.from(objects[item.name] ?? "", "base64"), { config: item.config ?? {} });
      faults = item.cases.map((one) =>
        disagreements(one, "little", (name, data) => {
          const program = app.programs[name];
          if (program === undefined) throw new Error("no such program");
          return program.testRun({ data });
        }),
      );
    } catch (error) {
      // A class that is refused as a whole: the first program that the verifier does not take.
      faults = item.cases.map((one, index) => (index === 0 ? [`${one.name} ${String(error)}`] : []));
    }
    for (const texts of faults) {
      if (texts.length === 0) passed += 1;
      else failed += 1;
      for (const text of texts.slice(0, 2)) console.log(`fault ${key}, ${item.name}: ${text}`);
    }
  }
}
console.log(`conformance: ${passed} passed, ${failed} failed`);

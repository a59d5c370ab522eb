// Runs in the guest: loads objects. A line for each that the verifier refuses; at last how many it took.
import { readFileSync } from "node:fs";
import { loadObject, VerifierError } from "@waggle/userspace";

/** Objects in base64 by name. */
const objects: Record<string, string> = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8"));
let loaded = 0;
for (const [name, bytes] of Object.entries(objects)) {
  try {
    using _app = loadObject(Buffer.from(bytes, "base64"));
    loaded += 1;
  } catch (error) {
    const last =
      error instanceof VerifierError ? error.log.trim().split("\n").slice(-3).join(" | ") : String(error);
    console.log(`refused ${name}: ${last}`);
  }
}
console.log(`loads: ${loaded} of ${Object.keys(objects).length}`);

/** The classes of suites, compiled. */
import { fileURLToPath } from "node:url";
import { compile, formatDiagnostics } from "@waggle/compiler";
import { link } from "@waggle/linker";
import type { Suite } from "./check.js";

const own = new URL("kernel", import.meta.url);

/** The object of a suite's class. Throws an Error with what the compiler says. */
export function buildSuite({ className, file, kernel, folder: from = own }: Suite<never>): Uint8Array {
  const folder = fileURLToPath(from);
  const { classes, diagnostics } = compile({ files: [`${file}.ts`], cwd: folder, target: { kernel } });
  const made = classes.find(({ name }) => name === className);
  if (made === undefined || diagnostics.length > 0)
    throw new Error(
      `${file}.ts does not compile:\n${formatDiagnostics(diagnostics, { color: false, cwd: folder })}`,
    );
  return link([{ name: className, bytes: made.object }]).object;
}

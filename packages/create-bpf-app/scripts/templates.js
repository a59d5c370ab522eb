// Puts the repository's templates into the package while it is packed, and takes them away afterwards.
import { cpSync, rmSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";

const from = fileURLToPath(new URL("../../../templates", import.meta.url));
const to = fileURLToPath(new URL("../templates", import.meta.url));
/** What a build inside a template leaves behind. */
const leftovers = new Set(["node_modules", "dist", "ebpf", ".waggle", "package-lock.json"]);

rmSync(to, { recursive: true, force: true });
if (process.argv[2] === "copy") {
  cpSync(from, to, { recursive: true, filter: (path) => !leftovers.has(basename(path)) });
}

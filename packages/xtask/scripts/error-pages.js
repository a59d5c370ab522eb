// Puts the pages of docs/errors into the package while it is packed, and takes them away afterwards.
import { cpSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const from = fileURLToPath(new URL("../../../docs/errors", import.meta.url));
const to = fileURLToPath(new URL("../errors", import.meta.url));

rmSync(to, { recursive: true, force: true });
if (process.argv[2] === "copy") cpSync(from, to, { recursive: true });

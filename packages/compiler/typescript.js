/**
 * TypeScript's compiler, by require: an import of it has Node read its nine megabytes twice more, for the kind of module that they
 * are and for the names that they export, which is a quarter of a second at every start.
 */
import { createRequire } from "node:module";

export default createRequire(import.meta.url)("typescript");

import { builtinModules } from "node:module";

/** Why npm would refuse a name (its documentation of package.json, "name"); null when it would not. */
export function packageNameProblem(name: string): string | null {
  const row = rules.find(([broken]) => broken(name));
  return row === undefined ? null : row[1];
}

const bare = (name: string) => name.replace(/^@[^/]*\//, "");

/** In the order in which they help most. */
const rules: readonly (readonly [(name: string) => boolean, string])[] = [
  [(name) => bare(name) === "", "it is empty"],
  [(name) => name.length > 214, "it is longer than 214 characters"],
  [(name) => name !== name.toLowerCase(), "it has capital letters"],
  [(name) => /^[._]/.test(bare(name)), "it begins with a dot or an underscore"],
  [
    (name) => !/^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/.test(name),
    "only a to z, 0 to 9, and - . _ ~ may be in it",
  ],
  [(name) => ["node_modules", "favicon.ico"].includes(name), "npm keeps it for itself"],
  [(name) => builtinModules.includes(name), "a module of Node has it"],
];

/** The nearest valid name: "My App!" becomes "my-app". */
export function toPackageName(text: string): string {
  const name = text
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9._~-]+/g, "-")
    .replace(/^[._-]+|-+$/g, "")
    .slice(0, 214);
  return packageNameProblem(name) === null ? name : `bpf-${name || "app"}`;
}

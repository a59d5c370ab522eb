import { spawn } from "node:child_process";
import { UsageError } from "./errors.js";

/** How a package manager is spoken to. */
export interface PackageManager {
  readonly name: string;
  readonly install: readonly string[];
  readonly start: string;
}

const managers: readonly PackageManager[] = [
  { name: "npm", install: ["install"], start: "npm start" },
  { name: "pnpm", install: ["install"], start: "pnpm start" },
  { name: "yarn", install: ["install"], start: "yarn start" },
  { name: "bun", install: ["install"], start: "bun run start" },
];

/**
 * A package manager by name; without one, that which runs this process (`npm create` sets npm_config_user_agent), or npm.
 * @throws UsageError for a name that is none
 */
export function findPackageManager(name: string | undefined, userAgent: string | undefined): PackageManager {
  const [npm] = managers;
  if (npm === undefined) throw new Error("no package managers");
  if (name === undefined) return managers.find((each) => userAgent?.startsWith(`${each.name}/`)) ?? npm;
  const found = managers.find((each) => each.name === name);
  if (found !== undefined) return found;
  throw new UsageError(
    `no package manager ${name}; there are ${managers.map((each) => each.name).join(", ")}`,
  );
}

/** Installs a project's packages; what it says goes to standard error. Resolves to whether it went well. */
export function install(manager: PackageManager, folder: string): Promise<boolean> {
  return new Promise((resolve) => {
    // On Windows package managers are scripts, which only a shell runs. All words are ours.
    const shell = process.platform === "win32";
    const child = spawn(manager.name, manager.install, { cwd: folder, stdio: ["ignore", 2, 2], shell });
    child.on("error", () => resolve(false));
    child.on("close", (code) => resolve(code === 0));
  });
}

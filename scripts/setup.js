// Makes a checkout ready to run: checks Node, installs what the lock file names, builds what is not built.
// It runs before anything is installed, so it uses Node's own modules only.
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const npm = process.platform === "win32" ? "npm.cmd" : "npm";

function run(command, args) {
  const done = spawnSync(command, args, {
    cwd: root,
    stdio: "inherit",
    shell: process.platform === "win32",
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" },
  });
  if (done.error) throw done.error;
  if (done.status !== 0) process.exit(done.status ?? 1);
}

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `Waggle needs Node 20.19 or newer; this is ${process.version}. Get a newer one from nodejs.org.`,
  );
  process.exit(1);
}

const installed = `${root}/node_modules/.package-lock.json`;
const lock = `${root}/package-lock.json`;
if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lock).mtimeMs) {
  console.log("Installing the dependencies …");
  run(npm, ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
}
console.log("Building what has changed; the first time takes a minute or two …");
run(process.execPath, [
  `${root}/node_modules/turbo/bin/turbo`,
  "run",
  "build",
  "--output-logs=errors-only",
  "--log-order=grouped",
]);

// Checks that this machine has the programs of other projects that a command of this repository runs, and installs what is missing
// on Debian and Ubuntu: `node scripts/needs.js kernels`. Users of Waggle need none of them.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { env } from "node:process";
import { execa } from "execa";

/** A program or a header that is needed: the paths of which one must exist, or a name to look for on PATH, and Debian's package. */
const needs = {
  // Other kernels boot in QEMU, from an initramfs with a static busybox.
  kernels: [
    { program: "qemu-system-x86_64", package: "qemu-system-x86" },
    { paths: ["/bin/busybox", "/usr/bin/busybox"], package: "busybox-static" },
    { program: "ip", package: "iproute2" },
  ],
  // The peers: clang compiles the same programs, and libbpf reads the same ring buffers.
  bench: [
    { program: "clang-19", package: "clang-19" },
    { paths: ["/usr/include/bpf/libbpf.h"], package: "libbpf-dev" },
  ],
};

const command = process.argv[2] ?? "";
const rows = needs[command];
if (rows === undefined)
  throw new Error(`needs of ${command}: expected one of ${Object.keys(needs).join(", ")}`);

const isOnPath = (name) =>
  (env.PATH ?? "").split(delimiter).some((folder) => folder !== "" && existsSync(join(folder, name)));
const isThere = ({ program, paths }) =>
  program === undefined ? paths.some((path) => existsSync(path)) : isOnPath(program);
const nameOf = ({ program, paths }) => program ?? paths[0];

/** Ends with what is missing and how to get it. */
function fail(missing, reason) {
  const packages = missing.map((row) => row.package).join(" ");
  console.error(
    `npm run ${command} needs ${missing.map(nameOf).join(", ")}: ${reason}.\n` +
      `On Debian and Ubuntu, as root: apt-get update && apt-get install --no-install-recommends ${packages}`,
  );
  process.exit(1);
}

async function install(missing) {
  if (!isOnPath("apt-get")) fail(missing, "this machine has no apt-get to install it with");
  if (process.getuid?.() !== 0) fail(missing, "installing it needs root");
  const packages = missing.map((row) => row.package);
  console.log(`Installing ${packages.join(" and ")} for npm run ${command} …`);
  const options = {
    env: { DEBIAN_FRONTEND: "noninteractive" },
    stdio: ["ignore", "ignore", "inherit"],
    reject: false,
    timeout: 600_000,
  };
  const args = ["-q", "-o", "DPkg::Lock::Timeout=120"];
  const update = await execa("apt-get", [...args, "update"], options);
  const done = await execa(
    "apt-get",
    [...args, "install", "-y", "--no-install-recommends", ...packages],
    options,
  );
  const left = missing.filter((row) => !isThere(row));
  if (left.length > 0) {
    const failed = done.failed ? done : update;
    fail(left, failed.failed ? `apt-get failed (${failed.shortMessage})` : "apt-get installed it elsewhere");
  }
}

const missing = rows.filter((row) => !isThere(row));
if (missing.length > 0) await install(missing);

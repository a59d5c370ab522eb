import { existsSync } from "node:fs";
import { readdir, readFile, realpath } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import ts from "typescript";
import { type CpioEntry, writeCpio } from "./cpio.js";
import { exitProgram } from "./exit-program.js";
import type { KernelModule } from "./kernel-modules.js";

/** What runs in the guest. */
export interface GuestProgram {
  /** Path of a TypeScript or JavaScript module, in this repository. */
  readonly program: string;
  readonly args?: readonly string[];
  /** Files of this repository that it reads, as paths from the repository's root. */
  readonly files?: readonly string[];
}

/** Lines on the serial line that frame the program's output. */
export const marks = { start: "@@waggle start", end: "@@waggle end" } as const;

/** Added to the status that the guest reports: a printable byte, and different from every status of QEMU's own. */
export const STATUS_OFFSET = 64;
/** A byte's worth of status, less the offset and the bit that QEMU adds. */
export const LARGEST_STATUS = 63;

const root = fileURLToPath(new URL("../..", import.meta.url));
const packages = ["object", "kernel", "vm", "userspace"];
const busybox = ["/bin/busybox", "/usr/bin/busybox"];

/** The path of a static busybox. Throws an Error that says what to install. */
export function findBusybox(): string {
  const found = busybox.find((path) => existsSync(path));
  if (found === undefined) throw new Error("needs busybox: apt-get install busybox-static");
  return found;
}

/**
 * The root file system of the guest: busybox, this Node with its shared libraries, and this repository's build at
 * /waggle. `/init` runs the program and reports its status. Throws an Error that says what is missing on this machine.
 */
export async function makeInitramfs(
  guest: GuestProgram,
  kernelModules: readonly KernelModule[] = [],
): Promise<Buffer> {
  const entries: CpioEntry[] = [
    ...["proc", "sys", "dev", "tmp", "root", "modules"].map(
      (path): CpioEntry => ({ kind: "directory", path }),
    ),
    { kind: "character-device", path: "dev/console", major: 5, minor: 1 },
    { kind: "file", path: "init", data: Buffer.from(initScript(guest)), executable: true },
    { kind: "file", path: "bin/busybox", data: await readFile(findBusybox()), executable: true },
    ...["sh", "true", "sleep", "mount", "umount"].map(
      (name): CpioEntry => ({ kind: "symlink", path: `bin/${name}`, target: "busybox" }),
    ),
    { kind: "file", path: "bin/end-machine", data: exitProgram(), executable: true },
    { kind: "file", path: "bin/node", data: await readFile(process.execPath), executable: true },
    ...(await sharedLibraries(process.execPath)),
    ...(await modules(guest.program)),
    ...kernelModules.map(
      // In the order of their names.
      ({ name, data }, index): CpioEntry => ({
        kind: "file",
        path: `modules/${String(index).padStart(3, "0")}-${name}.ko`,
        data,
      }),
    ),
    { kind: "file", path: "waggle/package.json", data: Buffer.from('{"type":"module"}') },
  ];
  for (const name of packages) {
    if (!existsSync(join(root, "packages", name, "dist"))) {
      throw new Error(`packages/${name} is not built: npm run build`);
    }
    entries.push(...(await tree(`packages/${name}/dist`)), await file(`packages/${name}/package.json`));
    const link = `waggle/node_modules/@waggle/${name}`;
    entries.push({ kind: "symlink", path: link, target: `../../packages/${name}` });
  }
  const koffi = ["package.json", "index.js", "index.cjs", "indirect.js", "indirect.cjs", "lib", "src/koffi"];
  for (const name of koffi) entries.push(...(await tree(`node_modules/koffi/${name}`)));
  entries.push(...(await tree("node_modules/@koromix")));
  for (const path of guest.files ?? []) entries.push(await file(path));
  return writeCpio(entries);
}

function initScript({ program, args = [] }: GuestProgram): string {
  const quote = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;
  const command = ["/bin/node", guestPath(asJavaScript(program)), ...args].map(quote).join(" ");
  return `#!/bin/sh
export PATH=/bin HOME=/root
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sysfs /sys
$b mount -t devtmpfs devtmpfs /dev
$b mount -t tracefs tracefs /sys/kernel/tracing
$b mount -t bpf bpf /sys/fs/bpf
$b mount -t cgroup2 cgroup2 /sys/fs/cgroup
$b ip link set lo up
for module in /modules/*.ko; do [ -e "$module" ] && $b insmod "$module"; done
[ -e /dev/loop0 ] && $b dd if=/dev/zero of=/tmp/disk bs=1024k count=4 2>/dev/null && $b losetup /dev/loop0 /tmp/disk
cd /waggle
echo "${marks.start} $($b uname -r)"
${command}
status=$?
[ $status -gt ${LARGEST_STATUS} ] && status=${LARGEST_STATUS}
echo "${marks.end} $status"
/bin/end-machine "$($b printf "\\\\$($b printf %o $((status + ${STATUS_OFFSET})))")"
$b reboot -f
`;
}

const asJavaScript = (path: string) => path.replace(/\.ts$/, ".js");
const guestPath = (path: string) => `/waggle/${relative(root, path)}`;

/** The program and the modules of this repository that it imports, as JavaScript at the same paths. */
async function modules(program: string): Promise<CpioEntry[]> {
  const entries = new Map<string, CpioEntry>();
  const add = async (path: string): Promise<void> => {
    if (entries.has(path)) return;
    const data = await readFile(path, "utf8");
    const { outputText } = ts.transpileModule(data, {
      fileName: path,
      compilerOptions: {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.ESNext,
        verbatimModuleSyntax: true,
      },
    });
    entries.set(path, {
      kind: "file",
      path: guestPath(asJavaScript(path)).slice(1),
      data: Buffer.from(outputText),
    });
    // Imports of types are gone from the output.
    for (const { fileName } of ts.preProcessFile(outputText).importedFiles) {
      if (!fileName.startsWith(".")) continue;
      const target = join(dirname(path), fileName);
      const source = target.replace(/\.js$/, ".ts");
      await add(existsSync(source) ? source : target);
    }
  };
  await add(program);
  return [...entries.values()];
}

async function sharedLibraries(binary: string): Promise<CpioEntry[]> {
  const { stdout } = await execa("ldd", [binary]);
  const paths = [...stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, path = ""]) => path);
  return Promise.all(
    paths.map(
      async (path): Promise<CpioEntry> => ({
        kind: "file",
        path: path.slice(1),
        data: await readFile(await realpath(path)),
        executable: true,
      }),
    ),
  );
}

async function file(path: string): Promise<CpioEntry> {
  return { kind: "file", path: `waggle/${path}`, data: await readFile(join(root, path)) };
}

/** A file, or a directory with all that is in it, without declarations. */
async function tree(path: string): Promise<CpioEntry[]> {
  const found = await readdir(join(root, path), { withFileTypes: true }).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOTDIR") return null;
    throw error;
  });
  if (found === null) return [await file(path)];
  const inside = found.filter(({ name }) => !name.endsWith(".d.ts"));
  return (await Promise.all(inside.map(({ name }) => tree(`${path}/${name}`)))).flat();
}

import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { env } from "node:process";
import { execa } from "execa";

/** A kernel image on this machine. */
export interface KernelImage {
  /** Debian's name of the package that it is from. */
  readonly packageName: string;
  /** Path of the bzImage. */
  readonly file: string;
  /** The folder with its modules, as they are in the package. */
  readonly modules: string;
}

const suites = ["bullseye", "bookworm", "trixie", "trixie-backports", "forky", "sid"];
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
const WEEK = 7 * 24 * 3600 * 1000;

/** Where downloads are kept: `waggle/kernels` under XDG_CACHE_HOME or ~/.cache. */
export function cacheDirectory(): string {
  return join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "waggle", "kernels");
}

/**
 * The kernel of Debian's cloud flavour for `version`: "6.1" is the newest 6.1 in the archive, "newest" the newest of all.
 * Downloads it the first time. Throws an Error that says what is missing. Needs apt; nothing is installed.
 */
export async function debianKernel(version: string): Promise<KernelImage> {
  const cache = cacheDirectory();
  const apt = await openApt(join(cache, "apt"));
  const packageName = newest(await apt.names("linux-image-"), version);
  if (packageName === null) {
    throw new Error(`no kernel ${version} of the cloud flavour in ${suites.join(", ")}; ${apt.problem}`);
  }
  const file = join(cache, "images", packageName);
  const modules = `${file}.modules`;
  if (!existsSync(file) || !existsSync(modules)) await extractImage(apt, packageName, file, modules);
  return { packageName, file, modules };
}

/** The name of the newest package for `version` among the names of kernel packages, or null. */
export function newest(names: readonly string[], version: string): string | null {
  const found = names.flatMap((name) => {
    const [, release] = /^linux-image-(\d[\d.]*(?:-\d+)?)(?:\+\w+)?-cloud-amd64$/.exec(name) ?? [];
    if (release === undefined) return [];
    const numbers = release.split(/[.-]/).map(Number);
    const wanted =
      version === "newest" || version.split(".").every((part, at) => Number(part) === numbers[at]);
    return wanted ? [{ name, numbers }] : [];
  });
  const [best] = found.sort((a, b) => compare(b.numbers, a.numbers));
  return best?.name ?? null;
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

interface Apt {
  /** Names of packages that begin so. */
  names(prefix: string): Promise<string[]>;
  /** Names of the packages that `name` needs. */
  dependencies(name: string): Promise<string[]>;
  /** Downloads packages into a directory. */
  download(names: readonly string[], directory: string): Promise<void>;
  /** What went wrong while reading the archive's lists, for messages. */
  readonly problem: string;
}

/** apt with a configuration, lists and cache of its own: the machine's archive, with the suites that have our kernels. */
async function openApt(directory: string): Promise<Apt> {
  const lists = join(directory, "lists");
  const cache = join(directory, "cache");
  await mkdir(join(lists, "partial"), { recursive: true });
  await mkdir(join(cache, "archives", "partial"), { recursive: true });
  const sources = join(directory, "sources.list");
  const signedBy = existsSync(keyring) ? ` signed-by=${keyring}` : "";
  const archive = await archiveAddress();
  await writeFile(
    sources,
    suites.map((suite) => `deb [arch=amd64${signedBy}] ${archive} ${suite} main\n`).join(""),
  );
  const options = [
    `Dir::Etc::sourcelist=${sources}`,
    "Dir::Etc::sourceparts=-",
    `Dir::State::lists=${lists}`,
    `Dir::Cache=${cache}`,
    // Root's cache is not readable for apt's own user.
    ...(process.getuid?.() === 0 ? ["APT::Sandbox::User=root"] : []),
  ].flatMap((option) => ["-o", option]);

  let problem = "the archive's lists were read without errors";
  const stamp = join(directory, "updated");
  const updated = await stat(stamp).catch(() => null);
  if (updated === null || Date.now() - updated.mtimeMs > WEEK) {
    const { exitCode, stderr } = await execa("apt-get", [...options, "-q", "update"], { reject: false });
    // A suite that is gone is no failure as long as the others have what is asked for.
    if (exitCode === 0) await writeFile(stamp, "");
    else problem = `apt-get update said:\n${stderr}`;
  }
  return {
    problem,
    names: async (prefix) => {
      const { stdout } = await execa("apt-cache", [...options, "pkgnames", prefix]);
      return stdout.split("\n");
    },
    dependencies: async (name) => {
      const { stdout } = await execa("apt-cache", [...options, "depends", "--important", name]);
      return [...stdout.matchAll(/^ *\|?Depends: (\S+)$/gm)].map(([, dependency = ""]) => dependency);
    },
    download: async (names, into) => {
      await execa("apt-get", [...options, "-q", "download", ...names], { cwd: into });
    },
  };
}

/** The address of the Debian archive that this machine's own apt uses, or WAGGLE_DEBIAN_ARCHIVE. */
async function archiveAddress(): Promise<string> {
  const given = env.WAGGLE_DEBIAN_ARCHIVE;
  if (given) return given;
  const format = "$(ORIGIN)\t$(CODENAME)\t$(REPO_URI)";
  const { stdout, failed } = await execa(
    "apt-get",
    ["indextargets", "--format", format, "Created-By: Packages"],
    { reject: false },
  );
  if (failed) throw new Error("apt-get does not run here: kernels are taken from Debian's packages");
  const targets = stdout.split("\n").map((line) => line.split("\t"));
  const main = targets.find(([origin, codename = ""]) => origin === "Debian" && /^[a-z]+$/.test(codename));
  if (main?.[2] !== undefined) return main[2];
  throw new Error(
    "apt on this machine has no lists of a Debian archive: run `apt-get update`, or give an archive's address in WAGGLE_DEBIAN_ARCHIVE",
  );
}

/** Downloads a kernel's package and puts its image at `file`, and its modules beside. Newer kernels have packages of their own for them. */
async function extractImage(apt: Apt, packageName: string, file: string, modules: string): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), "waggle-kernel-"));
  try {
    const release = packageName.replace("linux-image-", "");
    const wanted = [`linux-binary-${release}`, `linux-modules-${release}`];
    const parts = (await apt.dependencies(packageName)).filter((name) => wanted.includes(name));
    await apt.download([packageName, ...parts], work);
    const root = join(work, "root");
    for (const name of await readdir(work)) await execa("dpkg-deb", ["-x", join(work, name), root]);
    const places = [join("boot", `vmlinuz-${release}`), join("usr", "lib", "modules", release, "vmlinuz")];
    const image = places.find((path) => existsSync(join(root, path)));
    if (image === undefined) throw new Error(`${[packageName, ...parts].join(" and ")} have no kernel image`);
    const data = await readFile(join(root, image));
    await mkdir(join(file, ".."), { recursive: true });
    const tree = ["lib", join("usr", "lib")].map((folder) =>
      join(root, folder, "modules", release, "kernel"),
    );
    const found = tree.find((folder) => existsSync(folder));
    if (found === undefined) throw new Error(`${[packageName, ...parts].join(" and ")} have no modules`);
    await rm(modules, { recursive: true, force: true });
    await cp(found, `${modules}.part`, { recursive: true });
    await rename(`${modules}.part`, modules);
    await writeFile(`${file}.part`, data);
    await rename(`${file}.part`, file);
  } finally {
    await rm(work, { recursive: true });
  }
}

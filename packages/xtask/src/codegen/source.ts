/** Where a kernel's types come from: the running kernel, a file, a module, or what Waggle brings. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { release } from "node:os";
import { basename, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliDecompressSync } from "node:zlib";
import type { Btf, ParsedBtf } from "@waggle/object";
import { nearest, ObjectError, parseBtf, parseSplitBtf, readElf } from "@waggle/object";
import { BuildCode, BuildFailure, buildDiagnostic, displayPath } from "../build/diagnostics.js";
import { systemReason } from "../build/system-error.js";
import { UsageError } from "../usage-error.js";
import type { TracepointEvents } from "./tracefs.js";
import { openEvents } from "./tracefs.js";

/** How the command line chooses. */
export interface SourceChoice {
  /** A BTF file, or an ELF file with one in it. */
  readonly btf?: string;
  /** The BTF of a module, which goes on where that of `btf` ends. */
  readonly split?: string;
  /** A module of the running kernel. */
  readonly module?: string;
  /** The types that Waggle brings, whatever kernel runs. */
  readonly builtin?: boolean;
}

/** A kernel's types. */
export interface BtfSource {
  readonly btf: Btf;
  /** For comments in the file: "Linux 6.18.44". The same for the same types. */
  readonly label: string;
  /** For a person: what was read. */
  readonly description: string;
  /** The choice as options, for the header of the file. */
  readonly options: readonly string[];
  /** The tracepoints of that kernel. */
  readonly events: TracepointEvents;
  /** What a person should know; null when nothing. */
  readonly note: string | null;
}

/** Formats of tracepoints are files of tracefs: only a kernel that runs has them. */
const noEvents: TracepointEvents = { unavailable: "only the running kernel tells them" };
const running = "/sys/kernel/btf";
const data = fileURLToPath(new URL("../../data", import.meta.url));

/**
 * Reads the types that were chosen. Without a choice: the running kernel's when it has any, else those that Waggle brings.
 * @throws UsageError for choices that exclude each other and for files and modules that are not there
 * @throws BuildFailure for a file that holds no BTF
 */
export function openSource(choice: SourceChoice, cwd: string): BtfSource {
  const { btf, split, module } = choice;
  if (choice.builtin === true) {
    if (btf !== undefined || split !== undefined || module !== undefined) {
      throw new UsageError("--builtin excludes --btf, --split and --module");
    }
    return openBuiltin(["--builtin"], null);
  }
  if (split !== undefined && btf === undefined) {
    throw new UsageError("--split goes on from the types of a kernel: give those too, with --btf FILE");
  }
  if (split !== undefined && module !== undefined)
    throw new UsageError("--split and --module exclude each other");
  if (btf !== undefined && module !== undefined) {
    throw new UsageError(
      "--module is of the running kernel: with --btf FILE, give the module's file with --split",
    );
  }
  if (btf !== undefined) return openFiles(btf, split, cwd);
  const vmlinux = `${running}/vmlinux`;
  if (!existsSync(vmlinux)) {
    if (module !== undefined) {
      throw new UsageError(`--module ${module}: this machine has no ${running}; use --btf FILE --split FILE`);
    }
    const note = `no ${vmlinux} here: the types that Waggle brings are used; --btf FILE takes others`;
    return openBuiltin([], note);
  }
  const base = parse(vmlinux, readBytes(vmlinux, vmlinux));
  const label = `Linux ${release()}`;
  const events = openEvents();
  if (module === undefined) {
    const description = `the running kernel, ${label}`;
    return { btf: base.btf, label, description, options: [], events, note: null };
  }
  const file = `${running}/${module}`;
  if (module.includes("/") || !existsSync(file)) throw new UsageError(noModule(module));
  const parsed = parse(file, readBytes(file, file), base);
  const description = `module ${module} of the running kernel, ${label}`;
  return { btf: parsed.btf, label, description, options: ["--module", module], events, note: null };
}

function noModule(module: string): string {
  const modules = readdirSync(running).filter((name) => name !== "vmlinux");
  const close = nearest(module, modules);
  const hint =
    close !== null
      ? `did you mean ${close}?`
      : "load it first (modprobe), if it is not built into the kernel";
  return `--module ${module}: the running kernel has no types of such a module; ${hint}`;
}

function openFiles(btf: string, split: string | undefined, cwd: string): BtfSource {
  const path = resolve(cwd, btf);
  const base = parse(path, readBytes(path, btf));
  const options = ["--btf", slashes(cwd, path)];
  if (split === undefined) {
    const label = basename(path);
    return {
      btf: base.btf,
      label,
      description: displayPath(cwd, path),
      options,
      events: noEvents,
      note: null,
    };
  }
  const splitPath = resolve(cwd, split);
  const parsed = parse(splitPath, readBytes(splitPath, split), base);
  return {
    btf: parsed.btf,
    label: `${basename(splitPath)} on ${basename(path)}`,
    description: `${displayPath(cwd, splitPath)} on ${displayPath(cwd, path)}`,
    options: [...options, "--split", slashes(cwd, splitPath)],
    events: noEvents,
    note: null,
  };
}

function slashes(cwd: string, path: string): string {
  return displayPath(cwd, path);
}

function openBuiltin(options: readonly string[], note: string | null): BtfSource {
  const file = readdirSync(data).find((name) => name.endsWith(".btf.br"));
  if (file === undefined) throw new Error(`no types in ${data}`);
  const { btf } = parseBtf(brotliDecompressSync(readFileSync(resolve(data, file))));
  const label = file.replace(/^linux-/, "Linux ").replace(/\.btf\.br$/, "");
  return {
    btf,
    label,
    description: `the types that Waggle brings, of ${label}`,
    options,
    events: noEvents,
    note,
  };
}

function readBytes(path: string, shown: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UsageError(`cannot read ${shown}: ${systemReason(error)}`);
  }
}

function parse(path: string, bytes: Uint8Array, base?: ParsedBtf): ParsedBtf {
  try {
    const raw = isElf(bytes) ? sectionOf(path, bytes) : bytes;
    return base === undefined ? parseBtf(raw) : parseSplitBtf(raw, base);
  } catch (error) {
    if (!(error instanceof ObjectError)) throw error;
    throw new BuildFailure([noBtf(path, error.message, helpFor(bytes, base))]);
  }
}

function noBtf(path: string, reason: string, help: string | null) {
  const message = `${path} has no types that can be read: ${reason}`;
  return buildDiagnostic(BuildCode.CannotRead, path, message, help === null ? {} : { help });
}

function helpFor(bytes: Uint8Array, base: ParsedBtf | undefined): string | null {
  if (base !== undefined) return "the module must have been built for the very kernel that --btf is of";
  // Compressed kernels: gzip, zstd, xz, and the "MZ" of a bzImage.
  const [a, b] = bytes;
  const compressed = (a === 0x1f && b === 0x8b) || (a === 0x28 && b === 0xb5) || (a === 0xfd && b === 0x37);
  if (compressed || (a === 0x4d && b === 0x5a)) {
    return "give the uncompressed kernel (vmlinux, not vmlinuz), or a copy of /sys/kernel/btf/vmlinux";
  }
  return "give a copy of /sys/kernel/btf/vmlinux, or an ELF file with a section .BTF";
}

function isElf(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;
}

function sectionOf(path: string, bytes: Uint8Array): Uint8Array {
  const sections = elfSections(bytes);
  if (sections.has(".BTF.base")) {
    const help = "read it from /sys/kernel/btf with --module, where the kernel has put it right";
    throw new BuildFailure([noBtf(path, "it goes on from a base of its own (.BTF.base)", help)]);
  }
  const section = sections.get(".BTF");
  if (section !== undefined) return section;
  const help = "it was built without CONFIG_DEBUG_INFO_BTF, or was stripped";
  throw new BuildFailure([noBtf(path, "the ELF file has no section .BTF", help)]);
}

/** Sections of a BPF object, a kernel or a module by name. The first two bytes of each entry's name are enough to find it. */
function elfSections(bytes: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const machine = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // EM_BPF: the reader of objects knows it and checks more.
  const little = bytes[5] !== 2;
  if (bytes.length > 20 && machine.getUint16(18, little) === 247) {
    return new Map(readElf(bytes).sections.map((section) => [section.name, section.data]));
  }
  return foreignSections(bytes, machine, little);
}

/** Sections of a 64-bit ELF file of any machine (elf(5)), which `readElf` refuses as no BPF object. */
function foreignSections(
  bytes: Uint8Array,
  view: DataView,
  little: boolean,
): ReadonlyMap<string, Uint8Array> {
  const cut = (): ObjectError =>
    new ObjectError("unsupported-elf", "the ELF file is cut short or of no known form");
  if (bytes[4] !== 2 || bytes.length < 64) throw cut();
  const word = (at: number): number => {
    if (at + 8 > bytes.length) throw cut();
    const value = view.getBigUint64(at, little);
    if (value > BigInt(bytes.length)) throw cut();
    return Number(value);
  };
  const table = word(0x28);
  const count = view.getUint16(0x3c, little);
  const names = view.getUint16(0x3e, little);
  if (table + count * 64 > bytes.length || names >= count) throw cut();
  const content = (index: number): Uint8Array => {
    const at = table + index * 64;
    // SHT_NOBITS has no bytes in the file.
    if (view.getUint32(at + 4, little) === 8) return new Uint8Array();
    const start = word(at + 24);
    return bytes.subarray(start, start + word(at + 32));
  };
  const strings = content(names);
  const found = new Map<string, Uint8Array>();
  for (let index = 0; index < count; index++) {
    const start = view.getUint32(table + index * 64, little);
    const end = strings.indexOf(0, start);
    const name = new TextDecoder().decode(strings.subarray(start, end === -1 ? undefined : end));
    if (name === ".BTF" || name === ".BTF.base") found.set(name, content(index));
  }
  return found;
}

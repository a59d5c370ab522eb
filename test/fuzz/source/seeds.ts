/** Sources that mutations start from: the examples, the templates, the compiler's fixtures and the conformance programs. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import ts from "typescript";

/** The repository: this file may be the source or what is built of it. */
export const root = fileURLToPath(import.meta.url).replace(/test[\\/]fuzz[\\/].*$/, "");

/** A kernel file. */
export interface Seed {
  readonly name: string;
  /** The folder that its imports are relative to. */
  readonly folder: string;
  readonly text: string;
  /** The oldest kernel that it is written for. */
  readonly kernel: string;
}

/** The compiler's default. */
const oldest = "5.10";

/** All seeds, in an order that is the same in every run. */
export async function readSeeds(): Promise<readonly Seed[]> {
  return [...kernelFiles(), ...fixtures("accepted"), ...fixtures("rejected"), ...(await conformance())];
}

function kernelFiles(): Seed[] {
  return ["examples", "templates"].flatMap((kind) =>
    readdirSync(join(root, kind), { recursive: true, encoding: "utf8" })
      .filter((path) => /[\\/]src[\\/]kernel[\\/].*\.ts$/.test(path) && !path.includes("node_modules"))
      .filter((path) => basename(path) !== "vmlinux.ts")
      .sort()
      .map((path) => ({
        name: `${kind}/${path}`,
        folder: dirname(join(root, kind, path)),
        text: readFileSync(join(root, kind, path), "utf8"),
        kernel: oldest,
      })),
  );
}

/** Where seeds without imports of their own stand. */
const here = join(root, "test/fuzz/source");

/** What the statements of a fixture find around them. */
const preamble = `import * as kernel from "@waggle/kernel";
import { ArrayMap, HashMap, LruHashMap, PerCpuArrayMap, RingBuffer, XdpAction, be16, be32, be64, config, currentComm, currentPid, getCurrentPidTgid, getPrandomU32, i16, i32, i64, i8, ktimeGetNs, probeReadUserStr, program, copyOf, sizeof, tracepoint, u16, u32, u64, u8, xdp, zeroed } from "@waggle/kernel";
import type { CString, FixedArray, Ref, TracepointContext, UserPtr, XdpContext } from "@waggle/kernel";
import { EthProto, IpProto, ipHeaderLength } from "@waggle/kernel/net";
import type { EthHdr, IpHdr, Ipv6Hdr, TcpHdr, UdpHdr } from "@waggle/kernel/net";
interface Key { a: u32; b: u8 }
interface Stats { packets: u64; bytes: u64 }
interface Event { pid: u32; comm: CString<16>; mac: FixedArray<u8, 6>; words: FixedArray<u32, 8> }
`;
const opening = `export class Case {
  static readonly stats = new HashMap<Key, Stats>({ maxEntries: 16 });
  static readonly counts = new ArrayMap<u64>({ maxEntries: 4 });
  static readonly events = new RingBuffer<Event>({ bytes: 4096 });
  @config static limit: u32 = 5;
  @config static verbose: boolean = false;
  @xdp()
  static run(ctx: XdpContext): XdpAction {
`;

/** The cases of the compiler's fixtures: each under a line `=== name`, the IR or the comments that are expected left out. */
function fixtures(kind: "accepted" | "rejected"): Seed[] {
  const folder = join(root, "packages/compiler/src/frontend/fixtures", kind);
  return readdirSync(folder)
    .sort()
    .flatMap((topic) =>
      readFileSync(join(folder, topic), "utf8")
        .split(/^=== /m)
        .slice(1)
        .map((part) => {
          const [title = "", ...lines] = part.split("\n");
          const text = lines
            .filter((line) => !/^\s*\/\/\s*\^|^\/\/ elsewhere /.test(line))
            .join("\n")
            .split(/^>>>.*$|^~~~.*$/m)[0];
          return {
            name: `${kind}/${topic}: ${title}`,
            folder: here,
            text: asFile(text ?? ""),
            kernel: oldest,
          };
        }),
    );
}

function asFile(text: string): string {
  if (/^export (default )?class|^class|^@program/m.test(text)) return `${preamble}${text}\n`;
  const [outside, inside] = text.includes("\n---\n") ? text.split("\n---\n") : ["", text];
  return `${preamble}${outside}\n${opening}${inside}\nreturn XdpAction.Pass;\n  }\n}\n`;
}

interface ConformanceClass {
  readonly name: string;
  readonly cases: readonly { readonly name: string }[];
}

interface ConformanceGroup {
  readonly classes: readonly ConformanceClass[];
  readonly extra?: object;
  readonly kernel?: string;
}

/**
 * Each conformance program as a class of its own. Its modules are TypeScript that nothing builds: they are translated into a
 * folder that is removed again.
 */
async function conformance(): Promise<Seed[]> {
  const from = join(root, "test/conformance");
  const folder = mkdtempSync(join(root, "test/fuzz/.conformance-"));
  try {
    for (const file of readdirSync(from).filter(
      (name) => /\.ts$/.test(name) && !/\.test\.ts$|suite/.test(name),
    )) {
      const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
      const { outputText } = ts.transpileModule(readFileSync(join(from, file), "utf8"), {
        compilerOptions: options,
      });
      writeFileSync(join(folder, file.replace(/\.ts$/, ".js")), outputText);
    }
    const { all }: { all: readonly ConformanceGroup[] } = await import(
      pathToFileURL(join(folder, "all.js")).href
    );
    const { sourceOf }: { sourceOf: (item: ConformanceClass) => string } = await import(
      pathToFileURL(join(folder, "program.js")).href
    );
    return all
      .filter(({ extra }) => extra === undefined)
      .flatMap(({ classes, kernel = oldest }) =>
        classes.flatMap((item) =>
          item.cases.map((one) => ({
            name: `conformance/${item.name}.${one.name}`,
            folder: here,
            text: sourceOf({ ...item, cases: [one] }),
            kernel,
          })),
        ),
      );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

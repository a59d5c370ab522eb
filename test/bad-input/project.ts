import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type CompileResult, type CompileTarget, compile } from "@waggle/compiler";
import { link } from "@waggle/linker";

/** The workspace's root, with a slash at the end. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** A newcomer's project in a temporary folder, which finds @waggle/* in this workspace. */
export interface Project extends Disposable {
  readonly folder: string;
  write(name: string, text: string): void;
  read(name: string): string;
}

/** Makes a project with the given files. */
export function makeProject(files: Readonly<Record<string, string>> = {}): Project {
  const folder = mkdtempSync(join(tmpdir(), "waggle-bad-input-"));
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  mkdirSync(join(folder, "node_modules/@waggle"), { recursive: true });
  for (const name of ["kernel", "userspace", "vm"])
    symlinkSync(join(root, "packages", name), join(folder, "node_modules/@waggle", name));
  write("package.json", '{ "name": "newcomer", "private": true, "type": "module" }\n');
  for (const [name, text] of Object.entries(files)) write(name, text);
  return {
    folder,
    write,
    read: (name) => readFileSync(join(folder, name), "utf8"),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** What every kernel file of these tests begins with: 4 lines. */
export const imports = `import type { be16, be32, CString, FixedArray, i32, i64, KernelPtr, Ref, TracepointContext, u16, u32, u64, u8, UserPtr, XdpContext } from "@waggle/kernel";
import { ArrayMap, config, currentPid, getPrandomU32, HashMap, ktimeGetNs, LruHashMap, PerCpuArrayMap, program, RingBuffer, tracepoint, XdpAction, xdp, zeroed } from "@waggle/kernel";
import { EthProto, IpProto } from "@waggle/kernel/net";
import type { EthHdr, IpHdr } from "@waggle/kernel/net";
`;

const classHead = `interface Key { a: u32; b: u8 }
interface Stats { packets: u64; bytes: u64 }
interface Event { pid: u32; comm: CString<16>; words: FixedArray<u32, 8> }
export class Case {
  static readonly stats = new HashMap<Key, Stats>({ maxEntries: 16 });
  static readonly counts = new ArrayMap<u64>({ maxEntries: 4 });
  static readonly events = new RingBuffer<Event>({ bytes: 4096 });
  @config static limit: u32 = 5;
  @xdp() static run(ctx: XdpContext): XdpAction {
`;

/** A kernel file whose program has these statements; `outside` are declarations before the class. */
export const programOf = (statements: string, outside = ""): string =>
  `${imports}${outside}\n${classHead}${statements}\nreturn XdpAction.Pass;\n}\n}\n`;

/** Compiles one kernel file of a project. */
export function compileText(project: Project, text: string, target: CompileTarget = {}): CompileResult {
  project.write("src/kernel/case.ts", text);
  return compile({ files: ["src/kernel/case.ts"], cwd: project.folder, check: true, target });
}

/** The linked object of a kernel file that must compile. */
export function objectOf(project: Project, text: string, target: CompileTarget = {}): Uint8Array {
  const { classes, diagnostics } = compileText(project, text, target);
  const [first] = classes;
  if (first === undefined) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  return link([{ name: "case.o", bytes: first.object }]).object;
}

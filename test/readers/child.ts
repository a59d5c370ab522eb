/** Runs programs that use readers in a process of their own: one that a signal ends is a failed test. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { canLoad } from "@waggle/userspace";
import { imports, makeProject, objectOf, root } from "../bad-input/project.js";

const probe = canLoad();
/** Whether this machine loads programs. */
export const hasKernel = probe.ok;
/** For titles: why the tests are skipped. */
export const whySkipped = probe.ok ? "" : ` (skipped: ${probe.reason})`;

/** A class with a map of every type that has a reader or takes objects. */
const source = `${imports.replace("ArrayMap,", "ArrayMap, BloomFilter, LpmTrie, log, LruPerCpuHashMap, PerCpuHashMap, PerfEventArray, Queue, Stack, UserRingBuffer,")}
interface Pair { a: u32; b: u32 }
interface Event { n: u64; a: u32; b: u32 }
export class Readers {
  static readonly ring = new RingBuffer<Event>({ bytes: 65_536 });
  static readonly perf = new PerfEventArray<Event>();
  static readonly small = new PerfEventArray<u32>();
  static readonly user = new UserRingBuffer<Pair>({ bytes: 4096 });
  static readonly hash = new HashMap<Pair, Pair>({ maxEntries: 64 });
  static readonly lru = new LruHashMap<Pair, Pair>({ maxEntries: 64 });
  static readonly perCpuHash = new PerCpuHashMap<Pair, Pair>({ maxEntries: 64 });
  static readonly lruPerCpu = new LruPerCpuHashMap<Pair, Pair>({ maxEntries: 64 });
  static readonly array = new ArrayMap<Pair>({ maxEntries: 8, mapped: true });
  static readonly perCpuArray = new PerCpuArrayMap<Pair>({ maxEntries: 8 });
  static readonly lpm = new LpmTrie<be32, Pair>({ maxEntries: 64 });
  static readonly queue = new Queue<Pair>({ maxEntries: 64 });
  static readonly stack = new Stack<Pair>({ maxEntries: 64 });
  static readonly bloom = new BloomFilter<Pair>({ maxEntries: 64 });
  static sent: u64 = 0n;
  static pair: Pair = { a: 1, b: 2 };
  @xdp() static send(ctx: XdpContext): XdpAction {
    Readers.sent += 1n;
    const event: Event = { n: Readers.sent, a: Readers.pair.a, b: 7 };
    const record = Readers.ring.reserve();
    if (record !== null) {
      record.n = Readers.sent;
      record.a = 1;
      record.b = 7;
      Readers.ring.submit(record);
    }
    Readers.perf.output(ctx, event);
    Readers.small.output(ctx, 5);
    return XdpAction.Pass;
  }
  @xdp() static tell(_ctx: XdpContext): XdpAction {
    Readers.sent += 1n;
    log.info\`sent \${Readers.sent}\`;
    return XdpAction.Pass;
  }
}
`;

const here = join(root, "test/readers/fixtures");

/** The object of the class, and a folder with its file. */
export function readersObject(): { readonly object: Uint8Array; readonly file: string } & Disposable {
  const project = makeProject();
  const object = objectOf(project, source, { kernel: "6.1" });
  const file = join(project.folder, "readers.o");
  writeFileSync(file, object);
  return { object, file, [Symbol.dispose]: () => project[Symbol.dispose]() };
}

/** What became of a program. */
export interface Ended {
  readonly signal: string | null;
  readonly status: number | null;
  readonly output: string;
}

/** Runs a file of fixtures/ with Node on what is built. */
export function runChild(name: string, args: readonly string[], seconds = 25): Ended {
  const { signal, status, stdout, stderr } = spawnSync(process.execPath, [join(here, name), ...args], {
    cwd: here,
    encoding: "utf8",
    timeout: seconds * 1000,
    killSignal: "SIGKILL",
  });
  return { signal, status, output: (stdout + stderr).trim() };
}

/** Builds what the programs import: a test may run where nothing was built. */
export function buildUserspace(): void {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const { status, stdout } = spawnSync(process.execPath, [tsc, "-b", join(root, "packages/userspace")], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`packages/userspace does not compile: ${stdout}`);
}

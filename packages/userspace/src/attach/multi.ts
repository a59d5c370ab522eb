/** Probes of many functions with one link: kprobe.multi (Linux 5.18), uprobe.multi (6.6) and their sessions. */
import { Errno } from "../errors/errno.js";
import { AttachError } from "../errors/errors.js";
import type { CallContext } from "../errors/system-call-failure.js";
import { NativeMemory, textMemory } from "../sys/memory.js";
import { createLink } from "./bpf-link.js";
import type { Link } from "./link.js";
import { probeNames } from "./probe.js";
import type { ProgramHandle } from "./program-handle.js";
import { findFile } from "./user-files.js";
import { functionIn, functionsOf } from "./user-functions.js";

/** Which functions of the kernel; by default those that fit the decorator's pattern. */
export interface KprobeMultiAttachOptions {
  /** Names with `*` and `?` in them. */
  readonly pattern?: string;
  /** In place of a pattern. */
  readonly functions?: readonly string[];
  /** A number for each of `functions`, which the program asks for with `getAttachCookie`. */
  readonly cookies?: readonly bigint[];
}

/** Which functions of a program; by default those that fit the decorator's pattern. */
export interface UprobeMultiAttachOptions extends KprobeMultiAttachOptions {
  /** The program or library: a path, or a library's name. */
  readonly path?: string;
  /** In place of functions: places in the file, in bytes. */
  readonly offsets?: readonly number[];
  /** This process only; every one when not given. */
  readonly pid?: number;
}

/** A link to many functions. */
export interface MultiLink extends Link {
  /** How many functions it is on. */
  readonly count: number;
}

/** BPF_F_KPROBE_MULTI_RETURN and BPF_F_UPROBE_MULTI_RETURN of linux/bpf.h. */
const RETURN = 1;

const isReturn = ({ spec }: ProgramHandle): boolean =>
  spec.section.startsWith("kret") || spec.section.startsWith("uret");

function fitting(pattern: string, names: Iterable<string>): string[] {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  const expression = new RegExp(`^${source}$`);
  return [...new Set([...names].filter((name) => expression.test(name)))];
}

function u64s(values: readonly bigint[]): NativeMemory {
  const memory = new NativeMemory(values.length * 8);
  for (const [index, value] of values.entries()) memory.setU64(index * 8, value);
  return memory;
}

function checkCookies(cookies: readonly bigint[] | undefined, count: number): void {
  if (cookies !== undefined && cookies.length !== count)
    throw new AttachError(
      "bad-option",
      `there are ${cookies.length} cookies for ${count} functions: give one each.`,
    );
}

const nothing = (what: string): AttachError =>
  new AttachError("unknown-function", `${what}: nothing would be attached.`);

/** Attaches to many functions of the kernel. */
export function attachKprobeMulti(program: ProgramHandle, options: KprobeMultiAttachOptions = {}): MultiLink {
  const pattern = options.pattern ?? program.spec.attachTarget ?? "";
  const names = options.functions ?? (pattern === "" ? [] : fitting(pattern, probeNames()));
  if (names.length === 0)
    throw nothing(
      pattern === ""
        ? `program ${program.spec.name} names no functions: attach({ pattern: "vfs_*" })`
        : `no function of this kernel that can be probed fits ${pattern}`,
    );
  checkCookies(options.cookies, names.length);
  const symbols = new NativeMemory(names.length * 8);
  for (const [index, name] of names.entries()) symbols.setPointer(index * 8, textMemory(name));
  const cookies = options.cookies === undefined ? null : u64s(options.cookies);
  const what = `${names.length} functions of the kernel`;
  const link = createLink(
    program,
    what,
    {
      target: 0,
      attachType: program.spec.expectedAttachType,
      size: 32,
      fill: (attribute, at) => {
        attribute.setU32(at, isReturn(program) ? RETURN : 0);
        attribute.setU32(at + 4, names.length);
        attribute.setPointer(at + 8, symbols);
        attribute.setPointer(at + 24, cookies);
      },
    },
    refusals(program, "CONFIG_FPROBE"),
  );
  return Object.assign(link, { count: names.length });
}

function refusals({ spec }: ProgramHandle, option: string): Partial<CallContext> {
  return {
    capability: "CAP_PERFMON",
    needs: [[`${spec.kind.name} programs`, spec.kind.since]],
    cures: {
      [Errno.EOPNOTSUPP]: `This kernel is built without ${option}.`,
      [Errno.ESRCH]: "One of the functions is not there, or cannot be probed.",
      [Errno.ENOENT]: "One of the functions is not there, or cannot be probed.",
    },
  };
}

/** Attaches to many functions of a program or library. */
export function attachUprobeMulti(program: ProgramHandle, options: UprobeMultiAttachOptions = {}): MultiLink {
  const target = program.spec.attachTarget ?? "";
  const colon = target.lastIndexOf(":");
  const file = options.path ?? (colon < 0 ? target : target.slice(0, colon));
  const pattern = options.pattern ?? (colon < 0 ? "" : target.slice(colon + 1));
  if (file === "")
    throw nothing(
      `program ${program.spec.name} names no file: attach({ path: "libc.so.6", pattern: "pthread_*" })`,
    );
  const path = findFile(file, options.pid);
  const offsets = options.offsets ?? offsetsOf(path, options.functions, pattern);
  if (offsets.length === 0)
    throw nothing(`no function of ${path} fits ${pattern === "" ? "no pattern" : pattern}`);
  checkCookies(options.cookies, offsets.length);
  const list = u64s(offsets.map(BigInt));
  const cookies = options.cookies === undefined ? null : u64s(options.cookies);
  const link = createLink(
    program,
    `${offsets.length} functions of ${path}`,
    {
      target: 0,
      attachType: program.spec.expectedAttachType,
      size: 48,
      fill: (attribute, at) => {
        attribute.setPointer(at, textMemory(path));
        attribute.setPointer(at + 8, list);
        attribute.setPointer(at + 24, cookies);
        attribute.setU32(at + 32, offsets.length);
        attribute.setU32(at + 36, isReturn(program) ? RETURN : 0);
        attribute.setU32(at + 40, options.pid ?? 0);
      },
    },
    refusals(program, "CONFIG_UPROBE_EVENTS"),
  );
  return Object.assign(link, { count: offsets.length });
}

/** Several names may stand for one function, which is probed once. */
function offsetsOf(path: string, names: readonly string[] | undefined, pattern: string): readonly number[] {
  const functions = functionsOf(path);
  if (names !== undefined) return [...new Set(names.map((name) => functionIn(path, functions, name)))];
  // Indirect functions are left out: their code chooses an implementation once, and is not what programs call.
  const direct = functions.filter(({ isIndirect }) => !isIndirect);
  const wanted = new Set(
    fitting(
      pattern,
      direct.map(({ name }) => name),
    ),
  );
  return [...new Set(direct.filter(({ name }) => wanted.has(name)).map(({ offset }) => offset))];
}

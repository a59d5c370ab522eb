/** Fixture files: cases under `=== name` lines. A rejected program carries its diagnostics as comments under the lines they speak of. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { type FrontendResult, frontend } from "./frontend.js";

/** One program of a fixture file. */
export interface FixtureCase {
  readonly name: string;
  readonly text: string;
}

const folder = fileURLToPath(new URL("fixtures", import.meta.url));
/** Set to 1 to write what is found into the fixtures, to be reviewed as a diff. */
const isUpdate = process.env["UPDATE_FIXTURES"] === "1";

/** The cases of `fixtures/NAME.txt`. */
export function readFixtures(name: string): FixtureCase[] {
  return readFileSync(`${folder}/${name}.txt`, "utf8")
    .split(/^=== /m)
    .slice(1)
    .map((part) => {
      const [title = "", ...lines] = part.split("\n");
      return { name: title.trim(), text: lines.join("\n").trim() };
    });
}

/** Replaces the file's cases when an update was asked for. */
export function updateFixtures(name: string, cases: readonly FixtureCase[]): void {
  if (isUpdate)
    writeFileSync(
      `${folder}/${name}.txt`,
      cases.map((item) => `=== ${item.name}\n${item.text}\n`).join("\n"),
    );
}

/** What every case begins with; its lines are not part of the fixtures. */
const preamble = `import * as kernel from "@waggle/kernel";
import { ArrayMap, HashMap, LruHashMap, PerCpuArrayMap, RingBuffer, XdpAction, be16, be32, be64, config, currentComm, currentPid, getCurrentPidTgid, getPrandomU32, i16, i32, i64, i8, ktimeGetNs, probeReadUserStr, program, sizeof, tracepoint, u16, u32, u64, u8, xdp, zeroed } from "@waggle/kernel";
import type { CString, FixedArray, Ref, TracepointContext, UserPtr, XdpContext } from "@waggle/kernel";
import { EthProto, IpProto, ipHeaderLength } from "@waggle/kernel/net";
import type { EthHdr, IpHdr, Ipv6Hdr, TcpHdr, UdpHdr } from "@waggle/kernel/net";
interface Key { a: u32; b: u8 }
interface Stats { packets: u64; bytes: u64 }
interface Event { pid: u32; comm: CString<16>; mac: FixedArray<u8, 6>; words: FixedArray<u32, 8> }
`;
const file = `${folder}/case.ts`;
const wrapper = [
  "export class Case {",
  "  static readonly stats = new HashMap<Key, Stats>({ maxEntries: 16 });",
  "  static readonly counts = new ArrayMap<u64>({ maxEntries: 4 });",
  "  static readonly events = new RingBuffer<Event>({ bytes: 4096 });",
  "  @config static limit: u32 = 5;",
  "  @config static verbose: boolean = false;",
  "  @xdp()",
  "  static run(ctx: XdpContext): XdpAction {",
];

/** Compiles a case: a whole file when it has a class, functions with a `run` body after `---`, or statements. */
export function compileCase(text: string): { result: FrontendResult; firstLine: number } {
  const isWhole = /^export class|^class|^@program/m.test(text);
  const [outside, inside] = text.includes("\n---\n") ? text.split("\n---\n") : ["", text];
  const head = isWhole
    ? preamble
    : `${preamble}${outside === "" ? "" : `${outside}\n`}${wrapper.join("\n")}\n`;
  const source = isWhole ? `${preamble}${text}\n` : `${head}${inside}\nreturn XdpAction.Pass;\n}\n}\n`;
  const overlay = new Map([[file, source]]);
  return { result: frontend({ files: [file], overlay }), firstLine: head.split("\n").length };
}

/** The text without the comments that say what is wrong. */
export const withoutAnnotations = (text: string): string =>
  text
    .split("\n")
    .filter((line) => !/^\s*\/\/\s*\^/.test(line) && !/^\/\/ elsewhere /.test(line))
    .join("\n");

/** The text with a comment under each line that a diagnostic speaks of: carets, code, message, help. */
export function annotate(
  text: string,
  diagnostics: readonly Diagnostic[],
  outsideLines: number,
  firstLine: number,
): string {
  const lines = text.split("\n");
  const before = new Map<number, string[]>();
  const elsewhere: string[] = [];
  for (const { code, line, column, endLine, endColumn, message, help } of diagnostics) {
    const isOutside = outsideLines > 0 && line < firstLine - wrapper.length;
    const index = isOutside
      ? line - preamble.split("\n").length
      : line - firstLine + (outsideLines > 0 ? outsideLines + 1 : 0);
    const said = `${code} ${message.split("\n")[0]}${help === null ? "" : ` | ${help}`}`;
    if (index < 0 || index >= lines.length) {
      elsewhere.push(`// elsewhere ${said}`);
      continue;
    }
    const width = endLine === line ? Math.max(1, endColumn - column) : 1;
    const carets =
      column > 2 ? `//${" ".repeat(column - 3)}${"^".repeat(width)}` : `// ^ at ${column}+${width}`;
    before.set(index, [...(before.get(index) ?? []), `${carets} ${said}`]);
  }
  return [...lines.flatMap((line, index) => [line, ...(before.get(index) ?? [])]), ...elsewhere].join("\n");
}

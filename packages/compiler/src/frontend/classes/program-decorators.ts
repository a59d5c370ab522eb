/** Decorators of programs, and the ELF section that each puts its program into. */

import { type SectionMatch, sectionByName } from "@waggle/object";
import ts from "#typescript";
import { reject } from "../rejections/rejection.js";

/** A decorator of a program. */
export interface ProgramDecoratorRow {
  /** The section's name, as far as the decorator alone decides it. */
  readonly section: string;
  /**
   * What it is given. "target": what the program is for, which follows after a slash; "maybe-target": or nothing. "event": a category and
   * a name. "hook": a word that ends the section's name.
   */
  readonly takes: "nothing" | "target" | "maybe-target" | "event" | "hook";
  /** What an option adds to the name: where it is true, or by its value. */
  readonly options?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  /** The type of the context, for messages. */
  readonly context: string;
}

const sleepable = { sleepable: ".s" };

/** By the decorator's name in @waggle/kernel. */
export const programDecorators: Readonly<Record<string, ProgramDecoratorRow>> = {
  xdp: {
    section: "xdp",
    takes: "nothing",
    options: { frags: ".frags", map: { cpumap: "/cpumap", devmap: "/devmap" } },
    context: "XdpContext",
  },
  classifier: { section: "tc", takes: "nothing", context: "ClassifierContext" },
  action: { section: "action", takes: "nothing", context: "ActionContext" },
  socketFilter: { section: "socket", takes: "nothing", context: "SocketFilterContext" },
  cgroupSkb: { section: "cgroup_skb/", takes: "hook", context: "CgroupSkbContext" },
  streamParser: { section: "sk_skb/stream_parser", takes: "nothing", context: "SkSkbContext" },
  streamVerdict: { section: "sk_skb/stream_verdict", takes: "nothing", context: "SkSkbContext" },
  skbVerdict: { section: "sk_skb/verdict", takes: "nothing", context: "SkSkbContext" },
  flowDissector: { section: "flow_dissector", takes: "nothing", context: "FlowDissectorContext" },
  lwtIn: { section: "lwt_in", takes: "nothing", context: "LwtInContext" },
  lwtOut: { section: "lwt_out", takes: "nothing", context: "LwtOutContext" },
  lwtXmit: { section: "lwt_xmit", takes: "nothing", context: "LwtXmitContext" },
  lwtSeg6Local: { section: "lwt_seg6local", takes: "nothing", context: "LwtSeg6LocalContext" },
  cgroupSock: { section: "cgroup/", takes: "hook", context: "CgroupSockContext" },
  cgroupSockAddr: { section: "cgroup/", takes: "hook", context: "SockAddr4Context" },
  cgroupSockopt: { section: "cgroup/", takes: "hook", context: "SetsockoptContext" },
  cgroupSysctl: { section: "cgroup/sysctl", takes: "nothing", context: "SysctlContext" },
  cgroupDevice: { section: "cgroup/dev", takes: "nothing", context: "DeviceContext" },
  sockOps: { section: "sockops", takes: "nothing", context: "SockOpsContext" },
  skMsg: { section: "sk_msg", takes: "nothing", context: "SkMsgContext" },
  skLookup: { section: "sk_lookup", takes: "nothing", context: "SkLookupContext" },
  skReuseport: {
    section: "sk_reuseport",
    takes: "nothing",
    options: { migrate: "/migrate" },
    context: "SkReuseportContext",
  },
  tracepoint: { section: "tracepoint", takes: "event", context: "TracepointContext" },
  rawTracepoint: { section: "raw_tp", takes: "target", context: "RawTracepointContext" },
  rawTracepointWritable: { section: "raw_tp.w", takes: "target", context: "RawTracepointWritableContext" },
  netfilter: { section: "netfilter", takes: "nothing", context: "NetfilterContext" },
  btfTracepoint: { section: "tp_btf", takes: "target", context: "BtfTracepointContext" },
  fentry: { section: "fentry", takes: "target", options: sleepable, context: "FentryContext" },
  fexit: { section: "fexit", takes: "target", options: sleepable, context: "FexitContext" },
  fmodRet: { section: "fmod_ret", takes: "target", options: sleepable, context: "FmodRetContext" },
  lsm: { section: "lsm", takes: "target", options: sleepable, context: "LsmContext" },
  lsmCgroup: { section: "lsm_cgroup", takes: "target", context: "LsmCgroupContext" },
  kprobe: { section: "kprobe", takes: "maybe-target", context: "KprobeContext" },
  kretprobe: { section: "kretprobe", takes: "maybe-target", context: "KretprobeContext" },
  kprobeMulti: { section: "kprobe.multi", takes: "maybe-target", context: "KprobeMultiContext" },
  kretprobeMulti: { section: "kretprobe.multi", takes: "maybe-target", context: "KretprobeMultiContext" },
  kprobeSession: { section: "kprobe.session", takes: "maybe-target", context: "KprobeSessionContext" },
  ksyscall: { section: "ksyscall", takes: "target", context: "KsyscallContext" },
  kretsyscall: { section: "kretsyscall", takes: "target", context: "KretsyscallContext" },
  uprobe: { section: "uprobe", takes: "maybe-target", options: sleepable, context: "UprobeContext" },
  uretprobe: { section: "uretprobe", takes: "maybe-target", options: sleepable, context: "UretprobeContext" },
  uprobeMulti: {
    section: "uprobe.multi",
    takes: "maybe-target",
    options: sleepable,
    context: "UprobeMultiContext",
  },
  uretprobeMulti: {
    section: "uretprobe.multi",
    takes: "maybe-target",
    options: sleepable,
    context: "UretprobeMultiContext",
  },
  uprobeSession: {
    section: "uprobe.session",
    takes: "maybe-target",
    options: sleepable,
    context: "UprobeSessionContext",
  },
  perfEvent: { section: "perf_event", takes: "nothing", context: "PerfEventContext" },
  iter: { section: "iter", takes: "target", options: sleepable, context: "IterContext" },
  syscall: { section: "syscall", takes: "nothing", context: "SyscallContext" },
  lircMode2: { section: "lirc_mode2", takes: "nothing", context: "LircMode2Context" },
};

const inWords: Readonly<Record<ProgramDecoratorRow["takes"], string>> = {
  nothing: "",
  target: '"name"',
  "maybe-target": "",
  event: '"category", "name"',
  hook: '"hook"',
};

/** A decorator that makes a program with a context of the kind, as one writes it. */
export function decoratorFor(kind: string): string {
  const found = Object.entries(programDecorators).find(
    ([, row]) => sectionByName(row.takes === "hook" ? exampleHook(row) : row.section)?.kind.name === kind,
  );
  return found === undefined ? "a decorator of @waggle/kernel" : `@${found[0]}(${inWords[found[1].takes]})`;
}

/** A whole section of a decorator that takes a hook. */
const exampleHook = ({ section, context }: ProgramDecoratorRow): string =>
  section === "cgroup_skb/"
    ? `${section}ingress`
    : `${section}${{ CgroupSockContext: "sock_create", SockAddr4Context: "connect4" }[context] ?? "setsockopt"}`;

/** The section that a decorator asks for with its arguments. */
export function sectionOf(
  row: ProgramDecoratorRow,
  args: readonly ts.Expression[],
  decorator: ts.Decorator,
): { readonly section: string; readonly match: SectionMatch } {
  const texts = args.filter((arg) => !ts.isObjectLiteralExpression(arg)).map(textOf);
  const options = args.find((arg) => ts.isObjectLiteralExpression(arg));
  const wanted = { nothing: 0, target: 1, "maybe-target": texts.length, event: 2, hook: 1 }[row.takes];
  if (texts.length !== wanted)
    reject(decorator, "WG2010", "what the program is for is named by string literals");
  const name = row.section + (options === undefined ? "" : suffixOf(row, options));
  const section = row.takes === "hook" ? `${name}${texts[0] ?? ""}` : [name, ...texts].join("/");
  const match = sectionByName(section);
  if (match === null) return reject(decorator, "WG2010", `no kernel runs programs at ${section}`);
  return { section, match };
}

function textOf(node: ts.Expression): string {
  return ts.isStringLiteralLike(node) && node.text !== ""
    ? node.text
    : reject(node, "WG2010", "what the program is for is named by string literals");
}

function suffixOf({ options = {} }: ProgramDecoratorRow, given: ts.ObjectLiteralExpression): string {
  const values = new Map<string, ts.Expression>();
  for (const property of given.properties) {
    if (!ts.isPropertyAssignment(property))
      return reject(property, "WG2010", "an option is written out: name and value");
    values.set(property.name.getText(), property.initializer);
  }
  // The order is that of the section's name, not the one in which they are written.
  return Object.entries(options)
    .map(([name, suffix]) => {
      const value = values.get(name);
      if (value === undefined || value.kind === ts.SyntaxKind.FalseKeyword) return "";
      if (typeof suffix === "string")
        return value.kind === ts.SyntaxKind.TrueKeyword
          ? suffix
          : reject(value, "WG2010", `${name} is true or false`);
      return (
        suffix[textOf(value)] ?? reject(value, "WG2010", `${name} is one of ${Object.keys(suffix).join()}`)
      );
    })
    .join("");
}

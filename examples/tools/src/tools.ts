import type { App } from "@waggle/userspace";
import { bindsnoop } from "./bindsnoop.js";
import { biolatency } from "./biolatency.js";
import { capable } from "./capable.js";
import { cpudist } from "./cpudist.js";
import bindsnoopModule from "./ebpf/bindsnoop.js";
import biolatencyModule from "./ebpf/biolatency.js";
import capableModule from "./ebpf/capable.js";
import cpudistModule from "./ebpf/cpudist.js";
import exitsnoopModule from "./ebpf/exitsnoop.js";
import filetopModule from "./ebpf/filetop.js";
import gethostlatencyModule from "./ebpf/gethostlatency.js";
import mountsnoopModule from "./ebpf/mountsnoop.js";
import offcputimeModule from "./ebpf/offcputime.js";
import opensnoopModule from "./ebpf/opensnoop.js";
import profileModule from "./ebpf/profile.js";
import runqlatModule from "./ebpf/runqlat.js";
import sigsnoopModule from "./ebpf/sigsnoop.js";
import softirqsModule from "./ebpf/softirqs.js";
import syscountModule from "./ebpf/syscount.js";
import tcpconnectModule from "./ebpf/tcpconnect.js";
import tcplifeModule from "./ebpf/tcplife.js";
import tcpstatesModule from "./ebpf/tcpstates.js";
import vfsstatModule from "./ebpf/vfsstat.js";
import { exitsnoop } from "./exitsnoop.js";
import { filetop } from "./filetop.js";
import { gethostlatency } from "./gethostlatency.js";
import { mountsnoop } from "./mountsnoop.js";
import { offcputime } from "./offcputime.js";
import { opensnoop } from "./opensnoop.js";
import { profile } from "./profile.js";
import { runqlat } from "./runqlat.js";
import { sigsnoop } from "./sigsnoop.js";
import { softirqs } from "./softirqs.js";
import { syscount } from "./syscount.js";
import { tcpconnect } from "./tcpconnect.js";
import { tcplife } from "./tcplife.js";
import { tcpstates } from "./tcpstates.js";
import { vfsstat } from "./vfsstat.js";

/** What is watched: 0 for everything. */
export interface Filter {
  readonly pid: number;
  readonly port: number;
}

/** A tool: what it tells, and its report, line by line until the signal. */
export interface Tool {
  readonly about: string;
  /** The filters that it has. */
  readonly takes: readonly (keyof Filter)[];
  run(filter: Filter, signal: AbortSignal): AsyncGenerator<string>;
}

function tool<C>(
  about: string,
  takes: Tool["takes"],
  load: (filter: Filter) => App<C>,
  report: (app: App<C>, signal: AbortSignal) => AsyncGenerator<string>,
): Tool {
  return {
    about,
    takes,
    async *run(filter, signal) {
      using app = load(filter);
      yield* report(app, signal);
    },
  };
}

/** Every tool, by its name. */
export const tools: Readonly<Record<string, Tool>> = {
  bindsnoop: tool(
    "sockets that are bound to an address",
    ["pid"],
    ({ pid }) => bindsnoopModule.load({ config: { pid } }),
    bindsnoop,
  ),
  biolatency: tool("how long disks take for their requests", [], () => biolatencyModule.load(), biolatency),
  capable: tool(
    "capabilities that the kernel asks for",
    ["pid"],
    ({ pid }) => capableModule.load({ config: { pid } }),
    capable,
  ),
  cpudist: tool(
    "how long tasks run before they leave their CPU",
    ["pid"],
    ({ pid }) => cpudistModule.load({ config: { pid } }),
    cpudist,
  ),
  exitsnoop: tool(
    "processes that end, and how",
    ["pid"],
    ({ pid }) => exitsnoopModule.load({ config: { pid } }),
    exitsnoop,
  ),
  filetop: tool(
    "files that are read and written most",
    ["pid"],
    ({ pid }) => filetopModule.load({ config: { pid } }),
    filetop,
  ),
  gethostlatency: tool(
    "names that are looked up, and how long it takes",
    ["pid"],
    ({ pid }) => gethostlatencyModule.load({ config: { pid } }),
    gethostlatency,
  ),
  mountsnoop: tool(
    "file systems that are mounted and unmounted",
    ["pid"],
    ({ pid }) => mountsnoopModule.load({ config: { pid } }),
    mountsnoop,
  ),
  offcputime: tool(
    "where tasks wait, as folded stacks",
    ["pid"],
    ({ pid }) => offcputimeModule.load({ config: { pid } }),
    offcputime,
  ),
  opensnoop: tool(
    "files that are opened",
    ["pid"],
    ({ pid }) => opensnoopModule.load({ config: { pid } }),
    opensnoop,
  ),
  profile: tool(
    "where programs run, as folded stacks",
    ["pid"],
    ({ pid }) => profileModule.load({ config: { pid } }),
    profile,
  ),
  runqlat: tool(
    "how long tasks wait for a CPU",
    ["pid"],
    ({ pid }) => runqlatModule.load({ config: { pid } }),
    runqlat,
  ),
  sigsnoop: tool(
    "signals that are sent",
    ["pid"],
    ({ pid }) => sigsnoopModule.load({ config: { pid } }),
    sigsnoop,
  ),
  softirqs: tool("software interrupts, and how long they take", [], () => softirqsModule.load(), softirqs),
  syscount: tool(
    "system calls that are made, and how long they take",
    ["pid"],
    ({ pid }) => syscountModule.load({ config: { pid } }),
    syscount,
  ),
  tcpconnect: tool(
    "connections that programs begin",
    ["pid"],
    ({ pid }) => tcpconnectModule.load({ config: { pid } }),
    tcpconnect,
  ),
  tcplife: tool(
    "connections that end: how long, how much",
    ["port"],
    ({ port }) => tcplifeModule.load({ config: { port } }),
    tcplife,
  ),
  tcpstates: tool(
    "connections that go from state to state",
    ["port"],
    ({ port }) => tcpstatesModule.load({ config: { port } }),
    tcpstates,
  ),
  vfsstat: tool(
    "how often files are read, written, synced, opened, unlinked",
    ["pid"],
    ({ pid }) => vfsstatModule.load({ config: { pid } }),
    vfsstat,
  ),
};

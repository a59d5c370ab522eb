// Runs in the guest: which helpers each kind of program may call, found by loading a program that is one call of it.
// Prints a line of JSON for each kind of program: { kind, helpers, gpl } with ids of helpers.
import { existsSync, readFileSync } from "node:fs";
import { type Btf, type BtfType, findType, helpers, parseBtf } from "@waggle/object";
import { tryBpf } from "../../../packages/userspace/src/sys/bpf.js";
import { NativeMemory, textMemory } from "../../../packages/userspace/src/sys/memory.js";
import { close } from "../../../packages/userspace/src/sys/system-calls.js";
import { BpfCommand } from "../../../packages/userspace/src/sys/uapi.js";

/** A kind of program, and how one is loaded: several ways where the helpers depend on where it will be attached. */
interface Kind {
  readonly kind: string;
  readonly type: number;
  readonly attach?: readonly number[];
  readonly flags?: number;
  /** The kernel's function or type that BPF_PROG_LOAD wants the BTF id of. */
  readonly target?: { readonly kind: BtfType["kind"]; readonly name: string };
}

const sleepable = 1 << 4;
const traced = { kind: "function", name: "filp_close" } as const;
const kinds: readonly Kind[] = [
  { kind: "socket-filter", type: 1 },
  { kind: "kprobe", type: 2 },
  { kind: "sched-cls", type: 3 },
  { kind: "sched-act", type: 4 },
  { kind: "tracepoint", type: 5 },
  { kind: "xdp", type: 6 },
  { kind: "perf-event", type: 7 },
  { kind: "cgroup-skb", type: 8, attach: [0, 1] },
  { kind: "cgroup-sock", type: 9, attach: [2, 12, 34] },
  { kind: "lwt-in", type: 10 },
  { kind: "lwt-out", type: 11 },
  { kind: "lwt-xmit", type: 12 },
  { kind: "sock-ops", type: 13 },
  { kind: "sk-skb", type: 14 },
  { kind: "cgroup-device", type: 15 },
  { kind: "sk-msg", type: 16 },
  { kind: "raw-tracepoint", type: 17 },
  { kind: "cgroup-sock-addr", type: 18, attach: [8, 10, 14, 19, 29, 30] },
  { kind: "lwt-seg6local", type: 19 },
  { kind: "lirc-mode2", type: 20 },
  { kind: "sk-reuseport", type: 21, attach: [0, 39, 40] },
  { kind: "flow-dissector", type: 22 },
  { kind: "cgroup-sysctl", type: 23 },
  { kind: "raw-tracepoint-writable", type: 24 },
  { kind: "cgroup-sockopt", type: 25, attach: [21, 22] },
  {
    kind: "tracing/tp_btf",
    type: 26,
    attach: [23],
    target: { kind: "typedef", name: "btf_trace_sched_switch" },
  },
  { kind: "tracing/fentry", type: 26, attach: [24], target: traced },
  { kind: "tracing/fexit", type: 26, attach: [25], target: traced },
  { kind: "tracing/iter", type: 26, attach: [28], target: { kind: "function", name: "bpf_iter_task" } },
  { kind: "struct-ops", type: 27, attach: [0], target: { kind: "struct", name: "tcp_congestion_ops" } },
  { kind: "lsm", type: 29, attach: [27], target: { kind: "function", name: "bpf_lsm_file_open" } },
  { kind: "sk-lookup", type: 30, attach: [36] },
  { kind: "syscall", type: 31, flags: sleepable },
  { kind: "netfilter", type: 32, attach: [45] },
];

const btfFile = "/sys/kernel/btf/vmlinux";
const btf: Btf | null = existsSync(btfFile) ? parseBtf(readFileSync(btfFile)).btf : null;
const log = new NativeMemory(64 * 1024);

/** `EAGAIN`, which a busy kernel gives when a signal is pending. */
const again = 11;

/** The verifier's log of a program that calls the helper and ends, and whether the kernel came to look at the call. */
function logOf(
  kind: Kind,
  attach: number,
  target: number,
  helper: number,
  license: string,
): { readonly text: string; readonly isSeen: boolean } {
  const code = NativeMemory.from(
    new Uint8Array([
      0x85,
      0,
      0,
      0,
      helper & 255,
      helper >> 8,
      0,
      0,
      0xb7,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0x95,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
    ]),
  );
  const licenseText = textMemory(license);
  const attribute = new NativeMemory(120);
  log.bytes[0] = 0;
  attribute.setU32(0, kind.type);
  attribute.setU32(4, 3);
  attribute.setPointer(8, code);
  attribute.setPointer(16, licenseText);
  attribute.setU32(24, 1);
  attribute.setU32(28, log.size);
  attribute.setPointer(32, log);
  attribute.setU32(44, kind.flags ?? 0);
  attribute.setU32(68, attach);
  attribute.setU32(108, target);
  let fd = tryBpf(BpfCommand.ProgramLoad, attribute);
  while (fd === -again) fd = tryBpf(BpfCommand.ProgramLoad, attribute);
  if (fd >= 0) close(fd);
  const text = log.text();
  return { text, isSeen: fd >= 0 || text.includes("(85) call ") };
}

const refused = /(unknown|invalid) func |program of this type cannot use helper|only allowed/;

for (const kind of kinds) {
  const target =
    kind.target === undefined ? 0 : btf === null ? null : findType(btf, kind.target.kind, kind.target.name);
  if (target === null) {
    console.log(JSON.stringify({ kind: kind.kind, missing: kind.target?.name }));
    continue;
  }
  const found = new Set<number>();
  const gpl = new Set<number>();
  let seen = false;
  for (const attach of kind.attach ?? [0]) {
    for (const { id } of helpers) {
      const { text, isSeen } = logOf(kind, attach, target, id, "GPL");
      if (!isSeen) continue;
      seen = true;
      if (refused.test(text)) continue;
      found.add(id);
      if (/GPL/.test(logOf(kind, attach, target, id, "Proprietary").text)) gpl.add(id);
    }
  }
  const list = (ids: Set<number>): number[] => [...ids].sort((a, b) => a - b);
  console.log(
    JSON.stringify(
      seen
        ? { kind: kind.kind, helpers: list(found), gpl: list(gpl) }
        : { kind: kind.kind, missing: "refused" },
    ),
  );
}

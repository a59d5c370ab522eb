/** Which kinds of BPF links the running kernel makes. */
import { attachTypeByName, programKindByName } from "@waggle/object";
import { tryLink } from "../attach/bpf-link.js";
import { descriptorOf } from "../attach/program-handle.js";
import { Errno, errnoName } from "../errors/errno.js";
import { loadSpec } from "../load/load.js";
import { probeObject, sectionOf } from "./probe-program.js";
import { programSupport } from "./programs.js";
import { no, once, type Support, unknown, yes } from "./support.js";

/** A program and an attach type; the target does not exist, so that a kernel that knows the link says so and nothing is attached. */
interface LinkRow {
  readonly kind: string;
  readonly attachType: string;
  readonly target: number;
  /** Bytes behind the common ones. */
  readonly size?: number;
}

/** No descriptor. */
const NO_FILE = 0xffff_ffff;
/** No interface. */
const NO_INTERFACE = 0x7fff_ffff;

const links: Readonly<Record<string, LinkRow>> = {
  cgroup: { kind: "cgroup-skb", attachType: "BPF_CGROUP_INET_INGRESS", target: NO_FILE },
  namespace: { kind: "sk-lookup", attachType: "BPF_SK_LOOKUP", target: NO_FILE },
  "perf-event": { kind: "tracepoint", attachType: "BPF_PERF_EVENT", target: NO_FILE },
  tcx: { kind: "classifier", attachType: "BPF_TCX_INGRESS", target: NO_INTERFACE, size: 16 },
  netkit: { kind: "classifier", attachType: "BPF_NETKIT_PRIMARY", target: NO_INTERFACE, size: 16 },
};

/** The kinds of links that can be asked about. */
export const linkKinds: readonly string[] = Object.keys(links);

/** Whether the kernel makes links of a kind. @param link one of `linkKinds` */
export const linkSupport: (link: string) => Support = once((name) => {
  const row = links[name];
  const kind = row === undefined ? null : programKindByName(row.kind);
  const section = kind === null ? null : sectionOf(kind);
  const attachType = row === undefined ? null : attachTypeByName(row.attachType);
  if (row === undefined || kind === null || section === null || attachType === null)
    throw new TypeError(`there is no kind of link ${name}`);
  const loads = programSupport(row.kind);
  if (loads.supported !== true) return loads;
  const probe = probeObject(kind, section);
  using app = loadSpec(probe);
  const program = app.programs.waggle_probe;
  const descriptor = program === undefined ? null : descriptorOf(program);
  const spec = probe.programs[0];
  if (descriptor === null || spec === undefined) return unknown("the program was not loaded");
  const request = {
    target: row.target,
    attachType: attachType.value,
    ...(row.size !== undefined && { size: row.size }),
  };
  const result = tryLink({ spec, descriptor }, request);
  const isMissing = result === -Errno.EBADF || result === -Errno.ENODEV || result === -Errno.ENXIO;
  return isMissing ? yes : no(`BPF_LINK_CREATE failed: ${errnoName(-result)}`);
});

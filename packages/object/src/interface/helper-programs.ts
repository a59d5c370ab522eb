/**
 * Which helpers a kind of program may call, and since which kernel. The kernels were asked: see `generated/`. Between two
 * that were asked, a helper that is new in all of Linux counts from its own first kernel, and an older one, which the
 * kind got later, from the kernel where it was seen. A kind that is itself new between the two has what the kind that it
 * takes its helpers from had by then.
 */
import { gplHelpers, helperPrograms, probedKernels } from "./generated/helper-programs.js";
import { helperByName } from "./helpers.js";
import { kernelHas, parseKernelVersion } from "./kernel-version.js";
import type { ProgramKindRow } from "./program-kinds.js";
import { programTypeByName } from "./program-types.js";

/** Reads "1-8 12 25-28". */
function idsOf(text: string): number[] {
  return text.split(" ").flatMap((part) => {
    if (part === "") return [];
    const [first = 0, last = first] = part.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

const indexes = new Map<string, ReadonlyMap<number, number>>();

function firstSeen(kind: string): ReadonlyMap<number, number> | null {
  const lists = helperPrograms[kind];
  if (lists === undefined) return null;
  let index = indexes.get(kind);
  if (index === undefined) {
    index = new Map(lists.flatMap((ids, at) => idsOf(ids).map((id) => [id, at] as const)));
    indexes.set(kind, index);
  }
  return index;
}

/** The kinds of programs that are known: names of program types; tracing programs are told apart as `tracing/fentry`. */
export const helperProgramKinds: readonly string[] = Object.keys(helperPrograms);

/** The kinds of programs whose helpers differ within their type. */
const traced: Readonly<Record<string, string>> = {
  "btf-tracepoint": "tracing/tp_btf",
  fentry: "tracing/fentry",
  fexit: "tracing/fexit",
  "fmod-ret": "tracing/fentry",
  iter: "tracing/iter",
};

/** The row of `helperProgramKinds` for a kind of program. */
export const helperKindOf = ({ name, type }: ProgramKindRow): string => traced[name] ?? type.name;

/**
 * The oldest kernel that lets programs of a kind call a helper, e.g. "5.8".
 *
 * @param kind one of `helperProgramKinds`
 * @param helper UAPI name, e.g. "bpf_ringbuf_reserve"
 * @returns null when no kernel does; "unknown" for kinds and helpers that are not in the tables
 */
export function helperSince(kind: string, helper: string): string | null {
  const row = helperByName(helper);
  const seen = firstSeen(kind);
  if (row === null || seen === null) return "unknown";
  const at = seen.get(row.id);
  if (at === undefined) return null;
  const before = at === 0 ? null : parseKernelVersion(probedKernels[at - 1] ?? "");
  const isNew = before === null || !kernelHas(before, row.since);
  const seenIn = probedKernels[at] ?? row.since;
  if (isNew) return row.since;
  const early = parseKernelVersion(sinceSource(kind, helper) ?? seenIn);
  return early !== null && !kernelHas(early, seenIn) ? early.slice(0, 2).join(".") : seenIn;
}

const gpl = new Set(idsOf(gplHelpers));

/**
 * Kinds that came between two kernels that were asked, with the kind that has the same helpers but for some of their own:
 * `syscall_prog_func_proto` goes on to `tracing_prog_func_proto` (kernel/bpf/syscall.c, from 5.14 on), `bpf_nf_func_proto` to
 * `bpf_base_func_proto` (net/netfilter/nf_bpf_link.c, from 6.4 on), as that of the flow dissector does.
 */
const sources: Readonly<Record<string, string>> = {
  syscall: "tracing/tp_btf",
  netfilter: "flow-dissector",
};

/** The kernel in which a new kind got a helper with those of its source; null when that does not say. */
function sinceSource(kind: string, helper: string): string | null {
  const source = sources[kind];
  const first = programTypeByName(kind)?.since;
  const since = source === undefined ? null : helperSince(source, helper);
  const version = since === null ? null : parseKernelVersion(since);
  if (first === undefined || since === null || version === null) return null;
  return kernelHas(version, first) ? since : first;
}

/** Whether the kernel gives a helper to programs under a licence compatible with the GPL only (`gpl_only` of its prototype). */
export function needsGpl(helper: string): boolean {
  const row = helperByName(helper);
  return row !== null && gpl.has(row.id);
}

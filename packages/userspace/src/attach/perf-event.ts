/** Programs on a performance event: tracepoints, probes, and counters are all events to the kernel. */
import { Errno } from "../errors/errno.js";
import { type CallContext, check } from "../errors/system-call-failure.js";
import { Descriptor } from "../sys/descriptor.js";
import { NativeMemory } from "../sys/memory.js";
import { ioctl, perfEventOpen } from "../sys/system-calls.js";
import { AttachType, BpfCommand, Perf } from "../sys/uapi.js";
import { createLink, linkOf, tryLink } from "./bpf-link.js";
import { type Link, makeLink } from "./link.js";
import type { ProgramHandle } from "./program-handle.js";

/** How an event can hold a program: "auto" takes a link where the kernel has it. */
export type PerfEventMechanism = "auto" | "link" | "perf-event";

/** What is asked of perf_event_open(2): fields of `struct perf_event_attr`. */
export interface PerfEventRequest {
  readonly type: number;
  readonly config: bigint;
  readonly config1?: NativeMemory | bigint;
  readonly config2?: bigint;
  /** Events or, with `isFrequency`, hertz between samples. */
  readonly samplePeriod?: bigint;
  readonly isFrequency?: boolean;
  /** `bp_type` of a breakpoint. */
  readonly breakpoint?: number;
  /** What reading the event gives: `PERF_FORMAT_*`. */
  readonly readFormat?: bigint;
  /** -1 for every process. */
  readonly pid?: number;
  /** -1 for every CPU, of a certain process only. */
  readonly cpu?: number;
}

/** `freq` among the bits of `struct perf_event_attr`. */
const FREQUENCY_BIT = 1 << 10;

/** Opens an event. */
export function openPerfEvent(
  title: string,
  request: PerfEventRequest,
  more: Partial<CallContext> = {},
): Descriptor {
  const attribute = new NativeMemory(Perf.attributeSize);
  attribute.setU32(0, request.type);
  attribute.setU32(4, Perf.attributeSize);
  attribute.setU64(8, request.config);
  attribute.setU64(16, request.samplePeriod ?? 1n);
  attribute.setU64(24, Perf.sampleRaw);
  attribute.setU64(32, request.readFormat ?? 0n);
  attribute.setU64(40, BigInt(request.isFrequency === true ? FREQUENCY_BIT : 0));
  attribute.setU32(48, 1);
  attribute.setU32(52, request.breakpoint ?? 0);
  const { config1 = 0n } = request;
  if (typeof config1 === "bigint") attribute.setU64(56, config1);
  else attribute.setPointer(56, config1);
  attribute.setU64(64, request.config2 ?? 0n);
  const fd = perfEventOpen(attribute, request.pid ?? -1, request.cpu ?? 0, -1, Perf.flagCloseOnExec);
  check(fd, { call: `perf_event_open of ${title}`, capability: "CAP_PERFMON", ...more });
  return new Descriptor(fd, title);
}

/** Refusals that only the caller understands: throws, or lets the ordinary error be thrown. */
export type Refusal = (call: string, result: number) => void;

/**
 * Attaches a program to an event that was opened for it: with a BPF link (Linux 5.15), else through the event's ioctls (Linux 4.1). The
 * event is closed when that fails.
 */
export function attachToPerfEvent(
  program: ProgramHandle,
  event: Descriptor,
  options: { readonly mechanism?: PerfEventMechanism | undefined; readonly cookie?: bigint | undefined } = {},
  refused: Refusal = () => {},
): Link {
  const { mechanism = "auto", cookie } = options;
  const { descriptor } = program;
  try {
    if (mechanism !== "perf-event") {
      const request = {
        target: event.fd,
        attachType: AttachType.PerfEvent,
        ...(cookie !== undefined && {
          size: 8,
          fill: (attribute: NativeMemory, at: number) => attribute.setU64(at, cookie),
        }),
      };
      const fd = tryLink(program, request);
      if (fd >= 0) {
        // The link holds the event.
        event.close();
        return linkOf(program, event.what, fd);
      }
      if (mechanism === "link" || cookie !== undefined || fd !== -Errno.EINVAL) {
        refused(`${BpfCommand.LinkCreate.name} of ${descriptor.what} on ${event.what}`, fd);
        const what = cookie === undefined ? "links to perf events" : "cookies of perf events";
        return createLink(program, event.what, request, { needs: [[what, "5.15"]] });
      }
    }
    const context = { call: `PERF_EVENT_IOC_SET_BPF of ${descriptor.what} on ${event.what}` };
    const result = ioctl(event.fd, Perf.ioctlSetBpf, descriptor.fd);
    refused(context.call, result);
    check(result, { ...context, capability: "CAP_PERFMON" });
    check(ioctl(event.fd, Perf.ioctlEnable, 0), { call: `PERF_EVENT_IOC_ENABLE of ${event.what}` });
  } catch (error) {
    event.close();
    throw error;
  }
  return makeLink({
    target: event.what,
    mechanism: "perf-event",
    descriptor: null,
    release: () => {
      if (!event.closed) ioctl(event.fd, Perf.ioctlDisable, 0);
      event.close();
    },
  });
}

/** Several links as one, which detaches them all. */
export function joinLinks(target: string, links: readonly Link[]): Link {
  const [only] = links;
  if (only !== undefined && links.length === 1) return only;
  return makeLink({
    target,
    mechanism: only?.mechanism ?? "perf-event",
    descriptor: null,
    release: () => {
      for (const link of links) link.detach();
    },
  });
}

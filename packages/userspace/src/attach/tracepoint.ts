import { readdirSync, readFileSync } from "node:fs";
import { nearest } from "@waggle/object";
import { Errno } from "../errors/errno.js";
import { AttachError } from "../errors/errors.js";
import { check } from "../errors/system-call-failure.js";
import { callBpf, tryBpf } from "../sys/bpf.js";
import { Descriptor } from "../sys/descriptor.js";
import { NativeMemory } from "../sys/memory.js";
import { ioctl, perfEventOpen } from "../sys/system-calls.js";
import { AttachType, BpfCommand, Perf } from "../sys/uapi.js";
import { type Link, makeLink } from "./link.js";
import { withTracefs } from "./tracefs.js";

/** A tracepoint as tracefs names it: `events/<category>/<name>`. */
export interface TracepointName {
  readonly category: string;
  readonly name: string;
}

const PLAIN_NAME = /^[A-Za-z0-9_-]+$/;

function directories(path: string): string[] {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}

function unknown(events: string, { category, name }: TracepointName): AttachError {
  const categories = directories(events);
  const suggest = (wanted: string, known: readonly string[], show: (found: string) => string): string => {
    const found = nearest(wanted, known);
    return found === null ? "" : ` Did you mean ${show(found)}?`;
  };
  if (!categories.includes(category)) {
    return new AttachError(
      "unknown-tracepoint",
      `there is no tracepoint category ${category} in this kernel.${suggest(category, categories, (c) => c)}`,
    );
  }
  const names = directories(`${events}/${category}`);
  return new AttachError(
    "unknown-tracepoint",
    `there is no tracepoint ${category}/${name} in this kernel.${suggest(name, names, (n) => `${category}/${n}`)}`,
  );
}

/**
 * The number of a tracepoint in the running kernel.
 *
 * @throws AttachError "unknown-tracepoint" with the nearest name that exists, or "tracefs-unavailable"
 */
export function tracepointId(tracepoint: TracepointName): number {
  return withTracefs((path) => {
    const { category, name } = tracepoint;
    if (PLAIN_NAME.test(category) && PLAIN_NAME.test(name)) {
      try {
        return Number(readFileSync(`${path}/events/${category}/${name}/id`, "utf8"));
      } catch (error) {
        const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
        if (!missing) {
          throw new AttachError("tracefs-unavailable", `tracefs cannot be read: ${String(error)}`);
        }
      }
    }
    throw unknown(`${path}/events`, tracepoint);
  });
}

function openPerfEvent(tracepoint: TracepointName): Descriptor {
  const attribute = new NativeMemory(Perf.attributeSize);
  attribute.setU32(0, Perf.typeTracepoint);
  attribute.setU32(4, Perf.attributeSize);
  attribute.setU64(8, BigInt(tracepointId(tracepoint)));
  attribute.setU64(16, 1n);
  attribute.setU64(24, Perf.sampleRaw);
  attribute.setU32(48, 1);
  const title = `tracepoint ${tracepoint.category}/${tracepoint.name}`;
  // A program on a tracepoint runs on every CPU, whichever CPU the event is opened for.
  const fd = perfEventOpen(attribute, -1, 0, -1, Perf.flagCloseOnExec);
  check(fd, {
    call: `perf_event_open of ${title}`,
    capability: "CAP_PERFMON",
    cures: { [Errno.ENOENT]: "This kernel is built without performance events (CONFIG_PERF_EVENTS)." },
  });
  return new Descriptor(fd, title);
}

/** How a tracepoint can be attached: "auto" takes a link where the kernel has it. */
export type TracepointMechanism = "auto" | "link" | "perf-event";

/**
 * Attaches a tracepoint program: with a BPF link (Linux 5.15), else through the perf event's ioctls (Linux 4.7).
 *
 * @throws AttachError when there is no such tracepoint or no tracefs, SystemCallError when the kernel refuses
 */
export function attachTracepoint(
  program: Descriptor,
  tracepoint: TracepointName,
  mechanism: TracepointMechanism = "auto",
): Link {
  const event = openPerfEvent(tracepoint);
  const refused = (call: string, result: number): void => {
    // The kernel compares how far the program reads with the tracepoint's record. Lacking rights fail before, in opening.
    if (result !== -Errno.EACCES) return;
    throw new AttachError(
      "reads-beyond-record",
      `${call} failed: EACCES. The program reads beyond the record of ${event.what}: compare its fields with the kernel's, in events/${tracepoint.category}/${tracepoint.name}/format.`,
    );
  };
  try {
    if (mechanism !== "perf-event") {
      const request = new NativeMemory(16);
      request.setU32(0, program.fd);
      request.setU32(4, event.fd);
      request.setU32(8, AttachType.PerfEvent);
      const purpose = `of ${program.what} on ${event.what}`;
      const fd = tryBpf(BpfCommand.LinkCreate, request);
      if (fd >= 0) {
        // The link holds the event.
        event.close();
        const link = new Descriptor(fd, `link of ${program.what}`);
        return makeLink(event.what, "link", () => link.close());
      }
      if (mechanism === "link" || fd !== -Errno.EINVAL) {
        refused(`${BpfCommand.LinkCreate.name} ${purpose}`, fd);
        callBpf(BpfCommand.LinkCreate, request, purpose, { needs: [["links to perf events", "5.15"]] });
      }
    }
    const context = { call: `PERF_EVENT_IOC_SET_BPF of ${program.what} on ${event.what}` };
    const result = ioctl(event.fd, Perf.ioctlSetBpf, program.fd);
    refused(context.call, result);
    check(result, { ...context, capability: "CAP_PERFMON" });
    check(ioctl(event.fd, Perf.ioctlEnable, 0), { call: `PERF_EVENT_IOC_ENABLE of ${event.what}` });
    return makeLink(event.what, "perf-event", () => {
      if (!event.closed) ioctl(event.fd, Perf.ioctlDisable, 0);
      event.close();
    });
  } catch (error) {
    event.close();
    throw error;
  }
}

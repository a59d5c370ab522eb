import { readdirSync, readFileSync } from "node:fs";
import { nearest } from "@waggle/object";
import { Errno } from "../errors/errno.js";
import { AttachError } from "../errors/errors.js";
import { fileErrorCode } from "../sys/file-system.js";
import { Perf } from "../sys/uapi.js";
import type { Link } from "./link.js";
import { attachToPerfEvent, openPerfEvent, type PerfEventMechanism } from "./perf-event.js";
import type { ProgramHandle } from "./program-handle.js";
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
        if (fileErrorCode(error) !== "ENOENT") {
          throw new AttachError("tracefs-unavailable", `tracefs cannot be read: ${String(error)}`);
        }
      }
    }
    throw unknown(`${path}/events`, tracepoint);
  });
}

/** The names of all tracepoints, without their categories, as raw tracepoints have them; none where tracefs cannot be read. */
export function rawTracepointNames(): string[] {
  return withTracefs((path) =>
    directories(`${path}/events`).flatMap((category) => directories(`${path}/events/${category}`)),
  );
}

/** Where to attach a tracepoint program; by default where its decorator says. */
export interface TracepointAttachOptions {
  readonly category?: string;
  readonly name?: string;
  /** "auto" when not given: a BPF link (Linux 5.15), else the perf event's own calls. */
  readonly mechanism?: TracepointMechanism;
  /** A number that the program asks for with `getAttachCookie`; kernel 5.15. */
  readonly cookie?: bigint;
}

/** How a tracepoint can be attached: "auto" takes a link where the kernel has it. */
export type TracepointMechanism = PerfEventMechanism;

/**
 * Attaches a tracepoint program: with a BPF link (Linux 5.15), else through the perf event's ioctls (Linux 4.7).
 *
 * @throws AttachError when there is no such tracepoint or no tracefs, SystemCallError when the kernel refuses
 */
export function attachTracepoint(program: ProgramHandle, options: TracepointAttachOptions = {}): Link {
  const [fromCategory = "", fromName = ""] = (program.spec.attachTarget ?? "").split("/");
  const { category = fromCategory, name = fromName } = options;
  if (category === "" || name === "")
    throw new AttachError(
      "unknown-tracepoint",
      `program ${program.spec.name} names no tracepoint: pass { category, name } to attach.`,
    );
  const title = `tracepoint ${category}/${name}`;
  // A program on a tracepoint runs on every CPU, whichever CPU the event is opened for.
  const event = openPerfEvent(
    title,
    { type: Perf.typeTracepoint, config: BigInt(tracepointId({ category, name })) },
    { cures: { [Errno.ENOENT]: "This kernel is built without performance events (CONFIG_PERF_EVENTS)." } },
  );
  return attachToPerfEvent(program, event, options, (call, result) => {
    // The kernel compares how far the program reads with the tracepoint's record. Lacking rights fail before, in opening.
    if (result !== -Errno.EACCES) return;
    throw new AttachError(
      "reads-beyond-record",
      `${call} failed: EACCES. The program reads beyond the record of ${title}: compare its fields with the kernel's, in events/${category}/${name}/format.`,
    );
  });
}

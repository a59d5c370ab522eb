/** Iterators: programs that write a text about each task, map, socket, … when a file is read (Linux 5.8). */
import { readSync } from "node:fs";
import { Errno } from "../errors/errno.js";
import { AttachError, ClosedError } from "../errors/errors.js";
import { callBpf } from "../sys/bpf.js";
import { Descriptor } from "../sys/descriptor.js";
import { NativeMemory } from "../sys/memory.js";
import { AttachType, BpfCommand } from "../sys/uapi.js";
import { createLinkDescriptor } from "./bpf-link.js";
import { withFile } from "./files.js";
import { type Link, makeLink } from "./link.js";
import { descriptorOf, type ProgramHandle } from "./program-handle.js";

/** What an iterator goes over, where its kind can be told. */
export interface IteratorAttachOptions {
  /** The elements of this map: of iterators over elements. */
  readonly map?: object;
  /** This cgroup, its folder: of iterators over cgroups. Kernel 6.1. */
  readonly cgroup?: string;
  /** From there: itself only, those below it (parents or children first), or those above it. */
  readonly order?: "self" | "descendants-pre" | "descendants-post" | "ancestors";
  /** The thread with this id only. Kernel 6.1. */
  readonly tid?: number;
  /** The process with this id only. Kernel 6.1. */
  readonly pid?: number;
}

/** An iterator that is ready to be read. */
export interface IteratorLink extends Link {
  /** All that the program writes, from the start: it runs for each thing that there is now. */
  read(): Uint8Array;
  /** The same as text. */
  text(): string;
}

/** `enum bpf_cgroup_iter_order`. */
const orders = { self: 1, "descendants-pre": 2, "descendants-post": 3, ancestors: 4 } as const;
const INFO_SIZE = 16;
const CREATE_SIZE = 8;
const CHUNK = 64 * 1024;

function withInfo<T>(options: IteratorAttachOptions, use: (info: NativeMemory | null) => T): T {
  const info = new NativeMemory(INFO_SIZE);
  const { map, cgroup, tid, pid, order = "descendants-pre" } = options;
  if (map !== undefined) {
    const held: unknown = Reflect.get(map, "descriptor");
    if (!(held instanceof Descriptor))
      throw new AttachError("bad-option", "name a map of an app: attach({ map: app.maps.stats }).");
    info.setU32(0, held.fd);
    return use(info);
  }
  if (cgroup !== undefined)
    return withFile(cgroup, "cgroup", "unknown-cgroup", (fd) => {
      info.setU32(0, orders[order]);
      info.setU32(4, fd);
      return use(info);
    });
  if (tid !== undefined || pid !== undefined) {
    info.setU32(0, tid ?? 0);
    info.setU32(4, pid ?? 0);
    return use(info);
  }
  return use(null);
}

/** Makes an iterator that can be read as often as one likes. */
export function attachIterator(program: ProgramHandle, options: IteratorAttachOptions = {}): IteratorLink {
  const { spec, descriptor } = program;
  const target = `iterator over ${spec.attachTarget ?? "?"}`;
  const fd = withInfo(options, (info) =>
    createLinkDescriptor(
      program,
      target,
      {
        target: 0,
        attachType: AttachType.Iterator,
        ...(info !== null && {
          size: 16,
          fill: (attribute: NativeMemory, at: number) => {
            attribute.setPointer(at, info);
            attribute.setU32(at + 8, INFO_SIZE);
          },
        }),
      },
      {
        needs: [["iterators", "5.8"]],
        cures: {
          [Errno.EBADF]: "This iterator goes over the elements of a map: attach({ map: app.maps.name }).",
          [Errno.EINVAL]: "The iterator takes no such options, or needs some: a map, or a cgroup.",
        },
      },
    ),
  );
  const made = new Descriptor(fd, `link of ${descriptor.what}`);
  const link = makeLink({ target, mechanism: "link", descriptor: made, programOf: descriptorOf });
  const read = (): Uint8Array => {
    if (!link.attached) throw new ClosedError(`the ${target}`);
    const attribute = new NativeMemory(CREATE_SIZE);
    attribute.setU32(0, made.fd);
    using file = new Descriptor(
      callBpf(BpfCommand.IteratorCreate, attribute, `of ${descriptor.what}`),
      `the ${target}`,
    );
    return readAll(file.fd);
  };
  return Object.assign(link, { read, text: () => Buffer.from(read()).toString("utf8") });
}

function readAll(fd: number): Uint8Array {
  const parts: Buffer[] = [];
  for (;;) {
    const chunk = Buffer.alloc(CHUNK);
    const size = readSync(fd, chunk);
    if (size === 0) return Buffer.concat(parts);
    parts.push(chunk.subarray(0, size));
  }
}

/** BPF links: the kernel's own objects that hold a program where it is attached (Linux 5.7). */
import type { CallContext } from "../errors/system-call-failure.js";
import { callBpf, tryBpf } from "../sys/bpf.js";
import { Descriptor } from "../sys/descriptor.js";
import { NativeMemory } from "../sys/memory.js";
import { BpfCommand } from "../sys/uapi.js";
import { type Link, makeLink } from "./link.js";
import { descriptorOf, type ProgramHandle } from "./program-handle.js";

/** Bytes of `link_create` in `union bpf_attr` that all links have. */
const COMMON_SIZE = 16;

/** What a link is asked of the kernel with. */
export interface LinkRequest {
  /** A descriptor or an interface's index. */
  readonly target: number;
  /** `BPF_*` attach type of linux/bpf.h. */
  readonly attachType: number;
  readonly flags?: number;
  /** Bytes behind the common ones, written by `fill`. */
  readonly size?: number;
  readonly fill?: (attribute: NativeMemory, at: number) => void;
}

/** Asks for a link: its descriptor, or the errno negated. */
export function tryLink({ descriptor }: ProgramHandle, request: LinkRequest): number {
  return tryBpf(BpfCommand.LinkCreate, attributeOf(descriptor, request));
}

function attributeOf(program: Descriptor, request: LinkRequest): NativeMemory {
  const attribute = new NativeMemory(COMMON_SIZE + (request.size ?? 0));
  attribute.setU32(0, program.fd);
  attribute.setU32(4, request.target);
  attribute.setU32(8, request.attachType);
  attribute.setU32(12, request.flags ?? 0);
  request.fill?.(attribute, COMMON_SIZE);
  return attribute;
}

/** Makes a link, or throws what the refusal means. @param target where to, in words */
export function createLink(
  program: ProgramHandle,
  target: string,
  request: LinkRequest,
  more: Partial<CallContext> = {},
): Link {
  return linkOf(program, target, createLinkDescriptor(program, target, request, more));
}

/** The descriptor of a link that is made as `createLink` does. */
export function createLinkDescriptor(
  program: ProgramHandle,
  target: string,
  request: LinkRequest,
  more: Partial<CallContext> = {},
): number {
  const { descriptor } = program;
  return callBpf(
    BpfCommand.LinkCreate,
    attributeOf(descriptor, request),
    `of ${descriptor.what} on ${target}`,
    more,
  );
}

/** The link of a descriptor that the kernel gave. */
export function linkOf(program: ProgramHandle, target: string, fd: number): Link {
  const descriptor = new Descriptor(fd, `link of ${program.descriptor.what}`);
  return makeLink({ target, mechanism: "link", descriptor, programOf: descriptorOf });
}

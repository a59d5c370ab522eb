/** The little of rtnetlink(7) that network interfaces need: list them, and set their XDP program. */
import { Errno } from "../errors/errno.js";
import { type CallContext, check, systemCallError } from "../errors/system-call-failure.js";
import { Descriptor } from "../sys/descriptor.js";
import { NativeMemory } from "../sys/memory.js";
import { receive, send, setsockopt, socket } from "../sys/system-calls.js";

const Netlink = {
  family: 16,
  /** SOCK_RAW | SOCK_CLOEXEC */
  socketType: 3 | 0x80000,
  route: 0,
  header: 16,
  linkHeader: 16,
  error: 2,
  done: 3,
  newLink: 16,
  getLink: 18,
  setLink: 19,
  /** NLM_F_REQUEST | NLM_F_ACK */
  change: 1 | 4,
  /** NLM_F_REQUEST | NLM_F_DUMP */
  dump: 1 | 0x300,
  solNetlink: 270,
  extendedAck: 11,
  nested: 0x8000,
  typeMask: 0x3fff,
} as const;

/** linux/if_link.h */
const LinkAttribute = {
  name: 3,
  xdp: 43,
  xdpFd: 1,
  xdpAttached: 2,
  xdpFlags: 3,
  xdpProgram: 4,
  properties: 52,
  alternativeName: 53,
} as const;

const align4 = (length: number): number => (length + 3) & ~3;
const RECEIVE_SIZE = 64 * 1024;
const INTERFACE_UP = 1;

/** How the kernel runs an XDP program (`XDP_ATTACHED_*` of linux/if_link.h, by value). */
const attachedModes = ["none", "driver", "generic", "offload", "multiple"] as const;

/** A network interface of this process's network namespace. */
export interface NetworkInterface {
  readonly name: string;
  /** Names beside it (`altname` of ip-link(8), Linux 5.5); absent when there are none. */
  readonly alternativeNames?: readonly string[];
  readonly index: number;
  readonly up: boolean;
  /** The XDP program that is attached to it, if any. */
  readonly xdp: { readonly mode: (typeof attachedModes)[number]; readonly programId: number } | null;
}

function open(): Descriptor {
  const fd = check(socket(Netlink.family, Netlink.socketType, Netlink.route), {
    call: "socket of rtnetlink",
  });
  const one = new NativeMemory(4);
  one.setU32(0, 1);
  // With extended acknowledgements a refusal comes with words; a kernel without them still refuses.
  setsockopt(fd, Netlink.solNetlink, Netlink.extendedAck, one, 4);
  return new Descriptor(fd, "rtnetlink socket");
}

function* attributes(
  memory: NativeMemory,
  start: number,
  end: number,
): Generator<[type: number, at: number, length: number]> {
  for (let at = start; at + 4 <= end; ) {
    const head = memory.u32(at);
    const length = head & 0xffff;
    if (length < 4) return;
    yield [(head >>> 16) & Netlink.typeMask, at + 4, length - 4];
    at += align4(length);
  }
}

function readLink(memory: NativeMemory, at: number, end: number): NetworkInterface {
  let name = "";
  let mode = 0;
  let programId = 0;
  const alternativeNames: string[] = [];
  const body = at + Netlink.header;
  for (const [type, value, length] of attributes(memory, body + Netlink.linkHeader, end)) {
    if (type === LinkAttribute.name) name = memory.text(value);
    if (type === LinkAttribute.properties)
      for (const [inner, at] of attributes(memory, value, value + length))
        if (inner === LinkAttribute.alternativeName) alternativeNames.push(memory.text(at));
    if (type !== LinkAttribute.xdp) continue;
    for (const [inner, innerValue] of attributes(memory, value, value + length)) {
      if (inner === LinkAttribute.xdpAttached) mode = memory.bytes[innerValue] ?? 0;
      if (inner === LinkAttribute.xdpProgram) programId = memory.u32(innerValue);
    }
  }
  return {
    name,
    ...(alternativeNames.length > 0 && { alternativeNames }),
    index: memory.u32(body + 4),
    up: (memory.u32(body + 8) & INTERFACE_UP) !== 0,
    xdp: mode === 0 ? null : { mode: attachedModes[mode] ?? "multiple", programId },
  };
}

function header(message: NativeMemory, type: number, flags: number): void {
  message.setU32(0, message.size);
  message.setU16(4, type);
  message.setU16(6, flags);
  message.setU32(8, 1);
}

/** NLM_F_CAPPED and NLM_F_ACK_TLVS of linux/netlink.h, and the attribute with words for people. */
const Refused = { capped: 0x100, explained: 0x200, words: 1 } as const;

/** What the kernel says of a refusal ("extended acknowledgement", Linux 4.12); null when it says nothing. */
function wordsOf(memory: NativeMemory, at: number, end: number): string | null {
  const flags = memory.u32(at + 4) >>> 16;
  if ((flags & Refused.explained) === 0) return null;
  const request = at + Netlink.header + 4;
  const size = (flags & Refused.capped) === 0 ? memory.u32(request) : Netlink.header;
  for (const [type, value] of attributes(memory, request + align4(size), end))
    if (type === Refused.words) return memory.text(value);
  return null;
}

function withWords(context: CallContext, errno: number, words: string | null): CallContext {
  const number = Math.abs(errno);
  if (words === null || words === "" || number === Errno.EPERM) return context;
  const cure = context.cures?.[number];
  return {
    ...context,
    cures: {
      ...context.cures,
      [number]: `The kernel says "${words}".${cure === undefined ? "" : ` ${cure}`}`,
    },
  };
}

/** Each message of the answers up to the last one. @throws SystemCallError when an answer is an error */
function* answers(
  fd: Descriptor,
  context: CallContext,
): Generator<[memory: NativeMemory, type: number, at: number, end: number]> {
  const memory = new NativeMemory(RECEIVE_SIZE);
  for (;;) {
    const received = receive(fd.fd, memory, memory.size, 0);
    if (received === -Errno.EINTR) continue;
    check(received, context);
    for (let at = 0; at + Netlink.header <= received; ) {
      const length = memory.u32(at);
      const type = memory.u32(at + 4) & 0xffff;
      if (length < Netlink.header || type === Netlink.done) return;
      if (type === Netlink.error) {
        const errno = memory.u32(at + Netlink.header) | 0;
        if (errno !== 0)
          throw systemCallError(withWords(context, errno, wordsOf(memory, at, at + length)), errno);
        return;
      }
      yield [memory, type, at, at + length];
      at += align4(length);
    }
  }
}

/** The network interfaces that this process can attach to. Needs no privilege. */
export function interfaces(): NetworkInterface[] {
  using fd = open();
  const message = new NativeMemory(Netlink.header + Netlink.linkHeader);
  header(message, Netlink.getLink, Netlink.dump);
  const context: CallContext = { call: "RTM_GETLINK" };
  check(send(fd.fd, message, message.size), context);
  const found: NetworkInterface[] = [];
  for (const [memory, type, at, end] of answers(fd, context)) {
    if (type === Netlink.newLink) found.push(readLink(memory, at, end));
  }
  return found;
}

/**
 * Sets the XDP program of an interface, or removes it (RTM_SETLINK with IFLA_XDP, Linux 4.8).
 *
 * @param program its descriptor, or -1 to remove
 * @param flags `XDP_FLAGS_*`
 */
export function setXdp(index: number, program: number, flags: number, context: CallContext): void {
  using fd = open();
  const nested = 4 + 8 + 8;
  const message = new NativeMemory(Netlink.header + Netlink.linkHeader + nested);
  header(message, Netlink.setLink, Netlink.change);
  message.setU32(Netlink.header + 4, index);
  const at = Netlink.header + Netlink.linkHeader;
  message.setU16(at, nested);
  message.setU16(at + 2, LinkAttribute.xdp | Netlink.nested);
  message.setU16(at + 4, 8);
  message.setU16(at + 6, LinkAttribute.xdpFd);
  message.setU32(at + 8, program >>> 0);
  message.setU16(at + 12, 8);
  message.setU16(at + 14, LinkAttribute.xdpFlags);
  message.setU32(at + 16, flags);
  check(send(fd.fd, message, message.size), context);
  for (const _ of answers(fd, context)) {
    // The one answer is the acknowledgement, which throws when it is a refusal.
  }
}

/** An attribute: its header, its content, and room up to the next multiple of 4. */
export function attribute(type: number, content: Uint8Array): Uint8Array {
  const memory = new NativeMemory(align4(4 + content.length));
  memory.setU16(0, 4 + content.length);
  memory.setU16(2, type);
  memory.bytes.set(content, 4);
  return memory.bytes.subarray(0, memory.size);
}

/** An attribute with a number of the machine's byte order. */
export function u32Attribute(type: number, value: number): Uint8Array {
  const memory = new NativeMemory(8);
  memory.setU32(0, value >>> 0);
  return attribute(type, memory.bytes.subarray(0, 4));
}

/** An attribute with text and a NUL. */
export const textAttribute = (type: number, text: string): Uint8Array =>
  attribute(type, Buffer.from(`${text}\0`, "utf8"));

/** The text of an attribute in an answer; null when it is not there. @param start where the attributes begin */
export function textOf(answer: Uint8Array, start: number, wanted: number): string | null {
  const memory = NativeMemory.from(answer);
  for (const [type, at] of attributes(memory, start, answer.length))
    if (type === wanted) return memory.text(at);
  return null;
}

/** Attributes one after another, as the content of another. */
export const nested = (attributes: readonly Uint8Array[]): Uint8Array => Buffer.concat(attributes);

/**
 * Asks rtnetlink for one thing.
 *
 * @param parts the message's own header, then its attributes
 * @returns what the kernel answered beside its acknowledgement, without the header of netlink
 * @throws SystemCallError when it refuses
 */
export function request(
  type: number,
  flags: number,
  parts: readonly Uint8Array[],
  context: CallContext,
): Uint8Array[] {
  using fd = open();
  const content = nested(parts);
  const message = new NativeMemory(Netlink.header + content.length);
  header(message, type, flags);
  message.bytes.set(content, Netlink.header);
  check(send(fd.fd, message, message.size), context);
  const found: Uint8Array[] = [];
  for (const [memory, , at, end] of answers(fd, context))
    found.push(memory.bytes.slice(at + Netlink.header, end));
  return found;
}

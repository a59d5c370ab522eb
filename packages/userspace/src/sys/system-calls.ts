/**
 * The only file that reaches native code. Each function is one system call: it returns the call's result, or the
 * errno negated; who calls it turns that into an error that says what it was for (errors/system-call-failure.ts).
 *
 * koffi is loaded on the first call, not on import: a generated module has both `load` and `simulate`, and the latter
 * has to work where there is no Linux and no native code.
 */
import { createRequire } from "node:module";
import { PlatformError } from "../errors/errors.js";
import { type SystemCallName, systemCallNumbers } from "./numbers.js";

type Koffi = typeof import("koffi");
type RawCall = (number: number, ...args: number[]) => number | bigint;

interface Native {
  readonly koffi: Koffi;
  readonly numbers: Readonly<Record<SystemCallName, number>>;
  readonly call3: RawCall;
  readonly call6: RawCall;
  readonly pageSize: number;
}

let loaded: Native | null = null;

function native(): Native {
  if (loaded !== null) return loaded;
  const numbers = systemCallNumbers[process.arch];
  if (process.platform !== "linux" || numbers === undefined) {
    throw new PlatformError(
      `BPF programs load on Linux on x64 and arm64; this is ${process.platform} on ${process.arch}. ` +
        "simulate() runs the same object in process, anywhere.",
    );
  }
  const koffi: Koffi = createRequire(import.meta.url)("koffi");
  const library = koffi.load(null);
  // syscall(2) is variadic, but it takes integers only, which both ABIs pass as they pass fixed arguments.
  const call3: RawCall = library.func("syscall", "long", ["long", "long", "long", "long"]);
  const call6: RawCall = library.func("syscall", "long", [
    "long",
    "long",
    "long",
    "long",
    "long",
    "long",
    "long",
  ]);
  const pageSize: number = library.func("getpagesize", "int", [])();
  loaded = { koffi, numbers, call3, call6, pageSize };
  return loaded;
}

function result(koffi: Koffi, value: number | bigint): number {
  return value === -1 ? -koffi.errno() : Number(value);
}

function call3(name: SystemCallName, a: number, b: number, c: number): number {
  const { koffi, numbers, call3 } = native();
  return result(koffi, call3(numbers[name], a, b, c));
}

function call6(
  name: SystemCallName,
  a: number,
  b: number,
  c: number,
  d: number,
  e: number,
  f: number,
): number {
  const { koffi, numbers, call6 } = native();
  return result(koffi, call6(numbers[name], a, b, c, d, e, f));
}

/** Memory for the kernel. The functions here hold it for as long as their call takes. */
export interface CallMemory {
  /** Of its first byte. */
  readonly address: number;
}

// With its address read, nothing else need hold a block while the kernel works on it; a collection would free it.
let given: CallMemory | null = null;

function addressFor(memory: CallMemory | null): number {
  given = memory;
  return given === null ? 0 : given.address;
}

/** Address of a buffer's first byte. Valid while the buffer is reachable. */
export function addressOf(bytes: Uint8Array): number {
  return Number(native().koffi.address(bytes));
}

/** Bytes in a page of memory. */
export function pageSize(): number {
  return native().pageSize;
}

/** bpf(2). @param attribute a `union bpf_attr` of `size` bytes */
export function bpf(command: number, attribute: CallMemory, size: number): number {
  return call3("bpf", command, addressFor(attribute), size);
}

/** close(2) */
export function close(fd: number): number {
  return call3("close", fd, 0, 0);
}

/** dup3(2): `replaced` stands for what `fd` stands for from then on. */
export function dup3(fd: number, replaced: number, flags: number): number {
  return call3("dup3", fd, replaced, flags);
}

/** epoll_create1(2) */
export function epollCreate(flags: number): number {
  return call3("epoll_create1", flags, 0, 0);
}

/** epoll_ctl(2). @param event a `struct epoll_event` */
export function epollControl(epoll: number, operation: number, fd: number, event: CallMemory): number {
  return call6("epoll_ctl", epoll, operation, fd, addressFor(event), 0, 0);
}

/** fcntl(2) */
export function fcntl(fd: number, command: number, argument: number): number {
  return call3("fcntl", fd, command, argument);
}

/** flock(2); waits for a lock that another descriptor holds. @param operation of `Flock` */
export function flock(fd: number, operation: number): number {
  return call3("flock", fd, operation, 0);
}

/** ioctl(2) */
export function ioctl(fd: number, request: number, argument: number): number {
  return call3("ioctl", fd, request, argument);
}

/** perf_event_open(2) */
export function perfEventOpen(
  attribute: CallMemory,
  pid: number,
  cpu: number,
  group: number,
  flags: number,
): number {
  return call6("perf_event_open", addressFor(attribute), pid, cpu, group, flags, 0);
}

/** mmap(2) at an address of the kernel's choice; returns the address. */
export function mmap(length: number, protection: number, flags: number, fd: number, offset: number): number {
  return call6("mmap", 0, length, protection, flags, fd, offset);
}

/** munmap(2). Views of the memory must not be touched afterwards. */
export function munmap(address: number, length: number): number {
  return call3("munmap", address, length, 0);
}

/** Memory at an address as an ArrayBuffer, without a copy. The caller keeps it mapped for as long as it is used. */
export function viewOf(address: number, length: number): ArrayBuffer {
  return native().koffi.view(BigInt(address), length);
}

/** prlimit(2) on this process. @param limit a `struct rlimit64` */
export function setLimit(resource: number, limit: CallMemory): number {
  return call6("prlimit64", 0, resource, addressFor(limit), 0, 0, 0);
}

/** mount(2). @param flags `MS_*` of linux/mount.h, in `Mount` */
export function mount(
  source: CallMemory,
  target: CallMemory,
  type: CallMemory,
  flags: number,
  data: CallMemory,
): number {
  return call6("mount", addressFor(source), addressFor(target), addressFor(type), flags, addressFor(data), 0);
}

/** fsopen(2), from Linux 5.2. @param name a NUL-terminated file system name */
export function fsopen(name: CallMemory, flags: number): number {
  return call3("fsopen", addressFor(name), flags, 0);
}

/** fsconfig(2) without key and value, from Linux 5.2 */
export function fsconfig(fd: number, command: number): number {
  return call6("fsconfig", fd, command, 0, 0, 0, 0);
}

/** fsmount(2), from Linux 5.2: a mount that is attached nowhere and ends with its descriptor */
export function fsmount(fd: number, flags: number, attributes: number): number {
  return call3("fsmount", fd, flags, attributes);
}

/** socket(2) */
export function socket(domain: number, type: number, protocol: number): number {
  return call3("socket", domain, type, protocol);
}

/** bind(2) */
export function bind(fd: number, address: number, length: number): number {
  return call3("bind", fd, address, length);
}

/** setsockopt(2) */
export function setsockopt(
  fd: number,
  level: number,
  option: number,
  value: CallMemory,
  length: number,
): number {
  return call6("setsockopt", fd, level, option, addressFor(value), length, 0);
}

/** send(2) */
export function send(fd: number, buffer: CallMemory, length: number): number {
  return call6("sendto", fd, addressFor(buffer), length, 0, 0, 0);
}

/** recv(2) */
export function receive(fd: number, buffer: CallMemory, length: number, flags: number): number {
  return call6("recvfrom", fd, addressFor(buffer), length, flags, 0, 0);
}

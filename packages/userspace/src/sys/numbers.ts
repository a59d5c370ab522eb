/** System calls that the loader makes. */
export type SystemCallName =
  | "bind"
  | "bpf"
  | "close"
  | "dup3"
  | "epoll_create1"
  | "epoll_ctl"
  | "fcntl"
  | "flock"
  | "fsconfig"
  | "fsmount"
  | "fsopen"
  | "ioctl"
  | "mmap"
  | "mount"
  | "munmap"
  | "perf_event_open"
  | "prlimit64"
  | "recvfrom"
  | "sendto"
  | "setsockopt"
  | "socket";

/**
 * Call numbers by processor as Node names it (arch/x86/entry/syscalls/syscall_64.tbl; include/uapi/asm-generic/unistd.h
 * for arm64). Calls from 424 on have one number on every processor.
 */
export const systemCallNumbers: Readonly<Record<string, Readonly<Record<SystemCallName, number>>>> = {
  x64: {
    bind: 49,
    bpf: 321,
    close: 3,
    dup3: 292,
    epoll_create1: 291,
    epoll_ctl: 233,
    fcntl: 72,
    flock: 73,
    fsconfig: 431,
    fsmount: 432,
    fsopen: 430,
    ioctl: 16,
    mmap: 9,
    mount: 165,
    munmap: 11,
    perf_event_open: 298,
    prlimit64: 302,
    recvfrom: 45,
    sendto: 44,
    setsockopt: 54,
    socket: 41,
  },
  arm64: {
    bind: 200,
    bpf: 280,
    close: 57,
    dup3: 24,
    epoll_create1: 20,
    epoll_ctl: 21,
    fcntl: 25,
    flock: 32,
    fsconfig: 431,
    fsmount: 432,
    fsopen: 430,
    ioctl: 29,
    mmap: 222,
    mount: 40,
    munmap: 215,
    perf_event_open: 241,
    prlimit64: 261,
    recvfrom: 207,
    sendto: 206,
    setsockopt: 208,
    socket: 198,
  },
};

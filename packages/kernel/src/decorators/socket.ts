/** Programs that decide for sockets and for the processes of a cgroup. */
import type {
  CgroupAction,
  CgroupSockHook,
  ContextOfCgroupSock,
  ContextOfSockAddr,
  ContextOfSockopt,
  DeviceContext,
  SockAddrAction,
  SockAddrHook,
  SysctlContext,
} from "../contexts/cgroup.js";
import type {
  SkAction,
  SkLookupContext,
  SkMsgContext,
  SkReuseportContext,
  SkReuseportMigrateContext,
  SockOpsContext,
} from "../contexts/socket.js";
import { kernelOnly } from "../kernel-only.js";
import type { Ignored, ProgramDecorator } from "./program.js";

/** Runs when a process of a cgroup makes, binds or closes a socket. Kernel 4.10; each hook from its own. */
export function cgroupSock<const Hook extends CgroupSockHook>(
  _hook: Hook,
): ProgramDecorator<ContextOfCgroupSock<Hook>, CgroupAction> {
  return kernelOnly("@cgroupSock()");
}

/** Runs when a process of a cgroup gives an address to a system call, or asks for one. Kernel 4.17; each hook from its own. */
export function cgroupSockAddr<const Hook extends SockAddrHook>(
  _hook: Hook,
): ProgramDecorator<ContextOfSockAddr<Hook>, SockAddrAction<Hook>> {
  return kernelOnly("@cgroupSockAddr()");
}

/** Runs when a process of a cgroup reads or sets a socket option. Kernel 5.3. */
export function cgroupSockopt<const Hook extends "getsockopt" | "setsockopt">(
  _hook: Hook,
): ProgramDecorator<ContextOfSockopt<Hook>, CgroupAction> {
  return kernelOnly("@cgroupSockopt()");
}

/** Runs when a process of a cgroup reads or writes a file of /proc/sys. Kernel 5.2. */
export function cgroupSysctl(): ProgramDecorator<SysctlContext, CgroupAction> {
  return kernelOnly("@cgroupSysctl()");
}

/** Runs when a process of a cgroup makes, reads or writes a device. Kernel 4.15. */
export function cgroupDevice(): ProgramDecorator<DeviceContext, CgroupAction> {
  return kernelOnly("@cgroupDevice()");
}

/** Runs at events of the TCP connections of a cgroup. The result is not used: `ctx.reply` is the answer. Kernel 4.13. */
export function sockOps(): ProgramDecorator<SockOpsContext, Ignored> {
  return kernelOnly("@sockOps()");
}

/** Decides about each message that is sent through a socket of a socket map. Kernel 4.17. */
export function skMsg(): ProgramDecorator<SkMsgContext, SkAction> {
  return kernelOnly("@skMsg()");
}

/** Chooses the socket of a packet or connection in a network namespace. Kernel 5.9. */
export function skLookup(): ProgramDecorator<SkLookupContext, SkAction> {
  return kernelOnly("@skLookup()");
}

/** How a program chooses among sockets that share a port. */
export interface SkReuseportOptions {
  /** It is asked too when a socket of the group is closed and its connections move. Kernel 5.14. */
  readonly migrate?: boolean;
}

/** Chooses one of the sockets that share a port. Kernel 4.19. */
export function skReuseport<const Options extends SkReuseportOptions = Record<never, never>>(
  _options?: Options,
): ProgramDecorator<
  Options extends { migrate: true } ? SkReuseportMigrateContext : SkReuseportContext,
  SkAction
> {
  return kernelOnly("@skReuseport()");
}

import type { App } from "@waggle/userspace";
import type { Capable } from "./kernel/capable.js";
import { columns } from "./report.js";

/** By number, as linux/capability.h has them. */
const names = (
  "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE " +
  "NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN " +
  "SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP " +
  "MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE"
).split(" ");

/** A line for each time that the kernel asks whether a process has a capability. */
export async function* capable(app: App<typeof Capable>, signal: AbortSignal): AsyncGenerator<string> {
  const widths = [7, 6, -15];
  app.programs.onCheck.attach();
  yield columns(widths, ["PID", "UID", "NAME", "CAPABILITY"]);
  for await (const { pid, uid, comm, capability } of app.maps.events.read({ signal }))
    yield columns(widths, [pid, uid, comm, `CAP_${names[capability] ?? capability}`]);
}

import { BpfError } from "@waggle/userspace";
import execsnoop from "./ebpf/execsnoop.js";

/** Prints each program as it is executed, until `signal`. */
async function main(signal: AbortSignal): Promise<void> {
  using app = execsnoop.load();
  app.programs.onExecve.attach();
  console.log("Watching execve(2) in the kernel; Ctrl-C stops.\n");
  console.log(
    `${"PID".padStart(7)}  ${"PARENT".padStart(7)}  ${"UID".padStart(6)}  ${"BY".padEnd(15)}  PROGRAM`,
  );
  for await (const { pid, ppid, uid, comm, filename } of app.maps.events.read({ signal })) {
    console.log(
      `${String(pid).padStart(7)}  ${String(ppid).padStart(7)}  ${String(uid).padStart(6)}  ${comm.padEnd(15)}  ${filename}`,
    );
  }
  if (app.maps.events.lost > 0n) console.error(`${app.maps.events.lost} events did not fit into the buffer.`);
}

const stop = new AbortController();
process.once("SIGINT", () => stop.abort());
process.once("SIGTERM", () => stop.abort());
main(stop.signal).catch((error: unknown) => {
  console.error(error instanceof BpfError ? error.message : error);
  process.exitCode = 1;
});

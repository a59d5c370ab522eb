import { spawn } from "node:child_process";
import { BpfError, canLoad } from "@waggle/userspace";
import executions from "./ebpf/executions.js";

const kernel = canLoad();
if (kernel.ok) {
  try {
    await report();
  } catch (error) {
    if (!(error instanceof BpfError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
} else {
  console.error(`The kernel is out of reach: ${kernel.reason}`);
  console.error("As root: sudo -E npm start. Without: npm test runs the same program in process.");
  process.exitCode = 1;
}

async function report(): Promise<void> {
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  // Leaving this function detaches the program and frees its maps.
  using app = executions.load();
  app.programs.onExecve.attach();
  console.log("Waiting for programs to be started; Ctrl-C ends.");
  // The first event is our own, so that there is something to see on a quiet machine.
  spawn(process.execPath, ["--version"]);
  for await (const { pid, uid, comm, filename } of app.maps.events.read({ signal: stop.signal })) {
    console.log(`pid ${pid}, user ${uid}: ${comm} starts ${filename}`);
  }
}

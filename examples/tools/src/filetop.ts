import type { App } from "@waggle/userspace";
import type { Filetop } from "./kernel/filetop.js";
import { columns, stopped } from "./report.js";

/** Which files were read and written most until the signal, and by whom. */
export async function* filetop(app: App<typeof Filetop>, signal: AbortSignal): AsyncGenerator<string> {
  app.programs.onRead.attach();
  app.programs.onWrite.attach();
  await stopped(signal);
  const widths = [7, -15, 8, 8, 10, 10];
  yield columns(widths, ["PID", "BY", "READS", "WRITES", "READ (kB)", "WRITTEN", "FILE"]);
  const kilobytes = (bytes: bigint): string => (Number(bytes) / 1024).toFixed(1);
  const rows = [...app.maps.files].sort(
    ([, one], [, other]) =>
      Number(other.readBytes + other.writtenBytes) - Number(one.readBytes + one.writtenBytes),
  );
  for (const [{ pid, comm, name }, { reads, writes, readBytes, writtenBytes }] of rows)
    yield columns(widths, [pid, comm, reads, writes, kilobytes(readBytes), kilobytes(writtenBytes), name]);
}

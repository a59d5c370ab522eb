import type { App } from "@waggle/userspace";
import type { TokenBucket } from "./kernel/token-bucket.js";

const address = (number: number): string =>
  [24, 16, 8, 0].map((shift) => (number >>> shift) & 0xff).join(".");

/** A line for each address that something was sent to: bytes that went, and bytes that did not, most first. */
export function report(app: App<typeof TokenBucket>): string[] {
  const rows = [...app.maps.buckets].sort(([, one], [, other]) =>
    Number(other.passedBytes - one.passedBytes),
  );
  return [
    `${"TO".padEnd(15)}  ${"PASSED".padStart(12)}  ${"DROPPED".padStart(12)}`,
    ...rows.map(
      ([to, { passedBytes, droppedBytes }]) =>
        `${address(to).padEnd(15)}  ${String(passedBytes).padStart(12)}  ${String(droppedBytes).padStart(12)}`,
    ),
  ];
}

import type { TracepointContext } from "@waggle/kernel";
import { ArrayMap, atomic, ktimeGetNs, LruHashMap, tracepoint, type u32, type u64 } from "@waggle/kernel";
import { log2 } from "./histogram.js";
import "./vmlinux.js";

/** A request to a disk: a device has one at a time at a sector. */
interface Request {
  device: u32;
  sector: u64;
}

/** How long disks take for their requests. */
export class Biolatency {
  static readonly issued = new LruHashMap<Request, u64>({ maxEntries: 10_240 });
  /** Requests by the power of two of their microseconds. */
  static readonly histogram = new ArrayMap<u64>({ maxEntries: 64 });

  @tracepoint("block", "block_rq_issue")
  static onIssue(ctx: TracepointContext<"block/block_rq_issue">): void {
    Biolatency.issued.set({ device: ctx.dev, sector: ctx.sector }, ktimeGetNs());
  }

  @tracepoint("block", "block_rq_complete")
  static onComplete(ctx: TracepointContext<"block/block_rq_complete">): void {
    const request: Request = { device: ctx.dev, sector: ctx.sector };
    const since = Biolatency.issued.get(request);
    if (since === null) return;
    const slot = Biolatency.histogram.get(log2((ktimeGetNs() - since.value) / 1000n));
    if (slot !== null) atomic.add(slot.value, 1n);
    Biolatency.issued.delete(request);
  }
}

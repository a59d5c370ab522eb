import type { u32, u64, XdpContext } from "@waggle/kernel";
import { RingBuffer, XdpAction, xdp } from "@waggle/kernel";

/** What the readers are timed on: 32 bytes, as many events are. */
export interface Sample {
  sequence: u64;
  bytes: u64;
  pid: u32;
  cpu: u32;
  port: u32;
  flags: u32;
}

/** Writes one record for each run, so that BPF_PROG_TEST_RUN with a repeat count fills the buffer. */
export class RingFill {
  static readonly samples = new RingBuffer<Sample>({ bytes: 16 * 1024 * 1024 });

  @xdp()
  static fill(ctx: XdpContext): XdpAction {
    const sample = RingFill.samples.reserve();
    if (sample === null) return XdpAction.Drop;
    sample.sequence = 0x1122_3344_5566n;
    sample.bytes = 1500n;
    sample.pid = ctx.length;
    sample.cpu = 1;
    sample.port = 443;
    sample.flags = 7;
    RingFill.samples.submit(sample);
    return XdpAction.Pass;
  }
}

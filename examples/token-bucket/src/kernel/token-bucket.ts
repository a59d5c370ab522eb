import type { be32, ClassifierContext } from "@waggle/kernel";
import {
  classifier,
  config,
  HashMap,
  ktimeGetNs,
  type SpinLock,
  TcAction,
  u64,
  withLock,
  zeroed,
} from "@waggle/kernel";
import type { EthHdr, IpHdr } from "@waggle/kernel/net";
import { EthProto } from "@waggle/kernel/net";

/** What one address may still receive, and what it did. */
export interface Bucket {
  lock: SpinLock;
  /** Bytes that may go at once. */
  tokens: u64;
  /** When tokens were last added, in nanoseconds since boot. */
  at: u64;
  passedBytes: u64;
  droppedBytes: u64;
}

const SECOND: u64 = 1_000_000_000n;

/** Holds what is sent to each IPv4 address to a rate: a token for each byte, a bucket for each address. */
export class TokenBucket {
  static readonly buckets = new HashMap<be32, Bucket>({ maxEntries: 16_384 });
  /** Bytes in a second. */
  @config static rate: u64 = 1_000_000n;
  /** How many tokens a bucket holds, in bytes: what may go at once after a rest. */
  @config static burst: u64 = 100_000n;

  @classifier()
  static limit(ctx: ClassifierContext): TcAction {
    const eth = ctx.at<EthHdr>(0);
    const ip = ctx.at<IpHdr>(14);
    if (eth === null || ip === null || eth.protocol !== EthProto.Ipv4) return TcAction.Unspec;
    const now = ktimeGetNs();
    const bytes = u64(ctx.length);
    const bucket = TokenBucket.buckets.getOrInsert(ip.daddr, {
      lock: zeroed(),
      tokens: TokenBucket.burst,
      at: now,
      passedBytes: 0n,
      droppedBytes: 0n,
    });
    if (bucket === null) return TcAction.Unspec;
    // Two CPUs that send to one address must not both spend the last token.
    const passes = withLock(bucket.lock, () => {
      // Another CPU may have come later and been here first.
      const elapsed = now > bucket.at ? now - bucket.at : 0n;
      const rate = TokenBucket.rate;
      const added = (elapsed / SECOND) * rate + ((elapsed % SECOND) * rate) / SECOND;
      if (added > 0n) {
        bucket.tokens += added;
        if (bucket.tokens > TokenBucket.burst) bucket.tokens = TokenBucket.burst;
        bucket.at = now;
      }
      if (bucket.tokens < bytes) {
        bucket.droppedBytes += bytes;
        return false;
      }
      bucket.tokens -= bytes;
      bucket.passedBytes += bytes;
      return true;
    });
    return passes ? TcAction.Unspec : TcAction.Shot;
  }
}

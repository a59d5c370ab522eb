import type { CString, UprobeContext, UretprobeContext, UserPtr } from "@waggle/kernel";
import {
  config,
  currentComm,
  currentPid,
  currentTid,
  type i32,
  ktimeGetNs,
  LruHashMap,
  RingBuffer,
  type u32,
  type u64,
  uprobe,
  uretprobe,
} from "@waggle/kernel";

/** A name was looked up. */
export interface LookupEvent {
  pid: u32;
  /** What getaddrinfo(3) gave: 0, or an `EAI_*` code. */
  result: i32;
  /** How long it took, in nanoseconds. */
  time: u64;
  comm: CString<16>;
  host: CString<80>;
}

interface Lookup {
  at: u64;
  host: UserPtr;
}

export class Gethostlatency {
  static readonly lookups = new LruHashMap<u32, Lookup>({ maxEntries: 1024 });
  static readonly events = new RingBuffer<LookupEvent>({ bytes: 64 * 1024 });
  /** Only this process; 0 for all. */
  @config static pid: u32 = 0;

  @uprobe("libc.so.6:getaddrinfo")
  static onLookup(ctx: UprobeContext<{ node: UserPtr }>): void {
    if (Gethostlatency.pid !== 0 && currentPid() !== Gethostlatency.pid) return;
    Gethostlatency.lookups.set(currentTid(), { at: ktimeGetNs(), host: ctx.args.node });
  }

  @uretprobe("libc.so.6:getaddrinfo")
  static onLookedUp(ctx: UretprobeContext<i32>): void {
    const lookup = Gethostlatency.lookups.get(currentTid());
    if (lookup === null) return;
    const event = Gethostlatency.events.reserve();
    if (event !== null) {
      event.pid = currentPid();
      event.result = ctx.result;
      event.time = ktimeGetNs() - lookup.at;
      currentComm(event.comm);
      event.host.readUser(lookup.host);
      Gethostlatency.events.submit(event);
    }
    Gethostlatency.lookups.delete(currentTid());
  }
}

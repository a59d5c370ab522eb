/** Timers that run after a program, and again. */
import type { Ref, Timer, XdpContext } from "@waggle/kernel";
import {
  ArrayMap,
  cancelTimer,
  config,
  HashMap,
  startTimer,
  type u32,
  u64,
  XdpAction,
  xdp,
  zeroed,
} from "@waggle/kernel";

interface Session {
  timer: Timer;
  turns: u64;
  most: u64;
}

export class Timers {
  static readonly sessions = new HashMap<u32, Session>({ maxEntries: 16 });
  static readonly seen = new ArrayMap<u64>({ maxEntries: 4 });
  @config static key: u32 = 0;

  private static tell(index: u32, value: u64): void {
    const place = Timers.seen.get(index);
    if (place !== null) place.value = value;
  }

  /** Takes part in each turn, and begins the next. */
  private static turn(key: Ref<u32>, session: Session): void {
    session.turns += 1n;
    Timers.tell(0, session.turns);
    Timers.tell(1, u64(key.value));
    if (session.turns >= session.most) {
      Timers.tell(2, 1n);
      return;
    }
    startTimer(Timers.sessions, session.timer, Timers.turn, 1_000_000n);
  }

  @xdp()
  static start(_ctx: XdpContext): XdpAction {
    const session = Timers.sessions.getOrInsert(Timers.key, { timer: zeroed(), turns: 0n, most: 3n });
    if (session === null) return XdpAction.Drop;
    const result = startTimer(Timers.sessions, session.timer, Timers.turn, 1_000_000n);
    return result === 0n ? XdpAction.Pass : XdpAction.Aborted;
  }

  /** A timer that is stopped before it runs. */
  @xdp()
  static stop(_ctx: XdpContext): XdpAction {
    const session = Timers.sessions.getOrInsert(99, { timer: zeroed(), turns: 0n, most: 100n });
    if (session === null) return XdpAction.Drop;
    startTimer(Timers.sessions, session.timer, Timers.turn, 10_000_000_000n);
    Timers.tell(3, u64(cancelTimer(session.timer)));
    return XdpAction.Pass;
  }
}

/** Maps of each type, used by XDP programs that are run once: `step` says what they do. */
import type { XdpContext } from "@waggle/kernel";
import {
  ArrayMap,
  ArrayOfMaps,
  be32,
  CpuMap,
  config,
  DevMap,
  DevMapHash,
  HashMap,
  HashOfMaps,
  LpmTrie,
  LruPerCpuHashMap,
  PerfEventArray,
  type Prefix,
  Queue,
  RingBuffer,
  Stack,
  type u32,
  u64,
  XdpAction,
  XskMap,
  xdp,
} from "@waggle/kernel";

interface Event {
  number: u32;
  twice: u64;
}

export class Maps {
  static readonly prefixes = new LpmTrie<be32, u32>({ maxEntries: 16 });
  static readonly queue = new Queue<Event>({ maxEntries: 4 });
  static readonly stack = new Stack<u32>({ maxEntries: 4 });
  static readonly counts = new LruPerCpuHashMap<u32, u64>({ maxEntries: 16 });
  static readonly sparse = new HashMap<u32, u64>({ maxEntries: 1_000_000, preallocate: false });
  static readonly results = new ArrayMap<u64>({ maxEntries: 16, mapped: true });
  static readonly events = new PerfEventArray<Event>();
  static readonly ring = new RingBuffer<Event>({ bytes: 4096 });
  static readonly byIndex = new ArrayOfMaps({ maxEntries: 4, inner: new ArrayMap<u64>({ maxEntries: 2 }) });
  static readonly byName = new HashOfMaps<u32, HashMap<u32, u64>>({
    maxEntries: 4,
    inner: new HashMap<u32, u64>({ maxEntries: 8 }),
  });
  static readonly devices = new DevMap({ maxEntries: 4 });
  static readonly deviceHash = new DevMapHash({ maxEntries: 4 });
  static readonly cpus = new CpuMap({ maxEntries: 2 });
  static readonly sockets = new XskMap({ maxEntries: 2 });
  static readonly shared = new HashMap<u32, u64>({ maxEntries: 4, pinning: "by-name" });
  @config static number: u32 = 0;

  private static tell(index: u32, value: u64): void {
    const place = Maps.results.get(index);
    if (place !== null) place.value = value;
  }

  @xdp()
  static lookUp(_ctx: XdpContext): XdpAction {
    const key: Prefix<be32> = { prefixLength: 32, data: be32(Maps.number) };
    const found = Maps.prefixes.get(key);
    Maps.tell(0, found === null ? 0n : u64(found.value));
    return XdpAction.Pass;
  }

  @xdp()
  static queues(_ctx: XdpContext): XdpAction {
    const event = Maps.queue.pop();
    Maps.tell(1, event === null ? 99n : event.twice);
    const next = Maps.queue.peek();
    Maps.tell(2, next === null ? 99n : u64(next.number));
    Maps.stack.push(Maps.number);
    const top = Maps.stack.peek();
    Maps.tell(3, top === null ? 99n : u64(top.value));
    Maps.queue.push({ number: 7, twice: 14n });
    return XdpAction.Pass;
  }

  @xdp()
  static count(_ctx: XdpContext): XdpAction {
    const count = Maps.counts.get(Maps.number);
    if (count !== null) count.value += 1n;
    else Maps.counts.set(Maps.number, 1n);
    Maps.sparse.set(Maps.number, 5n);
    Maps.shared.set(Maps.number, 6n);
    Maps.tell(6, 66n);
    return XdpAction.Pass;
  }

  @xdp()
  static send(ctx: XdpContext): XdpAction {
    const event: Event = { number: Maps.number, twice: u64(Maps.number) * 2n };
    const result = Maps.events.output(ctx, event);
    Maps.ring.output(event);
    Maps.tell(4, u64(result));
    Maps.tell(5, Maps.ring.query("available"));
    return XdpAction.Pass;
  }

  @xdp()
  static nested(_ctx: XdpContext): XdpAction {
    const inner = Maps.byIndex.get(1);
    if (inner !== null) {
      const place = inner.get(1);
      if (place !== null) place.value += u64(Maps.number);
    }
    const named = Maps.byName.get(Maps.number);
    if (named === null) return XdpAction.Drop;
    named.set(3, 33n);
    return XdpAction.Pass;
  }

  @xdp()
  static redirects(_ctx: XdpContext): XdpAction {
    if (Maps.number === 0) return Maps.devices.redirect(1, XdpAction.Drop);
    if (Maps.number === 1) return Maps.deviceHash.redirect(77, XdpAction.Drop);
    if (Maps.number === 2) return Maps.cpus.redirect(0, XdpAction.Drop);
    return Maps.sockets.redirect(0, XdpAction.Drop);
  }
}

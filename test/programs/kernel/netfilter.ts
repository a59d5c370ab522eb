/** A hook of netfilter. */
import type { KernelPtr, KernelStruct, NetfilterContext } from "@waggle/kernel";
import { ArrayMap, config, NetfilterAction, netfilter, type u8, type u32, u64 } from "@waggle/kernel";

interface nf_hook_state extends KernelStruct<"nf_hook_state"> {
  readonly hook: u8;
  readonly pf: u8;
}

interface sk_buff extends KernelStruct<"sk_buff"> {
  readonly len: u32;
}

export class Netfilter {
  static readonly seen = new ArrayMap<u64>({ maxEntries: 4 });
  @config static length: u32 = 0;

  /** Drops packets of a certain length. */
  @netfilter()
  static drop(
    ctx: NetfilterContext<{ state: KernelPtr<nf_hook_state>; skb: KernelPtr<sk_buff> }>,
  ): NetfilterAction {
    const { state, skb } = ctx.args;
    if (skb.len !== Netfilter.length) return NetfilterAction.Accept;
    const hook = Netfilter.seen.get(0);
    if (hook !== null) hook.value = u64(state.hook);
    return NetfilterAction.Drop;
  }
}

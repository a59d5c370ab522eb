import type { AddressSpace } from "../memory/address-space.js";
import type { Region } from "../memory/region.js";

/** Room before a packet (`XDP_PACKET_HEADROOM` of linux/bpf.h), less the kernel's own `struct xdp_frame` in it. */
const headroom = 256;
const frameBytes = 40;
/** Room behind a packet; a page less headroom and `struct skb_shared_info` leaves at least this for an Ethernet frame. */
const tailroom = 320;
/** A packet cannot be made shorter than a link-layer header (`ETH_HLEN`). */
const shortest = 14;
/** Metadata before a packet is at most this much (`xdp_metalen_invalid` of net/xdp.h). */
const mostMetadata = 252;

/** The bytes of one packet and the room around them. Every move gives new addresses: old pointers are void. */
export class Packet {
  readonly #buffer: Uint8Array;
  #data = headroom;
  #meta = headroom;
  #end: number;
  #region: Region;

  constructor(
    private readonly space: AddressSpace,
    content: Uint8Array,
  ) {
    this.#buffer = new Uint8Array(headroom + content.length + tailroom);
    this.#buffer.set(content, headroom);
    this.#end = headroom + content.length;
    this.#region = this.#add();
  }

  /** Address of the first byte, of the first byte of metadata, and of the first behind the packet. */
  get pointers() {
    return {
      data: this.#region.address(this.#data),
      meta: this.#region.address(this.#meta),
      end: this.#region.address(this.#end),
    };
  }

  /** A copy of the packet as it is now. */
  bytes(): Uint8Array {
    return this.#buffer.slice(this.#data, this.#end);
  }

  /** `bpf_xdp_adjust_head`: moves the start; false when that is not possible. */
  adjustHead(delta: number, by: string): boolean {
    const metadata = this.#data - this.#meta;
    const data = this.#data + delta;
    if (data < frameBytes + metadata || data > this.#end - shortest) return false;
    this.#buffer.copyWithin(data - metadata, this.#meta, this.#data);
    this.#data = data;
    this.#meta = data - metadata;
    this.#moved(by);
    return true;
  }

  /** `bpf_xdp_adjust_tail`: moves the end, new bytes being zero; false when that is not possible. */
  adjustTail(delta: number, by: string): boolean {
    const end = this.#end + delta;
    if (end > this.#buffer.length || end < this.#data + shortest) return false;
    this.#buffer.fill(0, Math.min(this.#end, end), Math.max(this.#end, end));
    this.#end = end;
    this.#moved(by);
    return true;
  }

  /** `bpf_xdp_adjust_meta`: moves the start of the metadata; false when that is not possible. */
  adjustMeta(delta: number, by: string): boolean {
    const meta = this.#meta + delta;
    const size = this.#data - meta;
    if (meta < frameBytes || size < 0 || size > mostMetadata || size % 4 !== 0) return false;
    this.#meta = meta;
    this.#moved(by);
    return true;
  }

  /** Takes the packet's memory away. */
  release(): void {
    this.space.remove(this.#region, "its run is over");
  }

  #moved(by: string): void {
    this.space.remove(this.#region, `${by} moved it`);
    this.#region = this.#add();
  }

  #add(): Region {
    return this.space.add({
      kind: "packet",
      name: "packet",
      bytes: this.#buffer,
      start: this.#meta,
      end: this.#end,
    });
  }
}

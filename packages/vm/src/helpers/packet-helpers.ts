import type { Packet } from "../contexts/packet.js";
import { Errno } from "../maps/table-map.js";
import type { Helper, HelperCall } from "./call.js";

const xdpRedirect = 4;
const xdpAborted = 0;

/** Helpers on packets (net/core/filter.c). */
export const packetHelpers: Readonly<Record<string, Helper>> = {
  bpf_xdp_adjust_head: (call) => adjusted(packetOf(call).adjustHead(call.signed(2), call.name)),
  bpf_xdp_adjust_tail: (call) => adjusted(packetOf(call).adjustTail(call.signed(2), call.name)),
  bpf_xdp_adjust_meta: (call) => adjusted(packetOf(call).adjustMeta(call.signed(2), call.name)),
  bpf_redirect: (call) => {
    packetOf(call);
    if (call.argument(2) !== 0n) return xdpAborted;
    call.run.redirect = call.unsigned(1);
    return xdpRedirect;
  },
  bpf_csum_diff: (call) => {
    const fromSize = call.unsigned(2);
    const toSize = call.unsigned(4);
    if (fromSize % 4 !== 0 || toSize % 4 !== 0) return -Errno.EINVAL;
    const from = words(call, 1, fromSize).map((word) => ~word >>> 0);
    return [...from, ...words(call, 3, toSize)].reduce(addWithCarry, call.unsigned(5));
  },
};

function packetOf(call: HelperCall): Packet {
  const { packet } = call.run;
  if (packet === null) {
    throw call.bad("the program has no packet", "call this helper in programs on packets only");
  }
  return packet;
}

function adjusted(done: boolean): number {
  return done ? 0 : -Errno.EINVAL;
}

function words(call: HelperCall, index: number, size: number): number[] {
  const bytes = call.input(index, size);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: size / 4 }, (_, word) =>
    view.getUint32(word * 4, call.environment.littleEndian),
  );
}

/** Adds in ones' complement, as csum_add of include/net/checksum.h. */
function addWithCarry(sum: number, word: number): number {
  const total = sum + word;
  return total > 0xffff_ffff ? total - 0xffff_ffff : total;
}

import { VmError } from "../errors.js";
import { describe } from "../memory/address-space.js";
import { Access, type Word } from "../memory/region.js";
import { badInput, type ContextRow, numberInput } from "./context.js";
import { Packet } from "./packet.js";

/** Fields of `struct xdp_md` (linux/bpf.h): 4 bytes each. Those that name a place in the packet become its address. */
const fields = [
  { name: "data", pointer: "data" },
  { name: "data_end", pointer: "end" },
  { name: "data_meta", pointer: "meta" },
  { name: "ingress_ifindex", input: "ingressIfindex", fallback: 1 },
  { name: "rx_queue_index", input: "rxQueueIndex", fallback: 0 },
  { name: "egress_ifindex", input: "egressIfindex", fallback: 0 },
] as const;

/** XDP: a packet, and `struct xdp_md` (xdp_is_valid_access, net/core/filter.c). */
export const xdpContext: ContextRow = {
  programType: "BPF_PROG_TYPE_XDP",
  inputs: ["data", ...fields.flatMap((field) => ("input" in field ? [field.input] : []))],
  build: (request) => {
    const { data } = request.input;
    if (!(data instanceof Uint8Array)) {
      throw badInput(
        request,
        "data is missing or not a Uint8Array",
        "give the packet's bytes: run({ data: packet })",
      );
    }
    const { space, littleEndian } = request;
    const packet = new Packet(space, data);
    const bytes = new Uint8Array(fields.length * 4);
    const view = new DataView(bytes.buffer);
    for (const [index, field] of fields.entries()) {
      if ("input" in field)
        view.setUint32(index * 4, numberInput(request, field.input, field.fallback), littleEndian);
    }
    const region = space.add({
      kind: "context",
      name: "context (struct xdp_md)",
      bytes,
      writable: false,
      pointerAt: (offset): Word | null => {
        const field = fields[offset >> 2];
        return field !== undefined && "pointer" in field ? packet.pointers[field.pointer] : null;
      },
      guard: (_, offset, size, access) => {
        if (access === Access.Load && size === 4 && offset % 4 === 0) return;
        throw new VmError(
          "bad-access",
          `${describe(size, access)} at offset ${offset} of the context (struct xdp_md)`,
          "fields of struct xdp_md are read whole: 4 bytes at a multiple of 4",
        );
      },
    });
    return {
      address: region.address(0),
      packet,
      outputs: (redirect) => ({ data: packet.bytes(), redirect }),
      release: () => {
        space.remove(region, "its run is over");
        packet.release();
      },
    };
  },
};

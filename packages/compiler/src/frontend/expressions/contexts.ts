/** What programs read of their context. */

import type ts from "typescript";
import { integers } from "../../types/integers.js";
import { reject } from "../rejections/rejection.js";
import type { FunctionState } from "../state.js";
import { type addressOf, fieldOf, memoryAt, readPlace } from "../values/memory.js";
import { scalar } from "../values/scalars.js";
import type { Value } from "../values/value.js";

const xdpFields: Readonly<Record<string, string>> = {
  ingressIfindex: "ingress_ifindex",
  rxQueueIndex: "rx_queue_index",
  egressIfindex: "egress_ifindex",
};

/** A field of a program's context. */
export function contextField(
  fn: FunctionState,
  object: Value & { kind: "context" },
  name: string,
  node: ts.Node,
): Value {
  const { builder } = fn;
  if (object.context.program === "xdp" && name === "length") {
    const [data, end] = packetBounds(fn, object);
    const bytes = builder.binary("sub", builder.unary("ptrtoint", end), builder.unary("ptrtoint", data));
    return scalar(integers.u32, builder.unary("trunc32", bytes));
  }
  const field = object.context.program === "xdp" ? xdpFields[name] : name;
  if (field === undefined) return reject(node, "WG1001", `${name} of the context is a method`, "call it");
  // The verifier lets only programs of the attach type BPF_XDP_DEVMAP read it.
  if (object.context.program === "xdp" && field === "egress_ifindex")
    reject(
      node,
      "WG1001",
      "the outgoing interface is known to programs on a device map only, which are not compiled yet",
      "ctx.ingressIfindex is where the packet came from",
    );
  const place = memoryAt(object.context.struct, object.pointer, "context", { align: 8, readonly: true });
  return readPlace(fn, fieldOf(place, field, node));
}

/** Where the packet begins and ends. */
export function packetBounds(
  fn: FunctionState,
  context: Value & { kind: "context" },
): [data: ReturnType<typeof addressOf>, end: ReturnType<typeof addressOf>] {
  const read = (displacement: number) =>
    fn.builder.load("ptr", context.pointer, { width: 4, region: "context", displacement });
  return [read(0), read(4)];
}

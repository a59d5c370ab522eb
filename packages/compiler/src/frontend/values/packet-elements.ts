/**
 * Elements of an array in a packet at an index that varies. An addition of a number that is no constant makes a packet's pointer one of
 * which the verifier knows nothing (`find_good_pkt_pointers` in kernel/bpf/verifier.c), so that it is compared with the packet's end again.
 */
import type ts from "typescript";
import type { ValueId } from "../../ir/types.js";
import { hasPacket, packetBounds } from "../contexts/packet-bounds.js";
import { reject } from "../rejections/rejection.js";
import type { FunctionState } from "../state.js";
import { addressOf } from "./memory.js";
import type { ContextValue, MemoryValue } from "./value.js";

/** Where the packet ends that the function works on. */
export const packetEnd = (fn: FunctionState, node: ts.Node): ValueId =>
  packetBounds(fn, packetContext(fn, node))[1];

/**
 * The address of the element of `size` bytes that begins `bytes` after the array, which is checked as a whole: the comparison always holds,
 * and the first element stands where it did not.
 */
export function packetElement(
  fn: FunctionState,
  array: MemoryValue,
  bytes: ValueId,
  size: number,
  node: ts.Node,
): ValueId {
  const { builder } = fn;
  const end = packetEnd(fn, node);
  const first = addressOf(fn, array);
  const pointer = builder.offset(first, bytes);
  const join = builder.block();
  const element = builder.param(join, "ptr");
  builder.branch(
    builder.compare("ule", builder.offset(pointer, BigInt(size)), end),
    { block: join, args: [pointer] },
    { block: join, args: [first] },
  );
  builder.switchTo(join);
  return element;
}

/** The context with the packet that the function works on; null when neither it nor those around it have one. */
export function packetContextOf(fn: FunctionState): ContextValue | null {
  for (const binding of fn.bindings.values()) {
    if (binding.kind === "value" && binding.value.kind === "context" && hasPacket(binding.value))
      return binding.value;
  }
  return fn.packet;
}

/** The packet that the function works on: only the program itself knows where it ends. */
function packetContext(fn: FunctionState, node: ts.Node): ContextValue {
  const found = packetContextOf(fn);
  if (found !== null) return found;
  return reject(
    node,
    "WG1011",
    "where the packet ends is not known here",
    "give the function the context, use a constant index, or ctx.at<T>(offset)",
  );
}

/** Traffic control through rtnetlink(7): the clsact qdisc, and filters on it (linux/pkt_sched.h, linux/pkt_cls.h). */
import { Errno } from "../errors/errno.js";
import { AttachError, SystemCallError } from "../errors/errors.js";
import type { CallContext } from "../errors/system-call-failure.js";
import { attribute, nested, request, textAttribute, textOf, u32Attribute } from "./netlink.js";

const Message = {
  newQdisc: 36,
  deleteQdisc: 37,
  getQdisc: 38,
  newFilter: 44,
  deleteFilter: 45,
  getFilter: 46,
} as const;
/** NLM_F_REQUEST | NLM_F_ACK, with NLM_F_CREATE | NLM_F_EXCL, NLM_F_ECHO to be told what was made, and NLM_F_REQUEST | NLM_F_DUMP. */
const Flag = { plain: 5, create: 5 | 0x400 | 0x200, echo: 8, dump: 1 | 0x300 } as const;
const TcAttribute = { kind: 1, options: 2 } as const;
const BpfFilter = { fd: 6, name: 7, flags: 8, directAction: 1 } as const;
const MatchAll = { action: 2 } as const;
const Action = { kind: 1, options: 2, bpfParameters: 2, bpfFd: 5, bpfName: 6, pipe: 3 } as const;

/** Handles of the clsact qdisc: TC_H_CLSACT, TC_H_MIN_INGRESS, TC_H_MIN_EGRESS. */
const clsact = 0xffff_fff1;
const parents = { ingress: 0xffff_fff2, egress: 0xffff_fff3 } as const;
/** ETH_P_ALL in network order. */
const everyProtocol = 0x0300;

/** A filter to be made. */
export interface FilterRequest {
  /** Of the interface. */
  readonly index: number;
  readonly direction: "ingress" | "egress";
  /** The program's descriptor. */
  readonly fd: number;
  readonly name: string;
  readonly priority?: number;
  readonly handle?: number;
}

/** A filter that was made. */
export interface Filter {
  readonly index: number;
  readonly parent: number;
  readonly priority: number;
  readonly handle: number;
  readonly kind: string;
}

const little = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** `struct tcmsg`. */
function tcMessage(index: number, handle: number, parent: number, info: number): Uint8Array {
  const bytes = new Uint8Array(20);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of [index, handle, parent, info].entries()) view.setUint32(4 + i * 4, value, little);
  return bytes;
}

/** Of `struct tcmsg` in an answer: the interface and the parent; behind it come the attributes. */
const TcMessage = { size: 20, index: 4, parent: 12 } as const;

/**
 * Makes the qdisc that classifiers are attached to, unless the interface has it.
 *
 * @returns whether it was made
 * @throws AttachError "unsupported-attach" when another kind of qdisc is in its place that does not see these packets
 */
export function ensureClsact(
  { index, name }: { readonly index: number; readonly name: string },
  direction: "ingress" | "egress",
  context: CallContext,
): boolean {
  try {
    request(
      Message.newQdisc,
      Flag.create,
      [tcMessage(index, 0xffff_0000, clsact, 0), textAttribute(TcAttribute.kind, "clsact")],
      context,
    );
    return true;
  } catch (error) {
    if (!(error instanceof SystemCallError && error.errnoNumber === Errno.EEXIST)) throw error;
  }
  // The older "ingress" has the same handle. Whatever is attached there sees what is received, whichever direction was asked for.
  const kind = qdiscInPlace(index, context);
  if (kind === "clsact" || (kind === "ingress" && direction === "ingress")) return false;
  throw new AttachError(
    "unsupported-attach",
    kind === null
      ? `a queueing discipline of ${name} has the handle ffff:, which clsact needs: give it another handle.`
      : `${name} has the queueing discipline "${kind}" where clsact would be, and that sees no ${direction} packets: ` +
          `remove it (tc qdisc del dev ${name} ${kind}), or use mechanism "link" (Linux 6.6).`,
  );
}

/** The kind of the qdisc in the place of clsact; null when there is none. */
function qdiscInPlace(index: number, context: CallContext): string | null {
  const call = { ...context, call: "RTM_GETQDISC" };
  for (const answer of request(Message.getQdisc, Flag.dump, [tcMessage(index, 0, 0, 0)], call)) {
    const view = new DataView(answer.buffer, answer.byteOffset);
    // Kernels before 4.20 do not heed the interface of the question.
    if (view.getUint32(TcMessage.index, little) !== index) continue;
    if (view.getUint32(TcMessage.parent, little) !== clsact) continue;
    return textOf(answer, TcMessage.size, TcAttribute.kind);
  }
  return null;
}

/**
 * Removes the qdisc when no filter is on it. The kernel cannot do both in one step: a filter that another process adds between is
 * lost.
 *
 * @returns whether it is gone
 */
export function removeUnusedClsact(index: number, context: CallContext): boolean {
  const gone: readonly number[] = [Errno.ENOENT, Errno.ENODEV, Errno.EINVAL];
  try {
    for (const parent of Object.values(parents)) {
      const question = tcMessage(index, 0, parent, 0);
      const call = { ...context, call: "RTM_GETTFILTER" };
      if (request(Message.getFilter, Flag.dump, [question], call).length > 0) return false;
    }
    request(
      Message.deleteQdisc,
      Flag.plain,
      [tcMessage(index, 0xffff_0000, clsact, 0), textAttribute(TcAttribute.kind, "clsact")],
      context,
    );
  } catch (error) {
    if (!(error instanceof SystemCallError && gone.includes(error.errnoNumber))) throw error;
  }
  return true;
}

function add(filter: FilterRequest, kind: string, options: Uint8Array, context: CallContext): Filter {
  const parent = parents[filter.direction];
  const info = ((filter.priority ?? 0) << 16) | everyProtocol;
  const [answer] = request(
    Message.newFilter,
    Flag.create | Flag.echo,
    [
      tcMessage(filter.index, filter.handle ?? 0, parent, info >>> 0),
      textAttribute(TcAttribute.kind, kind),
      attribute(TcAttribute.options, options),
    ],
    context,
  );
  // The echo tells which handle and priority the kernel chose.
  const view = answer === undefined ? null : new DataView(answer.buffer, answer.byteOffset);
  return {
    index: filter.index,
    parent,
    handle: view?.getUint32(8, little) ?? filter.handle ?? 0,
    priority: (view?.getUint32(16, little) ?? info) >>> 16,
    kind,
  };
}

/** Adds a classifier whose result is the verdict ("direct action", Linux 4.4). */
export function addBpfFilter(filter: FilterRequest, context: CallContext): Filter {
  const options = nested([
    u32Attribute(BpfFilter.fd, filter.fd),
    textAttribute(BpfFilter.name, filter.name),
    u32Attribute(BpfFilter.flags, BpfFilter.directAction),
  ]);
  return add(filter, "bpf", options, context);
}

/** Adds a filter that takes every packet and gives it to the action. */
export function addActionFilter(filter: FilterRequest, context: CallContext): Filter {
  // `struct tc_act_bpf`: index, capab, action, refcnt, bindcnt.
  const parameters = new Uint8Array(20);
  parameters[8] = Action.pipe;
  const options = nested([
    u32Attribute(Action.bpfFd, filter.fd),
    textAttribute(Action.bpfName, filter.name),
    attribute(Action.bpfParameters, parameters),
  ]);
  const first = nested([textAttribute(Action.kind, "bpf"), attribute(Action.options, options)]);
  const actions = nested([attribute(1, first)]);
  return add(filter, "matchall", nested([attribute(MatchAll.action, actions)]), context);
}

/** Removes a filter. One that is gone, with its qdisc or interface, is no error. */
export function deleteFilter(filter: Filter, context: CallContext): void {
  const info = ((filter.priority << 16) | everyProtocol) >>> 0;
  try {
    request(
      Message.deleteFilter,
      Flag.plain,
      [
        tcMessage(filter.index, filter.handle, filter.parent, info),
        textAttribute(TcAttribute.kind, filter.kind),
      ],
      context,
    );
  } catch (error) {
    const gone: readonly number[] = [Errno.ENOENT, Errno.ENODEV, Errno.EINVAL];
    if (!(error instanceof SystemCallError && gone.includes(error.errnoNumber))) throw error;
  }
}

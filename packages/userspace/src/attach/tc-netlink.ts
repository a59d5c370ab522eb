/** Traffic control through rtnetlink(7): the clsact qdisc, and filters on it (linux/pkt_sched.h, linux/pkt_cls.h). */
import { Errno } from "../errors/errno.js";
import { SystemCallError } from "../errors/errors.js";
import type { CallContext } from "../errors/system-call-failure.js";
import { attribute, nested, request, textAttribute, u32Attribute } from "./netlink.js";

const Message = { newQdisc: 36, newFilter: 44, deleteFilter: 45 } as const;
/** NLM_F_REQUEST | NLM_F_ACK, with NLM_F_CREATE | NLM_F_EXCL, and NLM_F_ECHO to be told what was made. */
const Flag = { plain: 5, create: 5 | 0x400 | 0x200, echo: 8 } as const;
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

/** `struct tcmsg`. */
function tcMessage(index: number, handle: number, parent: number, info: number): Uint8Array {
  const bytes = new Uint8Array(20);
  const view = new DataView(bytes.buffer);
  const little = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
  for (const [i, value] of [index, handle, parent, info].entries()) view.setUint32(4 + i * 4, value, little);
  return bytes;
}

/** Makes the qdisc that classifiers are attached to, unless the interface has it. It stays: others may use it. */
export function ensureClsact(index: number, context: CallContext): void {
  try {
    request(
      Message.newQdisc,
      Flag.create,
      [tcMessage(index, 0xffff_0000, clsact, 0), textAttribute(TcAttribute.kind, "clsact")],
      context,
    );
  } catch (error) {
    if (!(error instanceof SystemCallError && error.errnoNumber === Errno.EEXIST)) throw error;
  }
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
  const little = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
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

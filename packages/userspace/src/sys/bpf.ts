import { errnoName } from "../errors/errno.js";
import { type CallContext, check } from "../errors/system-call-failure.js";
import type { NativeMemory } from "./memory.js";
import { bpf } from "./system-calls.js";
import type { BpfCommandRow } from "./uapi.js";

/** What a `bpf(2)` command needs, for its error. */
export function bpfContext(
  command: BpfCommandRow,
  purpose: string,
  more: Partial<CallContext> = {},
): CallContext {
  return {
    capability: command.capability,
    ...more,
    call: `${command.name} ${purpose}`,
    needs: [[command.name, command.since], ...(more.needs ?? [])],
  };
}

/** Makes a `bpf(2)` call with a whole attribute block; returns the errno negated on failure. */
export function tryBpf(command: BpfCommandRow, attribute: NativeMemory): number {
  return bpf(command.value, attribute, attribute.size);
}

/** As `tryBpf`, but throws what the failure means. @param purpose e.g. `of map stats` */
export function callBpf(
  command: BpfCommandRow,
  attribute: NativeMemory,
  purpose: string,
  more?: Partial<CallContext>,
): number {
  return check(tryBpf(command, attribute), bpfContext(command, purpose, more));
}

/** `EINVAL` and the like, from a negative result. */
export function resultName(result: number): string {
  return errnoName(-result);
}

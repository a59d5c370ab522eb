/** Which record a tracepoint has: the kernel makes one struct for all events of a class (DECLARE_EVENT_CLASS). */
import type { BtfParam, TypeId } from "@waggle/object";
import { prototypeOf } from "./functions.js";
import { recordStruct } from "./record.js";
import type { Scope } from "./scope.js";
import { at, find } from "./scope.js";

/** A tracepoint as BTF has it. */
export interface EventTypes {
  /** Arguments as they are before formatting, with names where the BTF has them. */
  readonly params: readonly BtfParam[];
  /** The class, whose struct is `trace_event_raw_CLASS`; null when it is not known. */
  readonly className: string | null;
}

/** The tracepoint with the name, without its category, which BTF does not have; null when there is none. */
export function eventTypes(scope: Scope, event: string): EventTypes | null {
  const typedef = find(scope, `btf_trace_${event}`, "typedef");
  if (typedef === null) return null;
  const types = prototypeIds(scope, typedef);
  if (types === null) return null;
  const className = classOf(scope, event, types);
  const candidates = [`__probestub_${event}`, `__bpf_trace_${className ?? event}`];
  for (const candidate of candidates) {
    const params = prototypeOf(scope, candidate)?.params;
    // Without the first, `void *__data`, as everywhere.
    if (params !== undefined && same(params, types)) return { params: params.slice(1), className };
  }
  return { params: types.slice(1).map((type) => ({ name: "", type })), className };
}

/** Names of the tracepoints that the BTF has. */
export function eventNames(scope: Scope): readonly string[] {
  return [...scope.byName.keys()]
    .filter((name) => name.startsWith("btf_trace_"))
    .map((name) => name.slice("btf_trace_".length));
}

function prototypeIds(scope: Scope, typedef: TypeId): readonly TypeId[] | null {
  const pointer = at(scope, typedef);
  const target = pointer.kind === "typedef" ? at(scope, pointer.type) : pointer;
  const proto = target.kind === "pointer" ? at(scope, target.type) : null;
  return proto?.kind === "function-proto" ? proto.params.map((param) => param.type) : null;
}

function same(params: readonly BtfParam[], types: readonly TypeId[]): boolean {
  return params.length === types.length && params.every((param, index) => param.type === types[index]);
}

const formatter = "trace_event_raw_event_";

/**
 * An event that shares its record says nowhere of which class it is. Classes whose formatting function takes the event's
 * arguments may be it; of several the one whose name begins most like the event's, and none when two do so alike.
 */
function classOf(scope: Scope, event: string, types: readonly TypeId[]): string | null {
  if (recordStruct(scope, event) !== null) return event;
  const scores: { readonly name: string; readonly score: number }[] = [];
  for (const [name, ids] of scope.byName) {
    if (!name.startsWith(formatter)) continue;
    const className = name.slice(formatter.length);
    const type = ids.map((id) => at(scope, id)).find(({ kind }) => kind === "function");
    const proto = type?.kind === "function" ? at(scope, type.type) : null;
    if (proto?.kind !== "function-proto" || !same(proto.params, types)) continue;
    if (recordStruct(scope, className) !== null)
      scores.push({ name: className, score: common(className, event) });
  }
  scores.sort((a, b) => b.score - a.score);
  const [best, second] = scores;
  if (best === undefined || best.score < 3 || best.score === second?.score) return null;
  return best.name;
}

function common(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

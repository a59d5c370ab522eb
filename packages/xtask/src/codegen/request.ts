/** What declarations are asked for: the names on the command line. */

/** What a name is the name of. "type" is a struct, union, enum or typedef, whichever the kernel has. */
export type RequestKind = "type" | "function" | "tracepoint" | "lsm";

/** One thing asked for. */
export interface Request {
  readonly kind: RequestKind;
  /** As the kernel has it; a tracepoint is "category/name". */
  readonly name: string;
}

const kinds: Readonly<Record<string, RequestKind>> = {
  type: "type",
  struct: "type",
  union: "type",
  enum: "type",
  typedef: "type",
  function: "function",
  tracepoint: "tracepoint",
  lsm: "lsm",
};

/** Words that may stand before the colon, for messages. */
export const requestPrefixes: readonly string[] = Object.keys(kinds);

/** Reads "task_struct", "enum:pid_type", "tracepoint:sched/sched_switch"; a string says what is wrong. */
export function parseRequest(text: string): Request | string {
  const colon = text.indexOf(":");
  const prefix = colon === -1 ? "type" : text.slice(0, colon);
  const name = text.slice(colon + 1);
  const kind = Object.hasOwn(kinds, prefix) ? kinds[prefix] : undefined;
  if (kind === undefined)
    return `"${text}": nothing is asked for with "${prefix}:"; there is ${requestPrefixes.join(", ")}`;
  if (kind === "tracepoint" && !/^[^/]+\/[^/]+$/.test(name)) {
    return `"${text}": a tracepoint is asked for as tracepoint:category/name`;
  }
  if (!/^[\w$./-]+$|^\*$/.test(name)) return `"${text}" is not a name`;
  return { kind, name };
}

/** A request as it is written, in its shortest form. */
export function formatRequest({ kind, name }: Request): string {
  return kind === "type" ? name : `${kind}:${name}`;
}

/** Without repetitions and in the order in which they are kept: types first, each kind by name. */
export function sortRequests(requests: readonly Request[]): readonly Request[] {
  const order: readonly RequestKind[] = ["type", "function", "lsm", "tracepoint"];
  const unique = new Map(requests.map((request) => [formatRequest(request), request]));
  return [...unique.values()].sort(
    (a, b) =>
      order.indexOf(a.kind) - order.indexOf(b.kind) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  );
}

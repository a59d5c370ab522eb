/** What declarations are asked for: the names on the command line. */

/** What a name is the name of. "type" is a struct, union, enum or typedef, whichever the kernel has. */
export type RequestKind = "type" | "function" | "tracepoint" | "lsm" | "iter" | "kfunc";

/** One thing asked for. */
export interface Request {
  readonly kind: RequestKind;
  /** As the kernel has it; a tracepoint is "category/name". */
  readonly name: string;
  /** Of a struct or union, when not all of it is asked for: names of fields. */
  readonly fields?: readonly string[];
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
  iter: "iter",
  kfunc: "kfunc",
};

/** Words that may stand before the colon, for messages. */
export const requestPrefixes: readonly string[] = Object.keys(kinds);

/**
 * Reads "task_struct", "task_struct.pid,comm", "enum:pid_type", "tracepoint:sched/sched_switch"; a string says what is
 * wrong.
 */
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
  const [, type, fields] = /^([\w$]+)\.([\w$]+(?:,[\w$]+)*)$/.exec(name) ?? [];
  if (kind === "type" && type !== undefined && fields !== undefined)
    return { kind, name: type, fields: fields.split(",") };
  if (!/^[\w$./-]+$|^\*$/.test(name)) return `"${text}" is not a name`;
  return { kind, name };
}

/** A request as it is written, in its shortest form. */
export function formatRequest({ kind, name, fields }: Request): string {
  const part = fields === undefined ? "" : `.${fields.join(",")}`;
  return kind === "type" ? `${name}${part}` : `${kind}:${name}`;
}

/** Two requests of one type: the fields of both, or all of it when one asks for that. */
function join(a: Request, b: Request): Request {
  const { kind, name } = a;
  if (a.fields === undefined || b.fields === undefined) return { kind, name };
  return { kind, name, fields: [...new Set([...a.fields, ...b.fields])].sort() };
}

/** Without repetitions and in the order in which they are kept: types first, each kind by name. */
export function sortRequests(requests: readonly Request[]): readonly Request[] {
  const order: readonly RequestKind[] = ["type", "function", "iter", "kfunc", "lsm", "tracepoint"];
  const unique = new Map<string, Request>();
  for (const request of requests) {
    const key = `${request.kind}:${request.name}`;
    unique.set(key, join(unique.get(key) ?? request, request));
  }
  return [...unique.values()].sort(
    (a, b) =>
      order.indexOf(a.kind) - order.indexOf(b.kind) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  );
}

/** From BTF and names to the text of a file of declarations. */
import type { Btf, BtfParam, TypeId } from "@waggle/object";
import { nearest } from "@waggle/object";
import { fullDeclaration, opaqueDeclaration } from "./declarations.js";
import { eventNames, eventTypes } from "./event-class.js";
import { functionText, prototypeOf } from "./functions.js";
import { formatHeader } from "./header.js";
import { kfuncText } from "./kfuncs.js";
import { propertyName, typeName } from "./names.js";
import { recordDeclaration, recordStruct } from "./record.js";
import type { Request } from "./request.js";
import { formatRequest, sortRequests } from "./request.js";
import type { Scope } from "./scope.js";
import { at, createScope, entityName, entityOf, isEntity, strip } from "./scope.js";
import type { EventFolder, TracepointEvents } from "./tracefs.js";
import { formatDeclaration } from "./tracefs.js";
import { memberNames, valueText } from "./type-text.js";

/** What to make declarations of. */
export interface GenerateInput {
  readonly btf: Btf;
  /** "Linux 6.18.44". */
  readonly label: string;
  readonly requests: readonly Request[];
  /** Options that choose the BTF, for the header. */
  readonly source: readonly string[];
  /** The tracepoints of the kernel that the BTF is of. */
  readonly events: TracepointEvents;
}

/** A name that cannot be given declarations. */
export interface Unknown {
  readonly request: string;
  readonly message: string;
  readonly help: string | null;
}

/** A file, or why there is none. */
export interface Generated {
  readonly text: string;
  /** Names of the types declared in full. */
  readonly types: readonly string[];
  /** Names of the types that are known by name only. */
  readonly opaque: readonly string[];
  /** What a person should know of the result. */
  readonly notes: readonly string[];
  /** When not empty, the rest is not to be used. */
  readonly unknown: readonly Unknown[];
}

/** Tracepoints that @waggle/kernel declares itself (its `src/tracepoints.ts`): declaring them again would clash. */
export const declaredTracepoints: readonly string[] = [
  "kmem/kmalloc",
  "sched/sched_process_exec",
  "sched/sched_process_exit",
  "sched/sched_switch",
  "syscalls/sys_enter_execve",
  "syscalls/sys_enter_openat",
  "syscalls/sys_exit_execve",
  "syscalls/sys_exit_openat",
];

/** Tables of @waggle/kernel that functions and tracepoints go into, by the interface's name. */
type Tables = Readonly<
  Record<"Iterators" | "KernelFunctions" | "Kfuncs" | "LsmHooks" | "RawTracepoints" | "Tracepoints", string[]>
>;

interface Run {
  readonly scope: Scope;
  /** The tracepoints of the kernel, when their formats are known. */
  readonly events: EventFolder | null;
  /** Why the formats of tracepoints are not known; null when they are. */
  readonly noEvents: string | null;
  readonly tables: Tables;
  /** Declarations beside those of structs and enums, by name. */
  readonly extra: Map<string, string>;
  readonly notes: string[];
}

/** Makes the file. The same input gives the same text. */
export function generate(input: GenerateInput): Generated {
  const requests = sortRequests(input.requests);
  const run: Run = {
    scope: createScope(input.btf, input.label),
    events: "unavailable" in input.events ? null : input.events,
    noEvents: "unavailable" in input.events ? input.events.unavailable : null,
    tables: {
      Iterators: [],
      KernelFunctions: [],
      Kfuncs: [],
      LsmHooks: [],
      RawTracepoints: [],
      Tracepoints: [],
    },
    extra: new Map(),
    notes: [],
  };
  const unknowns: Unknown[] = [];
  for (const request of requests) {
    const found = handlers[request.kind](run, request.name, request.fields ?? null);
    if (found !== null) unknowns.push(found);
  }
  const { scope } = run;
  const declarations = new Map(run.extra);
  // Declaring a type may ask for more: a set gives what is added while it is walked.
  for (const id of scope.full) declarations.set(entityName(scope, id), fullDeclaration(scope, id));
  const opaque: string[] = [];
  for (const id of scope.named) {
    const name = entityName(scope, id);
    if (scope.full.has(id) || declarations.has(name)) continue;
    declarations.set(name, opaqueDeclaration(scope, id));
    opaque.push(name);
  }
  const body = [...declarations.entries()].sort(byName).map(([, text]) => text);
  const head = formatHeader({ requests, source: input.source }, input.label);
  const text = [head + importText(scope), ...body, ...tableText(run.tables)].join("\n");
  return {
    text,
    types: [...scope.full].map((id) => entityName(scope, id)).sort(),
    opaque: opaque.sort(),
    notes: run.notes,
    unknown: unknowns,
  };
}

const handlers: Readonly<
  Record<Request["kind"], (run: Run, name: string, fields: readonly string[] | null) => Unknown | null>
> = {
  type: addType,
  function: addFunction,
  lsm: (run, name) => addPrefixed(run, "lsm", name),
  iter: (run, name) => addPrefixed(run, "iter", name),
  kfunc: addKfunc,
  tracepoint: addTracepoint,
};

function addType(run: Run, name: string, fields: readonly string[] | null): Unknown | null {
  const { scope } = run;
  const ids = scope.byName.get(name) ?? [];
  const entities = ids.filter((id) => isEntity(scope, id));
  const [first] = entities;
  if (first !== undefined) {
    scope.full.add(first);
    if (fields !== null) {
      const found = addFields(run, name, first, fields);
      if (found !== null) return found;
    }
    if (entities.length > 1) {
      run.notes.push(`${name}: the kernel has ${entities.length} types of this name; the first is declared`);
    }
    return null;
  }
  const typedef = ids.find((id) => at(scope, id).kind === "typedef");
  if (typedef !== undefined) return addAlias(run, name, typedef);
  if (ids.some((id) => at(scope, id).kind === "forward")) {
    const help = "a kernel module may define it: --module NAME";
    return unknown(run, { kind: "type", name }, "this BTF has only its name, no fields", help);
  }
  const kinds = ids.map((id) => at(scope, id).kind);
  if (kinds.includes("function")) {
    return unknown(run, { kind: "type", name }, "it is a function", `write function:${name}`);
  }
  const candidates = [...scope.byName.keys()].filter((candidate) =>
    (scope.byName.get(candidate) ?? []).some((id) => isEntity(scope, id) || at(scope, id).kind === "typedef"),
  );
  return unknown(run, { kind: "type", name }, null, suggestion(nearest(name, candidates), "type"));
}

/** Notes which fields of a type are asked for. */
function addFields(run: Run, name: string, entity: TypeId, fields: readonly string[]): Unknown | null {
  const { scope } = run;
  const { type } = strip(scope, entity);
  const known = type.kind === "struct" || type.kind === "union" ? memberNames(scope, type) : [];
  const missing = fields.find((field) => !known.includes(field));
  if (missing !== undefined) {
    const help = nearest(missing, known);
    const request: Request = { kind: "type", name, fields: [missing] };
    return unknown(run, request, `${name} of ${scope.label} has no such field`, help && `is it ${help}?`);
  }
  scope.fields.set(entity, new Set(fields));
  return null;
}

function addAlias(run: Run, name: string, typedef: TypeId): Unknown | null {
  const { scope } = run;
  const stripped = strip(scope, typedef);
  const entity = entityOf(scope, stripped);
  if (entity !== null && stripped.type.kind !== "forward") scope.full.add(entity);
  const { text, note } = valueText(scope, typedef, "");
  const comment = note === null ? `\`typedef\` of ${scope.label}` : note;
  run.extra.set(typeName(name), `/** ${comment}. */\nexport type ${typeName(name)} = ${text};\n`);
  return null;
}

function addFunction(run: Run, name: string): Unknown | null {
  const { scope, tables } = run;
  const proto = prototypeOf(scope, name);
  if (proto === null) return unknownFunction(run, "function", name);
  tables.KernelFunctions.push(`    ${name}: ${functionText(scope, proto.params, proto.returns, "    ")};\n`);
  return null;
}

function addKfunc(run: Run, name: string): Unknown | null {
  const { scope, tables } = run;
  const proto = prototypeOf(scope, name);
  if (proto === null) return unknownFunction(run, "kfunc", name);
  tables.Kfuncs.push(`    ${kfuncText(scope, name, proto.params, proto.returns)};\n`);
  return null;
}

function unknownFunction(run: Run, kind: "function" | "kfunc", name: string): Unknown {
  const { scope } = run;
  const names = [...scope.byName].filter(([, ids]) => ids.some((id) => at(scope, id).kind === "function"));
  const close = nearest(
    name,
    names.map(([candidate]) => candidate),
  );
  return unknown(run, { kind, name }, null, suggestion(close, kind));
}

/** Functions that stand for hooks of security modules and for iterators: the name's prefix, and the table. */
const prefixed = {
  lsm: { prefix: "bpf_lsm_", table: "LsmHooks", missing: "this kernel is built without CONFIG_BPF_LSM" },
  iter: { prefix: "bpf_iter_", table: "Iterators", missing: "iterators are Linux 5.8 and newer" },
} as const;

function addPrefixed(run: Run, kind: keyof typeof prefixed, name: string): Unknown | null {
  const { scope } = run;
  const { prefix, table, missing } = prefixed[kind];
  const proto = prototypeOf(scope, `${prefix}${name}`);
  if (proto === null) {
    const known = [...scope.byName].flatMap(([candidate, ids]) =>
      candidate.startsWith(prefix) && ids.some((id) => at(scope, id).kind === "function")
        ? [candidate.slice(prefix.length)]
        : [],
    );
    const help = known.length === 0 ? missing : suggestion(nearest(name, known), kind);
    return unknown(run, { kind, name }, null, help);
  }
  const returns = kind === "iter" ? 0 : proto.returns;
  run.tables[table].push(`    ${name}: ${functionText(scope, proto.params, returns, "    ")};\n`);
  return null;
}

function addTracepoint(run: Run, name: string): Unknown | null {
  const { scope, events, noEvents, tables } = run;
  const [category = "", event = ""] = name.split("/");
  const request: Request = { kind: "tracepoint", name };
  const format = events?.format(category, event) ?? null;
  if (events !== null && format === null) {
    return unknown(run, request, null, suggestion(nearest(name, events.names()), "tracepoint"));
  }
  const types = eventTypes(scope, event);
  if (types === null && format === null) {
    if (category === "syscalls") {
      const help = `tracefs describes them (${noEvents}); or use raw_syscalls/sys_enter`;
      return unknown(run, request, "BTF does not describe the tracepoints of system calls", help);
    }
    const close = nearest(event, eventNames(scope));
    return unknown(
      run,
      request,
      null,
      suggestion(close === null ? null : `${category}/${close}`, "tracepoint"),
    );
  }
  if (types !== null) addRaw(run, event, types.params);
  if (declaredTracepoints.includes(name)) return null;
  const struct = types?.className == null ? null : recordStruct(scope, types.className);
  if (struct !== null) {
    const record = typeName(struct.name);
    if (!run.extra.has(record)) run.extra.set(record, recordDeclaration(scope, record, struct));
    tables.Tracepoints.push(`    ${JSON.stringify(name)}: ${record};\n`);
  } else if (format !== null) {
    const record = typeName(`trace_event_raw_${event}`);
    run.extra.set(record, formatDeclaration(scope, record, category === "syscalls", format));
    tables.Tracepoints.push(`    ${JSON.stringify(name)}: ${record};\n`);
  } else {
    run.notes.push(`${name}: BTF does not say which record it has; only its raw arguments are declared`);
  }
  return null;
}

function addRaw(run: Run, name: string, params: readonly BtfParam[]): void {
  const text = functionText(run.scope, params, 0, "    ");
  run.tables.RawTracepoints.push(`    ${propertyName(name)}: ${text};\n`);
}

function unknown(run: Run, request: Request, reason: string | null, help: string | null): Unknown {
  const text = formatRequest(request);
  const message = `${text}: ${reason ?? `the types of ${run.scope.label} have no such ${nouns[request.kind]}`}`;
  return { request: text, message, help };
}

const nouns: Readonly<Record<Request["kind"], string>> = {
  type: "type",
  function: "function",
  lsm: "LSM hook",
  iter: "iterator",
  kfunc: "kernel function",
  tracepoint: "tracepoint",
};

function suggestion(name: string | null, kind: Request["kind"]): string | null {
  return name === null ? null : `did you mean ${formatRequest({ kind, name })}?`;
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function importText(scope: Scope): string {
  const names = [...scope.imports].sort((a, b) => a.localeCompare(b, "en"));
  if (names.length === 0) return 'import type {} from "@waggle/kernel";\n';
  const line = `import type { ${names.join(", ")} } from "@waggle/kernel";\n`;
  if (line.length < 110) return line;
  return `import type {\n${names.map((name) => `  ${name},\n`).join("")}} from "@waggle/kernel";\n`;
}

function tableText(tables: Tables): readonly string[] {
  const filled = Object.entries(tables).filter(([, lines]) => lines.length > 0);
  if (filled.length === 0) return [];
  const interfaces = filled.map(([name, lines]) => `  interface ${name} {\n${lines.join("")}  }\n`);
  return [`declare module "@waggle/kernel" {\n${interfaces.join("\n")}}\n`];
}

/** A small part of a kernel's BTF: what the default types of Waggle are. */
import type { Btf, BtfType, TypeId } from "@waggle/object";
import { BtfBuilder } from "@waggle/object";
import { eventTypes } from "./event-class.js";
import type { Request } from "./request.js";
import type { Scope } from "./scope.js";
import { at, createScope, entityOf, find, isEntity, strip } from "./scope.js";

/**
 * The types of `roots` and what they hold by value. Structs that only pointers lead to become forward declarations, and
 * functions behind pointers lose their parameters.
 */
export function excerptBtf(btf: Btf, roots: Iterable<TypeId>): Btf {
  const scope = createScope(btf, "");
  const kept = reach(scope, roots);
  const builder = new BtfBuilder();
  const made = new Map<TypeId, TypeId>([[0, 0]]);
  const copy = (id: TypeId): TypeId => {
    const known = made.get(id);
    if (known !== undefined) return known;
    const type = at(scope, id);
    if (type.kind === "struct" || type.kind === "union") {
      const to = builder.reserve();
      made.set(id, to);
      const members = type.members.map((member) => ({ ...member, type: copy(member.type) }));
      builder.define(to, { ...type, members });
      return to;
    }
    const to = builder.add(simple(scope, type, kept, { copy, builder }));
    made.set(id, to);
    return to;
  };
  for (const id of [...kept].sort((a, b) => a - b)) copy(id);
  return builder.build();
}

/** Where copies go. */
interface Copier {
  readonly copy: (id: TypeId) => TypeId;
  readonly builder: BtfBuilder;
}

/** A type that is no struct, with what it refers to copied. */
function simple(scope: Scope, type: BtfType, kept: ReadonlySet<TypeId>, copier: Copier): BtfType {
  const { copy } = copier;
  switch (type.kind) {
    case "pointer":
      return pointer(scope, type.type, kept, copier);
    case "typedef":
    case "const":
    case "volatile":
    case "restrict":
    case "type-tag":
    case "function":
      return { ...type, type: copy(type.type) };
    case "array":
      return { ...type, type: copy(type.type), index: copy(type.index) };
    case "function-proto":
      return {
        ...type,
        returns: copy(type.returns),
        params: type.params.map((param) => ({ ...param, type: copy(param.type) })),
      };
    default:
      return type;
  }
}

/** A pointer, with a forward declaration for a struct that is not kept. */
function pointer(scope: Scope, to: TypeId, kept: ReadonlySet<TypeId>, { copy, builder }: Copier): BtfType {
  const target = strip(scope, to);
  if (target.type.kind === "function-proto" && !kept.has(target.id)) {
    return { kind: "pointer", type: builder.add({ kind: "function-proto", returns: 0, params: [] }) };
  }
  const entity = entityOf(scope, target);
  const isComposite = ["struct", "union", "forward"].includes(target.type.kind);
  if (entity === null || !isComposite || kept.has(entity)) return { kind: "pointer", type: copy(to) };
  const named = at(scope, entity);
  const name = "name" in named ? named.name : "";
  const union = target.type.kind === "union" || (target.type.kind === "forward" && target.type.union);
  let type = builder.add({ kind: "forward", name, union });
  for (const tag of target.tags) type = builder.add({ kind: "type-tag", name: tag, type });
  return { kind: "pointer", type };
}

/** What the roots hold by value. */
function reach(scope: Scope, roots: Iterable<TypeId>): ReadonlySet<TypeId> {
  const kept = new Set<TypeId>();
  const visit = (id: TypeId): void => {
    if (kept.has(id)) return;
    kept.add(id);
    const type = at(scope, id);
    if (type.kind === "struct" || type.kind === "union")
      for (const member of type.members) visit(member.type);
    else if (type.kind === "function-proto") {
      visit(type.returns);
      for (const param of type.params) visit(param.type);
    } else if (type.kind !== "pointer" && "type" in type) visit(type.type);
    // The arguments of a tracepoint are those of the function that its typedef points to.
    if (type.kind === "typedef" && type.name.startsWith("btf_trace_")) {
      const pointer = at(scope, type.type);
      if (pointer.kind === "pointer") visit(pointer.type);
    }
  };
  for (const root of roots) visit(root);
  return kept;
}

/** What of the kernel's BTF is needed to answer a request; "lsm:*" is every hook. Empty when the BTF does not have it. */
export function rootsOf(btf: Btf, { kind, name }: Request): readonly TypeId[] {
  const scope = createScope(btf, "");
  const functionNamed = (wanted: string): readonly TypeId[] => {
    const id = find(scope, wanted, "function");
    return id === null ? [] : [id];
  };
  if (kind === "function" || kind === "kfunc") return functionNamed(name);
  if (kind === "lsm" && name === "*") {
    return [...scope.byName.keys()].filter((hook) => hook.startsWith("bpf_lsm_")).flatMap(functionNamed);
  }
  if (kind === "lsm") return functionNamed(`bpf_lsm_${name}`);
  if (kind === "iter") return functionNamed(`bpf_iter_${name}`);
  if (kind === "tracepoint") return eventRoots(scope, name.slice(name.indexOf("/") + 1));
  const id = (scope.byName.get(name) ?? []).find((at) => isEntity(scope, at)) ?? find(scope, name, "typedef");
  return id === null ? [] : [id];
}

/** The types by which `eventTypes` knows a tracepoint. */
function eventRoots(scope: Scope, event: string): readonly TypeId[] {
  const typedef = find(scope, `btf_trace_${event}`, "typedef");
  if (typedef === null) return [];
  const className = eventTypes(scope, event)?.className ?? event;
  const names = [`__probestub_${event}`, `__bpf_trace_${className}`, `trace_event_raw_event_${className}`];
  const found = names.map((name) => find(scope, name, "function"));
  const record = find(scope, `trace_event_raw_${className}`, "struct");
  return [typedef, ...found, record].filter((id) => id !== null);
}

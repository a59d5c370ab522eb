/** One function from its declaration to IR. */
import { kernelHas } from "@waggle/object";
import type ts from "typescript";
import { faultPoint } from "../../fault-injection.js";
import { FunctionBuilder } from "../../ir/builder.js";
import type { ValueId } from "../../ir/types.js";
import type { DataType, HasTags } from "../../types/data-type.js";
import { integers } from "../../types/integers.js";
import { sizeOf } from "../../types/layout.js";
import { declaredTags } from "../classes/tags.js";
import { diagnosticAt, failureAtDeclaration, Rejection } from "../rejections/rejection.js";
import { type ClassState, type FunctionEntry, type FunctionState, locationOf } from "../state.js";
import { attempt } from "../statements/statements.js";
import { memoryAt, newSlot, readPlace } from "../values/memory.js";
import { opaquePointer, type ResolvedType } from "../values/resolve-type.js";
import { scalar } from "../values/scalars.js";
import type { Value } from "../values/value.js";
import { checkModifiers } from "./function-calls.js";
import { lowerBody } from "./in-place.js";
import { checkSections } from "./kernel-sections.js";
import { bindParameter } from "./parameters.js";
import { checkReservations } from "./reservations.js";
import { boundsGiven, givesZero } from "./returns.js";
import { registerOfResolved, signatureOf } from "./signatures.js";

function prototypeType(type: ResolvedType): DataType | null {
  if (type.kind === "void") return null;
  if (type.kind === "context") return { kind: "pointer", to: () => type.context.type };
  if (type.kind === "data" && (type.type.kind === "int" || type.type.kind === "pointer")) return type.type;
  return { kind: "pointer", to: () => type.type };
}

/** Mistakes in an instance of a generic function say in which. */
function nameInstance(owner: ClassState, { title, types }: FunctionEntry, from: number): void {
  if (types.size === 0) return;
  for (let index = from; index < owner.diagnostics.length; index += 1) {
    const found = owner.diagnostics[index];
    if (found !== undefined)
      owner.diagnostics[index] = { ...found, message: `${found.message} (in ${title})` };
  }
}

/** Lowers a function into the class. Its mistakes go to the class's diagnostics. */
export function lowerFunction(owner: ClassState, entry: FunctionEntry): void {
  try {
    faultPoint("lower", entry.name);
    const found = owner.diagnostics.length;
    const lowered = owner.resolver.within(entry.types, () => lower(owner, entry));
    nameInstance(owner, entry, found);
    // A function with mistakes has holes: it is not passed on.
    if (lowered === null || owner.diagnostics.length > found) return;
    owner.diagnostics.push(...checkReservations(lowered, owner.sources));
    owner.diagnostics.push(...checkSections(lowered, owner.sources));
    owner.lowered.push(lowered);
  } catch (error) {
    const from = owner.diagnostics.length;
    if (!(error instanceof Rejection)) owner.diagnostics.push(failureAtDeclaration(error, entry.declaration));
    else if (error.diagnostic !== null) owner.diagnostics.push(error.diagnostic);
    nameInstance(owner, entry, from);
  }
}

/** Lowers a function where it is first called, so that what is known of its result holds there. */
export function lowerCallee(owner: ClassState, entry: FunctionEntry): void {
  const waiting = owner.queue.indexOf(entry);
  if (waiting < 0) return;
  owner.queue.splice(waiting, 1);
  lowerFunction({ ...owner, diagnostics: owner.inCallees, callSites: [] }, entry);
}

/** Whether the function may be put in place of its calls. */
function inlineOf({ callback, form }: FunctionEntry, register: string | null): "always" | "auto" | "never" {
  if (callback !== undefined) return "never";
  // A subprogram cannot return a pointer that the verifier would still follow.
  if (register === "ptr") return "always";
  return form === "auto" ? "auto" : "never";
}

function lower(owner: ClassState, entry: FunctionEntry): ClassState["lowered"][number] | null {
  const { declaration } = entry;
  checkModifiers(declaration);
  const { parameters, result, copies } = signatureOf(owner, declaration);
  const params = parameters.flatMap((parameter) => (parameter.type === null ? [] : [parameter]));
  const isProgram = entry.section !== null;
  const integer = { kind: "data", type: integers.i32, nullable: false } as const;
  const isVoidProgram = givesZero(entry) && result.kind === "void";
  const returned: ResolvedType = isVoidProgram
    ? integer
    : copies
      ? result.nullable
        ? integer
        : { kind: "void", nullable: false }
      : result;
  const register = registerOfResolved(returned);
  const builder = new FunctionBuilder({
    name: entry.name,
    section: entry.section,
    linkage: entry.form === "global" ? "global" : "static",
    inline: inlineOf(entry, register),
    returns: register,
    prototype: {
      params: [
        ...(entry.callback === "entry" ? [{ name: "map", type: opaquePointer }] : []),
        ...(copies ? [{ name: "result", type: prototypeType(result) ?? integers.u64 }] : []),
        ...(entry.callback === "record"
          ? [
              { name: "record", type: opaquePointer },
              { name: "context", type: opaquePointer },
            ]
          : params.map(({ node, name, type }) => ({
              name,
              type: prototypeType(type) ?? integers.u32,
              ...tagged(owner, node, isUnchecked(entry, type)),
            }))),
      ],
      returns: prototypeType(returned),
    },
    location: locationOf(owner, declaration.name ?? declaration),
    ...declaredTags(owner, declaration),
  });
  // The map comes first, which the source does not name.
  if (entry.callback === "entry") builder.param(builder.entry, "ptr");
  const copyTo =
    copies && result.kind === "data"
      ? memoryAt(result.type, builder.param(builder.entry, "ptr"), "unknown")
      : null;
  const fn: FunctionState = {
    owner,
    entry,
    builder,
    bindings: new Map(),
    facts: [],
    loops: [],
    jumps: [],
    chains: new Map(),
    paths: [],
    compared: new Map(),
    ends: new Map(),
    assigned: new Map(),
    stored: new Map(),
    returns: result,
    leave: { join: null, copyTo, given: [], references: [] },
    packet: null,
    lock: null,
    within: [declaration],
  };
  const before = owner.diagnostics.length;
  for (const [index, { node, type }] of params.entries()) {
    if (entry.callback === "record" && (type.kind === "data" || type.kind === "ref")) {
      bindParameter(fn, node, type, readRecord(fn, type.type));
      continue;
    }
    const kind = registerOfResolved(type);
    if (kind === null) return null;
    const id = builder.param(builder.entry, kind);
    if (isUnchecked(entry, type) && !knowsNonNull(owner)) returnWithout(fn, id, register);
    const place = entry.places?.get(index);
    const value = place === undefined ? parameterValue(type, id) : { ...place, pointer: id };
    attempt(fn, node, () => bindParameter(fn, node, type, value));
  }
  if (entry.callback === "record" && params.length === 0) builder.param(builder.entry, "ptr");
  if (isProgram && params.length === 0) builder.param(builder.entry, "ptr");
  lowerBody(fn, declaration);
  if (builder.abandoned || owner.diagnostics.length > before) return null;
  if (declaration.body !== undefined) {
    const file = declaration.getSourceFile();
    const { line, character } = file.getLineAndCharacterOfPosition(declaration.body.getEnd() - 1);
    builder.location = { file: locationOf(owner, declaration).file, line: line + 1, column: character + 1 };
  }
  if (result.kind !== "void") builder.unreachable();
  else builder.return(givesZero(entry) ? builder.i32(0) : null);
  const given = boundsGiven(fn.leave);
  if (given !== null) owner.results.set(entry, given);
  return builder.finish();
}

/**
 * A global function is verified for null in each of its references (kernel/bpf/btf.c, `btf_prepare_func_args`): it gives 0 then,
 * which its callers never see.
 */
function returnWithout({ builder }: FunctionState, reference: ValueId, register: string | null): void {
  const [there, missing] = [builder.block(), builder.block()];
  builder.branch(builder.compare("ne", reference, builder.nullPointer()), there, missing);
  builder.switchTo(missing);
  builder.return(register === null ? null : builder.const(register === "i64" ? "i64" : "i32", 0n));
  builder.switchTo(there);
}

/** Whether the verifier, which checks a global function on its own, has to be told that a reference is not null. */
const isUnchecked = (entry: FunctionEntry, type: ResolvedType): boolean =>
  entry.form === "global" &&
  registerOfResolved(type) === "ptr" &&
  type.kind !== "context" &&
  !("nullable" in type && type.nullable);

/** A tag by which verifiers from 6.8 on take it from the caller that a reference is not null. */
const nonNullTag = "arg:nonnull";
const knowsNonNull = (owner: ClassState): boolean => kernelHas(owner.target.kernel, "6.8");

function tagged(owner: ClassState, node: ts.ParameterDeclaration, isReference: boolean): HasTags {
  const { tags = [] } = declaredTags(owner, node);
  const all = isReference && knowsNonNull(owner) ? new Set([...tags, nonNullTag]) : new Set(tags);
  return all.size === 0 ? {} : { tags: [...all].sort() };
}

function parameterValue(type: ResolvedType, id: ValueId): Value {
  if (type.kind === "context") return { kind: "context", context: type.context, pointer: id };
  if (type.kind === "void") return { kind: "void" };
  if (type.kind === "data" && (type.type.kind === "int" || type.type.kind === "pointer"))
    return scalar(type.type, id);
  return memoryAt(type.type, id, "unknown", { nullable: type.nullable });
}

/** Reports functions that reach themselves; true when there is one. */
export function reportRecursion(owner: ClassState): boolean {
  const done = new Set<FunctionEntry>();
  let found = false;
  const visit = (entry: FunctionEntry, path: readonly FunctionEntry[]): void => {
    if (path.includes(entry)) {
      const cycle = [...path.slice(path.indexOf(entry)), entry].map(({ title }) => title).join(" → ");
      const message = `${entry.title} calls itself: ${cycle}`;
      owner.diagnostics.push(
        diagnosticAt(
          entry.declaration.name ?? entry.declaration,
          "WG1008",
          message,
          "write a loop with a constant bound",
        ),
      );
      found = true;
      return;
    }
    if (done.has(entry)) return;
    for (const callee of entry.callees) visit(callee, [...path, entry]);
    done.add(entry);
  };
  for (const entry of owner.functions.values()) visit(entry, []);
  return found;
}

/** A copy of the record behind the dynamic pointer that the kernel gives; one that is shorter is passed over. */
function readRecord(fn: FunctionState, type: DataType): Value {
  const { builder } = fn;
  const dynptr = builder.param(builder.entry, "ptr");
  builder.param(builder.entry, "ptr");
  const slot = newSlot(fn, "record", type);
  builder.zero(slot.pointer, sizeOf(type), slot.align, "stack");
  const [none, size] = [builder.i64(0), builder.i64(sizeOf(type))];
  const result = builder.helper("bpf_dynptr_read", "i64", [slot.pointer, size, dynptr, none, none]);
  const [read, short] = [builder.block(), builder.block()];
  builder.branch(builder.compare("eq", builder.unary("trunc32", result), builder.i32(0)), read, short);
  builder.switchTo(short);
  builder.return(builder.i32(0));
  builder.switchTo(read);
  return type.kind === "int" || type.kind === "pointer" ? readPlace(fn, slot) : slot;
}

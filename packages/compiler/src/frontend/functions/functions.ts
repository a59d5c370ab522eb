/** One function from its declaration to IR. */
import ts from "typescript";
import { FunctionBuilder } from "../../ir/builder.js";
import type { DataType } from "../../types/data-type.js";
import { integers } from "../../types/integers.js";
import { diagnosticAt, Rejection, reject } from "../rejections/rejection.js";
import {
  type Binding,
  type ClassState,
  type FunctionEntry,
  type FunctionState,
  locationOf,
} from "../state.js";
import { lowerBlock } from "../statements/statements.js";
import { memoryAt } from "../values/memory.js";
import type { ResolvedType } from "../values/resolve-type.js";
import { scalar } from "../values/scalars.js";
import { registerOfResolved, resultType } from "./function-calls.js";
import { checkReservations } from "./reservations.js";

const K = ts.SyntaxKind;

function prototypeType(type: ResolvedType): DataType | null {
  if (type.kind === "void") return null;
  if (type.kind === "context") return { kind: "pointer", to: () => type.context.struct };
  if (type.kind === "data" && (type.type.kind === "int" || type.type.kind === "pointer")) return type.type;
  return { kind: "pointer", to: () => type.type };
}

/** Lowers a function into the class. Its mistakes go to the class's diagnostics. */
export function lowerFunction(owner: ClassState, entry: FunctionEntry): void {
  try {
    const found = owner.diagnostics.length;
    const lowered = lower(owner, entry);
    // A function with mistakes has holes: it is not passed on.
    if (lowered === null || owner.diagnostics.length > found) return;
    owner.diagnostics.push(...checkReservations(lowered, owner.sources));
    owner.lowered.push(lowered);
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    if (error.diagnostic !== null) owner.diagnostics.push(error.diagnostic);
  }
}

function lower(owner: ClassState, entry: FunctionEntry): ClassState["lowered"][number] | null {
  const { declaration } = entry;
  if (declaration.asteriskToken !== undefined)
    reject(
      declaration.name ?? declaration,
      "WG1007",
      "a generator stops and goes on, which a BPF program does not",
    );
  const isAsync = declaration.modifiers?.some((modifier) => modifier.kind === K.AsyncKeyword) ?? false;
  if (isAsync)
    reject(declaration.name ?? declaration, "WG1007", "a BPF program does not wait", "remove async");
  if (declaration.parameters.length > 5) {
    reject(
      declaration.name ?? declaration,
      "WG1009",
      `${entry.name} has ${declaration.parameters.length} parameters, and BPF passes 5`,
      "pass a struct",
    );
  }
  const params = declaration.parameters.map((parameter) => {
    if (
      parameter.dotDotDotToken !== undefined ||
      parameter.initializer !== undefined ||
      parameter.questionToken !== undefined
    ) {
      reject(
        parameter,
        "WG1001",
        "parameters are all given in kernel code",
        "no defaults, rest or optional parameters",
      );
    }
    if (!ts.isIdentifier(parameter.name))
      reject(parameter.name, "WG1001", "destructuring is not compiled yet", "name the parameter");
    const type = owner.resolver.resolve(
      owner.checker.getTypeAtLocation(parameter),
      parameter.type ?? parameter,
    );
    return { parameter, name: parameter.name.text, type };
  });
  const result = resultType({ owner }, declaration, declaration);
  const isProgram = entry.section !== null;
  const declared =
    isProgram && result.kind === "void"
      ? { kind: "data" as const, type: integers.i32, nullable: false }
      : result;
  const givesPointer = registerOfResolved(declared) === "ptr";
  const builder = new FunctionBuilder({
    name: entry.name,
    section: entry.section,
    // A subprogram cannot return a pointer that the verifier would still follow.
    inline: givesPointer ? "always" : "auto",
    returns: registerOfResolved(declared),
    prototype: {
      params: params.map(({ name, type }) => ({ name, type: prototypeType(type) ?? integers.u32 })),
      returns: prototypeType(declared),
    },
    location: locationOf(owner, declaration.name ?? declaration),
  });
  const fn: FunctionState = {
    owner,
    entry,
    builder,
    bindings: new Map(),
    facts: [],
    loops: [],
    returns: result,
  };
  for (const { parameter, type } of params) {
    const symbol = owner.checker.getSymbolAtLocation(parameter.name);
    const register = registerOfResolved(type);
    if (symbol === undefined || register === null) return null;
    fn.bindings.set(symbol, parameterBinding(type, builder.param(builder.entry, register)));
  }
  if (isProgram && params.length === 0) builder.param(builder.entry, "ptr");
  const before = owner.diagnostics.length;
  lowerBlock(fn, declaration.body?.statements ?? []);
  if (owner.diagnostics.length > before) return null;
  if (declaration.body !== undefined) {
    const file = declaration.getSourceFile();
    const { line, character } = file.getLineAndCharacterOfPosition(declaration.body.getEnd() - 1);
    builder.location = { file: locationOf(owner, declaration).file, line: line + 1, column: character + 1 };
  }
  if (result.kind !== "void") builder.unreachable();
  else builder.return(isProgram ? builder.i32(0) : null);
  return builder.finish();
}

function parameterBinding(type: ResolvedType, id: ReturnType<FunctionBuilder["param"]>): Binding {
  if (type.kind === "context")
    return { kind: "value", value: { kind: "context", context: type.context, pointer: id } };
  if (type.kind === "data" && (type.type.kind === "int" || type.type.kind === "pointer"))
    return { kind: "value", value: scalar(type.type, id) };
  if (type.kind === "void") return { kind: "broken" };
  return { kind: "value", value: memoryAt(type.type, id, "unknown", { nullable: type.nullable }) };
}

/** Reports functions that reach themselves; true when there is one. */
export function reportRecursion(owner: ClassState): boolean {
  const done = new Set<FunctionEntry>();
  let found = false;
  const visit = (entry: FunctionEntry, path: readonly FunctionEntry[]): void => {
    if (path.includes(entry)) {
      const cycle = [...path.slice(path.indexOf(entry)), entry].map(({ name }) => name).join(" → ");
      const message = `${entry.name} calls itself: ${cycle}`;
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

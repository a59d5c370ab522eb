/** The functions of a class: one for each function that is called, and for each set of type arguments of a generic one. */

import ts from "#typescript";
import { reject } from "../rejections/rejection.js";
import type { ClassState, FunctionEntry, FunctionNode, FunctionState } from "../state.js";
import type { ResolvedType } from "../values/resolve-type.js";
import { noSubstitution, type Substitution } from "../values/substitution.js";
import { readableName, symbolicName } from "../values/type-names.js";
import type { MemoryValue } from "../values/value.js";
import { formOf } from "./forms.js";

/** An instance of a function: what its type parameters stand for, and what that is called. */
export interface Instance {
  readonly types: Substitution;
  /** Appended to symbols: `_u32`; empty for a function that is not generic. */
  readonly suffix: string;
  /** Appended in messages: `<u32>`. */
  readonly title: string;
  /** Tells instances of one function apart. */
  readonly key: string;
  /** What the kernel calls it with; see `FunctionEntry`. */
  readonly callback?: FunctionEntry["callback"] & string;
  readonly places?: FunctionEntry["places"] & object;
}

/** The form of a function that takes memory of a context for some of its parameters. */
export function withPlaces(instance: Instance, places: ReadonlyMap<number, MemoryValue>): Instance {
  if (places.size === 0) return instance;
  const all = [...places].map(([index, place]) => ({
    index,
    ...place,
    pointer: null,
    type: null,
    root: null,
  }));
  const suffix = all.map(({ displacement }) => `_at_${displacement}`).join("");
  return {
    ...instance,
    places,
    suffix: instance.suffix + suffix,
    key: `${instance.key} ${JSON.stringify(all)}`,
  };
}

const plain: Instance = { types: noSubstitution, suffix: "", title: "", key: "" };

/** The form of a function that the kernel calls. */
export const callbackInstance = (callback: "entry" | "record"): Instance => ({
  types: noSubstitution,
  suffix: "_callback",
  title: "",
  key: callback,
  callback,
});

/** What the type parameters of `declaration` stand for in a call of it. */
export function instanceOf(fn: FunctionState, node: ts.CallExpression, declaration: FunctionNode): Instance {
  const { checker, resolver } = fn.owner;
  const parameters = declaration.typeParameters ?? [];
  if (parameters.length === 0) return plain;
  const signature = checker.getResolvedSignature(node);
  const given = signature === undefined ? undefined : checker.getTypeArgumentsForResolvedSignature(signature);
  const types = new Map<ts.Type, Substitution extends ReadonlyMap<ts.Type, infer Bound> ? Bound : never>();
  const [suffixes, titles, keys]: [string[], string[], string[]] = [[], [], []];
  for (const [index, parameter] of parameters.entries()) {
    const argument = given?.[index];
    const place = node.typeArguments?.[index] ?? node;
    if (argument === undefined)
      return reject(place, "WG2005", `the type ${parameter.name.text} is not known`, "name it: <Type>");
    const type = withoutLiterals(argument);
    const outer = resolver.types;
    types.set(checker.getTypeAtLocation(parameter), { type, types: outer });
    const literal = outer.get(type)?.type ?? type;
    if (literal.isNumberLiteral()) {
      for (const list of [suffixes, titles, keys]) list.push(String(literal.value));
      continue;
    }
    const resolved = resolver.resolve(type, place);
    suffixes.push(nameOf(resolved, symbolicName));
    titles.push(nameOf(resolved, readableName));
    keys.push(
      JSON.stringify(resolved, (_key, value: unknown) => (typeof value === "function" ? null : value)),
    );
  }
  const suffix = `_${suffixes.join("_").replace(/\W/g, "_")}`;
  return { types, suffix, title: `<${titles.join(", ")}>`, key: keys.join() };
}

function nameOf(type: ResolvedType, name: typeof symbolicName): string {
  if (type.kind === "void") return "void";
  if (type.kind === "context") return type.context.program.name;
  return `${name(type.type)}${type.nullable ? "_or_null" : ""}`;
}

/** TypeScript infers `u8 | 5` from a variable and a literal: the literal takes the variable's type. */
function withoutLiterals(type: ts.Type): ts.Type {
  if (!type.isUnion()) return type;
  const isLiteral = (part: ts.Type): boolean =>
    part.isNumberLiteral() || (part.flags & ts.TypeFlags.BigIntLiteral) !== 0;
  const [only, ...others] = type.types.filter((part) => !isLiteral(part));
  return only !== undefined && others.length === 0 ? only : type;
}

/** The function of a declaration, to be lowered if it is not yet. */
export function functionEntry(
  fn: FunctionState,
  node: ts.Node,
  declaration: FunctionNode,
  instance: Instance,
): FunctionEntry {
  const { owner } = fn;
  const id = instance.key === "" ? declaration : instanceKey(owner, declaration, instance.key);
  const known = owner.functions.get(id);
  if (known !== undefined) return known;
  const base = nameOfFunction(declaration);
  const title = `${base}${instance.title}`;
  const path: FunctionEntry[] = [];
  for (let caller: FunctionEntry | null = fn.entry; caller !== null; caller = caller.caller) {
    path.unshift(caller);
    if (caller.declaration !== declaration) continue;
    const cycle = [...path.map((entry) => entry.title), title].join(" → ");
    reject(node, "WG1008", `${caller.title} calls itself: ${cycle}`, "write a loop with a constant bound");
  }
  const name = freshName(owner, `${base}${instance.suffix}`);
  const entry: FunctionEntry = {
    name,
    title,
    declaration,
    section: null,
    callees: new Set(),
    types: instance.types,
    form: formOf(owner, declaration),
    caller: fn.entry,
    ...(instance.callback !== undefined && { callback: instance.callback }),
    ...(instance.places !== undefined && { places: instance.places }),
  };
  owner.functions.set(id, entry);
  owner.queue.push(entry);
  return entry;
}

const identities = new WeakMap<ts.Node, number>();
let lastIdentity = 0;

function instanceKey(_owner: ClassState, declaration: FunctionNode, key: string): string {
  let identity = identities.get(declaration);
  if (identity === undefined) {
    lastIdentity += 1;
    identity = lastIdentity;
    identities.set(declaration, identity);
  }
  return `${identity} ${key}`;
}

/** The name, or the first of `name_2`, `name_3`, … that the object does not have. */
export function freshName(owner: ClassState, base: string): string {
  let name = base;
  for (let count = 2; owner.names.has(name); count += 1) name = `${base}_${count}`;
  owner.names.add(name);
  return name;
}

/** What a function is called in the source: by its file when it is the nameless default export. */
export function nameOfFunction(declaration: FunctionNode): string {
  const named = declaration.name?.getText();
  if (named !== undefined && /^[A-Za-z_]\w*$/.test(named)) return named;
  if (named === undefined && ts.isFunctionDeclaration(declaration)) {
    const file = /([^/\\]+?)(\.[cm]?ts)?$/.exec(declaration.getSourceFile().fileName)?.[1] ?? "default";
    return file.replace(/\W/g, "_").replace(/^(?=\d)/, "_");
  }
  return "anonymous";
}

/** `TYPE_MATCHES`: whether a kernel's type has all that a local one declares (`bpf_core_types_match` of libbpf). */
import { skipModifiers, typeAt } from "../btf/layout.js";
import { essentialName } from "../btf/names.js";
import type { Btf, BtfEnumerator, BtfType, TypeId } from "../btf/types.js";

/** The kernel's own bound on nesting. */
const mostSteps = 32;

interface Pair {
  readonly local: Btf;
  readonly target: Btf;
}
type Kind<K extends BtfType["kind"]> = Extract<BtfType, { kind: K }>;

const nameOf = (type: BtfType): string => ("name" in type ? essentialName(type.name) : "");
const isUnion = (type: BtfType): boolean => type.kind === "union" || (type.kind === "forward" && type.union);
const isComposite = (type: BtfType): type is Kind<"struct" | "union"> =>
  type.kind === "struct" || type.kind === "union";
const isEnum = (type: BtfType): type is Kind<"enum"> | Kind<"enum64"> =>
  type.kind === "enum" || type.kind === "enum64";

/** Whether the type `b` of `target` matches `a` of `local`: names, kinds, sizes, and every member by name. */
export function typesMatch(local: Btf, a: TypeId, target: Btf, b: TypeId): boolean {
  return match({ local, target }, a, b, false, mostSteps);
}

function match(pair: Pair, a: TypeId, b: TypeId, behindPointer: boolean, steps: number): boolean {
  if (steps === 0) return false;
  const from = typeAt(pair.local, skipModifiers(pair.local, a));
  const to = typeAt(pair.target, skipModifiers(pair.target, b));
  if (nameOf(from) !== nameOf(to)) return false;
  const also = (x: TypeId, y: TypeId, behind = behindPointer): boolean =>
    match(pair, x, y, behind, steps - 1);
  // Behind a pointer the name is enough, whether or not the rest is known.
  if (behindPointer && (isComposite(from) || from.kind === "forward"))
    return (isComposite(to) || to.kind === "forward") && isUnion(from) === isUnion(to);
  if (isEnum(from)) return isEnum(to) && enumsMatch(from, to);
  if (isComposite(from)) {
    return (
      from.kind === to.kind &&
      from.members.every((one) =>
        to.members.some(
          (other) => essentialName(one.name) === essentialName(other.name) && also(one.type, other.type),
        ),
      )
    );
  }
  if (from.kind === "forward") return to.kind === "forward" && from.union === to.union;
  if (from.kind === "int") {
    const isSigned = (type: Kind<"int">): boolean => type.encoding === "signed";
    return to.kind === "int" && from.size === to.size && isSigned(from) === isSigned(to);
  }
  if (from.kind === "pointer") return to.kind === "pointer" && also(from.type, to.type, true);
  if (from.kind === "array")
    return to.kind === "array" && from.length === to.length && also(from.type, to.type);
  if (from.kind === "function-proto") {
    return (
      to.kind === "function-proto" &&
      from.params.length === to.params.length &&
      from.params.every((one, index) => also(one.type, to.params[index]?.type ?? 0)) &&
      also(from.returns, to.returns)
    );
  }
  return from.kind === to.kind;
}

function enumsMatch(
  from: { readonly size: number; readonly values: readonly BtfEnumerator[] },
  to: { readonly size: number; readonly values: readonly BtfEnumerator[] },
): boolean {
  const names = new Set(to.values.map(({ name }) => essentialName(name)));
  return from.size === to.size && from.values.every(({ name }) => names.has(essentialName(name)));
}

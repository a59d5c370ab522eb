import { skipModifiers, typeAt } from "../btf/layout.js";
import { essentialName } from "../btf/names.js";
import type { Btf, BtfType, TypeId } from "../btf/types.js";
import { ObjectError } from "../errors.js";
import { MAX_TYPE_DEPTH } from "./compatible.js";

type Of<Kind extends BtfType["kind"]> = Extract<BtfType, { readonly kind: Kind }>;
type Enum = Of<"enum" | "enum64">;
type Composite = Of<"struct" | "union">;

const isEnum = (type: BtfType): type is Enum => type.kind === "enum" || type.kind === "enum64";
const isComposite = (type: BtfType): type is Composite => type.kind === "struct" || type.kind === "union";
const nameOf = (type: BtfType): string => ("name" in type ? type.name : "");

/** Names without flavours; one without a name matches only such a one. */
const namesMatch = (a: string, b: string): boolean =>
  b === "" ? a === "" : essentialName(a) === essentialName(b);

/** What a struct, a union or a forward declaration of one says of being a union. */
function unionness(type: BtfType): boolean | null {
  if (isComposite(type)) return type.kind === "union";
  return type.kind === "forward" ? type.union : null;
}

/**
 * Whether the target has all that the local type says (`BPF_CORE_TYPE_MATCHES`, Linux 6.0 and libbpf 1.0): each member
 * by name and type, integers of the same size and sign, arrays of the same length, enumerators by name in an enum of the
 * same size, functions of the same parameters. Behind a pointer a struct needs the name and the kind only, and a forward
 * declaration will do. Typedefs, qualifiers and flavours do not count; what more the target has does not either.
 *
 * @throws ObjectError "bad-btf" for types nested more than 32 deep, which libbpf refuses too
 */
export function typesMatch(local: Btf, a: TypeId, target: Btf, b: TypeId): boolean {
  const known = new Map<string, boolean>();

  const match = (x: TypeId, y: TypeId, behindPointer: boolean, depth: number): boolean => {
    if (depth > MAX_TYPE_DEPTH) {
      throw new ObjectError("bad-btf", `its types are nested more than ${MAX_TYPE_DEPTH} deep`);
    }
    const from = skipModifiers(local, x);
    const to = skipModifiers(target, y);
    // Without this a struct that several members lead to would be compared once for each way to it.
    const question = `${from} ${to} ${behindPointer}`;
    const answered = known.get(question);
    if (answered !== undefined) return answered;
    const result = compare(typeAt(local, from), typeAt(target, to), behindPointer, depth);
    known.set(question, result);
    return result;
  };

  const compare = (one: BtfType, other: BtfType, behindPointer: boolean, depth: number): boolean => {
    if (!namesMatch(nameOf(one), nameOf(other))) return false;
    if (isEnum(one)) return isEnum(other) && enumsMatch(one, other);
    const union = unionness(one);
    if (union !== null && behindPointer) return unionness(other) === union;
    if (one.kind !== other.kind) return false;
    if (isComposite(one) && isComposite(other)) {
      return (
        one.members.length <= other.members.length &&
        one.members.every((member) =>
          other.members.some(
            (candidate) =>
              namesMatch(member.name, candidate.name) &&
              match(member.type, candidate.type, behindPointer, depth + 1),
          ),
        )
      );
    }
    if (one.kind === "forward" && other.kind === "forward") return one.union === other.union;
    if (one.kind === "int" && other.kind === "int") {
      return one.size === other.size && (one.encoding === "signed") === (other.encoding === "signed");
    }
    if (one.kind === "pointer" && other.kind === "pointer")
      return match(one.type, other.type, true, depth + 1);
    if (one.kind === "array" && other.kind === "array") {
      return one.length === other.length && match(one.type, other.type, behindPointer, depth + 1);
    }
    if (one.kind === "function-proto" && other.kind === "function-proto") {
      return (
        one.params.length === other.params.length &&
        one.params.every((param, at) =>
          match(param.type, other.params[at]?.type ?? 0, behindPointer, depth + 1),
        ) &&
        match(one.returns, other.returns, behindPointer, depth + 1)
      );
    }
    // Of the rest only void is known to libbpf; it takes floats and functions for different from themselves.
    return one.kind === "void";
  };

  return match(a, b, false, 0);
}

function enumsMatch(one: Enum, other: Enum): boolean {
  return (
    one.size === other.size &&
    one.values.length <= other.values.length &&
    one.values.every(({ name }) => other.values.some((value) => namesMatch(name, value.name)))
  );
}

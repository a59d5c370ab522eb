import { skipModifiers, typeAt } from "../btf/layout.js";
import { essentialName } from "../btf/names.js";
import type { Btf, BtfType, TypeId } from "../btf/types.js";

/** Deepest nesting of types that is followed, as libbpf's. */
export const MAX_TYPE_DEPTH = 32;

const isEnum = (type: BtfType): boolean => type.kind === "enum" || type.kind === "enum64";
const isComposite = (type: BtfType): boolean => type.kind === "struct" || type.kind === "union";

/** Whether one type may stand for the other by its kind: enums of 32 and 64 bits may (`btf_kind_core_compat`). */
export const sameKind = (a: BtfType, b: BtfType): boolean => a.kind === b.kind || (isEnum(a) && isEnum(b));

/** Whether a field may be read as another (`bpf_core_fields_are_compat`): sizes and signs of integers may differ. */
export function fieldsCompatible(local: Btf, localId: TypeId, target: Btf, targetId: TypeId): boolean {
  for (;;) {
    const a = typeAt(local, skipModifiers(local, localId));
    const b = typeAt(target, skipModifiers(target, targetId));
    if (isComposite(a) && isComposite(b)) return true;
    if (!sameKind(a, b)) return false;
    if (a.kind === "array" && b.kind === "array") {
      localId = a.type;
      targetId = b.type;
      continue;
    }
    if (a.kind === "int" && b.kind === "int") return a.bitOffset === 0 && b.bitOffset === 0;
    if ((isEnum(a) || a.kind === "forward") && "name" in a && "name" in b) {
      return a.name === "" || b.name === "" || essentialName(a.name) === essentialName(b.name);
    }
    return a.kind === "pointer" || a.kind === "float";
  }
}

/**
 * Whether two types of one name may be the same type (`bpf_core_types_are_compat`): kinds alike down to structs, whose
 * members do not count.
 */
export function typesCompatible(local: Btf, a: TypeId, target: Btf, b: TypeId): boolean {
  // A pair that was seen is answered, or is being asked about further out: either way it is not what makes them differ.
  const seen = new Set<string>();
  const compare = (x: TypeId, y: TypeId, depth: number): boolean => {
    const from = skipModifiers(local, x);
    const to = skipModifiers(target, y);
    const one = typeAt(local, from);
    const other = typeAt(target, to);
    if (depth > MAX_TYPE_DEPTH || !sameKind(one, other)) return false;
    const pair = `${from} ${to}`;
    if (seen.has(pair)) return true;
    seen.add(pair);
    if (one.kind === "int" && other.kind === "int") return one.bitOffset === 0 && other.bitOffset === 0;
    if (one.kind === "pointer" && other.kind === "pointer") return compare(one.type, other.type, depth + 1);
    if (one.kind === "array" && other.kind === "array") return compare(one.type, other.type, depth + 1);
    if (one.kind === "function-proto" && other.kind === "function-proto") {
      return (
        one.params.length === other.params.length &&
        one.params.every((param, at) => compare(param.type, other.params[at]?.type ?? 0, depth + 1)) &&
        compare(one.returns, other.returns, depth + 1)
      );
    }
    return true;
  };
  return compare(a, b, 0);
}

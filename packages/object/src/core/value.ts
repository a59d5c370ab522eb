import { sizeOfType, skipModifiers, typeAt } from "../btf/layout.js";
import type { Btf, TypeId } from "../btf/types.js";
import type { ByteOrder } from "../byte-order.js";
import type { CorePath } from "./access.js";
import { CoreKind } from "./kinds.js";

/** What a relocation's number is in one BTF. */
export interface CoreValue {
  readonly value: bigint;
  /** Whether the instruction must hold the local value before it is patched. */
  readonly checked: boolean;
  /** What a load or store at the offset accesses; null when its width is not to change (bit fields, other kinds). */
  readonly access: { readonly type: TypeId; readonly size: number } | null;
}

/** The number of a field relocation where the field exists; null for a bit field that no 8 bytes hold. */
export function fieldValue(btf: Btf, path: CorePath, kind: number, order: ByteOrder): CoreValue | null {
  const plain = (value: number, checked = true): CoreValue => ({
    value: BigInt(value),
    checked,
    access: null,
  });
  if (kind === CoreKind.FieldExists) return plain(1);
  const step = path.steps.at(-1);
  if (step === undefined) return null;
  const id = skipModifiers(btf, step.type);
  const bits = step.kind === "member" ? step.member.bitSize : 0;
  let size = sizeOfType(btf, id);
  let offset = Math.floor(path.bitOffset / 8);
  let width = size * 8;
  if (bits > 0) {
    // Only corrupted types have bit fields of nothing, or of more than the eight bytes that a load takes.
    if (size === 0 || size > 8) return null;
    width = bits;
    const place = (): number => Math.floor(Math.floor(path.bitOffset / 8) / size) * size;
    for (offset = place(); path.bitOffset + bits - offset * 8 > size * 8; offset = place()) {
      if (size >= 8) return null;
      size *= 2;
    }
  }
  switch (kind) {
    case CoreKind.FieldByteOffset:
      return { ...plain(offset, bits === 0), access: bits === 0 ? loaded(btf, id) : null };
    case CoreKind.FieldByteSize:
      return plain(size, bits === 0);
    case CoreKind.FieldSigned: {
      const type = typeAt(btf, id);
      const signed =
        (type.kind === "int" && type.encoding === "signed") ||
        ((type.kind === "enum" || type.kind === "enum64") && type.signed);
      return step.kind === "member" ? plain(signed ? 1 : 0) : null;
    }
    case CoreKind.FieldLeftShift: {
      const from = path.bitOffset - offset * 8;
      const shift = order === "little" ? 64 - (from + width) : (8 - size) * 8 + from;
      return step.kind === "member" ? plain(shift, bits === 0) : null;
    }
    default:
      return step.kind === "member" ? plain(64 - width) : null;
  }
}

/** What one load takes of a field: of an array an element (libbpf 1.6). */
function loaded(btf: Btf, id: TypeId): { readonly type: TypeId; readonly size: number } {
  let type = typeAt(btf, id);
  while (type.kind === "array") {
    id = skipModifiers(btf, type.type);
    type = typeAt(btf, id);
  }
  return { type: id, size: sizeOfType(btf, id) };
}

/** Whether a load that was made for one type may change its width to that of the other: pointers, unsigned integers. */
export function widthMayChange(local: Btf, a: TypeId, target: Btf, b: TypeId): boolean {
  const from = typeAt(local, a);
  const to = typeAt(target, b);
  if (from.kind === "pointer" && to.kind === "pointer") return true;
  return from.kind === "int" && to.kind === "int" && from.encoding !== "signed" && to.encoding !== "signed";
}

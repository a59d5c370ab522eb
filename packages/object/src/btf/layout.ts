import { ObjectError } from "../errors.js";
import type { Btf, BtfType, TypeId } from "./types.js";

/** Bytes of a pointer on the BPF machine. */
export const POINTER_SIZE = 8;

/**
 * The type with the given id.
 *
 * @throws ObjectError "bad-btf" when there is none
 */
export function typeAt(btf: Btf, id: TypeId): BtfType {
  const type = btf.types[id];
  if (type === undefined) {
    throw new ObjectError("bad-btf", `there is no BTF type ${id}; the last one is ${btf.types.length - 1}`);
  }
  return type;
}

/** Follows typedefs, `const`, `volatile`, `restrict` and type tags to the type that they stand for. */
export function skipModifiers(btf: Btf, id: TypeId): TypeId {
  for (let steps = 0; steps <= btf.types.length; steps++) {
    const type = typeAt(btf, id);
    switch (type.kind) {
      case "typedef":
      case "const":
      case "volatile":
      case "restrict":
      case "type-tag":
        id = type.type;
        break;
      default:
        return id;
    }
  }
  throw new ObjectError("bad-btf", `BTF type ${id} is a modifier of itself`);
}

/**
 * Bytes that a value of the type takes on the BPF machine.
 *
 * @throws ObjectError "bad-btf" for what has no size: void, functions, forward declarations; and for arrays over 4 GiB
 */
export function sizeOfType(btf: Btf, id: TypeId): number {
  let elements = 1;
  for (let steps = 0; steps <= btf.types.length; steps++) {
    const type = typeAt(btf, skipModifiers(btf, id));
    switch (type.kind) {
      case "array":
        elements *= type.length;
        id = type.type;
        break;
      case "variable":
        id = type.type;
        break;
      case "pointer":
        return total(id, elements * POINTER_SIZE);
      case "int":
      case "struct":
      case "union":
      case "enum":
      case "enum64":
      case "float":
      case "section":
        return total(id, elements * type.size);
      default:
        throw new ObjectError("bad-btf", `BTF type ${id} (${describeType(btf, id)}) has no size`);
    }
  }
  throw new ObjectError("bad-btf", `BTF type ${id} is an array of itself`);
}

function total(id: TypeId, bytes: number): number {
  if (bytes > 0xffffffff) throw new ObjectError("bad-btf", `BTF type ${id} is part of an array over 4 GiB`);
  return bytes;
}

/** The type in a few words of C, for messages: `struct flow_key`, `u32`, `int *`, `char[16]`. */
export function describeType(btf: Btf, id: TypeId, depth = 0): string {
  if (depth > 16) return "…";
  const type = typeAt(btf, id);
  const inner = (to: TypeId): string => describeType(btf, to, depth + 1);
  switch (type.kind) {
    case "void":
      return "void";
    case "pointer":
      return `${inner(type.type)} *`;
    case "array":
      return `${inner(type.type)}[${type.length}]`;
    case "struct":
    case "union":
      return type.name === "" ? `${type.kind} of ${type.size} bytes` : `${type.kind} ${type.name}`;
    case "enum":
    case "enum64":
      return type.name === "" ? `enum of ${type.size} bytes` : `enum ${type.name}`;
    case "forward":
      return `${type.union ? "union" : "struct"} ${type.name}`;
    case "const":
    case "volatile":
    case "restrict":
      return `${type.kind} ${inner(type.type)}`;
    case "type-tag":
    case "decl-tag":
      return inner(type.type);
    case "function-proto": {
      const params = type.params.map((param) =>
        param.type === 0 && param.name === "" ? "..." : inner(param.type),
      );
      return `${inner(type.returns)} (${params.join(", ") || "void"})`;
    }
    case "function": {
      const proto = typeAt(btf, type.type);
      if (proto.kind !== "function-proto") return type.name;
      const params = proto.params.map((param) =>
        param.type === 0 && param.name === "" ? "..." : `${inner(param.type)} ${param.name}`.trim(),
      );
      return `${inner(proto.returns)} ${type.name}(${params.join(", ") || "void"})`;
    }
    case "variable":
      return `${inner(type.type)} ${type.name}`;
    case "int":
    case "typedef":
    case "float":
    case "section":
      return type.name;
  }
}

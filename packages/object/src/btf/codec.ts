import type { ByteOrder } from "../byte-order.js";
import { ObjectError } from "../errors.js";
import { bitFieldCodec } from "./codec-bit-field.js";
import type { FieldSource } from "./codec-composite.js";
import { arrayCodec, structCodec, unionCodec } from "./codec-composite.js";
import type { Codec } from "./codec-mismatch.js";
import { Mismatch } from "./codec-mismatch.js";
import { booleanCodec, enumCodec, floatCodec, integerCodec } from "./codec-scalar.js";
import { generatedDecode } from "./codec-source.js";
import { bytesCodec, stringCodec } from "./codec-text.js";
import { describeType, POINTER_SIZE, skipModifiers, typeAt } from "./layout.js";
import type { Btf, BtfMember, BtfType, TypeId } from "./types.js";

/**
 * Turns values of one BTF type into JavaScript values and back:
 *
 * | BTF | JavaScript |
 * | --- | --- |
 * | integers of 8, 16 and 32 bits, enums of up to 32 bits | number |
 * | integers of 64 and 128 bits, enums of 64 bits, pointers | bigint |
 * | bool | boolean |
 * | typedefs called `__be16`, `__be32`, `__be64` | the number that the big-endian bytes mean |
 * | float, double | number |
 * | array of `char` | string: UTF-8 up to the first NUL |
 * | array of unsigned bytes | Uint8Array, a copy |
 * | other arrays | array |
 * | struct | object; fields of anonymous members belong to it |
 * | union | object with every member decoded |
 *
 * Encoding zeroes padding. For a union at least one member must be given, and those given must mean the same bytes.
 */
export interface ValueCodec {
  /** Bytes of a value. */
  readonly size: number;
  /** @throws ObjectError "bad-value" when the value would end past the view */
  decode(view: DataView, offset: number): unknown;
  /** @throws ObjectError "bad-value", which names the path to what is wrong, what it takes and what it was given */
  encode(view: DataView, offset: number, value: unknown): void;
}

/** Nesting of types that is followed; deeper is taken for an attack. The kernel stops at 32. */
const MAX_DEPTH = 64;
/** Structs of linux/bpf.h in values of maps, and of the kernel's lists and trees. */
const kernelObjects: ReadonlySet<string> = new Set([
  "bpf_spin_lock",
  "bpf_timer",
  "bpf_wq",
  "bpf_list_head",
  "bpf_rb_root",
  "bpf_refcount",
]);
/** Decoded parts that one value may have: unions in unions can ask for exponentially many. */
const MAX_PARTS = 1 << 24;

/**
 * The codec of a type. All work that depends on the type alone is done here, so keep the codec.
 *
 * @param label what paths in errors start with, such as "key"
 * @throws ObjectError "bad-btf" for a type that has no values: void, functions, forward declarations, odd floats
 */
export function valueCodec(btf: Btf, typeId: TypeId, byteOrder: ByteOrder, label = ""): ValueCodec {
  const codec = makeCodec(btf, typeId, byteOrder);
  const { size } = codec;
  const decode = generatedDecode(codec);
  const checkBounds = (view: DataView, offset: number): void => {
    if (offset < 0 || offset + size > view.byteLength) {
      throw new ObjectError(
        "bad-value",
        `${label || describeType(btf, typeId)} takes ${size} bytes at offset ${offset}, but there are only ${view.byteLength}`,
        { offset },
      );
    }
  };
  return {
    size,
    decode: (view, offset) => {
      checkBounds(view, offset);
      return decode(view, offset);
    },
    encode: (view, offset, value) => {
      checkBounds(view, offset);
      // Encodes over zeroes: padding must not carry what was there before, and bit fields are or-ed in.
      new Uint8Array(view.buffer, view.byteOffset + offset, size).fill(0);
      try {
        codec.encode(view, offset, value);
      } catch (error) {
        if (!(error instanceof Mismatch)) throw error;
        const path = error.path(label);
        throw new ObjectError("bad-value", error.text(label), path === "" ? {} : { name: path });
      }
    },
  };
}

/** The codec of a type without checks of bounds. @throws ObjectError as `valueCodec` does */
export function makeCodec(btf: Btf, typeId: TypeId, byteOrder: ByteOrder): Codec {
  return new CodecMaker(btf, byteOrder === "little").make(typeId, 0);
}

class CodecMaker {
  private readonly made = new Map<TypeId, Codec>();

  constructor(
    private readonly btf: Btf,
    private readonly little: boolean,
  ) {}

  make(id: TypeId, depth: number): Codec {
    const known = this.made.get(id);
    if (known !== undefined) return known;
    if (depth > MAX_DEPTH) throw new ObjectError("bad-btf", `BTF type ${id} is nested too deeply`);
    const codec = this.build(id, depth);
    if (codec.parts > MAX_PARTS) {
      throw new ObjectError(
        "bad-btf",
        `a value of ${describeType(this.btf, id)} has too many parts to decode`,
      );
    }
    this.made.set(id, codec);
    return codec;
  }

  private build(id: TypeId, depth: number): Codec {
    const { btf } = this;
    const bare = skipModifiers(btf, id);
    const type = typeAt(btf, bare);
    const name = describeType(btf, this.skipQualifiers(id));
    switch (type.kind) {
      case "int":
        if (type.encoding === "bool") return booleanCodec(type.size);
        return integerCodec(
          name,
          type.size,
          type.encoding === "signed",
          this.little || type.size === 1,
          this.isBigEndian(id),
        );
      case "pointer":
        return integerCodec(name, POINTER_SIZE, false, this.little, false);
      case "enum":
      case "enum64":
        return enumCodec(name, type, this.little);
      case "float":
        return floatCodec(name, type.size, this.little);
      case "array":
        return this.buildArray(type, name, depth);
      case "struct":
        return structCodec(name, type.size, this.fields(type.members, depth));
      case "union":
        return unionCodec(name, type.size, this.fields(type.members, depth));
      case "variable":
        return this.make(type.type, depth + 1);
      default:
        throw new ObjectError("bad-btf", `BTF type ${id} (${name}) has no values`);
    }
  }

  private buildArray(type: Extract<BtfType, { kind: "array" }>, name: string, depth: number): Codec {
    const element = typeAt(this.btf, skipModifiers(this.btf, type.type));
    if (element.kind === "int" && element.size === 1) {
      if (isChar(element)) return stringCodec(name, type.length);
      if (element.encoding === "unsigned") return bytesCodec(name, type.length);
    }
    return arrayCodec(name, this.make(type.type, depth + 1), type.length);
  }

  /** Members with those of anonymous structs and unions in their place. */
  private fields(members: readonly BtfMember[], depth: number): FieldSource[] {
    const fields: FieldSource[] = [];
    for (const member of members) {
      const codec = this.isKernelObject(member) ? null : this.field(member, depth);
      if (codec === null) continue;
      const offset = codec.bitField ? 0 : member.bitOffset / 8;
      if (member.name !== "") fields.push({ name: member.name, offset, codec: codec.codec });
      else if (codec.codec.embed) fields.push({ name: null, offset, codec: codec.codec });
    }
    return fields;
  }

  /** What only helpers use, such as locks: the kernel keeps it from readers and writers. */
  private isKernelObject(member: BtfMember): boolean {
    const type = typeAt(this.btf, skipModifiers(this.btf, member.type));
    return type.kind === "struct" && kernelObjects.has(type.name);
  }

  private field(member: BtfMember, depth: number): { codec: Codec; bitField: boolean } | null {
    const codec = this.make(member.type, depth + 1);
    const type = typeAt(this.btf, skipModifiers(this.btf, member.type));
    // Before bit fields had a size of their own, an integer type told width and place.
    const old =
      type.kind === "int" &&
      (type.bits !== type.size * 8 || type.bitOffset !== 0 || member.bitOffset % 8 !== 0);
    if (member.bitSize === 0 && !old) {
      if (member.bitOffset % 8 !== 0) {
        throw new ObjectError(
          "bad-btf",
          `member "${member.name}" starts at bit ${member.bitOffset}, which is no byte`,
        );
      }
      return { codec, bitField: false };
    }
    if (type.kind !== "int" && type.kind !== "enum" && type.kind !== "enum64") {
      throw new ObjectError("bad-btf", `bit field "${member.name}" is neither an integer nor an enum`);
    }
    if (member.name === "") return null;
    const bits = member.bitSize || (type.kind === "int" ? type.bits : type.size * 8);
    // A damaged object can say anything here, and the codec writes code for it.
    if (bits < 1 || bits > type.size * 8) {
      throw new ObjectError("bad-btf", `bit field "${member.name}" has ${bits} bits of ${type.size * 8}`);
    }
    const start = member.bitOffset + (type.kind === "int" ? type.bitOffset : 0);
    return {
      codec: bitFieldCodec(type, describeType(this.btf, member.type), start, bits, this.little),
      bitField: true,
    };
  }

  private isBigEndian(id: TypeId): boolean {
    for (let type = typeAt(this.btf, id); ; type = typeAt(this.btf, type.type)) {
      switch (type.kind) {
        case "typedef":
          if (type.name === "__be16" || type.name === "__be32" || type.name === "__be64") return true;
          break;
        case "const":
        case "volatile":
        case "restrict":
        case "type-tag":
          break;
        default:
          return false;
      }
    }
  }

  private skipQualifiers(id: TypeId): TypeId {
    for (;;) {
      const type = typeAt(this.btf, id);
      if (
        type.kind !== "const" &&
        type.kind !== "volatile" &&
        type.kind !== "restrict" &&
        type.kind !== "type-tag"
      )
        return id;
      id = type.type;
    }
  }
}

/** clang marks `char` as a signed integer, so that its name is what tells it from `signed char`. */
function isChar(type: Extract<BtfType, { kind: "int" }>): boolean {
  return type.encoding === "char" || type.name === "char";
}

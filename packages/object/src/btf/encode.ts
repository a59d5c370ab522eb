import type { ByteOrder } from "../byte-order.js";
import { ObjectError } from "../errors.js";
import { encodeExt } from "./ext.js";
import {
  BTF_HEADER_SIZE,
  BTF_MAGIC,
  BTF_MAX_TYPE,
  BTF_MAX_VLEN,
  BTF_VERSION,
  BtfKind,
  intEncodings,
  linkages,
} from "./kinds.js";
import { StringTable } from "./string-table.js";
import type { Btf, BtfExt, BtfLinkage, BtfType } from "./types.js";
import { WordWriter } from "./word-writer.js";

/**
 * Writes `.BTF`, and `.BTF.ext` when `ext` is given, which share one string table. The same input gives the same bytes.
 *
 * @throws ObjectError "bad-btf" or "bad-btf-ext" for what the format cannot hold
 */
export function encodeBtf(
  btf: Btf,
  ext: BtfExt | null,
  byteOrder: ByteOrder,
): { btf: Uint8Array; ext: Uint8Array | null } {
  if (btf.types.length - 1 > BTF_MAX_TYPE) {
    throw new ObjectError(
      "bad-btf",
      `${btf.types.length - 1} BTF types are more than a kernel takes (${BTF_MAX_TYPE})`,
    );
  }
  const strings = new StringTable();
  const types = new WordWriter(byteOrder);
  for (let id = 1; id < btf.types.length; id++) {
    const type = btf.types[id];
    if (type !== undefined) encodeType(types, strings, type, id);
  }
  const extBytes = ext === null ? null : encodeExt(ext, strings, byteOrder);
  return { btf: assemble(types.finish(), strings.bytes(), byteOrder), ext: extBytes };
}

function assemble(types: Uint8Array, strings: Uint8Array, byteOrder: ByteOrder): Uint8Array {
  const out = new Uint8Array(BTF_HEADER_SIZE + types.length + strings.length);
  const view = new DataView(out.buffer);
  const little = byteOrder === "little";
  view.setUint16(0, BTF_MAGIC, little);
  view.setUint8(2, BTF_VERSION);
  const words = [BTF_HEADER_SIZE, 0, types.length, types.length, strings.length];
  for (const [index, word] of words.entries()) view.setUint32(4 + index * 4, word, little);
  out.set(types, BTF_HEADER_SIZE);
  out.set(strings, BTF_HEADER_SIZE + types.length);
  return out;
}

function encodeType(out: WordWriter, strings: StringTable, type: BtfType, id: number): void {
  /** `struct btf_type`: `last` is its size or type. */
  const head = (kind: number, name: string, count: number, flag: boolean, last: number): void => {
    if (count > BTF_MAX_VLEN) {
      throw new ObjectError(
        "bad-btf",
        `BTF type ${id} has ${count} parts, more than the ${BTF_MAX_VLEN} that fit`,
      );
    }
    out.words(strings.offsetOf(name), (flag ? 0x80000000 : 0) | (kind << 24) | count, last);
  };
  switch (type.kind) {
    case "void":
      throw new ObjectError("bad-btf", `BTF type ${id} is void, which only type 0 may be`);
    case "int":
      head(BtfKind.Int, type.name, 0, false, type.size);
      out.words((encodingBits[type.encoding] << 24) | (type.bitOffset << 16) | type.bits);
      return;
    case "pointer":
      head(BtfKind.Pointer, "", 0, false, type.type);
      return;
    case "array":
      head(BtfKind.Array, "", 0, false, 0);
      out.words(type.type, type.index, type.length);
      return;
    case "struct":
    case "union":
      encodeMembers(out, strings, type, id, head);
      return;
    case "enum":
      head(BtfKind.Enum, type.name, type.values.length, type.signed, type.size);
      for (const { name, value } of type.values) {
        out.words(strings.offsetOf(name), Number(BigInt.asUintN(32, value)));
      }
      return;
    case "enum64":
      head(BtfKind.Enum64, type.name, type.values.length, type.signed, type.size);
      for (const { name, value } of type.values) {
        out.words(
          strings.offsetOf(name),
          Number(BigInt.asUintN(32, value)),
          Number(BigInt.asUintN(32, value >> 32n)),
        );
      }
      return;
    case "forward":
      head(BtfKind.Forward, type.name, 0, type.union, 0);
      return;
    case "typedef":
      head(BtfKind.Typedef, type.name, 0, false, type.type);
      return;
    case "volatile":
      head(BtfKind.Volatile, "", 0, false, type.type);
      return;
    case "const":
      head(BtfKind.Const, "", 0, false, type.type);
      return;
    case "restrict":
      head(BtfKind.Restrict, "", 0, false, type.type);
      return;
    case "function":
      head(BtfKind.Function, type.name, linkageNumber(type.linkage), false, type.type);
      return;
    case "function-proto":
      head(BtfKind.FunctionProto, "", type.params.length, false, type.returns);
      for (const param of type.params) out.words(strings.offsetOf(param.name), param.type);
      return;
    case "variable":
      head(BtfKind.Variable, type.name, 0, false, type.type);
      out.words(linkageNumber(type.linkage));
      return;
    case "section":
      head(BtfKind.Section, type.name, type.variables.length, false, type.size);
      for (const variable of type.variables) out.words(variable.type, variable.offset, variable.size);
      return;
    case "float":
      head(BtfKind.Float, type.name, 0, false, type.size);
      return;
    case "decl-tag":
      head(BtfKind.DeclTag, type.name, 0, false, type.type);
      out.words(type.component);
      return;
    case "type-tag":
      head(BtfKind.TypeTag, type.name, 0, false, type.type);
      return;
  }
}

type WriteHead = (kind: number, name: string, count: number, flag: boolean, last: number) => void;

function encodeMembers(
  out: WordWriter,
  strings: StringTable,
  type: Extract<BtfType, { kind: "struct" | "union" }>,
  id: number,
  head: WriteHead,
): void {
  // With any bit field in it, all members of the struct are in the form that leaves 24 bits for the offset.
  const bitFields = type.members.some((member) => member.bitSize !== 0);
  const kind = type.kind === "struct" ? BtfKind.Struct : BtfKind.Union;
  head(kind, type.name, type.members.length, bitFields, type.size);
  for (const member of type.members) {
    if (bitFields && (member.bitOffset > 0xffffff || member.bitSize > 0xff)) {
      throw new ObjectError(
        "bad-btf",
        `BTF type ${id} (${type.kind} "${type.name}") has bit fields and the member "${member.name}" at bit ${member.bitOffset}, past what fits with them`,
      );
    }
    const place = bitFields ? (member.bitSize << 24) | member.bitOffset : member.bitOffset;
    out.words(strings.offsetOf(member.name), member.type, place);
  }
}

const encodingBits = Object.fromEntries(
  Object.entries(intEncodings).map(([bits, name]) => [name, Number(bits)]),
) as Record<(typeof intEncodings)[keyof typeof intEncodings], number>;

function linkageNumber(linkage: BtfLinkage): number {
  return linkages.indexOf(linkage);
}

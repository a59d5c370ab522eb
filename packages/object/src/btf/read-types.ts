/** Types out of the type section of BTF, one by one (linux/btf.h). */
import { ObjectError } from "../errors.js";
import { BtfKind, intEncodings, linkages } from "./kinds.js";
import type {
  BtfEnumerator,
  BtfLinkage,
  BtfMember,
  BtfParam,
  BtfSectionVariable,
  BtfType,
  TypeId,
} from "./types.js";

/** Bytes of what follows `struct btf_type`, fixed and for each of its `vlen` parts, by kind. */
const tails: readonly (readonly [fixed: number, each: number] | undefined)[] = (() => {
  const rows: [number, number][] = new Array(20).fill([0, 0]);
  rows[BtfKind.Int] = [4, 0];
  rows[BtfKind.Array] = [12, 0];
  rows[BtfKind.Struct] = [0, 12];
  rows[BtfKind.Union] = [0, 12];
  rows[BtfKind.Enum] = [0, 8];
  rows[BtfKind.FunctionProto] = [0, 8];
  rows[BtfKind.Variable] = [4, 0];
  rows[BtfKind.Section] = [0, 12];
  rows[BtfKind.DeclTag] = [4, 0];
  rows[BtfKind.Enum64] = [0, 12];
  return rows;
})();

/** Where a type is: its header, unpacked. */
export interface TypeHeader {
  readonly at: number;
  /** Bytes of it, with all that follows. */
  readonly size: number;
  /** Offset of its name in the string section; 0 for none. */
  readonly name: number;
  readonly kind: number;
  /** Members, enumerators, parameters or variables. */
  readonly count: number;
  readonly flag: boolean;
}

/** Reads types out of a type section. */
export class TypeReader {
  /** Names seen so far, and by offset their place in that list plus one: far quicker than a map, for as long as reading takes. */
  private readonly names: string[] = [];
  private readonly nameIndex: Int32Array;

  constructor(
    private readonly view: DataView,
    private readonly start: number,
    private readonly end: number,
    private readonly little: boolean,
    private readonly stringAt: (offset: number) => string,
    stringBytes: number,
    /** The id of the first type. */
    private readonly firstId: number,
  ) {
    this.nameIndex = new Int32Array(stringBytes);
  }

  /** The types, in order. */
  readAll(): BtfType[] {
    const types: BtfType[] = [];
    for (const header of this.headers()) types.push(this.read(header, this.firstId + types.length));
    return types;
  }

  /** The headers of the types, in order. */
  *headers(): Generator<TypeHeader> {
    let id = this.firstId;
    for (let at = this.start; at < this.end; id++) {
      const header = this.headerAt(at, id);
      yield header;
      at += header.size;
    }
  }

  /** The header of the type at a place. */
  headerAt(at: number, id: TypeId): TypeHeader {
    const { view, little, end } = this;
    if (end - at < 12) throw error(id, `is cut short at byte ${at - this.start} of the type section`);
    const info = view.getUint32(at + 4, little);
    const kind = (info >>> 24) & 0x1f;
    const count = info & 0xffff;
    const tail = tails[kind];
    if (tail === undefined || kind === BtfKind.Void) throw error(id, `has the unknown kind ${kind}`);
    const size = 12 + tail[0] + count * tail[1];
    if (end - at < size) {
      throw error(id, `needs ${size} bytes at byte ${at - this.start}, past the end of the type section`);
    }
    return { at, size, name: view.getUint32(at, little), kind, count, flag: info >>> 31 === 1 };
  }

  /** The type with the header. */
  read({ at, kind, count, flag }: TypeHeader, id: TypeId): BtfType {
    const name = this.string(at);
    const value = this.word(at + 8);
    const tail = at + 12;
    switch (kind) {
      case BtfKind.Int:
        return this.readInt(name, value, this.word(tail), id);
      case BtfKind.Pointer:
        return { kind: "pointer", type: value };
      case BtfKind.Array:
        return {
          kind: "array",
          type: this.word(tail),
          index: this.word(tail + 4),
          length: this.word(tail + 8),
        };
      case BtfKind.Struct:
        return { kind: "struct", name, size: value, members: this.readMembers(tail, count, flag) };
      case BtfKind.Union:
        return { kind: "union", name, size: value, members: this.readMembers(tail, count, flag) };
      case BtfKind.Enum:
        return { kind: "enum", name, size: value, signed: flag, values: this.readEnum(tail, count, flag) };
      case BtfKind.Enum64:
        return {
          kind: "enum64",
          name,
          size: value,
          signed: flag,
          values: this.readEnum64(tail, count, flag),
        };
      case BtfKind.Forward:
        return { kind: "forward", name, union: flag };
      case BtfKind.Typedef:
        return { kind: "typedef", name, type: value };
      case BtfKind.Volatile:
        return { kind: "volatile", type: value };
      case BtfKind.Const:
        return { kind: "const", type: value };
      case BtfKind.Restrict:
        return { kind: "restrict", type: value };
      case BtfKind.Function:
        // A function's linkage is kept where other kinds have their number of members.
        return { kind: "function", name, type: value, linkage: linkageOf(count, id) };
      case BtfKind.FunctionProto:
        return { kind: "function-proto", returns: value, params: this.readParams(tail, count) };
      case BtfKind.Variable:
        return { kind: "variable", name, type: value, linkage: linkageOf(this.word(tail), id) };
      case BtfKind.Section:
        return { kind: "section", name, size: value, variables: this.readVariables(tail, count) };
      case BtfKind.Float:
        return { kind: "float", name, size: value };
      case BtfKind.DeclTag:
        return { kind: "decl-tag", name, type: value, component: this.view.getInt32(tail, this.little) };
      case BtfKind.TypeTag:
        return { kind: "type-tag", name, type: value };
      default:
        throw error(id, `has the unknown kind ${kind}`);
    }
  }

  private readInt(name: string, size: number, word: number, id: TypeId): BtfType {
    const bits = intEncodings[((word >>> 24) & 0x0f) as keyof typeof intEncodings] as
      | (typeof intEncodings)[keyof typeof intEncodings]
      | undefined;
    if (bits === undefined) throw error(id, `has the unknown integer encoding ${(word >>> 24) & 0x0f}`);
    return { kind: "int", name, size, bits: word & 0xff, bitOffset: (word >>> 16) & 0xff, encoding: bits };
  }

  private readMembers(at: number, count: number, flag: boolean): BtfMember[] {
    const members: BtfMember[] = new Array(count);
    for (let index = 0; index < count; index++, at += 12) {
      const place = this.word(at + 8);
      members[index] = {
        name: this.string(at),
        type: this.word(at + 4),
        bitOffset: flag ? place & 0xffffff : place,
        bitSize: flag ? place >>> 24 : 0,
      };
    }
    return members;
  }

  private readEnum(at: number, count: number, signed: boolean): BtfEnumerator[] {
    const values: BtfEnumerator[] = new Array(count);
    for (let index = 0; index < count; index++, at += 8) {
      const value = signed ? this.view.getInt32(at + 4, this.little) : this.word(at + 4);
      values[index] = { name: this.string(at), value: BigInt(value) };
    }
    return values;
  }

  private readEnum64(at: number, count: number, signed: boolean): BtfEnumerator[] {
    const values: BtfEnumerator[] = new Array(count);
    for (let index = 0; index < count; index++, at += 12) {
      // Two words, the low one first in either byte order.
      const value = (BigInt(this.word(at + 8)) << 32n) | BigInt(this.word(at + 4));
      values[index] = { name: this.string(at), value: signed ? BigInt.asIntN(64, value) : value };
    }
    return values;
  }

  private readParams(at: number, count: number): BtfParam[] {
    const params: BtfParam[] = new Array(count);
    for (let index = 0; index < count; index++, at += 8) {
      params[index] = { name: this.string(at), type: this.word(at + 4) };
    }
    return params;
  }

  private readVariables(at: number, count: number): BtfSectionVariable[] {
    const variables: BtfSectionVariable[] = new Array(count);
    for (let index = 0; index < count; index++, at += 12) {
      variables[index] = { type: this.word(at), offset: this.word(at + 4), size: this.word(at + 8) };
    }
    return variables;
  }

  private word(at: number): number {
    return this.view.getUint32(at, this.little);
  }

  private string(at: number): string {
    const offset = this.view.getUint32(at, this.little);
    const known = this.names[(this.nameIndex[offset] ?? 0) - 1];
    if (known !== undefined) return known;
    const name = this.stringAt(offset);
    this.nameIndex[offset] = this.names.push(name);
    return name;
  }
}

function linkageOf(value: number, id: TypeId): BtfLinkage {
  const linkage = linkages[value];
  if (linkage === undefined) throw error(id, `has the unknown linkage ${value}`);
  return linkage;
}

const error = (id: TypeId, problem: string): ObjectError =>
  new ObjectError("bad-btf", `BTF type ${id} ${problem}`);

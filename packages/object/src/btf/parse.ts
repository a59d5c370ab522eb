import type { ByteOrder } from "../byte-order.js";
import { ObjectError } from "../errors.js";
import { checkTypes } from "./check.js";
import { BTF_HEADER_SIZE, BTF_MAGIC, BTF_VERSION, BtfKind, intEncodings, linkages } from "./kinds.js";
import type {
  Btf,
  BtfEnumerator,
  BtfLinkage,
  BtfMember,
  BtfParam,
  BtfSectionVariable,
  BtfType,
} from "./types.js";

/** What `.BTF` holds. `stringAt` reads the string table, which `.BTF.ext` shares. */
export interface ParsedBtf {
  readonly btf: Btf;
  readonly byteOrder: ByteOrder;
  /** @throws ObjectError "bad-btf" for an offset outside the string table */
  readonly stringAt: (offset: number) => string;
  /** Bytes of the string table, where the strings of a split BTF go on. */
  readonly stringBytes: number;
}

/**
 * Reads a BTF blob of either byte order, which its magic number tells: the content of `.BTF` or of
 * /sys/kernel/btf/vmlinux (linux/btf.h, Documentation/bpf/btf.rst). The result is checked: every id exists, and no type
 * contains itself.
 *
 * @throws ObjectError "bad-btf"
 */
export function parseBtf(bytes: Uint8Array): ParsedBtf {
  return parseBtfOn(bytes, null);
}

/** `parseBtf` and `parseSplitBtf`: types and strings are counted from the end of `base`. */
export function parseBtfOn(bytes: Uint8Array, base: ParsedBtf | null): ParsedBtf {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { byteOrder, headerLength } = readPrologue(view);
  const little = byteOrder === "little";
  if (base !== null && base.byteOrder !== byteOrder) {
    throw new ObjectError("bad-btf", `BTF is ${byteOrder}-endian, but the one that it goes on from is not`);
  }
  const area = (field: number, what: string): { start: number; end: number } => {
    const start = headerLength + view.getUint32(field, little);
    const end = start + view.getUint32(field + 4, little);
    if (end > bytes.length) {
      throw new ObjectError(
        "bad-btf",
        `BTF is cut short: its ${what} should end at byte ${end}, but there are ${bytes.length} bytes`,
      );
    }
    return { start, end };
  };
  const typeArea = area(8, "type section");
  const stringArea = area(16, "string section");
  const stringAt = stringReader(bytes.subarray(stringArea.start, stringArea.end), base);
  const stringBytes = (base?.stringBytes ?? 0) + stringArea.end - stringArea.start;
  const types = new TypeReader(
    view,
    typeArea.start,
    typeArea.end,
    little,
    stringAt,
    stringBytes,
    base === null ? [{ kind: "void" }] : [...base.btf.types],
  ).readAll();
  checkTypes(types);
  return { btf: { types }, byteOrder, stringAt, stringBytes };
}

function readPrologue(view: DataView): { byteOrder: ByteOrder; headerLength: number } {
  if (view.byteLength < BTF_HEADER_SIZE) {
    throw new ObjectError("bad-btf", `BTF is cut short: ${view.byteLength} bytes cannot hold its header`);
  }
  const magic = view.getUint16(0, true);
  const little = magic === BTF_MAGIC;
  if (!little && view.getUint16(0, false) !== BTF_MAGIC) {
    throw new ObjectError("bad-btf", `not BTF: it starts with 0x${magic.toString(16)} instead of 0xeb9f`);
  }
  const version = view.getUint8(2);
  if (version !== BTF_VERSION) {
    throw new ObjectError("bad-btf", `BTF version ${version} is not known; this is version ${BTF_VERSION}`);
  }
  const headerLength = view.getUint32(4, little);
  if (headerLength < BTF_HEADER_SIZE || headerLength > view.byteLength) {
    throw new ObjectError("bad-btf", `BTF header length ${headerLength} is out of bounds`);
  }
  return { byteOrder: little ? "little" : "big", headerLength };
}

/**
 * Strings by offset. The table is decoded once as a whole, as nearly every table is ASCII, where offsets in bytes and in
 * characters agree; names are then slices, which share its memory.
 */
function stringReader(bytes: Uint8Array, base: ParsedBtf | null): (offset: number) => string {
  // Those of a split BTF are a continuation, which need not start with the empty string.
  if (bytes.length > 0 && ((base === null && bytes[0] !== 0) || bytes[bytes.length - 1] !== 0)) {
    throw new ObjectError("bad-btf", "BTF string section must start and end with a NUL");
  }
  const start = base?.stringBytes ?? 0;
  const text = new TextDecoder().decode(bytes);
  const oneToOne = text.length === bytes.length;
  return (place) => {
    if (place === 0) return "";
    if (base !== null && place < start) return base.stringAt(place);
    const offset = place - start;
    if (offset >= bytes.length || offset < 0) {
      throw new ObjectError(
        "bad-btf",
        `string offset ${place} is outside the BTF string section of ${bytes.length} bytes`,
        { offset: place },
      );
    }
    return oneToOne
      ? text.slice(offset, text.indexOf("\0", offset))
      : new TextDecoder().decode(bytes.subarray(offset, bytes.indexOf(0, offset)));
  };
}

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

class TypeReader {
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
    /** Those that the new types are counted from: void, or all of a base. */
    private readonly types: BtfType[],
  ) {
    this.nameIndex = new Int32Array(stringBytes);
  }

  readAll(): BtfType[] {
    const { view, little, end, types } = this;
    let at = this.start;
    while (at < end) {
      if (end - at < 12) throw this.error(`is cut short at byte ${at - this.start} of the type section`);
      const info = view.getUint32(at + 4, little);
      const kind = (info >>> 24) & 0x1f;
      const count = info & 0xffff;
      const tail = tails[kind];
      if (tail === undefined || kind === BtfKind.Void) throw this.error(`has the unknown kind ${kind}`);
      const size = 12 + tail[0] + count * tail[1];
      if (end - at < size) {
        throw this.error(`needs ${size} bytes at byte ${at - this.start}, past the end of the type section`);
      }
      types.push(this.readType(at, kind, count, info >>> 31 === 1));
      at += size;
    }
    return types;
  }

  private readType(at: number, kind: number, count: number, flag: boolean): BtfType {
    const name = this.string(at);
    const value = this.word(at + 8);
    const tail = at + 12;
    switch (kind) {
      case BtfKind.Int:
        return this.readInt(name, value, this.word(tail));
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
        return { kind: "function", name, type: value, linkage: this.linkage(count) };
      case BtfKind.FunctionProto:
        return { kind: "function-proto", returns: value, params: this.readParams(tail, count) };
      case BtfKind.Variable:
        return { kind: "variable", name, type: value, linkage: this.linkage(this.word(tail)) };
      case BtfKind.Section:
        return { kind: "section", name, size: value, variables: this.readVariables(tail, count) };
      case BtfKind.Float:
        return { kind: "float", name, size: value };
      case BtfKind.DeclTag:
        return { kind: "decl-tag", name, type: value, component: this.view.getInt32(tail, this.little) };
      case BtfKind.TypeTag:
        return { kind: "type-tag", name, type: value };
      default:
        throw this.error(`has the unknown kind ${kind}`);
    }
  }

  private readInt(name: string, size: number, word: number): BtfType {
    const bits = intEncodings[((word >>> 24) & 0x0f) as keyof typeof intEncodings] as
      | (typeof intEncodings)[keyof typeof intEncodings]
      | undefined;
    if (bits === undefined) throw this.error(`has the unknown integer encoding ${(word >>> 24) & 0x0f}`);
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

  private linkage(value: number): BtfLinkage {
    const linkage = linkages[value];
    if (linkage === undefined) throw this.error(`has the unknown linkage ${value}`);
    return linkage;
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

  private error(problem: string): ObjectError {
    return new ObjectError("bad-btf", `BTF type ${this.types.length} ${problem}`);
  }
}

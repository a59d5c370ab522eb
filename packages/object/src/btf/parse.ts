import type { ByteOrder } from "../byte-order.js";
import { ObjectError } from "../errors.js";
import { checkTypes } from "./check.js";
import { BTF_HEADER_SIZE, BTF_MAGIC, BTF_VERSION } from "./kinds.js";
import { essentialName } from "./names.js";
import { TypeReader } from "./read-types.js";
import type { Btf } from "./types.js";

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
  const { reader, byteOrder, stringAt, stringBytes } = openSections(bytes, base);
  const types = [...(base?.btf.types ?? [{ kind: "void" } as const]), ...reader.readAll()];
  checkTypes(types);
  return { btf: { types }, byteOrder, stringAt, stringBytes };
}

/** The sections of a BTF blob, found and ready to be read. */
export function openSections(
  bytes: Uint8Array,
  base: ParsedBtf | null,
): Omit<ParsedBtf, "btf"> & {
  readonly reader: TypeReader;
  /** Offsets of the strings that are a name, of whatever flavour. */
  readonly offsetsOf: (name: string) => readonly number[];
} {
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
  const firstId = base?.btf.types.length ?? 1;
  const reader = new TypeReader(view, typeArea.start, typeArea.end, little, stringAt, stringBytes, firstId);
  let text: string | null = null;
  const offsetsOf = (name: string) => {
    // One character a byte, whatever they are.
    text ??= new TextDecoder("latin1").decode(bytes.subarray(stringArea.start, stringArea.end));
    return findNames(text, name);
  };
  return { reader, byteOrder, stringAt, stringBytes, offsetsOf };
}

function findNames(text: string, name: string): readonly number[] {
  const found: number[] = [];
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    // A string may be the end of a longer one.
    if (essentialName(text.slice(at, text.indexOf("\0", at))) === name) found.push(at);
  }
  return found;
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

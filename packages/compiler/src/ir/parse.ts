/** Reads the text form that `print.ts` writes and `docs/ir.md` specifies. Used by tests and by replays of bug reports. */
import { branchTo, unarySignatures } from "./operations.js";
import { parseType, parseTypeLines, readTags, type TypeTable } from "./parse-type.js";
import { defaultLoadType } from "./print.js";
import { TextReader } from "./text-reader.js";
import type {
  AtomicOp,
  BinaryOp,
  Block,
  BlockId,
  CompareOp,
  DataDefinition,
  ExternDefinition,
  Instruction,
  IrFunction,
  IrType,
  LoopDriver,
  LoopHint,
  MapDefinition,
  Module,
  Operation,
  Region,
  Slot,
  SlotId,
  SourceLocation,
  Target,
  Terminator,
  UnaryOp,
  ValueId,
} from "./types.js";

const irTypes = ["i32", "i64", "ptr"] as const satisfies readonly IrType[];
const integerTypes = ["i32", "i64"] as const;
const regions: readonly Region[] = ["stack", "context", "packet", "map", "readonly", "kernel", "unknown"];
const widths = [1, 2, 4, 8] as const;
const loopForms: readonly LoopHint["form"][] = ["unroll", "bounded", "callback", "iterator"];
const atomicOps: readonly AtomicOp[] = ["add", "and", "or", "xor", "exchange"];

const binaryOps: ReadonlySet<string> = new Set<BinaryOp>([
  ...(["add", "sub", "mul", "udiv", "sdiv", "umod", "smod"] as const),
  ...(["and", "or", "xor", "shl", "lshr", "ashr"] as const),
]);
const compareOps: ReadonlySet<string> = new Set<CompareOp>([
  ...(["eq", "ne", "ult", "ule", "ugt", "uge", "slt", "sle", "sgt", "sge"] as const),
]);
const isBinaryOp = (word: string): word is BinaryOp => binaryOps.has(word);
const isCompareOp = (word: string): word is CompareOp => compareOps.has(word);
const isUnaryOp = (word: string): word is UnaryOp => Object.hasOwn(unarySignatures, word);

/**
 * Reads one function, with the `type` lines before it.
 * @throws IrSyntaxError when the text is not of the form
 */
export function parseFunction(text: string): IrFunction {
  const reader = new TextReader(text);
  const types: TypeTable = new Map();
  parseTypeLines(reader, types);
  const f = readFunction(reader, types);
  if (reader.peek() !== "") reader.fail("expected the end");
  return f;
}

/**
 * Reads a module. Its parts may come in any order after the head, but types come before what uses them.
 * @throws IrSyntaxError when the text is not of the form
 */
export function parseModule(text: string): Module {
  const reader = new TextReader(text);
  reader.expect("module");
  const name = reader.name("the module's name");
  reader.expect("license");
  const license = reader.string("a license");
  const sources: { path: string; text: string }[] = [];
  const maps: MapDefinition[] = [];
  const data: DataDefinition[] = [];
  const functions: IrFunction[] = [];
  const externs: ExternDefinition[] = [];
  const types: TypeTable = new Map();
  while (reader.peek() !== "") {
    if (reader.peek() === "type") parseTypeLines(reader, types);
    else if (reader.peek() === "function") functions.push(readFunction(reader, types));
    else if (reader.accept("source")) {
      sources.push({ path: reader.string("a path"), text: reader.string("the source text") });
    } else if (reader.accept("map")) maps.push(readMap(reader, types));
    else if (reader.accept("data")) data.push(readData(reader, types));
    else if (reader.accept("extern")) {
      externs.push({
        name: reader.name("a kernel function"),
        prototype: readParameters(reader, types),
      });
    } else reader.fail("expected source, type, extern, map, data or function");
  }
  return { name, license, sources, functions, maps, data, externs };
}

function readMap(reader: TextReader, types: TypeTable): MapDefinition {
  const name = reader.name("a map's name");
  const type = reader.string("a map type");
  reader.expect("entries");
  const maxEntries = reader.number("a number of entries");
  const flags = reader.accept("flags") ? reader.number("flags") : 0;
  const pinned = reader.accept("pinned");
  const tags = readTags(reader);
  const key = reader.accept("key") ? parseType(reader, types) : null;
  const value = reader.accept("value") ? parseType(reader, types) : null;
  const record = reader.accept("record") ? parseType(reader, types) : null;
  const location = readLocation(reader);
  return { name, type, key, value, maxEntries, flags, pinned, record, location, ...tags };
}

function readData(reader: TextReader, types: TypeTable): DataDefinition {
  const name = reader.name("a variable's name");
  reader.expect("section");
  const section = reader.string("a section");
  const mutable = reader.accept("mutable");
  const isPrivate = reader.accept("private");
  reader.expect(":");
  const tags = readTags(reader);
  const type = parseType(reader, types);
  reader.expect("=");
  const hex = reader.take(/^0x(?:[0-9a-fA-F]{2})*$/, "bytes in hexadecimal").slice(2);
  const initial = Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
  return { name, section, type, initial, mutable, ...(isPrivate && { isPrivate }), ...tags };
}

function readFunction(reader: TextReader, types: TypeTable): IrFunction {
  reader.expect("function");
  const name = reader.name("a function's name");
  const section = reader.accept("section") ? reader.string("a section") : null;
  const linkage = reader.accept("global") ? "global" : "static";
  const inline = reader.accept("inline")
    ? reader.oneOf(["always", "never", "auto"], "when to inline")
    : "auto";
  const tags = readTags(reader);
  const returns = reader.accept("->") ? reader.oneOf(irTypes, "a type") : null;
  const location = readLocation(reader);
  reader.expect("{");
  const prototype = readPrototype(reader, types);
  const slots: Slot[] = [];
  while (reader.accept("slot")) slots.push(readSlot(reader));
  const blocks: Block[] = [];
  const loops: LoopHint[] = [];
  while (reader.accept("loop")) loops.push(readLoop(reader));
  while (!reader.accept("}")) blocks.push(readBlock(reader, types));
  return { name, section, linkage, inline, returns, prototype, location, loops, slots, blocks, ...tags };
}

function readPrototype(reader: TextReader, types: TypeTable): IrFunction["prototype"] {
  return reader.accept("prototype") ? readParameters(reader, types) : { params: [], returns: null };
}

function readParameters(reader: TextReader, types: TypeTable): IrFunction["prototype"] {
  const params = reader.list("(", ")", () => {
    const name = reader.name("a parameter's name");
    reader.expect(":");
    const tags = readTags(reader);
    return { name, type: parseType(reader, types), ...tags };
  });
  return { params, returns: reader.accept("->") ? parseType(reader, types) : null };
}

function readSlot(reader: TextReader): Slot {
  const id = slotId(reader);
  const name = reader.string("a slot's name");
  reader.expect("size");
  const size = reader.number("a size");
  reader.expect("align");
  return { id, name, size, align: reader.oneOf(widths, "an alignment") };
}

function readLoop(reader: TextReader): LoopHint {
  const header = blockId(reader);
  const form = reader.oneOf(loopForms, "a form");
  const turns = reader.accept("turns") ? reader.integer("a number of turns") : null;
  const driver = readDriver(reader);
  return { header, form, turns, driver, location: readLocation(reader) };
}

function readDriver(reader: TextReader): LoopDriver | null {
  if (reader.accept("map")) return { kind: "map", map: reader.name("a map") };
  if (!reader.accept("index")) return null;
  const index = valueId(reader);
  reader.expect("count");
  return { kind: "loop", index, count: valueId(reader) };
}

function readBlock(reader: TextReader, types: TypeTable): Block {
  const id = blockId(reader);
  const params =
    reader.peek() === "("
      ? reader.list("(", ")", () => {
          const param = valueId(reader);
          reader.expect(":");
          return { id: param, type: reader.oneOf(irTypes, "a type") };
        })
      : [];
  reader.expect(":");
  const instructions: Instruction[] = [];
  for (;;) {
    const terminator = readTerminator(reader);
    if (terminator !== null) return { id, params, instructions, terminator };
    instructions.push(readInstruction(reader, types));
  }
}

function readTerminator(reader: TextReader): Terminator | null {
  if (reader.accept("jump")) {
    const target = readTarget(reader);
    return { op: "jump", target, location: readLocation(reader) };
  }
  if (reader.accept("branch")) {
    const condition = valueId(reader);
    reader.expect(",");
    const then = readTarget(reader);
    reader.expect(",");
    const otherwise = readTarget(reader);
    return branchTo(condition, then, otherwise, readLocation(reader));
  }
  if (reader.accept("return")) {
    const value = /^v\d+$/.test(reader.peek()) ? valueId(reader) : null;
    return { op: "return", value, location: readLocation(reader) };
  }
  if (reader.accept("unreachable")) return { op: "unreachable", location: readLocation(reader) };
  return null;
}

function readTarget(reader: TextReader): Target {
  const block = blockId(reader);
  return { block, args: reader.peek() === "(" ? readValues(reader) : [] };
}

function readInstruction(reader: TextReader, types: TypeTable): Instruction {
  const result = /^v\d+$/.test(reader.peek()) ? valueId(reader) : null;
  if (result !== null) reader.expect("=");
  const operation = readOperation(reader, types);
  return { ...operation, result, location: readLocation(reader) };
}

function readOperation(reader: TextReader, types: TypeTable): Operation {
  const [op = "", ...suffixes] = reader.take(/^[a-z]/, "an operation").split(".");
  /** The suffix at a place, which must be one of the words. */
  const suffix = <Word extends string>(index: number, words: readonly Word[]): Word =>
    words.find((word) => word === suffixes[index]) ??
    reader.fail(`${op} needs one of .${words.join(", .")} before this`);
  const place = () => {
    const pointer = valueId(reader);
    return { pointer, displacement: Number(reader.take(/^[+-]\d+$/, "a displacement")) };
  };
  const region = () => reader.oneOf(regions, "a region");
  const comma = () => reader.expect(",");
  const sized = (word: string) => {
    reader.expect(word);
    return reader.number(`the ${word}`);
  };
  const value = () => valueId(reader);

  if (isBinaryOp(op)) {
    const left = value();
    comma();
    return { op: "binary", operator: op, type: suffix(0, integerTypes), left, right: value() };
  }
  if (isCompareOp(op)) {
    const left = value();
    comma();
    return { op: "compare", operator: op, left, right: value() };
  }
  if (isUnaryOp(op)) {
    const { to } = unarySignatures[op];
    return {
      op: "unary",
      operator: op,
      type: to === "same" ? suffix(0, integerTypes) : to,
      operand: value(),
    };
  }
  switch (op) {
    case "const": {
      const type = suffix(0, irTypes);
      const number = reader.integer("a constant");
      return { op, type, value: BigInt.asUintN(type === "i32" ? 32 : 64, number) };
    }
    case "offset": {
      const pointer = value();
      comma();
      return { op, pointer, bytes: value() };
    }
    case "load": {
      const memory = suffix(0, ["u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64"]);
      const width = widthOf(memory, reader);
      const type = suffixes.length > 1 ? suffix(1, irTypes) : defaultLoadType(width);
      return { op, type, width, signed: memory.startsWith("i"), ...place(), region: region() };
    }
    case "store": {
      const width = widthOf(suffix(0, ["u8", "u16", "u32", "u64"]), reader);
      const at = place();
      comma();
      return { op, width, ...at, value: value(), region: region() };
    }
    case "atomic": {
      const operator = suffix(0, atomicOps);
      const type = suffix(1, integerTypes);
      const at = place();
      comma();
      return { op, operator, type, ...at, value: value() };
    }
    case "compare-exchange": {
      const type = suffix(0, integerTypes);
      const at = place();
      comma();
      const expected = value();
      comma();
      return { op, type, ...at, expected, value: value() };
    }
    case "zero":
      return { op, ...place(), size: sized("size"), align: sized("align"), region: region() };
    case "copy": {
      const target = value();
      const targetRegion = region();
      comma();
      const source = value();
      const sourceRegion = region();
      return { op, target, source, targetRegion, sourceRegion, size: sized("size"), align: sized("align") };
    }
    case "slot":
      return { op, slot: slotId(reader) };
    case "map":
      return { op, map: reader.name("a map") };
    case "global":
      return { op, data: reader.name("a variable") };
    case "function":
      return { op, function: reader.name("a function") };
    case "relocated": {
      const type = suffix(0, integerTypes);
      const kind = reader.number("a kind of relocation");
      const root = parseType(reader, types);
      const access = reader.string("an access");
      reader.expect("=");
      return { op, type, relocation: { kind, root, access, fallback: reader.integer("a number") } };
    }
    case "element":
      return { op, part: suffix(0, ["more", "key", "value"]), map: reader.name("a map") };
    case "kfunc": {
      const name = reader.name("a kernel function");
      const type = suffixes.length > 0 ? suffix(0, irTypes) : null;
      return { op, name, type, args: readValues(reader) };
    }
    case "helper": {
      const helper = reader.name("a helper");
      const type = suffixes.length > 0 ? suffix(0, irTypes) : null;
      return { op, helper, type, args: readValues(reader) };
    }
    case "call": {
      const callee = reader.name("a function");
      const type = suffixes.length > 0 ? suffix(0, irTypes) : null;
      return { op, callee, type, args: readValues(reader) };
    }
    default:
      return reader.fail(`"${op}" is not an operation, before this`);
  }
}

function widthOf(memory: string, reader: TextReader): 1 | 2 | 4 | 8 {
  const bytes = Number(memory.slice(1)) / 8;
  return widths.find((width) => width === bytes) ?? reader.fail("expected a width");
}

function readValues(reader: TextReader): ValueId[] {
  return reader.list("(", ")", () => valueId(reader));
}

function readLocation(reader: TextReader): SourceLocation | null {
  if (!/^@\d+:/.test(reader.peek())) return null;
  const [file = 0, line = 0, column = 0] = reader.take(/^@/, "a location").slice(1).split(":").map(Number);
  return { file, line, column };
}

function valueId(reader: TextReader): ValueId {
  return Number(reader.take(/^v\d+$/, "a value").slice(1)) as ValueId;
}

function blockId(reader: TextReader): BlockId {
  return Number(reader.take(/^b\d+$/, "a block").slice(1)) as BlockId;
}

function slotId(reader: TextReader): SlotId {
  return Number(reader.take(/^s\d+$/, "a slot").slice(1)) as SlotId;
}

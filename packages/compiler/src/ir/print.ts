/** Writes modules and functions as text; `parse.ts` reads it back and `docs/ir.md` specifies it. */
import type { HasTags } from "../types/data-type.js";
import { unarySignatures } from "./operations.js";
import { noLabels, printName, printTags, printType, printTypeLines, type TypeLabels } from "./print-type.js";
import type {
  Block,
  DataDefinition,
  Instruction,
  IrFunction,
  IrType,
  LoopHint,
  MapDefinition,
  Module,
  SourceLocation,
  Target,
  Terminator,
  ValueId,
} from "./types.js";

/** What to leave out of the text. */
export interface PrintOptions {
  /** false leaves out the source locations, which makes tests readable. */
  readonly locations?: boolean;
}

/** A function as text, preceded by the types that its prototype names. */
export function printFunction(f: IrFunction, options: PrintOptions = {}): string {
  const labels = noLabels();
  const lines = functionLines(f, labels, options);
  return `${[...printTypeLines(labels), ...lines].join("\n")}\n`;
}

/** A module as text: head, sources, types, maps, data, functions. */
export function printModule(module: Module, options: PrintOptions = {}): string {
  const labels = noLabels();
  const at = (location: SourceLocation | null) => printLocation(location, options);
  const externs = module.externs.map(
    ({ name, prototype }) => `extern ${printName(name)} ${printPrototype(prototype, labels)}`,
  );
  const maps = module.maps.map((map) => printMap(map, labels) + at(map.location));
  const data = module.data.map((one) => printData(one, labels));
  const functions = module.functions.map((f) => functionLines(f, labels, options).join("\n"));
  const head = [
    `module ${printName(module.name)} license ${JSON.stringify(module.license)}`,
    ...module.sources.map(({ path, text }) => `source ${JSON.stringify(path)} ${JSON.stringify(text)}`),
  ];
  const groups = [head, printTypeLines(labels), externs, maps, data].filter((group) => group.length > 0);
  return `${[...groups.map((group) => group.join("\n")), ...functions].join("\n\n")}\n`;
}

/** One instruction as text, without indentation. */
export function printInstruction(instruction: Instruction, options: PrintOptions = {}): string {
  return instructionText(instruction, noLabels(), options);
}

function functionLines(f: IrFunction, labels: TypeLabels, options: PrintOptions): string[] {
  const words = [`function ${printName(f.name)}`];
  if (f.section !== null) words.push(`section ${JSON.stringify(f.section)}`);
  if (f.linkage === "global") words.push("global");
  if (f.inline !== "auto") words.push(`inline ${f.inline}`);
  words.push(...tagWords(f));
  if (f.returns !== null) words.push(`-> ${f.returns}`);
  const lines = [`${words.join(" ")}${printLocation(f.location, options)} {`];
  const { params, returns } = f.prototype;
  if (params.length > 0 || returns !== null) lines.push(`prototype ${printPrototype(f.prototype, labels)}`);
  for (const slot of f.slots) {
    lines.push(`slot s${slot.id} ${JSON.stringify(slot.name)} size ${slot.size} align ${slot.align}`);
  }
  for (const hint of f.loops) lines.push(printLoop(hint) + printLocation(hint.location, options));
  // Not as arguments of push: a block may have more lines than the stack holds.
  return [...lines, ...f.blocks.flatMap((block) => blockLines(block, labels, options)), "}"];
}

const tagWords = (tagged: HasTags): string[] => (tagged.tags === undefined ? [] : [printTags(tagged).trim()]);

function printPrototype({ params, returns }: IrFunction["prototype"], labels: TypeLabels): string {
  const list = params
    .map((param) => `${printName(param.name)}: ${printTags(param)}${printType(param.type, labels)}`)
    .join(", ");
  return `(${list})${returns === null ? "" : ` -> ${printType(returns, labels)}`}`;
}

function printLoop({ header, form, turns, driver }: LoopHint): string {
  const words = [`loop b${header} ${form}`];
  if (turns !== null) words.push(`turns ${turns}`);
  if (driver?.kind === "loop") words.push(`index v${driver.index} count v${driver.count}`);
  if (driver?.kind === "map") words.push(`map ${printName(driver.map)}`);
  return words.join(" ");
}

function blockLines(block: Block, labels: TypeLabels, options: PrintOptions): string[] {
  const params = block.params.map(({ id, type }) => `v${id}: ${type}`).join(", ");
  return [
    `b${block.id}${params === "" ? "" : `(${params})`}:`,
    ...block.instructions.map((instruction) => `  ${instructionText(instruction, labels, options)}`),
    `  ${printTerminator(block.terminator)}${printLocation(block.terminator.location, options)}`,
  ];
}

function instructionText(instruction: Instruction, labels: TypeLabels, options: PrintOptions): string {
  const result = instruction.result === null ? "" : `v${instruction.result} = `;
  return result + printOperation(instruction, labels) + printLocation(instruction.location, options);
}

function printOperation(instruction: Instruction, labels: TypeLabels): string {
  switch (instruction.op) {
    case "const":
      return `const.${instruction.type} ${printConstant(instruction.type, instruction.value)}`;
    case "binary":
      return `${instruction.operator}.${instruction.type} v${instruction.left}, v${instruction.right}`;
    case "compare":
      return `${instruction.operator} v${instruction.left}, v${instruction.right}`;
    case "unary": {
      const same = unarySignatures[instruction.operator].to === "same";
      return `${instruction.operator}${same ? `.${instruction.type}` : ""} v${instruction.operand}`;
    }
    case "offset":
      return `offset v${instruction.pointer}, v${instruction.bytes}`;
    case "load": {
      const { width, signed, type, pointer, displacement, region } = instruction;
      const suffix = type === defaultLoadType(width) ? "" : `.${type}`;
      const memory = `${signed ? "i" : "u"}${width * 8}`;
      return `load.${memory}${suffix} ${printPlace(pointer, displacement)} ${region}`;
    }
    case "store": {
      const { width, pointer, displacement, value, region } = instruction;
      return `store.u${width * 8} ${printPlace(pointer, displacement)}, v${value} ${region}`;
    }
    case "atomic": {
      const { operator, type, pointer, displacement, value } = instruction;
      return `atomic.${operator}.${type} ${printPlace(pointer, displacement)}, v${value}`;
    }
    case "compare-exchange": {
      const { type, pointer, displacement, expected, value } = instruction;
      return `compare-exchange.${type} ${printPlace(pointer, displacement)}, v${expected}, v${value}`;
    }
    case "zero": {
      const { pointer, displacement, size, align, region } = instruction;
      return `zero ${printPlace(pointer, displacement)} size ${size} align ${align} ${region}`;
    }
    case "copy": {
      const { target, source, size, align, targetRegion, sourceRegion } = instruction;
      return `copy v${target} ${targetRegion}, v${source} ${sourceRegion} size ${size} align ${align}`;
    }
    case "slot":
      return `slot s${instruction.slot}`;
    case "map":
      return `map ${printName(instruction.map)}`;
    case "global":
      return `global ${printName(instruction.data)}`;
    case "function":
      return `function ${printName(instruction.function)}`;
    case "relocated": {
      const { kind, root, access, fallback } = instruction.relocation;
      return `relocated.${instruction.type} ${kind} ${printType(root, labels)} ${JSON.stringify(access)} = ${fallback}`;
    }
    case "element":
      return `element.${instruction.part} ${printName(instruction.map)}`;
    case "kfunc":
      return `kfunc${printSuffix(instruction.type)} ${printName(instruction.name)}(${printValues(instruction.args)})`;
    case "helper":
      return `helper${printSuffix(instruction.type)} ${printName(instruction.helper)}(${printValues(instruction.args)})`;
    case "call":
      return `call${printSuffix(instruction.type)} ${printName(instruction.callee)}(${printValues(instruction.args)})`;
  }
}

function printTerminator(terminator: Terminator): string {
  switch (terminator.op) {
    case "jump":
      return `jump ${printTarget(terminator.target)}`;
    case "branch":
      return `branch v${terminator.condition}, ${printTarget(terminator.then)}, ${printTarget(terminator.else)}`;
    case "return":
      return terminator.value === null ? "return" : `return v${terminator.value}`;
    case "unreachable":
      return "unreachable";
  }
}

function printTarget({ block, args }: Target): string {
  return args.length === 0 ? `b${block}` : `b${block}(${printValues(args)})`;
}

function printValues(values: readonly ValueId[]): string {
  return values.map((value) => `v${value}`).join(", ");
}

function printPlace(pointer: ValueId, displacement: number): string {
  return `v${pointer}${displacement < 0 ? displacement : `+${displacement}`}`;
}

function printSuffix(type: IrType | null): string {
  return type === null ? "" : `.${type}`;
}

/** Signed, because -1 says more than 18446744073709551615. */
function printConstant(type: IrType, value: bigint): string {
  return BigInt.asIntN(type === "i32" ? 32 : 64, value).toString();
}

/** The type that a load of this width has when the text does not name one. */
export function defaultLoadType(width: number): IrType {
  return width === 8 ? "i64" : "i32";
}

function printLocation(location: SourceLocation | null, options: PrintOptions): string {
  if (location === null || options.locations === false) return "";
  return ` @${location.file}:${location.line}:${location.column}`;
}

function printMap(map: MapDefinition, labels: TypeLabels): string {
  const words = [`map ${printName(map.name)} ${JSON.stringify(map.type)} entries ${map.maxEntries}`];
  if (map.flags !== 0) words.push(`flags ${map.flags}`);
  if (map.pinned) words.push("pinned");
  words.push(...tagWords(map));
  if (map.key !== null) words.push(`key ${printType(map.key, labels)}`);
  if (map.value !== null) words.push(`value ${printType(map.value, labels)}`);
  if (map.record !== null) words.push(`record ${printType(map.record, labels)}`);
  return words.join(" ");
}

function printData(data: DataDefinition, labels: TypeLabels): string {
  const words = [`data ${printName(data.name)} section ${JSON.stringify(data.section)}`];
  if (data.mutable) words.push("mutable");
  if (data.isPrivate === true) words.push("private");
  const type = printTags(data) + printType(data.type, labels);
  return `${words.join(" ")}: ${type} = ${printBytes(data.initial)}`;
}

function printBytes(bytes: Uint8Array): string {
  return `0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

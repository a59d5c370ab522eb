/**
 * Which bits of a value can be 1, as far as its definitions say. A block parameter can be what any predecessor gives it.
 * Pointers and the function's parameters may be anything.
 */
import { isFollowed } from "../ir/followed-values.js";
import { bitsOf, targetsOf } from "../ir/operations.js";
import type { Instruction, IrFunction, IrType, UnaryOp, ValueId } from "../ir/types.js";

/** How many definitions to look through: enough for what the frontend emits, and never slow. */
const depthLimit = 6;

/** What the analysis asks of the function. */
export interface Definitions {
  definitionOf(value: ValueId): Instruction | undefined;
  typeOf(value: ValueId): IrType;
  constantOf(value: ValueId): bigint | null;
  /** What a block parameter is given, by all who jump there; undefined for other values. */
  incomingOf(value: ValueId): readonly ValueId[] | undefined;
}

/** What every parameter of the blocks behind the entry is given. */
export function incomingArguments(f: IrFunction): Map<ValueId, ValueId[]> {
  const params = new Map(f.blocks.map((block) => [block.id, block.params]));
  const incoming = new Map<ValueId, ValueId[]>();
  for (const { terminator } of f.blocks) {
    for (const { block, args } of targetsOf(terminator)) {
      params.get(block)?.forEach(({ id }, index) => {
        const arg = args[index];
        const known = incoming.get(id) ?? [];
        if (arg !== undefined) known.push(arg);
        incoming.set(id, known);
      });
    }
  }
  return incoming;
}

/** Joins of more ways than this are not looked through. */
const joinLimit = 4;

/**
 * Whose knowledge is asked for. Verifiers know no bits of the results of some operators (`isFollowed`). A comparison or mask that tells the
 * verifier the bounds of such a value must stay.
 */
export type Knower = "compiler" | "verifier";

/** A mask of the bits that may be 1: never 0 for a bit that can be set. */
export function possibleBits(
  value: ValueId,
  from: Definitions,
  knower: Knower = "compiler",
  depth = depthLimit,
): bigint {
  const bits = bitsOf(from.typeOf(value));
  const all = (1n << BigInt(bits)) - 1n;
  const constant = from.constantOf(value);
  const isConstant = (operand: ValueId) => from.constantOf(operand) !== null;
  if (constant !== null) return constant;
  const definition = from.definitionOf(value);
  if (depth === 0) return all;
  if (definition === undefined) return paramBits(value, from, knower, depth, all);
  const isOperator = definition.op === "unary" || definition.op === "binary";
  if (knower === "verifier" && isOperator && !isFollowed(definition, isConstant)) return all;
  const of = (operand: ValueId) => possibleBits(operand, from, knower, depth - 1);
  switch (definition.op) {
    case "compare":
      return 1n;
    case "load":
      return definition.signed || definition.type === "ptr" ? all : (1n << BigInt(definition.width * 8)) - 1n;
    case "unary":
      return unaryBits(definition.operator, of(definition.operand), all);
    case "binary":
      return BigInt.asUintN(bits, binaryBits(definition, of, from, all));
    default:
      return all;
  }
}

/** A parameter that goes round a loop runs into the limit of depth and may be anything. */
function paramBits(value: ValueId, from: Definitions, knower: Knower, depth: number, all: bigint): bigint {
  const given = new Set(from.incomingOf(value));
  given.delete(value);
  if (given.size === 0 || given.size > joinLimit) return all;
  let bits = 0n;
  for (const arg of given) {
    bits |= possibleBits(arg, from, knower, Math.max(0, depth - 2));
    if (bits === all) break;
  }
  return bits;
}

function unaryBits(operator: UnaryOp, operand: bigint, all: bigint): bigint {
  switch (operator) {
    case "zext8":
      return operand & 0xffn;
    case "zext16":
      return operand & 0xffffn;
    case "sext8":
      return operand < 0x80n ? operand : (operand & 0x80n) === 0n ? operand & 0xffn : all;
    case "sext16":
      return operand < 0x8000n ? operand : (operand & 0x8000n) === 0n ? operand & 0xffffn : all;
    case "zext32":
      return operand;
    case "sext32":
      return operand < 0x8000_0000n ? operand : all;
    case "trunc32":
      return operand & all;
    case "be16":
      return 0xffffn;
    default:
      return all;
  }
}

function binaryBits(
  operation: Extract<Instruction, { op: "binary" }>,
  of: (value: ValueId) => bigint,
  from: Definitions,
  all: bigint,
): bigint {
  const { operator, left, right, type } = operation;
  const amount = from.constantOf(right);
  const shift = amount === null ? null : amount % BigInt(bitsOf(type));
  switch (operator) {
    case "and":
      return of(left) & of(right);
    case "or":
    case "xor":
      return of(left) | of(right);
    case "shl":
      return shift === null ? all : of(left) << shift;
    case "lshr":
      return shift === null ? smear(of(left)) : of(left) >> shift;
    case "add": {
      const sum = smear(of(left)) + smear(of(right));
      return sum > all ? all : smear(sum);
    }
    // Division among them: the verifier does not follow one, so a mask or a comparison behind it must stay.
    default:
      return all;
  }
}

/** Every bit up to the highest one that is set. */
function smear(bits: bigint): bigint {
  return bits === 0n ? 0n : (1n << BigInt(bits.toString(2).length)) - 1n;
}

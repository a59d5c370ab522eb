/** Which bits of a value can be 1, as far as its definitions say. Pointers and parameters may be anything. */
import { bitsOf } from "../ir/operations.js";
import type { Instruction, IrType, ValueId } from "../ir/types.js";

/** How many definitions to look through: enough for what the frontend emits, and never slow. */
const depthLimit = 6;

/** What the analysis asks of the function. */
export interface Definitions {
  definitionOf(value: ValueId): Instruction | undefined;
  typeOf(value: ValueId): IrType;
  constantOf(value: ValueId): bigint | null;
}

/** A mask of the bits that may be 1: never 0 for a bit that can be set. */
export function possibleBits(value: ValueId, from: Definitions, depth = depthLimit): bigint {
  const bits = bitsOf(from.typeOf(value));
  const all = (1n << BigInt(bits)) - 1n;
  const constant = from.constantOf(value);
  if (constant !== null) return constant;
  const definition = from.definitionOf(value);
  if (definition === undefined || depth === 0) return all;
  const of = (operand: ValueId) => possibleBits(operand, from, depth - 1);
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

function unaryBits(operator: string, operand: bigint, all: bigint): bigint {
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
    case "udiv":
    case "umod":
      // Neither is larger than the dividend; the modulo of a constant is smaller than the constant too.
      return operator === "umod" && amount !== null && amount > 0n
        ? smear(of(left)) & smear(amount - 1n)
        : smear(of(left));
    case "add": {
      const sum = smear(of(left)) + smear(of(right));
      return sum > all ? all : smear(sum);
    }
    default:
      return all;
  }
}

/** Every bit up to the highest one that is set. */
function smear(bits: bigint): bigint {
  return bits === 0n ? 0n : (1n << BigInt(bits.toString(2).length)) - 1n;
}

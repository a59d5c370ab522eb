/**
 * What every pass needs to know of an operation without a switch of its own: its operands, its result type, and whether
 * it reads, writes or does something that must not be lost.
 */
import type {
  Instruction,
  IrType,
  Operation,
  SourceLocation,
  Target,
  Terminator,
  UnaryOp,
  ValueId,
} from "./types.js";

/** Result and operand type of each unary operation; "same" stands for the operation's own `type`, i32 or i64. */
export const unarySignatures: Readonly<
  Record<UnaryOp, { readonly from: IrType | "same"; readonly to: IrType | "same" }>
> = {
  neg: { from: "same", to: "same" },
  zext8: { from: "same", to: "same" },
  zext16: { from: "same", to: "same" },
  sext8: { from: "same", to: "same" },
  sext16: { from: "same", to: "same" },
  zext32: { from: "i32", to: "i64" },
  sext32: { from: "i32", to: "i64" },
  trunc32: { from: "i64", to: "i32" },
  ptrtoint: { from: "ptr", to: "i64" },
  be16: { from: "i32", to: "i32" },
  be32: { from: "i32", to: "i32" },
  be64: { from: "i64", to: "i64" },
  opaque: { from: "i64", to: "i64" },
};

/** The type of an operation's result; null when it has none. */
export function resultType(operation: Operation): IrType | null {
  switch (operation.op) {
    case "const":
    case "binary":
    case "unary":
    case "load":
    case "atomic":
    case "compare-exchange":
    case "relocated":
    case "helper":
    case "kfunc":
    case "call":
      return operation.type;
    case "element":
      return operation.part === "more" ? "i32" : "ptr";
    case "compare":
      return "i32";
    case "offset":
    case "slot":
    case "map":
    case "global":
    case "function":
      return "ptr";
    case "store":
    case "zero":
    case "copy":
      return null;
  }
}

/** The values that an operation reads, in the order in which the text form shows them. */
export function operandsOf(operation: Operation): readonly ValueId[] {
  switch (operation.op) {
    case "const":
    case "slot":
    case "map":
    case "global":
    case "function":
    case "relocated":
    case "element":
      return [];
    case "binary":
    case "compare":
      return [operation.left, operation.right];
    case "unary":
      return [operation.operand];
    case "offset":
      return [operation.pointer, operation.bytes];
    case "load":
    case "zero":
      return [operation.pointer];
    case "store":
    case "atomic":
      return [operation.pointer, operation.value];
    case "compare-exchange":
      return [operation.pointer, operation.expected, operation.value];
    case "copy":
      return [operation.target, operation.source];
    case "helper":
    case "kfunc":
    case "call":
      return operation.args;
  }
}

/** The same instruction with each operand replaced by `rename(operand)`; itself when nothing changes. */
export function mapOperands(instruction: Instruction, rename: (value: ValueId) => ValueId): Instruction {
  if (!operandsOf(instruction).some((value) => rename(value) !== value)) return instruction;
  switch (instruction.op) {
    case "const":
    case "slot":
    case "map":
    case "global":
    case "function":
    case "relocated":
    case "element":
      return instruction;
    case "binary":
    case "compare":
      return { ...instruction, left: rename(instruction.left), right: rename(instruction.right) };
    case "unary":
      return { ...instruction, operand: rename(instruction.operand) };
    case "offset":
      return { ...instruction, pointer: rename(instruction.pointer), bytes: rename(instruction.bytes) };
    case "load":
    case "zero":
      return { ...instruction, pointer: rename(instruction.pointer) };
    case "store":
    case "atomic":
      return { ...instruction, pointer: rename(instruction.pointer), value: rename(instruction.value) };
    case "compare-exchange": {
      const { pointer, expected, value } = instruction;
      return {
        ...instruction,
        pointer: rename(pointer),
        expected: rename(expected),
        value: rename(value),
      };
    }
    case "copy":
      return { ...instruction, target: rename(instruction.target), source: rename(instruction.source) };
    case "helper":
    case "kfunc":
    case "call":
      return { ...instruction, args: instruction.args.map(rename) };
  }
}

/** Whether the operation computes its result from its operands alone: no memory, no side effect, never fails. */
export function isPure(operation: Operation): boolean {
  switch (operation.op) {
    case "const":
    case "binary":
    case "compare":
    case "unary":
    case "offset":
    case "slot":
    case "map":
    case "global":
    case "function":
    case "relocated":
      return true;
    default:
      return false;
  }
}

/** Whether the operation may be dropped when nobody uses its result: pure ones, and loads (nothing here can fault). */
export function isRemovable(operation: Operation): boolean {
  return operation.op === "load" || isPure(operation);
}

/** Where a terminator may go, in the order of the text form. */
export function targetsOf(terminator: Terminator): readonly Target[] {
  switch (terminator.op) {
    case "jump":
      return [terminator.target];
    case "branch":
      return [terminator.then, terminator.else];
    case "return":
    case "unreachable":
      return [];
  }
}

/** A branch. The one place that writes the property `then`. */
export function branchTo(
  condition: ValueId,
  then: Target,
  otherwise: Target,
  location: SourceLocation | null,
): Terminator {
  return { op: "branch", location, condition, then, else: otherwise };
}

/** The same terminator with each target replaced by `change(target)`. */
export function mapTargets(terminator: Terminator, change: (target: Target) => Target): Terminator {
  switch (terminator.op) {
    case "jump":
      return { ...terminator, target: change(terminator.target) };
    case "branch":
      return branchTo(
        terminator.condition,
        change(terminator.then),
        change(terminator.else),
        terminator.location,
      );
    case "return":
    case "unreachable":
      return terminator;
  }
}

/** Every value that a terminator reads: condition or result first, then the arguments of its targets. */
export function terminatorOperands(terminator: Terminator): readonly ValueId[] {
  switch (terminator.op) {
    case "jump":
      return terminator.target.args;
    case "branch":
      return [terminator.condition, ...terminator.then.args, ...terminator.else.args];
    case "return":
      return terminator.value === null ? [] : [terminator.value];
    case "unreachable":
      return [];
  }
}

/** The same terminator with each value it reads replaced by `rename(value)`; itself when nothing changes. */
export function mapTerminatorOperands(
  terminator: Terminator,
  rename: (value: ValueId) => ValueId,
): Terminator {
  if (!terminatorOperands(terminator).some((value) => rename(value) !== value)) return terminator;
  const changed = mapTargets(terminator, (target) => ({ ...target, args: target.args.map(rename) }));
  if (changed.op === "branch") return { ...changed, condition: rename(changed.condition) };
  if (changed.op === "return" && changed.value !== null) return { ...changed, value: rename(changed.value) };
  return changed;
}

/** The bits of an integer type. */
export function bitsOf(type: IrType): 32 | 64 {
  return type === "i32" ? 32 : 64;
}

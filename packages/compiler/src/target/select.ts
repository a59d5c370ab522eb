/**
 * Instruction selection: IR to machine form over virtual registers, block by block in the order given. Blocks that
 * cannot be reached are left out, since kernels before 5.1 refuse them. Arguments of a jump become copies at its end;
 * those of a branch go into a block of their own on that edge.
 */
import { AluOp, helperByName, JumpOp } from "@waggle/object";
import { BugError } from "../ir/bug-error.js";
import { targetsOf } from "../ir/operations.js";
import { printFunction } from "../ir/print.js";
import type {
  Block,
  BlockId,
  CompareOp,
  Instruction,
  IrFunction,
  SourceLocation,
  Target,
  Terminator,
  ValueId,
} from "../ir/types.js";
import type { Frame } from "./frame.js";
import type { MachineBlock, MachineBlockId, MachineFunction, Register } from "./machine.js";
import { argumentRegisters, resultRegister } from "./machine.js";
import { readOperand, selectBinary, selectUnary } from "./select-arithmetic.js";
import { copySequence } from "./select-edge.js";
import {
  receive,
  selectAtomic,
  selectCompareExchange,
  selectCopy,
  selectGlobal,
  selectLoad,
  selectRelocated,
  selectStore,
  selectZero,
} from "./select-memory.js";
import { compareRows, signExtend64 } from "./select-rows.js";
import type { Selection } from "./selection.js";
import {
  constantOf,
  emit,
  emitConstant,
  emitOffset,
  emitSteps,
  finishBlock,
  homeOf,
  newRegister,
  readInto,
  readRegister,
  reserveBlock,
  resolve,
  startBlock,
  startSelection,
} from "./selection.js";
import type { TargetOptions } from "./target-error.js";

/** @throws TargetError for what the cpu lacks or what is too large; BugError for IR that breaks its rules */
export function selectFunction(f: IrFunction, options: TargetOptions, frame: Frame): MachineFunction {
  const s = startSelection(f, options, frame);
  const order = reachable(f);
  const ids = new Map(order.map((block) => [block.id, reserveBlock(s)]));
  const idOf = (block: BlockId): MachineBlockId => {
    const id = ids.get(block);
    if (id === undefined) throw bug(s, `block ${block} is jumped to and not there`);
    return id;
  };
  for (const [index, block] of order.entries()) {
    startBlock(s, idOf(block.id));
    if (index === 0) selectParameters(s, block);
    for (const instruction of block.instructions) {
      s.location = instruction.location ?? s.location;
      selectInstruction(s, instruction);
    }
    s.location = block.terminator.location ?? s.location;
    selectTerminator(s, block.terminator, idOf);
  }
  const names = new Map<Register, string>();
  for (const [value, register] of s.registers) {
    const name = f.names?.get(value);
    if (name !== undefined) names.set(register, name);
  }
  return {
    name: f.name,
    blocks: s.blocks.filter((block): block is MachineBlock => block !== null),
    registers: s.nextRegister,
    frameBytes: frame.bytes,
    ...(names.size > 0 && { names }),
  };
}

function bug(s: Selection, message: string): BugError {
  return new BugError(`selection: ${message}`, printFunction(s.f));
}

/** Blocks that control can reach, in reverse postorder: no block before one that must run first, except round loops. */
function reachable(f: IrFunction): readonly Block[] {
  const byId = new Map(f.blocks.map((block) => [block.id, block]));
  const seen = new Set<BlockId>();
  const postorder: Block[] = [];
  const stack: { block: Block; next: number }[] = [];
  const enter = (block: Block | undefined): void => {
    if (block === undefined || seen.has(block.id)) return;
    seen.add(block.id);
    stack.push({ block, next: 0 });
  };
  enter(f.blocks[0]);
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const target = targetsOf(top.block.terminator)[top.next];
    top.next += 1;
    if (target !== undefined) enter(byId.get(target.block));
    else {
      postorder.push(top.block);
      stack.pop();
    }
  }
  return postorder.reverse();
}

function selectParameters(s: Selection, entry: Block): void {
  const registers = argumentRegisters(entry.params.length);
  if (registers.length < entry.params.length) throw bug(s, "more than 5 parameters");
  for (const [index, param] of entry.params.entries()) {
    const register = registers[index];
    if (register !== undefined) receive(s, param.id, register);
  }
}

function selectInstruction(s: Selection, instruction: Instruction): void {
  const { result } = instruction;
  if (result !== null && s.deferred.has(result)) return;
  const named = (): ValueId => {
    if (result === null) throw bug(s, `a ${instruction.op} without a result`);
    return result;
  };
  switch (instruction.op) {
    case "const":
    case "map":
    case "slot":
      return;
    case "binary":
      selectBinary(s, named(), instruction.operator, instruction.left, instruction.right);
      return;
    case "unary":
      selectUnary(s, named(), instruction.operator, instruction.operand);
      return;
    case "compare":
      selectCompare(s, named(), instruction);
      return;
    case "offset":
      selectOffset(s, named(), instruction.pointer, instruction.bytes);
      return;
    case "load":
      selectLoad(s, named(), instruction);
      return;
    case "store":
      selectStore(s, instruction);
      return;
    case "atomic":
      selectAtomic(s, result, instruction);
      return;
    case "zero":
      selectZero(s, instruction);
      return;
    case "copy":
      selectCopy(s, instruction);
      return;
    case "compare-exchange":
      selectCompareExchange(s, named(), instruction);
      return;
    case "global":
      selectGlobal(s, named(), instruction.data);
      return;
    case "function":
      emit(s, {
        op: "address",
        dst: homeOf(s, named()),
        symbol: { kind: "function", name: instruction.function },
      });
      return;
    case "relocated":
      selectRelocated(s, named(), instruction.type, instruction.relocation);
      return;
    case "element":
      throw bug(s, "a loop over a map was not made into one");
    case "kfunc":
      passArguments(s, instruction.args);
      emit(s, { op: "call-kernel", name: instruction.name, args: instruction.args.length });
      if (result !== null) receive(s, result, resultRegister);
      return;
    case "helper": {
      const row = helperByName(instruction.helper);
      if (row === null || row === undefined) throw bug(s, `no helper is called ${instruction.helper}`);
      passArguments(s, instruction.args);
      emit(s, { op: "call-helper", id: row.id, args: instruction.args.length });
      if (result !== null) receive(s, result, resultRegister);
      return;
    }
    case "call":
      passArguments(s, instruction.args);
      emit(s, { op: "call-function", name: instruction.callee, args: instruction.args.length });
      if (result !== null) receive(s, result, resultRegister);
      return;
  }
}

function passArguments(s: Selection, args: readonly ValueId[]): void {
  const registers = argumentRegisters(args.length);
  if (registers.length < args.length) throw bug(s, "a call with more than 5 arguments");
  for (const [index, register] of registers.entries()) {
    const argument = args[index];
    if (argument !== undefined) readInto(s, register, argument);
  }
}

function selectOffset(s: Selection, result: ValueId, pointer: ValueId, bytes: ValueId): void {
  const dst = homeOf(s, result);
  const operand = readOperand(s, bytes, true);
  if (typeof operand === "bigint") {
    const { base, displacement } = resolve(s, pointer, Number(operand));
    emitOffset(s, dst, base, displacement);
    return;
  }
  readInto(s, dst, pointer);
  emit(s, { op: "alu", wide: true, operator: AluOp.Add, dst, src: operand, offset: 0 });
}

interface Condition {
  readonly wide: boolean;
  readonly operator: number;
  readonly left: Register;
  readonly right: Register | bigint;
}

interface Comparison {
  readonly operator: CompareOp;
  readonly left: ValueId;
  readonly right: ValueId;
}

function selectCondition(s: Selection, { operator, left, right }: Comparison): Condition {
  const row = compareRows[operator];
  // Older verifiers (5.10's, 6.1's) decide a jump by two registers only where the second is the one that they know, as they know
  // the counter of a loop, which is a parameter of its block.
  const isKnown = (value: ValueId): boolean => constantOf(s, value) !== null || !s.definitions.has(value);
  const [isLeft, isRight] = [left, right].map((value) => constantOf(s, value) !== null);
  if (isRight === false && (isLeft === true || (isKnown(left) && !isKnown(right)))) {
    return selectCondition(s, { operator: row.swapped, left: right, right: left });
  }
  const narrow = s.types.get(left) === "i32";
  if (narrow && row.signed && s.options.cpu < 3) {
    return {
      wide: true,
      operator: row.operator,
      left: signExtended(s, left),
      right: signedOperand(s, right),
    };
  }
  const wide = !narrow || s.options.cpu < 3;
  const operand = readOperand(s, right, wide, true);
  return { wide, operator: row.operator, left: readRegister(s, left), right: operand };
}

function signedOperand(s: Selection, value: ValueId): Register | bigint {
  const constant = constantOf(s, value);
  return constant === null ? signExtended(s, value) : BigInt.asIntN(32, constant);
}

function signExtended(s: Selection, value: ValueId): Register {
  const register = newRegister(s);
  readInto(s, register, value);
  emitSteps(s, register, signExtend64(32, s.options));
  return register;
}

/**
 * A comparison whose 0 or 1 is wanted: set to 0, and a jump over the setting to 1. The verifier follows the 1 first. Stored, it then knows
 * less of the bytes than of those of the 0, so that the way of the 0 meets that state and ends there (`stacksafe`).
 */
function selectCompare(s: Selection, result: ValueId, comparison: Comparison): void {
  const dst = homeOf(s, result);
  const condition = selectCondition(s, comparison);
  emitConstant(s, dst, 0n);
  const set = reserveBlock(s);
  const rest = reserveBlock(s);
  finishBlock(s, { op: "branch", ...condition, taken: set, other: rest, location: s.location });
  startBlock(s, set);
  emitConstant(s, dst, 1n);
  finishBlock(s, { op: "jump", target: rest, location: s.location });
  startBlock(s, rest);
}

/** A branch is at the comparison that it makes, unless that is shared with another line. */
function placeOf(condition: Instruction | undefined, location: SourceLocation | null): SourceLocation | null {
  const own = condition?.op === "compare" ? condition.location : null;
  return own !== null && own.file === location?.file && own.line === location.line ? own : location;
}

function selectTerminator(
  s: Selection,
  terminator: Terminator,
  idOf: (block: BlockId) => MachineBlockId,
): void {
  const { location } = s;
  switch (terminator.op) {
    case "jump":
      passToBlock(s, terminator.target);
      finishBlock(s, { op: "jump", target: idOf(terminator.target.block), location });
      return;
    case "branch": {
      const definition = s.definitions.get(terminator.condition);
      const condition =
        definition?.op === "compare" && s.deferred.has(terminator.condition)
          ? selectCondition(s, definition)
          : {
              wide: s.types.get(terminator.condition) === "i64" || s.options.cpu < 3,
              operator: JumpOp.Jne,
              left: readRegister(s, terminator.condition),
              right: 0n,
            };
      const [taken, other] = [terminator.then, terminator.else].map((target) =>
        target.args.length === 0 ? idOf(target.block) : reserveBlock(s),
      );
      if (taken === undefined || other === undefined) return;
      const side = s.firstSides.get(terminator);
      const first = side === undefined ? {} : ({ first: side === "then" ? "taken" : "other" } as const);
      finishBlock(s, {
        op: "branch",
        ...condition,
        taken,
        other,
        ...first,
        location: placeOf(definition, location),
      });
      selectEdge(s, taken, terminator.then, idOf);
      selectEdge(s, other, terminator.else, idOf);
      return;
    }
    case "return":
      if (terminator.value === null) emitConstant(s, resultRegister, 0n);
      else readInto(s, resultRegister, terminator.value);
      finishBlock(s, { op: "exit", location });
      return;
    case "unreachable":
      // A path must end in `exit` for the verifier, and 0 is a result that every program type allows.
      emitConstant(s, resultRegister, 0n);
      finishBlock(s, { op: "exit", location });
      return;
  }
}

function selectEdge(
  s: Selection,
  id: MachineBlockId,
  target: Target,
  idOf: (block: BlockId) => MachineBlockId,
): void {
  if (target.args.length === 0) return;
  startBlock(s, id);
  passToBlock(s, target);
  finishBlock(s, { op: "jump", target: idOf(target.block), location: s.location });
}

function passToBlock(s: Selection, target: Target): void {
  const params = s.f.blocks.find((block) => block.id === target.block)?.params ?? [];
  if (params.length !== target.args.length)
    throw bug(s, `block ${target.block} takes ${params.length} arguments`);
  copySequence(s, params, target.args);
}

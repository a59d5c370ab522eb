/**
 * Runs IR, to test that passes keep its meaning. Memory is one array whose indexes are the addresses (0 is null), slots
 * lie at its end; maps and globals have the addresses that the caller gives them; helpers are the caller's.
 */
import type { ByteOrder } from "@waggle/object";
import { evaluateBinary, evaluateCompare, evaluateUnary } from "./evaluate.js";
import { bitsOf, resultType } from "./operations.js";
import type { AtomicOp, BlockId, Instruction, IrFunction, IrType, Target, ValueId } from "./types.js";

/** The world that a function runs in. */
export interface InterpretOptions {
  /** Changed by stores. Slots take their room from the end, zeroed. */
  readonly memory: Uint8Array;
  readonly byteOrder?: ByteOrder;
  readonly functions?: readonly IrFunction[];
  /** Address of a map or global variable. */
  address?(name: string): bigint;
  helper?(name: string, args: readonly bigint[], memory: Uint8Array): bigint;
  /** Instructions to run at most; 100,000 when absent. */
  readonly fuel?: number;
}

/** Memory was accessed that is not there, a name is not known, or the fuel ran out. */
export class InterpretError extends Error {
  override readonly name = "InterpretError";
}

/**
 * What the function returns for these arguments, wrapped to its type; null when it returns nothing.
 * @throws InterpretError
 */
export function interpret(f: IrFunction, args: readonly bigint[], options: InterpretOptions): bigint | null {
  const fuel = { left: options.fuel ?? 100_000 };
  return run(f, args, { options, fuel }, options.memory.length);
}

interface World {
  readonly options: InterpretOptions;
  readonly fuel: { left: number };
}

function run(f: IrFunction, args: readonly bigint[], world: World, top: number): bigint | null {
  const { options, fuel } = world;
  const slots = new Map<number, bigint>();
  let bottom = top;
  for (const slot of f.slots) {
    bottom = Math.floor((bottom - slot.size) / 8) * 8;
    slots.set(slot.id, BigInt(bottom));
  }
  options.memory.fill(0, bottom, top);

  const blocks = new Map(f.blocks.map((block) => [block.id, block]));
  const values = new Map<ValueId, bigint>();
  const get = (value: ValueId) => {
    const found = values.get(value);
    if (found === undefined) throw new InterpretError(`${f.name}: v${value} is not defined`);
    return found;
  };
  const types = new Map<ValueId, IrType>();
  let [block] = f.blocks;
  let incoming: readonly bigint[] = args;
  const go = (target: Target) => {
    incoming = target.args.map(get);
    block = blocks.get(target.block satisfies BlockId);
  };
  for (;;) {
    if (block === undefined) throw new InterpretError(`${f.name}: no such block`);
    block.params.forEach((param, index) => {
      values.set(param.id, BigInt.asUintN(bitsOf(param.type), incoming[index] ?? 0n));
      types.set(param.id, param.type);
    });
    for (const instruction of block.instructions) {
      fuel.left -= 1;
      if (fuel.left < 0) throw new InterpretError("out of fuel");
      const bits = (value: ValueId) => bitsOf(types.get(value) ?? "i64");
      const result = step(instruction, { ...world, get, bits, slots, bottom });
      const type = resultType(instruction);
      if (instruction.result !== null && type !== null) {
        values.set(instruction.result, BigInt.asUintN(bitsOf(type), result));
        types.set(instruction.result, type);
      }
    }
    fuel.left -= 1;
    if (fuel.left < 0) throw new InterpretError("out of fuel");
    const { terminator } = block;
    switch (terminator.op) {
      case "jump":
        go(terminator.target);
        break;
      case "branch":
        go(get(terminator.condition) !== 0n ? terminator.then : terminator.else);
        break;
      case "return":
        return terminator.value === null ? null : get(terminator.value);
      case "unreachable":
        throw new InterpretError("unreachable was reached");
    }
  }
}

interface Frame extends World {
  readonly get: (value: ValueId) => bigint;
  readonly bits: (value: ValueId) => 32 | 64;
  readonly slots: ReadonlyMap<number, bigint>;
  readonly bottom: number;
}

const atomics: Readonly<Record<AtomicOp, (old: bigint, value: bigint) => bigint>> = {
  add: (old, value) => old + value,
  and: (old, value) => old & value,
  or: (old, value) => old | value,
  xor: (old, value) => old ^ value,
  exchange: (_, value) => value,
};

function step(instruction: Instruction, frame: Frame): bigint {
  const { get, options } = frame;
  const { memory, byteOrder = "little" } = options;
  switch (instruction.op) {
    case "const":
      return instruction.value;
    case "binary":
      return evaluateBinary(
        instruction.operator,
        get(instruction.left),
        get(instruction.right),
        bitsOf(instruction.type),
      );
    case "compare": {
      const { operator, left, right } = instruction;
      return evaluateCompare(operator, get(left), get(right), frame.bits(left)) ? 1n : 0n;
    }
    case "unary":
      return evaluateUnary(
        instruction.operator,
        get(instruction.operand),
        bitsOf(instruction.type),
        byteOrder,
      );
    case "offset":
      return get(instruction.pointer) + get(instruction.bytes);
    case "load": {
      const { width, signed, pointer, displacement } = instruction;
      const value = read(memory, get(pointer) + BigInt(displacement), width, byteOrder);
      return signed ? BigInt.asIntN(width * 8, value) : value;
    }
    case "store": {
      const { width, pointer, displacement, value } = instruction;
      write(memory, get(pointer) + BigInt(displacement), width, get(value), byteOrder);
      return 0n;
    }
    case "atomic": {
      const { operator, type, pointer, displacement, value } = instruction;
      const width = bitsOf(type) / 8;
      const address = get(pointer) + BigInt(displacement);
      const old = read(memory, address, width, byteOrder);
      write(memory, address, width, atomics[operator](old, get(value)), byteOrder);
      return old;
    }
    case "zero": {
      const start = place(
        memory,
        get(instruction.pointer) + BigInt(instruction.displacement),
        instruction.size,
      );
      memory.fill(0, start, start + instruction.size);
      return 0n;
    }
    case "copy": {
      const target = place(memory, get(instruction.target), instruction.size);
      const source = place(memory, get(instruction.source), instruction.size);
      memory.copyWithin(target, source, source + instruction.size);
      return 0n;
    }
    case "slot":
      return frame.slots.get(instruction.slot) ?? 0n;
    case "map":
      return options.address?.(instruction.map) ?? 8n;
    case "global":
      return options.address?.(instruction.data) ?? 8n;
    case "helper":
      return options.helper?.(instruction.helper, instruction.args.map(get), memory) ?? 0n;
    case "call": {
      const callee = options.functions?.find((f) => f.name === instruction.callee);
      if (callee === undefined) throw new InterpretError(`no function ${instruction.callee}`);
      return run(callee, instruction.args.map(get), frame, frame.bottom) ?? 0n;
    }
  }
}

function place(memory: Uint8Array, address: bigint, size: number): number {
  const start = BigInt.asUintN(64, address);
  if (start === 0n || start + BigInt(size) > BigInt(memory.length)) {
    throw new InterpretError(`no memory at ${start}`);
  }
  return Number(start);
}

function read(memory: Uint8Array, address: bigint, width: number, order: ByteOrder): bigint {
  const start = place(memory, address, width);
  const bytes = [...memory.subarray(start, start + width)];
  if (order === "little") bytes.reverse();
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function write(memory: Uint8Array, address: bigint, width: number, value: bigint, order: ByteOrder): void {
  const start = place(memory, address, width);
  for (let index = 0; index < width; index += 1) {
    const shift = BigInt(order === "little" ? index : width - 1 - index) * 8n;
    memory[start + index] = Number((value >> shift) & 0xffn);
  }
}

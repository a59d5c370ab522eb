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
  kfunc?(name: string, args: readonly bigint[], memory: Uint8Array): bigint;
  /** Addresses of the keys and values of a map's elements, in the order of a loop over it. */
  elements?(map: string): readonly (readonly [key: bigint, value: bigint])[];
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
  return run(f, args, { options, fuel, mapAt: new Map() }, options.memory.length);
}

interface World {
  readonly options: InterpretOptions;
  readonly fuel: { left: number };
  /** Maps by the addresses that the function has been given. */
  readonly mapAt: Map<bigint, string>;
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
  const turns = new Map<string, number>();

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
      const result = step(instruction, { ...world, get, bits, slots, bottom, turns });
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
  /** The element that each loop over a map is at. */
  readonly turns: Map<string, number>;
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
    case "map": {
      const address = options.address?.(instruction.map) ?? 8n;
      frame.mapAt.set(address, instruction.map);
      return address;
    }
    case "global":
      return options.address?.(instruction.data) ?? 8n;
    case "function":
      return functionAddress(instruction.function, options);
    case "relocated":
      return instruction.relocation.fallback;
    case "compare-exchange": {
      const width = bitsOf(instruction.type) / 8;
      const address = get(instruction.pointer) + BigInt(instruction.displacement);
      const old = read(memory, address, width, byteOrder);
      if (old === get(instruction.expected)) {
        write(memory, address, width, get(instruction.value), byteOrder);
      }
      return old;
    }
    case "element":
      return nextElement(instruction, frame);
    case "kfunc":
      return (
        iterate(instruction.name, instruction.args.map(get), options) ??
        options.kfunc?.(instruction.name, instruction.args.map(get), memory) ??
        0n
      );
    case "helper":
      if (callbackHelpers.has(instruction.helper))
        return callBack(instruction.helper, instruction.args.map(get), frame);
      return options.helper?.(instruction.helper, instruction.args.map(get), memory) ?? 0n;
    case "call": {
      const callee = options.functions?.find((f) => f.name === instruction.callee);
      if (callee === undefined) throw new InterpretError(`no function ${instruction.callee}`);
      return run(callee, instruction.args.map(get), frame, frame.bottom) ?? 0n;
    }
  }
}

const callbackHelpers: ReadonlySet<string> = new Set(["bpf_loop", "bpf_for_each_map_elem"]);
/** Where the functions of the module lie, 8 bytes each; no memory is there. */
const functionsStart = 1n << 47n;

function functionAddress(name: string, { functions = [] }: InterpretOptions): bigint {
  const index = functions.findIndex((f) => f.name === name);
  if (index < 0) throw new InterpretError(`no function ${name}`);
  return functionsStart + BigInt(index) * 8n;
}

/** `bpf_loop(count, function, context, flags)` and `bpf_for_each_map_elem(map, function, context, flags)`: the number of calls. */
function callBack(helper: string, args: readonly bigint[], frame: Frame): bigint {
  const { options } = frame;
  const [subject = 0n, address = 0n, context = 0n] = args;
  const callee = options.functions?.[Number((address - functionsStart) / 8n)];
  if (callee === undefined) throw new InterpretError(`no function at ${address}`);
  const call = (given: readonly bigint[]) => run(callee, given, frame, frame.bottom) ?? 0n;
  let calls = 0n;
  if (helper === "bpf_loop") {
    for (const count = BigInt.asUintN(32, subject); calls < count; ) {
      calls += 1n;
      if (call([calls - 1n, context]) !== 0n) break;
    }
    return calls;
  }
  const map = frame.mapAt.get(subject) ?? "";
  for (const [key, value] of options.elements?.(map) ?? []) {
    calls += 1n;
    if (call([subject, key, value, context]) !== 0n) break;
  }
  return calls;
}

/** A loop over a map begins anew when "more" is asked after it has said no. */
function nextElement({ part, map }: Extract<Instruction, { op: "element" }>, frame: Frame): bigint {
  const elements = frame.options.elements?.(map) ?? [];
  const at = frame.turns.get(map) ?? -1;
  if (part !== "more") return elements[at]?.[part === "key" ? 0 : 1] ?? 0n;
  const more = at + 1 < elements.length;
  frame.turns.set(map, more ? at + 1 : -1);
  return more ? 1n : 0n;
}

/** The open-coded iterator over numbers (kernel/bpf/bpf_iter.c): the next number and the end, 4 bytes each. Null for other functions. */
function iterate(name: string, args: readonly bigint[], options: InterpretOptions): bigint | null {
  const { memory, byteOrder = "little" } = options;
  const [iterator = 0n, start = 0n, end = 0n] = args;
  const signed = (at: bigint) => BigInt.asIntN(32, read(memory, at, 4, byteOrder));
  switch (name) {
    case "bpf_iter_num_new":
      write(memory, iterator, 4, start - 1n, byteOrder);
      write(memory, iterator + 4n, 4, end, byteOrder);
      return 0n;
    case "bpf_iter_num_next": {
      const next = signed(iterator) + 1n;
      if (next >= signed(iterator + 4n)) return 0n;
      write(memory, iterator, 4, next, byteOrder);
      return iterator;
    }
    case "bpf_iter_num_destroy":
      write(memory, iterator, 8, 0n, byteOrder);
      return 0n;
    default:
      return null;
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

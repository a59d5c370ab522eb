/**
 * Makes a function instruction by instruction. Instructions go to the end of the current block and take the current
 * location. What is emitted after a terminator goes to a block that nobody reaches and `finish` drops, so that a caller
 * need not track dead code.
 */
import { BugError } from "./bug-error.js";
import { FollowedValues } from "./followed-values.js";
import { branchTo, targetsOf, unarySignatures } from "./operations.js";
import { printFunction } from "./print.js";
import type {
  AtomicOp,
  BinaryOp,
  Block,
  BlockId,
  BlockParam,
  CompareOp,
  CoreRelocation,
  Instruction,
  IrFunction,
  IrType,
  LoopHint,
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
import { ValueNames } from "./value-names.js";

/** What a function is before it has a body. */
export type FunctionHeader = Omit<IrFunction, "slots" | "blocks" | "linkage" | "loops"> &
  Partial<Pick<IrFunction, "linkage" | "loops">>;

/** How much a load or store moves, and what is known of the place. */
export interface Access {
  readonly width: 1 | 2 | 4 | 8;
  readonly region: Region;
  /** Bytes added to the pointer; 0 when absent. */
  readonly displacement?: number;
}

interface OpenBlock {
  readonly id: BlockId;
  readonly params: BlockParam[];
  readonly instructions: Instruction[];
  terminator: Terminator | null;
}

/** Builds one `IrFunction`. The entry block exists from the start and is current; its params are the function's. */
export class FunctionBuilder {
  /** The block where the function begins. */
  readonly entry: BlockId;
  /** Given to every instruction and terminator from now on. */
  location: SourceLocation | null;

  readonly #header: FunctionHeader;
  readonly #blocks: OpenBlock[] = [];
  #calls = 0;
  #abandoned = false;
  readonly #slots: Slot[] = [];
  readonly #names = new ValueNames();
  readonly #loops: LoopHint[] = [];
  readonly #types: IrType[] = [];
  readonly #followed = new FollowedValues();
  #current: OpenBlock;

  constructor(header: FunctionHeader) {
    this.#header = header;
    this.location = header.location;
    this.#current = this.#open();
    this.entry = this.#current.id;
  }

  /** A new, empty block that is not yet current. */
  block(): BlockId {
    return this.#open().id;
  }

  /** Adds a parameter to a block; on the entry block, to the function. */
  param(block: BlockId, type: IrType): ValueId {
    const id = this.#value(type);
    this.#block(block).params.push({ id, type });
    return id;
  }

  /** Says which variable of the source a value is. */
  name(value: ValueId, name: string): void {
    this.#names.variable(value, name);
  }

  /** Says how the source writes the field that a value was read from. */
  nameField(value: ValueId, text: string): void {
    this.#names.field(value, text);
  }

  /** A piece of stack, `size` bytes; its address comes from `slotAddress`. */
  slot(name: string, size: number, align: Slot["align"]): SlotId {
    const id = this.#slots.length as SlotId;
    this.#slots.push({ id, name, size, align });
    return id;
  }

  /** How many calls of helpers, functions and kernel functions there are so far. */
  get calls(): number {
    return this.#calls;
  }

  /** The block that instructions go to. */
  get current(): BlockId {
    return this.#current.id;
  }

  /** Makes `block` the one that instructions go to. */
  switchTo(block: BlockId): void {
    this.#current = this.#block(block);
  }

  /** Records that a part of the source was rejected: the blocks have holes where it was, and the function is not finished. */
  abandon(): void {
    this.#abandoned = true;
  }

  /** Whether a part of the source was rejected. */
  get abandoned(): boolean {
    return this.#abandoned;
  }

  /** Whether the current block has its terminator, so that what follows in the source cannot be reached from it. */
  get terminated(): boolean {
    return this.#current.terminator !== null;
  }

  /** The type of a value made by this builder. */
  typeOf(value: ValueId): IrType {
    return this.#types[value] ?? this.#bug(`v${value} is not a value of this function`);
  }

  /** Whether the verifier may know less of an integer than its source says. */
  boundsUnknownToVerifier(value: ValueId): boolean {
    return !this.#followed.has(value);
  }

  /** The verifier knows of the integer what its source says, though it is handed on. */
  trust(value: ValueId): void {
    this.#followed.trust(value);
  }

  /** From now on the verifier may know less of the integer than its source says. */
  distrust(value: ValueId): void {
    this.#followed.distrust(value);
  }

  /** From now on the verifier may know less of all integers so far, until the function that is returned is called. */
  distrustAll(): () => void {
    return this.#followed.distrustAll();
  }

  /** A constant of any type, wrapped to its width; a `ptr` can only be 0n. */
  const(type: IrType, value: bigint): ValueId {
    if (type === "ptr" && value !== 0n) this.#bug("the only pointer constant is null");
    return this.#emit({ op: "const", type, value: BigInt.asUintN(type === "i32" ? 32 : 64, value) }, type);
  }

  /** A 32-bit constant. */
  i32(value: number | bigint): ValueId {
    return this.const("i32", BigInt(value));
  }

  /** A 64-bit constant. */
  i64(value: number | bigint): ValueId {
    return this.const("i64", BigInt(value));
  }

  /** The null pointer. */
  nullPointer(): ValueId {
    return this.const("ptr", 0n);
  }

  /** Arithmetic on two integers of one type; the result has that type. */
  binary(operator: BinaryOp, left: ValueId, right: ValueId): ValueId {
    const type = this.#integer(left);
    if (this.typeOf(right) !== type) this.#bug(`${operator} of ${type} and ${this.typeOf(right)}`);
    return this.#emit({ op: "binary", operator, type, left, right }, type);
  }

  /** 1 or 0 as an i32. */
  compare(operator: CompareOp, left: ValueId, right: ValueId): ValueId {
    if (this.typeOf(left) !== this.typeOf(right)) {
      this.#bug(`${operator} of ${this.typeOf(left)} and ${this.typeOf(right)}`);
    }
    return this.#emit({ op: "compare", operator, left, right }, "i32");
  }

  /** A conversion or negation; the result type follows from the operator and the operand. */
  unary(operator: UnaryOp, operand: ValueId): ValueId {
    const { from, to } = unarySignatures[operator];
    const given = this.typeOf(operand);
    if (from === "same" ? given === "ptr" : given !== from) this.#bug(`${operator} of ${given}`);
    const type = to === "same" ? given : to;
    return this.#emit({ op: "unary", operator, type, operand }, type);
  }

  /** Pointer plus bytes: an i64 value, or a number that becomes a constant. Zero as a number gives `pointer` itself. */
  offset(pointer: ValueId, bytes: ValueId | bigint): ValueId {
    if (this.typeOf(pointer) !== "ptr") this.#bug(`offset of ${this.typeOf(pointer)}`);
    if (bytes === 0n) return pointer;
    const by = typeof bytes === "bigint" ? this.i64(bytes) : bytes;
    if (this.typeOf(by) !== "i64") this.#bug(`offset by ${this.typeOf(by)}`);
    return this.#emit({ op: "offset", pointer, bytes: by }, "ptr");
  }

  /** Reads memory; zero-extends unless `signed`. */
  load(type: IrType, pointer: ValueId, access: Access & { readonly signed?: boolean }): ValueId {
    const { width, region, displacement = 0, signed = false } = access;
    return this.#emit({ op: "load", type, width, signed, pointer, displacement, region }, type);
  }

  /** Writes the low bytes of `value`. */
  store(pointer: ValueId, value: ValueId, access: Access): void {
    const { width, region, displacement = 0 } = access;
    this.#append({ op: "store", width, pointer, displacement, value, region });
  }

  /** Atomic read-modify-write without the old value: "add" on every kernel, the others from cpu v3. */
  atomic(operator: AtomicOp, pointer: ValueId, value: ValueId, displacement = 0): void {
    // `type` is the width of the access as well as that of a result, so that it is there without one too.
    this.#append({ op: "atomic", operator, type: this.#integer(value), pointer, displacement, value });
  }

  /** Atomic read-modify-write that gives the old value: cpu v3. */
  atomicFetch(operator: AtomicOp, pointer: ValueId, value: ValueId, displacement = 0): ValueId {
    const type = this.#integer(value);
    return this.#emit({ op: "atomic", operator, type, pointer, displacement, value }, type);
  }

  /** Writes `value` where `expected` is found, atomically; the result is what was found. Cpu v3. */
  compareExchange(pointer: ValueId, expected: ValueId, value: ValueId, displacement = 0): ValueId {
    const type = this.#integer(value);
    if (this.typeOf(expected) !== type) this.#bug(`compare-exchange of ${type} and ${this.typeOf(expected)}`);
    return this.#emit({ op: "compare-exchange", type, pointer, displacement, expected, value }, type);
  }

  /** Sets `size` bytes to zero. */
  zero(pointer: ValueId, size: number, align: number, region: Region, displacement = 0): void {
    this.#append({ op: "zero", pointer, displacement, size, align, region });
  }

  /** Copies `size` bytes between places that do not overlap. */
  copy(
    target: ValueId,
    source: ValueId,
    size: number,
    align: number,
    targetRegion: Region,
    sourceRegion: Region,
  ): void {
    this.#append({ op: "copy", target, source, size, align, targetRegion, sourceRegion });
  }

  /** The address of a slot. */
  slotAddress(slot: SlotId): ValueId {
    return this.#emit({ op: "slot", slot }, "ptr");
  }

  /** The address of a map, by name. */
  map(map: string): ValueId {
    return this.#emit({ op: "map", map }, "ptr");
  }

  /** The address of a global variable, by name. */
  global(data: string): ValueId {
    return this.#emit({ op: "global", data }, "ptr");
  }

  /** The address of a static subprogram, by name: Linux 5.13. */
  functionAddress(name: string): ValueId {
    return this.#emit({ op: "function", function: name }, "ptr");
  }

  /** A number that the loader finds in the running kernel's BTF. */
  relocated(type: "i32" | "i64", relocation: CoreRelocation): ValueId {
    return this.#emit({ op: "relocated", type, relocation }, type);
  }

  /** Whether a loop over a map has another turn, or the address of that turn's key or value; see `LoopDriver`. */
  element(part: "more" | "key" | "value", map: string): ValueId {
    return this.#emit({ op: "element", part, map }, part === "more" ? "i32" : "ptr");
  }

  /** Says how a loop is to be made; its blocks may still be open. */
  loop(hint: LoopHint): void {
    this.#loops.push(hint);
  }

  /** Calls a kernel function of `Module.externs` whose result is used. */
  kfunc(name: string, type: IrType, args: readonly ValueId[]): ValueId {
    return this.#emit({ op: "kfunc", name, type, args }, type);
  }

  /** Calls a kernel function of `Module.externs` whose result, if any, is not used. */
  kfuncVoid(name: string, args: readonly ValueId[]): void {
    this.#append({ op: "kfunc", name, type: null, args });
  }

  /** Calls a kernel helper whose result is used. */
  helper(helper: string, type: IrType, args: readonly ValueId[]): ValueId {
    return this.#emit({ op: "helper", helper, type, args }, type);
  }

  /** Calls a kernel helper whose result, if any, is not used. */
  helperVoid(helper: string, args: readonly ValueId[]): void {
    this.#append({ op: "helper", helper, type: null, args });
  }

  /** Calls a function of the module whose result is used. */
  call(callee: string, type: IrType, args: readonly ValueId[]): ValueId {
    return this.#emit({ op: "call", callee, type, args }, type);
  }

  /** Calls a function of the module whose result, if any, is not used. */
  callVoid(callee: string, args: readonly ValueId[]): void {
    this.#append({ op: "call", callee, type: null, args });
  }

  /** Goes to a block, giving its params their values. Does nothing in a terminated block, as all terminators do. */
  jump(block: BlockId, args: readonly ValueId[] = []): void {
    this.#terminate({ op: "jump", location: this.location, target: { block, args } });
  }

  /** Goes to `then` when the condition is not zero. A bare block id is a target without arguments. */
  branch(condition: ValueId, then: BlockId | Target, otherwise: BlockId | Target): void {
    this.#integer(condition);
    const target = (place: BlockId | Target): Target =>
      typeof place === "number" ? { block: place, args: [] } : place;
    this.#terminate(branchTo(condition, target(then), target(otherwise), this.location));
  }

  /** Leaves the function. */
  return(value: ValueId | null = null): void {
    this.#terminate({ op: "return", location: this.location, value });
  }

  /** Says that control never comes here. */
  unreachable(): void {
    this.#terminate({ op: "unreachable", location: this.location });
  }

  /**
   * The function, without the blocks that the entry does not reach.
   * @throws BugError when a block that is reached has no terminator, or the function was abandoned
   */
  finish(): IrFunction {
    if (this.#abandoned) this.#bug("an abandoned function is not finished");
    const reached = new Set<BlockId>([this.entry]);
    for (const id of reached) {
      const { terminator } = this.#block(id);
      if (terminator === null) this.#bug(`b${id} is reached but has no terminator`);
      for (const target of targetsOf(terminator)) reached.add(target.block);
    }
    return this.#function((block) => reached.has(block.id));
  }

  #function(keep: (block: Block) => boolean): IrFunction {
    const blocks = this.#blocks
      .map(
        ({ id, params, instructions, terminator }): Block => ({
          id,
          params,
          instructions,
          terminator: terminator ?? { op: "unreachable", location: null },
        }),
      )
      .filter(keep);
    const present = new Set(blocks.map(({ id }) => id));
    const given = [...(this.#header.loops ?? []), ...this.#loops];
    const loops = given.filter(({ header }) => present.has(header));
    const names = this.#names.all.size > 0 && { names: this.#names.all };
    return { linkage: "static", ...this.#header, loops, slots: this.#slots, blocks, ...names };
  }

  #open(): OpenBlock {
    const block: OpenBlock = {
      id: this.#blocks.length as BlockId,
      params: [],
      instructions: [],
      terminator: null,
    };
    this.#blocks.push(block);
    return block;
  }

  #block(id: BlockId): OpenBlock {
    return this.#blocks[id] ?? this.#bug(`b${id} is not a block of this function`);
  }

  #value(type: IrType): ValueId {
    return (this.#types.push(type) - 1) as ValueId;
  }

  #integer(value: ValueId): "i32" | "i64" {
    const type = this.typeOf(value);
    return type === "ptr" ? this.#bug(`v${value} is a pointer, not an integer`) : type;
  }

  #emit(operation: Operation, type: IrType): ValueId {
    const result = this.#value(type);
    this.#followed.add(result, operation);
    this.#push({ ...operation, result, location: this.location });
    return result;
  }

  #append(operation: Operation): void {
    this.#push({ ...operation, result: null, location: this.location });
  }

  #push(instruction: Instruction): void {
    if (this.#current.terminator !== null) this.#current = this.#open();
    if (instruction.op === "helper" || instruction.op === "call" || instruction.op === "kfunc") this.#calls++;
    this.#current.instructions.push(instruction);
  }

  #terminate(terminator: Terminator): void {
    this.#current.terminator ??= terminator;
  }

  #bug(message: string): never {
    throw new BugError(message, printFunction(this.#function(() => true)));
  }
}

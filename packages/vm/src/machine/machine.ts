import type { ByteOrder } from "@waggle/object";
import { VmError } from "../errors.js";
import type { AddressSpace } from "../memory/address-space.js";
import { type Region, regionBase } from "../memory/region.js";
import { highHalf, lowHalf, toBigInt } from "./word.js";

/** Bytes of stack of one function (`MAX_BPF_STACK` of linux/filter.h). */
export const stackBytes = 512;
/** Functions that may be active at once (`MAX_CALL_FRAMES` of linux/bpf_verifier.h). */
export const maxFrames = 8;
/** Instructions that a run, or a turn of a loop that the kernel counts, may take (`BPF_COMPLEXITY_LIMIT_INSNS` of linux/bpf.h, which bounds the verifier's walk). */
export const instructionLimit = 1_000_000;
/** Instructions that a run may take in all when the test does not say: some minute of time. */
export const defaultMost = 1_000_000_000;
/** The frame pointer. */
export const framePointer = 10;
/** First slot of the register file that holds a constant: immediates are operands like registers. */
export const firstConstant = 16;
/** Upper half of the address of a function of the program, for callbacks; the lower half is its instruction. */
export const functionAddress = 0xf000_0000 | 0;

/** Does one instruction and gives the index of the next; negative when the outermost function has returned. */
export type Handler = (machine: Machine, op: Operation) => number;

/** An instruction made ready: `dst` and `src` are slots of the register file, a constant's when there is an immediate. */
export interface Operation {
  readonly execute: Handler;
  /** Registers that must hold a value, as bits. */
  readonly reads: number;
  /** Registers that hold a value afterwards, as bits. */
  readonly writes: number;
  readonly dst: number;
  readonly src: number;
  /** Displacement of a memory access. */
  readonly offset: number;
  readonly next: number;
  /** Where a jump or call goes. */
  readonly target: number;
}

/** A program made ready: see `prepare`. */
export interface Code {
  /** By instruction slot; the second slot of a wide load is undefined. */
  readonly operations: readonly (Operation | undefined)[];
  /** Values of the register file from `firstConstant` on. */
  readonly constants: readonly bigint[];
}

/** Calls a helper by its number, or a kernel function by its name, with r1 to r5 in place; it sets r0. */
export type HelperCall = (machine: Machine, called: number | string) => void;

interface Frame {
  readonly returnTo: number;
  readonly live: number;
  readonly saved: readonly number[];
}

const calleeSaved = [6, 7, 8, 9] as const;
const argumentBits = 0b111110;
const savedBits = 0b1111000000;
const frameBit = 1 << framePointer;

/**
 * The state of one program: registers as pairs of signed 32-bit halves, which JavaScript computes with faster than with
 * bigints by an order of magnitude, and its stack.
 */
export class Machine {
  readonly lo: Int32Array;
  readonly hi: Int32Array;
  readonly littleEndian: boolean;
  /** Instruction that runs, for messages. */
  pc = 0;
  /** Registers that hold a value, as bits. */
  live = 0;
  /** Instructions that may still run before the next turn of a loop that the kernel counts, or the end. */
  remaining = instructionLimit;
  #before = 0;
  /** They count too: a loop whose turns do nothing takes time all the same. */
  #turns = 0;
  /** Memory of the kernel from an address on, for loads through pointers to its types; null when nothing is there. */
  kernelMemory: (address: bigint) => Uint8Array | null = () => null;
  readonly #frames: Frame[] = [];
  readonly #stacks: Region[];
  #depth = 0;
  #floor = 0;

  constructor(
    readonly code: Code,
    readonly space: AddressSpace,
    byteOrder: ByteOrder,
    readonly callHelper: HelperCall,
    /** Instructions and turns of loops that the kernel counts, of one run in all. */
    private readonly most = defaultMost,
  ) {
    this.littleEndian = byteOrder === "little";
    this.lo = new Int32Array(firstConstant + code.constants.length);
    this.hi = new Int32Array(firstConstant + code.constants.length);
    for (const [index, value] of code.constants.entries()) this.setBig(firstConstant + index, value);
    this.#stacks = Array.from({ length: maxFrames }, () =>
      space.add({
        kind: "stack",
        name: "stack",
        bytes: new Uint8Array(stackBytes),
        tracked: true,
        guard: alignedOnStack,
      }),
    );
  }

  /** Instructions of this run so far. */
  get executed(): number {
    return this.#before + instructionLimit - this.remaining;
  }

  /** Begins a turn of a loop that the kernel counts: the verifier follows one turn, not all of them. */
  beginTurn(): void {
    this.#before = this.executed;
    this.#turns++;
    if (this.#before + this.#turns > this.most) throw totalReached(this.most);
    this.remaining = instructionLimit;
  }

  /** Runs the program from its first instruction with r1 set, and gives r0. Throws a `VmError` without a location. */
  run(context: bigint): bigint {
    this.remaining = instructionLimit;
    this.#before = 0;
    this.#turns = 0;
    this.#frames.length = 0;
    this.#depth = 0;
    this.#floor = 0;
    this.setBig(1, context);
    this.live = 0b10;
    this.#enter(0);
    this.#loop(0);
    return this.big(0);
  }

  /** Runs a function of the program on behalf of a helper, and gives r0. Registers of the caller are kept. */
  callback(entry: number, args: readonly bigint[]): bigint {
    const floor = this.#floor;
    const { pc, live } = this;
    this.beginTurn();
    for (const [index, value] of args.entries()) this.setBig(index + 1, value);
    this.live = ((1 << (args.length + 1)) - 2) | (live & savedBits) | frameBit;
    this.#floor = this.#frames.length + 1;
    this.call(entry, pc);
    this.#loop(entry);
    this.#floor = floor;
    this.pc = pc;
    return this.big(0);
  }

  /** Enters a function of the program. */
  call(entry: number, returnTo: number): number {
    if (this.#depth >= maxFrames) {
      throw new VmError(
        "call-depth",
        `this call would be the ${maxFrames + 1}th function on the stack; at most ${maxFrames} may be active`,
        "call fewer functions from within each other; recursion is not possible in BPF",
      );
    }
    const saved: number[] = [];
    for (const register of calleeSaved) saved.push(this.lo[register] ?? 0, this.hi[register] ?? 0);
    this.#frames.push({ returnTo, live: this.live, saved });
    this.live &= argumentBits;
    this.#enter(this.#depth);
    return entry;
  }

  /** Leaves a function of the program, or the program. */
  exit(): number {
    const frame = this.#frames.pop();
    if (frame === undefined) {
      // A function that returns nothing leaves r0 alone; only the program itself owes the kernel a result.
      if ((this.live & 1) === 0) throw uninitialised(1);
      return -1;
    }
    this.#depth--;
    for (const [index, register] of calleeSaved.entries()) {
      this.lo[register] = frame.saved[index * 2] ?? 0;
      this.hi[register] = frame.saved[index * 2 + 1] ?? 0;
    }
    this.live = (frame.live & savedBits) | frameBit | (this.live & 1);
    this.#pointAtFrame(this.#depth - 1);
    return this.#frames.length < this.#floor ? -1 : frame.returnTo;
  }

  /** Whether the program itself runs, no function that it calls. */
  get isOutermost(): boolean {
    return this.#frames.length === 0;
  }

  /** A register's value, unsigned. */
  big(register: number): bigint {
    return toBigInt(this.hi[register] ?? 0, this.lo[register] ?? 0);
  }

  /** Sets a register to a number wrapped to 64 bits. */
  setBig(register: number, value: bigint): void {
    this.lo[register] = lowHalf(value);
    this.hi[register] = highHalf(value);
  }

  /** Sets r0 to a signed number of at most 53 bits, as helpers return it. */
  result(value: number): void {
    this.lo[0] = value | 0;
    this.hi[0] = Math.floor(value / 0x1_0000_0000) | 0;
  }

  #enter(depth: number): void {
    this.#stacks[depth]?.written?.fill(0);
    this.#depth = depth + 1;
    this.#pointAtFrame(depth);
    this.live |= frameBit;
  }

  #pointAtFrame(depth: number): void {
    const stack = this.#stacks[depth];
    if (stack === undefined) return;
    this.lo[framePointer] = regionBase + stackBytes;
    this.hi[framePointer] = stack.hi;
  }

  #loop(entry: number): void {
    const { operations } = this.code;
    let pc = entry;
    while (pc >= 0) {
      this.pc = pc;
      const op = operations[pc];
      if (op === undefined) throw outsideCode(pc);
      if ((op.reads & ~this.live) !== 0) throw uninitialised(op.reads & ~this.live);
      if (--this.remaining < 0) throw limitReached();
      this.live |= op.writes;
      pc = op.execute(this, op);
    }
  }
}

function alignedOnStack(region: Region, offset: number, size: number, access: number): void {
  const own = access <= 2;
  // The verifier asks for natural alignment on the stack everywhere (check_ptr_alignment, kernel/bpf/verifier.c).
  if (own && (offset & (size - 1)) !== 0) {
    throw new VmError(
      "misaligned",
      `access of ${size} bytes at fp${offset - region.end} is not aligned to its size`,
      "values on the stack are aligned to their size",
    );
  }
  if (region.written !== null && (access === 1 || access === 2 || access === 4)) {
    region.written.fill(1, offset, offset + size);
  }
}

function uninitialised(missing: number): VmError {
  const register = 31 - Math.clz32(missing & -missing);
  return new VmError(
    "uninitialised-register",
    `r${register} is read, but holds no value on this path`,
    register > 0 && register < 6
      ? "r1 to r5 lose their values in a call: keep what is needed later in r6 to r9 or on the stack"
      : "give it a value on every path that leads here",
  );
}

function limitReached(): VmError {
  return new VmError(
    "instruction-limit",
    `stopped after ${instructionLimit.toLocaleString("en-US")} instructions`,
    "bound every loop by a constant; the kernel refuses programs that may run this long",
  );
}

function totalReached(most: number): VmError {
  return new VmError(
    "instruction-limit",
    `stopped after ${most.toLocaleString("en-US")} instructions, with those of all turns of its loops`,
    "loop less often, or give the option maxInstructions a higher number",
  );
}

function outsideCode(pc: number): VmError {
  return new VmError(
    "bad-jump",
    `the program runs into slot ${pc}, which is not the start of an instruction`,
    "end every path with exit, and jump to the start of instructions only",
  );
}

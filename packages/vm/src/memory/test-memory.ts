import { VmError } from "../errors.js";

/** A piece of memory outside the machine. A string is UTF-8 followed by a NUL. */
export interface MemoryBlock {
  readonly address: bigint | number;
  readonly bytes: Uint8Array | string;
}

/**
 * Memory outside the machine that a test gives: a list of blocks, or an object from addresses (decimal or 0x-prefixed)
 * to bytes. The upper half of the 64-bit space is the kernel's, the lower the user's, as on x86-64 and arm64.
 */
export type MemoryImage = readonly MemoryBlock[] | Readonly<Record<string, Uint8Array | string>>;

/** Which side of the address space; decides which probe helpers may read it. */
export type MemorySpace = "user" | "kernel";

interface Block {
  readonly start: bigint;
  readonly bytes: Uint8Array;
}

/** Where strings that a test gives as a pointer argument are placed; far from what tests tend to write by hand. */
const placedStrings = 0x7f00_0000_0000n;
/** Where what pointers in kernel memory lead to is placed. */
const placedKernel = 0xffff_8881_0000_0000n;

/** The memory of one run. */
export class TestMemory {
  readonly #blocks: Block[] = [];
  #next = placedStrings;
  #nextKernel = placedKernel;

  constructor(image: MemoryImage = []) {
    for (const { address, bytes } of memoryBlocks(image)) {
      this.#blocks.push({ start: checkedAddress(address), bytes: bytesOf(bytes) });
    }
    this.#blocks.sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
    for (const [index, block] of this.#blocks.entries()) {
      const after = this.#blocks[index + 1];
      if (after !== undefined && block.start + BigInt(block.bytes.length) > after.start) {
        throw new VmError(
          "bad-input",
          `memory at 0x${block.start.toString(16)} (${block.bytes.length} bytes) runs into memory at 0x${after.start.toString(16)}`,
          "move one of the two addresses",
        );
      }
    }
  }

  /** Puts a string into user memory and gives its address. */
  place(content: string | Uint8Array): bigint {
    const start = this.#next;
    const bytes = bytesOf(content);
    this.#blocks.push({ start, bytes });
    this.#next += BigInt(Math.ceil((bytes.length + 1) / 16) * 16);
    return start;
  }

  /**
   * Puts bytes, or text and a NUL, into kernel memory, in place, and gives their address: `address`, or one of its own.
   * Throws a `VmError` when something is there.
   */
  placeKernel(content: string | Uint8Array, address: bigint = this.#nextKernel): bigint {
    const bytes = bytesOf(content);
    const end = address + BigInt(bytes.length);
    const taken = this.#blocks.find(
      (item) => item.start < end && address < item.start + BigInt(item.bytes.length),
    );
    if (taken !== undefined || spaceOf(address) !== "kernel") {
      throw new VmError(
        "bad-input",
        taken === undefined
          ? `the task at 0x${address.toString(16)} is not in the kernel's half of the address space`
          : `the task's kernel memory at 0x${address.toString(16)} (${bytes.length} bytes) runs into memory at 0x${taken.start.toString(16)}`,
        "give the task another address, or leave its address out",
      );
    }
    this.#blocks.push({ start: address, bytes });
    if (address === this.#nextKernel) this.#nextKernel += BigInt(Math.ceil((bytes.length + 1) / 64) * 64);
    return address;
  }

  /** The bytes from `address` to the end of their block; null when nothing is there. */
  from(address: bigint, space: MemorySpace): Uint8Array | null {
    if (spaceOf(address) !== space) return null;
    const block = this.#blocks.find(
      (item) => address >= item.start && address < item.start + BigInt(item.bytes.length),
    );
    return block === undefined ? null : block.bytes.subarray(Number(address - block.start));
  }
}

/** The blocks of an image in either form. Throws a `VmError` for an address that is no number. */
export function memoryBlocks(image: MemoryImage): readonly MemoryBlock[] {
  if (isList(image)) return image;
  return Object.entries(image).map(([address, bytes]) => ({ address: parseAddress(address), bytes }));
}

/** The side that an address is on. */
export function spaceOf(address: bigint): MemorySpace {
  return address >= 1n << 63n ? "kernel" : "user";
}

function bytesOf(content: Uint8Array | string): Uint8Array {
  return typeof content === "string" ? new TextEncoder().encode(`${content}\0`) : content;
}

function isList(image: MemoryImage): image is readonly MemoryBlock[] {
  return Array.isArray(image);
}

function parseAddress(text: string): bigint {
  if (/^(0x[0-9a-f]+|[0-9]+)$/i.test(text)) return BigInt(text);
  throw new VmError(
    "bad-input",
    `memory address ${JSON.stringify(text)} is not a number`,
    'write it as decimal or hexadecimal digits, e.g. memory: { 0x1000: "/bin/ls" }',
  );
}

function checkedAddress(value: bigint | number): bigint {
  if (
    typeof value === "bigint" ? value > 0n && value < 1n << 64n : Number.isSafeInteger(value) && value > 0
  ) {
    return BigInt(value);
  }
  throw new VmError(
    "bad-input",
    `memory address ${value} is not a whole number from 1 to 2^64 - 1`,
    "choose an address that a pointer can hold",
  );
}

/** Arrays and text of fixed size, in place in the struct that holds them. */
import type { i64, u8, u32 } from "./integers.js";
import { kernelOnly } from "./kernel-only.js";
import type { KernelPtr, Pointee, UserPtr } from "./pointers.js";
import type { LENGTH, TEXT } from "./symbols.js";

/** `N` elements in a row; `T[N]` in C. An index must be provably below `N`. User space sees an array, of `u8` a `Uint8Array`. */
export interface FixedArray<T, N extends number> {
  /** The number of elements, a constant. */
  readonly length: N;
  /** Makes array literals of exactly `N` elements assignable. */
  0: T;
  [index: number]: T;
  readonly [LENGTH]?: N;
  /** `for (const element of array)`: numbers as they are then, structs in place. */
  [Symbol.iterator](): IterableIterator<T>;
  /** `for (const [index, element] of array.entries())`. */
  entries(): IterableIterator<[number, T]>;
}

/** `N` bytes of text that ends at the first NUL; `char[N]` in C. User space sees a string. */
export interface CString<N extends number> {
  /** The size in bytes, the final NUL included; a constant. Not the length of the text. */
  readonly length: N;
  /** The bytes; an index must be provably below `N`. */
  [index: number]: u8;
  readonly [LENGTH]?: N;
  readonly [TEXT]: N;
  /** `for (const byte of text)`: all `N` bytes. */
  [Symbol.iterator](): IterableIterator<u8>;
  /** Whether the text is `text`: another `CString`, or a string literal shorter than `N` bytes in UTF-8. */
  equals(text: string | CString<number>): boolean;
  /** Whether the text begins with `text`, a string literal shorter than `N` bytes in UTF-8. */
  startsWith(text: string): boolean;
  /**
   * Replaces the text: by a string literal shorter than `N` bytes in UTF-8, or by another `CString`, which is cut to fit if it is
   * larger. The rest is zeroed.
   */
  set(text: string | CString<number>): void;
  /** The number of bytes before the first NUL; `N` when there is none. */
  textLength(): u32;
  /**
   * Copies text from user memory, cut to fit and NUL-terminated; its size with the NUL, or -EFAULT.
   * `bpf_probe_read_user_str`, kernel 5.5.
   */
  readUser(address: UserPtr): i64;
  /**
   * Copies text from kernel memory, cut to fit and NUL-terminated; its size with the NUL, or -EFAULT.
   * `bpf_probe_read_kernel_str`, kernel 5.5.
   */
  readKernel(address: KernelPtr): i64;
}

/**
 * Text in memory of its own, from a string literal shorter than `N` bytes in UTF-8; the rest is zeroed. `N` is that of the variable,
 * field or element which it is for, or `cstring<16>("eth0")`. Initial values of static fields and tables can be made of it.
 */
export function cstring<N extends number>(_text: string): CString<N> {
  return kernelOnly("cstring()");
}

/**
 * The element at an index of any size, or null when the array has none there; in a packet also where the packet ends before
 * it. A function and no method, because an array literal, which has JavaScript's `at`, is a `FixedArray` too.
 */
export function elementAt<T, N extends number>(
  _array: FixedArray<T, N>,
  _index: number | bigint,
): Pointee<T> | null {
  return kernelOnly("elementAt()");
}

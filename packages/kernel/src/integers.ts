/**
 * Fixed-width integers. Each is a flavour of `number` or `bigint`: widening without loss is implicit, narrowing is a
 * type error until the converter of the same name is called. Arithmetic in kernel code wraps at the type's width.
 */
import type { be16, be32, be64 } from "./big-endian.js";
import { kernelOnly } from "./kernel-only.js";
import type { KernelPtr, UserPtr } from "./pointers.js";
import type { INT } from "./symbols.js";

/** Unsigned, 8 bits: 0 to 255. */
export type u8 = number & { readonly [INT]?: "u8" };
/** Unsigned, 16 bits, host byte order. */
export type u16 = number & { readonly [INT]?: "u8" | "u16" };
/** Unsigned, 32 bits, host byte order. */
export type u32 = number & { readonly [INT]?: "u8" | "u16" | "u32" };
/** Unsigned, 64 bits, host byte order. */
export type u64 = bigint & { readonly [INT]?: "u64" };
/** Signed, 8 bits: -128 to 127. */
export type i8 = number & { readonly [INT]?: "i8" };
/** Signed, 16 bits, host byte order. */
export type i16 = number & { readonly [INT]?: "u8" | "i8" | "i16" };
/** Signed, 32 bits, host byte order. */
export type i32 = number & { readonly [INT]?: "u8" | "u16" | "i8" | "i16" | "i32" };
/** Signed, 64 bits, host byte order. */
export type i64 = bigint & { readonly [INT]?: "i64" };

/** What an integer converter takes: any integer, a boolean (0 or 1). */
export type Convertible = number | bigint | boolean;

/** The low 8 bits, unsigned. */
export function u8(_value: Convertible): u8 {
  return kernelOnly("u8()");
}
/** The low 16 bits, unsigned; of a `be16`, the number in host order. */
export function u16(_value: Convertible | be16): u16 {
  return kernelOnly("u16()");
}
/** The low 32 bits, unsigned; of a big-endian number, the number in host order. */
export function u32(_value: Convertible | be16 | be32): u32 {
  return kernelOnly("u32()");
}
/** 64 bits, unsigned, sign-extended from a signed type; of a big-endian number, the number in host order; of a pointer, the address. */
export function u64(_value: Convertible | be16 | be32 | be64 | UserPtr | KernelPtr): u64 {
  return kernelOnly("u64()");
}
/** The low 8 bits, signed. */
export function i8(_value: Convertible): i8 {
  return kernelOnly("i8()");
}
/** The low 16 bits, signed. */
export function i16(_value: Convertible): i16 {
  return kernelOnly("i16()");
}
/** The low 32 bits, signed. */
export function i32(_value: Convertible | be16): i32 {
  return kernelOnly("i32()");
}
/** 64 bits, signed, sign-extended from a signed type and zero-extended from an unsigned one. */
export function i64(_value: Convertible | be16 | be32): i64 {
  return kernelOnly("i64()");
}

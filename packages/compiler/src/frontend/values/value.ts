/** What an expression of the kernel language is while it is lowered. */

import type ts from "typescript";
import type { MapDefinition, Region, ValueId } from "../../ir/types.js";
import type { BitRange, DataType, IntType, PointerType } from "../../types/data-type.js";
import type { ContextShape } from "../contexts/shapes.js";
import type { LocalStruct, LocalType } from "../kernel-types/local-types.js";

/** Bounds that a number is known to keep, both included. */
export interface Range {
  readonly min: bigint;
  readonly max: bigint;
  /** Of what a condition says: the verifier may not see that it holds, so an index is compared again. */
  readonly unseen?: true;
  /** Of a field: the number that was read and compared, of which it holds. */
  readonly read?: ScalarValue;
}

/** The smaller of two numbers. */
export const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const greatest = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** What both say. */
export function intersect(a: Range, b: Range): Range {
  return { min: greatest(a.min, b.min), max: least(a.max, b.max) };
}

/** The smallest range that holds all the ranges. */
export function union(ranges: readonly [Range, ...Range[]]): Range {
  return ranges.reduce((a, b) => ({ min: least(a.min, b.min), max: greatest(a.max, b.max) }));
}

/** A literal or what is computed from literals: it takes the type of what it meets. */
export interface ConstantValue {
  readonly kind: "constant";
  readonly value: bigint;
  /** Written as a bigint, so that it is a 64-bit number. */
  readonly wide: boolean;
}

/** A number, boolean, big-endian number or address in a register. Types of up to 32 bits are `i32`, extended. */
export interface ScalarValue {
  readonly kind: "scalar";
  readonly type: IntType | PointerType;
  readonly id: ValueId;
  readonly range: Range | null;
  /** The arithmetic that it is the result of, where that may have wrapped at the width of a narrow type. */
  readonly wrappedAt?: ts.Node;
  /** What it would be had it not wrapped. */
  readonly exact?: Exact;
  /** Variables without a declared width that it was computed from in their narrow type. */
  readonly variables?: readonly NarrowVariable[];
  /** Chosen among literals: like them it takes the type of what it meets, where its own does not fit. */
  readonly isLiteral?: true;
}

/** A result of narrow arithmetic in 32 bits, before it wraps; signed where it may be negative. */
export interface Exact {
  readonly id: ValueId;
  readonly range: Range;
}

/** A `let` without a declared type that is narrow by its first value: what becomes of it shows whether that was meant. */
export interface NarrowVariable {
  readonly type: IntType;
  /** What was assigned that may have wrapped. */
  wrappedAt: ts.Node | null;
  /** What it became somewhere. */
  widenedTo: IntType | null;
}

/** A place in memory: a struct or an array, or a scalar behind a `Ref`. */
export interface MemoryValue {
  readonly kind: "memory";
  readonly type: DataType;
  readonly pointer: ValueId;
  readonly displacement: number;
  /** The type of what lies at `pointer`; null where that is a part of something at a variable offset. */
  readonly root: DataType | null;
  /** What is known of the alignment of `pointer + displacement`. */
  readonly align: number;
  readonly region: Region;
  /** Whether it may be null at this point as far as lowering knows; TypeScript's narrowing guards every access. */
  readonly nullable: boolean;
  /** For a packet read: an i32 that says whether it is there. The pointer itself is then never null. */
  readonly present: ValueId | null;
  /** Whether kernel code must not write to it. */
  readonly readonly: boolean;
  /** Of a map that a map of maps gave: what it is like. */
  readonly map?: MapDefinition;
  /** Of an object of the kernel whose pointers the verifier tells from those to others of the same layout: which kind it is. */
  readonly object?: string;
  /** Of a bit field: the place is then that of its struct, and `type` the field's. */
  readonly bits?: BitPlace;
  /** Of an element of a context's array whose index varies: the place is that of the first. */
  readonly chosen?: ChosenElement;
  /** Of an element at a variable index of an array that shares words with its neighbours: what stores go through. */
  readonly words?: ElementWords;
}

/** The whole words of 8 bytes that an array on the stack lies in, with what else is in them. */
export interface ElementWords {
  /** Where the array's variable begins. */
  readonly pointer: ValueId;
  /** The first byte of the words, from there; a multiple of 8. */
  readonly start: number;
  readonly size: number;
  /** How far the element lies behind the start of its array: an i64. */
  readonly bytes: ValueId;
}

/** Which element of an array is meant: an i32 below `count`, of elements of `size` bytes. */
export interface ChosenElement {
  readonly index: ValueId;
  readonly count: number;
  readonly size: number;
}

/** Where a bit field is in its struct, as `BitRange`, and how many bytes the struct has. */
export interface BitPlace extends BitRange {
  readonly structSize: number;
}

/** What a program received. */
export interface ContextValue {
  readonly kind: "context";
  readonly context: ContextShape;
  readonly pointer: ValueId;
}

/** The arguments of what a program runs for. */
export interface ArgumentsValue {
  readonly kind: "arguments";
  readonly context: ContextValue;
  /** Its properties are the arguments, in order. */
  readonly type: ts.Type;
}

/** A place in the kernel's own memory, whose layout is known when the object is loaded. A pointer to one is its address. */
export interface KernelValue {
  readonly kind: "kernel";
  /** An i64 address; a ptr where the verifier trusts it. */
  readonly base: ValueId;
  /** Whether loads may follow it. */
  readonly trusted: boolean;
  /** Whether the pointer may be null, and is asked before it is followed. Absent means that it is not. */
  readonly nullable?: boolean;
  /** What lies at `base`, for relocations; null when it is no struct. */
  readonly root: LocalStruct | null;
  /** Members and elements from there to the place. */
  readonly access: readonly number[];
  readonly type: LocalType;
}

/** A string literal; legal only where it is compared or copied. */
export interface TextValue {
  readonly kind: "text";
  readonly value: string;
}

export type Value =
  | ConstantValue
  | ScalarValue
  | MemoryValue
  | ContextValue
  | ArgumentsValue
  | KernelValue
  | TextValue
  | { readonly kind: "null" }
  | { readonly kind: "void" };

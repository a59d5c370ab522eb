/** What user space and the in-process machine read from the type of a kernel class. Types only. */
import type { CString, FixedArray } from "./arrays.js";
import type { be16, be32, be64 } from "./big-endian.js";
import type { u8 } from "./integers.js";
import type { KernelPtr, UserPtr } from "./pointers.js";
import type { CONTEXT, INT, KERNEL_OBJECT, MAP, UNION } from "./symbols.js";

/** A map as the type system sees it. `Kind` is the `MapTypeRow.name` of @waggle/object. */
export interface KernelMap<Kind extends string, Key, Value> {
  readonly [MAP]?: { kind: Kind; key: Key; value: Value };
}

/** A program's parameter. `Kind` is the `ProgramTypeRow.name` of @waggle/object; contexts differ nominally by it. */
export interface ProgramContext<Kind extends string> {
  readonly [CONTEXT]: Kind;
}

/** The fields of a struct that user space sees: marks of its kind are none, and what only helpers use, such as locks. */
type FieldOf<T> = keyof {
  [Name in keyof T as Name extends symbol
    ? never
    : T[Name] extends { readonly [KERNEL_OBJECT]: string }
      ? never
      : Name]: unknown;
} &
  keyof T;

/**
 * How user space sees a kernel value: integers of up to 32 bits as numbers, of 64 bits as bigints, big-endian numbers
 * as the number they mean, text as a string, bytes as a `Uint8Array`, other arrays as arrays, structs as plain objects without the marks of their kind.
 */
export type UserValue<T> = [T] extends [be16 | be32]
  ? number
  : [T] extends [be64 | UserPtr | KernelPtr]
    ? bigint
    : [T] extends [number]
      ? number
      : [T] extends [bigint]
        ? bigint
        : [T] extends [boolean]
          ? boolean
          : T extends CString<number>
            ? string
            : T extends FixedArray<infer Element, number>
              ? IsByte<Element> extends true
                ? Uint8Array
                : UserValue<Element>[]
              : T extends object
                ? { -readonly [Name in FieldOf<T>]: UserValue<T[Name]> }
                : never;

/**
 * What user space gives for a kernel value: what it sees of one, and of a union any of its members. Those given must mean the same bytes, so
 * that what was read can be written back; the bytes that a member leaves of the union are zero.
 */
export type UserInput<T> = typeof UNION extends keyof T
  ? { -readonly [Name in FieldOf<T>]?: UserInput<T[Name]> }
  : [UserValue<T>] extends [number | bigint | boolean | string | Uint8Array]
    ? UserValue<T>
    : T extends FixedArray<infer Element, number>
      ? readonly UserInput<Element>[]
      : { -readonly [Name in FieldOf<T>]: UserInput<T[Name]> };

// Plain numbers go both ways with every flavour, so the flavour itself is asked for.
type IsByte<T> = typeof INT extends keyof T ? ([T, u8] extends [u8, T] ? true : false) : false;

/** What a map type holds. */
interface MapFacts<M> {
  readonly facts: typeof MAP extends keyof M ? NonNullable<M[typeof MAP]> : never;
}
/** The kind of a map, e.g. "lru-hash". */
export type MapKind<M> = MapFacts<M>["facts"] extends { kind: infer Kind } ? Kind : never;
/** The key of a map as kernel code has it; never for a ring buffer. */
export type MapKey<M> = MapFacts<M>["facts"] extends { key: infer Key } ? Key : never;
/** The value of a map, or a ring buffer's record, as kernel code has it. */
export type MapValue<M> = MapFacts<M>["facts"] extends { value: infer Value } ? Value : never;

/** The map that a map of maps holds. */
export type MapInner<M> = MapFacts<M>["facts"] extends { inner: infer Inner } ? Inner : never;

/** The kind of the programs in a program array. */
export type MapProgram<M> = MapFacts<M>["facts"] extends { program: infer Kind } ? Kind : never;

/** The maps of a kernel class `C` (`typeof Flows`), by name. */
export type MapsOf<C> = {
  readonly [Name in keyof C as typeof MAP extends keyof C[Name] ? Name : never]: C[Name];
};

type KindOfProgram<F> = F extends (ctx: infer Context) => unknown
  ? Context extends ProgramContext<infer Kind>
    ? Kind
    : never
  : never;

/** The kind of each program of a kernel class, e.g. "xdp", by name. A helper that takes a context must be private. */
export type ProgramsOf<C> = {
  readonly [Name in keyof C as [KindOfProgram<C[Name]>] extends [never] ? never : Name]: KindOfProgram<
    C[Name]
  >;
};

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type IsWritable<C, Name extends keyof C> = Same<{ [N in Name]: C[N] }, { -readonly [N in Name]: C[N] }>;
type IsConfig<C, Name extends keyof C> = Name extends "prototype"
  ? false
  : typeof MAP extends keyof C[Name]
    ? false
    : C[Name] extends (...args: never) => unknown
      ? false
      : IsWritable<C, Name>;

/** What may be set before a kernel class is loaded, by name: its static fields that are neither maps nor readonly. */
export type ConfigOf<C> = {
  -readonly [Name in keyof C as IsConfig<C, Name> extends true ? Name : never]: UserInput<C[Name]>;
};

/** The variables of a kernel class, by name, as user space sees them: the same fields. `@config` constants among them can only be read once loaded. */
export type VariablesOf<C> = {
  -readonly [Name in keyof ConfigOf<C>]: Name extends keyof C ? UserValue<C[Name]> : never;
};

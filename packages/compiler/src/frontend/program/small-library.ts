/** What correct kernel code needs of JavaScript's library: a few dozen declarations instead of some thousand. */

/** The name that stands for `smallLibrary` among TypeScript's own library files. */
export const smallLibraryName = "lib.waggle.d.ts";

/**
 * Names have the types that they have in TypeScript's own libraries, or parts of these; there is nothing that is not there
 * too. So what type-checks with this type-checks in an editor, and what does not is checked again with the whole library.
 */
export const smallLibrary = `
interface Object {
  toString(): string;
  valueOf(): Object;
}
interface Function {
  readonly length: number;
  readonly name: string;
  prototype: any;
}
interface CallableFunction extends Function {}
interface NewableFunction extends Function {}
interface IArguments {
  [index: number]: any;
  length: number;
}
interface Boolean {
  valueOf(): boolean;
}
interface Number {
  toString(radix?: number): string;
  valueOf(): number;
}
interface BigInt {
  toString(radix?: number): string;
  valueOf(): bigint;
}
interface String {
  readonly length: number;
  readonly [index: number]: string;
  valueOf(): string;
}
interface Symbol {
  toString(): string;
  valueOf(): symbol;
}
interface SymbolConstructor {
  readonly iterator: unique symbol;
}
declare var Symbol: SymbolConstructor;
interface IteratorYieldResult<Yield> {
  done?: false;
  value: Yield;
}
interface IteratorReturnResult<Return> {
  done: true;
  value: Return;
}
type IteratorResult<T, Return = any> = IteratorYieldResult<T> | IteratorReturnResult<Return>;
interface Iterator<T, Return = any, Next = any> {
  next(...[value]: [] | [Next]): IteratorResult<T, Return>;
}
interface Iterable<T, Return = any, Next = any> {
  [Symbol.iterator](): Iterator<T, Return, Next>;
}
interface IterableIterator<T, Return = any, Next = any> extends Iterator<T, Return, Next> {
  [Symbol.iterator](): IterableIterator<T, Return, Next>;
}
interface RegExp {
  test(text: string): boolean;
}
interface Error {
  name: string;
  message: string;
  stack?: string;
}
interface ErrorConstructor {
  new (message?: string): Error;
  (message?: string): Error;
  readonly prototype: Error;
}
declare var Error: ErrorConstructor;

interface Array<T> {
  length: number;
  [index: number]: T;
  [Symbol.iterator](): IterableIterator<T>;
  entries(): IterableIterator<[number, T]>;
}
interface ReadonlyArray<T> {
  readonly length: number;
  readonly [index: number]: T;
}
interface TemplateStringsArray extends ReadonlyArray<string> {
  readonly raw: readonly string[];
}
interface ArrayBuffer {
  readonly byteLength: number;
}
interface Uint8Array<Buffer extends ArrayBuffer = ArrayBuffer> {
  readonly buffer: Buffer;
  readonly length: number;
  [index: number]: number;
}

type Partial<T> = { [Name in keyof T]?: T[Name] };
type Required<T> = { [Name in keyof T]-?: T[Name] };
type Readonly<T> = { readonly [Name in keyof T]: T[Name] };
type Pick<T, Names extends keyof T> = { [Name in Names]: T[Name] };
type Record<Names extends keyof any, T> = { [Name in Names]: T };
type Exclude<T, Other> = T extends Other ? never : T;
type Extract<T, Other> = T extends Other ? T : never;
type Omit<T, Names extends keyof any> = Pick<T, Exclude<keyof T, Names>>;
type NonNullable<T> = T & {};
type PropertyKey = string | number | symbol;

type DecoratorMetadata = (Record<PropertyKey, unknown> & object) | undefined;
interface ClassDecoratorContext<Class extends abstract new (...args: any) => any = abstract new (...args: any) => any> {
  readonly kind: "class";
  readonly name: string | undefined;
  addInitializer(initializer: (this: Class) => void): void;
  readonly metadata: DecoratorMetadata;
}
interface ClassMethodDecoratorContext<
  This = unknown,
  Value extends (this: This, ...args: any) => any = (this: This, ...args: any) => any,
> {
  readonly kind: "method";
  readonly name: string | symbol;
  readonly static: boolean;
  readonly private: boolean;
  readonly access: { has(object: This): boolean; get(object: This): Value };
  addInitializer(initializer: (this: This) => void): void;
  readonly metadata: DecoratorMetadata;
}
interface ClassFieldDecoratorContext<This = unknown, Value = unknown> {
  readonly kind: "field";
  readonly name: string | symbol;
  readonly static: boolean;
  readonly private: boolean;
  readonly access: { has(object: This): boolean; get(object: This): Value; set(object: This, value: Value): void };
  addInitializer(initializer: (this: This) => void): void;
  readonly metadata: DecoratorMetadata;
}
`;

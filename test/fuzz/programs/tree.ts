/** A generated program as a tree. Names are unique in a program, so that no scope is kept. */
import type { Aggregate, IntType, Scalar, StructType, Type } from "./types.js";

/** What makes a number or boolean. `type` is what it is computed as. */
export type Expression =
  /** `bare` stands as a plain literal and takes the type of what it meets. */
  | { readonly kind: "literal"; readonly type: Scalar; readonly value: bigint; readonly bare: boolean }
  | { readonly kind: "variable"; readonly type: Scalar; readonly name: string }
  | { readonly kind: "read"; readonly type: Scalar; readonly place: Place }
  | { readonly kind: "unary"; readonly type: IntType; readonly sign: string; readonly value: Expression }
  | Binary
  | { readonly kind: "convert"; readonly type: Scalar; readonly value: Expression }
  | Compare
  | { readonly kind: "not"; readonly type: Scalar; readonly value: Expression }
  /** A number as a condition. */
  | { readonly kind: "truth"; readonly type: Scalar; readonly value: Expression }
  /** `&&` and `||`, of booleans or of numbers. */
  | Logical
  | {
      readonly kind: "ternary";
      readonly type: Scalar;
      readonly test: Expression;
      readonly yes: Expression;
      readonly no: Expression;
    }
  /** `min`, `max`. */
  | {
      readonly kind: "choose";
      readonly type: IntType;
      readonly name: "min" | "max";
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: "update";
      readonly type: IntType;
      readonly target: Target;
      readonly sign: "++" | "--";
      readonly prefix: boolean;
    }
  | { readonly kind: "call"; readonly type: Scalar; readonly name: string; readonly given: readonly Given[] }
  /** `map.get(key)?.path ?? otherwise`. */
  | {
      readonly kind: "lookup";
      readonly type: Scalar;
      readonly map: string;
      readonly key: Key;
      readonly path: readonly string[];
      readonly otherwise: Expression;
    }
  /** `pick<T>(test, yes, no)`: a generic function; both sides are computed. */
  | {
      readonly kind: "generic";
      readonly type: Scalar;
      readonly test: Expression;
      readonly yes: Expression;
      readonly no: Expression;
    }
  /** `elementAt(array, index)?.value ?? otherwise`. */
  | {
      readonly kind: "element";
      readonly type: Scalar;
      readonly of: Place;
      readonly index: Expression;
      readonly otherwise: Expression;
    }
  /** `map.has(key)`. */
  | { readonly kind: "has"; readonly type: Scalar; readonly map: string; readonly key: Key }
  /** `ctx.length`. */
  | { readonly kind: "packetLength"; readonly type: Scalar };

/** Two operands, of types that meet at `type`. */
export interface Binary {
  readonly kind: "binary";
  readonly type: IntType;
  readonly sign: string;
  readonly left: Expression;
  readonly right: Expression;
}
/** A comparison; `at` is the type in which the operands meet. */
export interface Compare {
  readonly kind: "compare";
  readonly type: Scalar;
  readonly sign: string;
  readonly left: Expression;
  readonly right: Expression;
}
/** `&&` or `||`. */
export interface Logical {
  readonly kind: "logical";
  readonly type: Scalar;
  readonly sign: "&&" | "||";
  readonly left: Expression;
  readonly right: Expression;
}

/** A part of the memory that a variable refers to. */
export interface Place {
  readonly kind: "place";
  readonly type: Type;
  readonly root: string;
  readonly steps: readonly Step[];
  /** Of a bit field, its width. */
  readonly width?: number;
}
/** One step into memory. */
export type Step =
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "index"; readonly index: Expression };

/** What an assignment writes. */
export type Target = Place | { readonly kind: "variable"; readonly type: Scalar; readonly name: string };

/** Makes a struct or array: a literal, a copy, zeroes, the result of a function. */
export type Making =
  | {
      readonly kind: "fields";
      readonly type: Aggregate;
      readonly parts: readonly { readonly name: string; readonly value: Made }[];
    }
  | { readonly kind: "copy"; readonly type: Aggregate; readonly of: Place }
  | { readonly kind: "zeroed"; readonly type: Aggregate }
  | {
      readonly kind: "spread";
      readonly type: StructType;
      readonly of: Place;
      readonly parts: readonly { readonly name: string; readonly value: Expression }[];
    }
  | {
      readonly kind: "made";
      readonly type: StructType;
      readonly name: string;
      readonly given: readonly Given[];
    };
/** What a part of a literal is given. */
export type Made = Expression | Making | Place;

/** An argument: a number, a reference, or a function. */
export type Given = Expression | Place | Closure;

/** An arrow function. What it captures it shares. */
export interface Closure {
  readonly kind: "closure";
  readonly parameters: readonly string[];
  readonly body: readonly Statement[];
  readonly result: Expression | null;
}

/** The key of a map: a number, or a struct. */
export type Key = Expression | Making | Place;

/** A statement. */
export type Statement =
  | {
      readonly kind: "let";
      readonly name: string;
      readonly type: Scalar;
      readonly value: Expression;
      readonly fixed: boolean;
      readonly typed: boolean;
    }
  | { readonly kind: "struct"; readonly name: string; readonly value: Making }
  /** A reference to a part. */
  | { readonly kind: "alias"; readonly name: string; readonly of: Place }
  | { readonly kind: "assign"; readonly target: Target; readonly sign: string; readonly value: Expression }
  /** Copies into a part. */
  | { readonly kind: "store"; readonly target: Place; readonly value: Making | Place }
  | { readonly kind: "update"; readonly target: Target; readonly sign: "++" | "--" }
  /** `[a, b] = [b, a]`. */
  | { readonly kind: "swap"; readonly left: Target; readonly right: Target }
  /** `const { field: name, … } = place`. */
  | {
      readonly kind: "pattern";
      readonly of: Place;
      readonly names: readonly { readonly field: string; readonly name: string }[];
    }
  | { readonly kind: "if"; readonly test: Expression; readonly yes: Block; readonly no: Block | null }
  | { readonly kind: "switch"; readonly on: Expression; readonly cases: readonly Case[] }
  | Loop
  | {
      readonly kind: "shrink";
      readonly name: string;
      readonly type: IntType;
      readonly start: Expression;
      readonly sign: string;
      readonly by: bigint;
      readonly label: string | null;
      readonly body: Block;
    }
  | {
      readonly kind: "each";
      readonly item: string;
      readonly index: string | null;
      readonly of: Place;
      readonly label: string | null;
      readonly body: Block;
    }
  /** `for (const [key, item] of map)`, of a map with indexes. */
  | {
      readonly kind: "entries";
      readonly key: string;
      readonly item: string;
      readonly map: string;
      readonly label: string | null;
      readonly body: Block;
    }
  /** A reference to one of two. */
  | {
      readonly kind: "either";
      readonly name: string;
      readonly test: Expression;
      readonly yes: Place;
      readonly no: Place;
    }
  | { readonly kind: "jump"; readonly word: "break" | "continue"; readonly label: string | null }
  | { readonly kind: "return"; readonly value: Expression | Making | null }
  /** Ends the program with an action. */
  | {
      readonly kind: "leave";
      readonly action: Action;
      readonly unless: { readonly test: Expression; readonly action: Action } | null;
    }
  | { readonly kind: "call"; readonly name: string; readonly given: readonly Given[] }
  /** `const name = map.get(key); if (name !== null) …` */
  | {
      readonly kind: "get";
      readonly name: string;
      readonly map: string;
      readonly key: Key;
      readonly initial: Expression | Making | null;
      readonly early: Action | null;
      readonly yes: Block;
      readonly no: Block;
    }
  | {
      readonly kind: "set";
      readonly map: string;
      readonly key: Key;
      readonly value: Expression | Making | Place;
      readonly mode: "any" | "create";
    }
  | { readonly kind: "delete"; readonly map: string; readonly key: Key };

/** Statements in braces. */
export interface Block {
  readonly kind: "block";
  readonly body: readonly Statement[];
}
/** A case of a switch; without values it is the default. */
export interface Case {
  readonly kind: "case";
  readonly values: readonly bigint[] | null;
  readonly body: readonly Statement[];
  readonly falls: boolean;
}
/** A loop that counts. */
export interface Loop {
  readonly kind: "loop";
  readonly form: "for" | "while" | "do" | "forever" | "range" | "callback";
  readonly name: string;
  readonly type: IntType;
  readonly from: bigint;
  readonly sign: string;
  readonly to: Expression;
  readonly step: bigint;
  readonly also: Expression | null;
  readonly label: string | null;
  readonly body: Block;
}

/** What an XDP program returns. */
export type Action = "Aborted" | "Drop" | "Pass" | "Tx" | "Redirect";

/** A function. */
export interface FunctionTree {
  readonly kind: "function";
  readonly name: string;
  readonly form: "plain" | "static" | "noinline" | "generic";
  readonly parameters: readonly Parameter[];
  readonly result: Scalar | StructType | null;
  readonly body: readonly Statement[];
}
/** A parameter: a number, a reference, or a function of numbers. */
export interface Parameter {
  readonly name: string;
  readonly type: Type | CallbackType;
}
/** The type of a function that is given. */
export interface CallbackType {
  readonly kind: "callback";
  readonly takes: readonly IntType[];
  readonly gives: IntType | null;
}

/** A map. */
export interface MapTree {
  readonly name: string;
  readonly form: "ArrayMap" | "HashMap" | "PerCpuArrayMap" | "LruHashMap";
  readonly key: Type;
  readonly value: Type;
  readonly entries: number;
}
/** A static field of a struct or array, which begins as zeroes. */
export interface MemoryTree {
  readonly name: string;
  readonly type: Aggregate;
}
/** A static field of a number. */
export interface StaticTree {
  readonly name: string;
  readonly type: IntType;
  readonly value: bigint;
  /** A `@config` constant, with what the loader sets. */
  readonly config: bigint | null;
}
/** A `const` array of numbers outside of the class. */
export interface TableTree {
  readonly name: string;
  readonly type: ArrayType;
  readonly values: readonly bigint[];
}
type ArrayType = Extract<Type, { kind: "array" }>;

/** A whole program, its inputs, and all that it declares. */
export interface ProgramTree {
  readonly kind: "program";
  readonly seed: number;
  readonly name: string;
  readonly types: readonly Type[];
  readonly statics: readonly StaticTree[];
  readonly tables: readonly TableTree[];
  readonly memory: readonly MemoryTree[];
  readonly maps: readonly MapTree[];
  readonly functions: readonly FunctionTree[];
  /** What the packet begins with; the variable that refers to it is `io`. */
  readonly io: StructType;
  readonly body: readonly Statement[];
  /** The packets: bytes of `io` in little-endian order are made from these values. */
  readonly inputs: readonly Input[];
}
/** One packet: the numbers of `io` in order, and how many bytes are cut off. */
export interface Input {
  readonly numbers: readonly bigint[];
  readonly length: number;
}

/** What lowering knows while it works on a class and on one of its functions. */
import type { ByteOrder, KernelVersion, LogSite } from "@waggle/object";
import type ts from "typescript";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { FunctionBuilder } from "../ir/builder.js";
import type {
  BlockId,
  DataDefinition,
  ExternDefinition,
  IrFunction,
  MapDefinition,
  SlotId,
  SourceLocation,
} from "../ir/types.js";
import type { IntType, PointerType } from "../types/data-type.js";
import type { KernelTypes } from "./kernel-types/declared-types.js";
import type { KernelProgram } from "./program/program.js";
import type { LoopStart } from "./statements/loop-facts.js";
import type { ResolvedType, TypeResolver } from "./values/resolve-type.js";
import type { Substitution } from "./values/substitution.js";
import type {
  ConstantValue,
  ContextValue,
  MemoryValue,
  NarrowVariable,
  Range,
  ScalarValue,
  Value,
} from "./values/value.js";

/** A declaration with a body that can be lowered. */
export type FunctionNode =
  | ts.FunctionDeclaration
  | ts.MethodDeclaration
  | ts.ArrowFunction
  | ts.FunctionExpression;

/** A function that is or will be lowered. */
export interface FunctionEntry {
  readonly name: string;
  /** As messages call it: `largest<u32>` for an instance of a generic function. */
  readonly title: string;
  readonly declaration: FunctionNode;
  /** The ELF section of a program; null for a plain function. */
  readonly section: string | null;
  readonly callees: Set<FunctionEntry>;
  /** What its type parameters stand for. */
  readonly types: Substitution;
  /** "noinline" is a subprogram of its own; "global" is also verified on its own; "auto" leaves it to the compiler. */
  readonly form: "auto" | "noinline" | "global";
  /** Who called it first; null for a program. */
  readonly caller: FunctionEntry | null;
  /** What the kernel calls it with: an entry's map, key and value, or a record that it reads. Absent where the kernel does not. */
  readonly callback?: "entry" | "record";
  /** The parameters that are memory of a context, by index: the pointer that is passed is that of the context. */
  readonly places?: ReadonlyMap<number, MemoryValue>;
}

/** What the class is compiled for. */
export interface FrontendTarget {
  readonly byteOrder: ByteOrder;
  /** The oldest kernel that is to load it. */
  readonly kernel: KernelVersion;
}

/** One kernel class. */
export interface ClassState {
  readonly kernel: KernelProgram;
  readonly checker: ts.TypeChecker;
  readonly resolver: TypeResolver;
  readonly target: FrontendTarget;
  readonly declaration: ts.ClassDeclaration;
  readonly maps: Map<ts.Symbol, MapDefinition>;
  readonly configs: Map<ts.Symbol, DataDefinition>;
  readonly kernelTypes: KernelTypes;
  /** Functions of the kernel that are called, by name. */
  readonly externs: Map<string, Omit<ExternDefinition, "weak"> & { readonly weak: () => boolean }>;
  /** Variables that the compiler adds, by name: counters of lost records, and what the loader finds out from the kernel. */
  readonly ownData: Map<string, DataDefinition>;
  /** Maps that the compiler adds, by name: the ring buffer of messages. */
  readonly ownMaps: Map<string, MapDefinition>;
  /** Where messages are sent from, by number. */
  readonly logs: Map<number, LogSite>;
  /** By declaration; instances of generic functions by a key of their own. */
  readonly functions: Map<ts.Node | string, FunctionEntry>;
  readonly names: Set<string>;
  readonly queue: FunctionEntry[];
  /** Bounds of the numbers that lowered functions give. */
  readonly results: Map<FunctionEntry, Range>;
  /** Where one-line functions of @waggle/kernel are being put in place: their lines are not the user's. */
  readonly callSites: SourceLocation[];
  /** Mistakes in functions that were lowered in the middle of their caller. */
  readonly inCallees: Diagnostic[];
  readonly lowered: IrFunction[];
  readonly sources: { readonly path: string; readonly text: string }[];
  readonly diagnostics: Diagnostic[];
  /** Parts of the source that are not lowered, because of a mistake that is reported elsewhere. */
  readonly leftOut: ts.Node[];
}

/** What a local name stands for. */
export type Binding =
  | { readonly kind: "value"; readonly value: Value }
  | {
      readonly kind: "scalar";
      readonly type: IntType | PointerType;
      readonly slot: SlotId;
      /** What is known of its first value. */
      readonly initial?: Range;
      /** Of one that is narrow by its first value only. */
      readonly narrow?: NarrowVariable;
    }
  | {
      readonly kind: "reference";
      readonly shape: MemoryValue;
      readonly slot: SlotId;
      /** What it refers to at first. */
      readonly origin: MemoryValue | null;
      /** Of a variable that is null at first: the object of the kernel that it was assigned. */
      readonly met?: MemoryValue;
    }
  /** A variable in memory that is not this function's own stack, or that a pattern names. */
  | { readonly kind: "place"; readonly place: MemoryValue }
  /** A function that was given as an argument. */
  | { readonly kind: "closure"; readonly closure: Closure }
  /** Its declaration was rejected: uses are not reported again. */
  | { readonly kind: "broken" };

/** Where break and continue go. */
export interface JumpTargets {
  readonly onBreak: BlockId;
  /** Null for what is no loop. */
  readonly onContinue: BlockId | null;
  /** A labelled block: `break` leaves it by its label only. */
  readonly isBlock: boolean;
  readonly labels: readonly string[];
  /** How often the body runs at most, with the loops around it. */
  readonly turns: bigint;
}

/** A function given as an argument, with what it sees. */
export interface Closure {
  readonly node: FunctionNode;
  /** Where it was written; null for a function that sees nothing but its module. */
  readonly scope: FunctionState | null;
  readonly types: Substitution;
}

/** How `return` leaves a body. */
export interface Leave {
  /** Where a body that was put in place of its call goes on; null for a function of its own, which returns. */
  readonly join: BlockId | null;
  /** Memory of the caller that a struct returned by value is copied to; null when nothing is. */
  readonly copyTo: MemoryValue | null;
  /** Bounds of the numbers that the body has given so far; null for one of which nothing is known. */
  readonly given: (Range | null)[];
  /** The references that a body that was put in place of its call has given so far. */
  readonly references: MemoryValue[];
}

/** A lock that is held. */
export interface HeldLock {
  /** The calls that the function had when the lock was taken, or when one was last reported. */
  calls: number;
}

/** A comparison that a walked loop goes on by only while a variable is no more than a constant. */
export interface SeenEnd {
  readonly symbol: ts.Symbol;
  readonly last: bigint;
  /** What the comparison is where the variable is more. */
  readonly beyond: boolean;
}

/** A field that a variable leads to by names alone: `s.header.n`. Each is one object in a function. */
export interface PlacePath {
  readonly root: ts.Symbol;
  readonly names: readonly string[];
  /** Whether it is in the function's own stack, where nobody else writes. */
  readonly isOwn: boolean;
}

/** What something is known of: a variable, or a field. */
export type FactKey = ts.Symbol | PlacePath;

/** One function, or a body that is lowered in place of its call. */
export interface FunctionState {
  readonly owner: ClassState;
  readonly entry: FunctionEntry;
  readonly builder: FunctionBuilder;
  readonly bindings: Map<ts.Symbol, Binding>;
  /** Bounds of variables that hold here; the innermost scope is last. */
  readonly facts: Map<FactKey, Range>[];
  /** Fields of which something was known. */
  readonly paths: PlacePath[];
  /** What assignments gave, by the assignment. */
  readonly assigned: Map<ts.Node, Range>;
  /** The numbers that assignments and literals stored in fields, by what did. */
  readonly stored: Map<ts.Node, ScalarValue>;
  /** What the sides of comparisons were, by their expressions. */
  readonly compared: Map<ts.Node, ConstantValue | ScalarValue>;
  /** What the verifier is to see of comparisons that loops end by, by the comparison. */
  readonly ends: Map<ts.Node, SeenEnd>;
  /** The loops around, the innermost last. */
  readonly loops: LoopStart[];
  /** Of the statements around, the innermost last. */
  readonly jumps: JumpTargets[];
  /** Where chains with `?.` go that are null, by the whole chain. */
  readonly chains: Map<ts.Node, BlockId>;
  readonly returns: ResolvedType;
  readonly leave: Leave;
  /** The context with the packet that the functions around work on, whose bodies this one was put into; null when there is none. */
  readonly packet: ContextValue | null;
  /** Set while a lock is held: helpers and functions must not be called. */
  readonly lock: HeldLock | null;
  /** The functions whose bodies this one was put into, the outermost first. */
  readonly within: readonly FunctionNode[];
}

/** The place of a node for line info. */
export function locationOf(owner: ClassState, node: ts.Node): SourceLocation {
  const file = node.getSourceFile();
  const site = owner.callSites.at(-1);
  if (site !== undefined && file.fileName.startsWith(owner.kernel.kernelSources)) return site;
  let index = owner.sources.findIndex((source) => source.path === file.fileName);
  if (index < 0) index = owner.sources.push({ path: file.fileName, text: file.text }) - 1;
  const { line, character } = file.getLineAndCharacterOfPosition(node.getStart(file));
  return { file: index, line: line + 1, column: character + 1 };
}

/** The symbol of a name, through imports. */
export function symbolOf(owner: ClassState, node: ts.Node): ts.Symbol | null {
  const symbol = owner.checker.getSymbolAtLocation(node);
  if (symbol === undefined) return null;
  // 2097152 is SymbolFlags.Alias; a type-only import of the API keeps this file free of the compiler's code.
  return symbol.flags & 2097152 ? owner.checker.getAliasedSymbol(symbol) : symbol;
}

/** The name under which @waggle/kernel declares the symbol; null when it is declared elsewhere. */
export function kernelName(owner: ClassState, symbol: ts.Symbol | null): string | null {
  const file = symbol?.declarations?.[0]?.getSourceFile().fileName;
  if (symbol === null || file === undefined || owner.kernel.kernelSources === "") return null;
  return file.startsWith(owner.kernel.kernelSources) ? symbol.name : null;
}

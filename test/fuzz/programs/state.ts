/** What the generator knows where it writes the next statement. */
import type { Random } from "../shared/random.js";
import type { CallbackType, FunctionTree, MapTree, TableTree } from "./tree.js";
import type { Aggregate, Scalar, StructType, Type } from "./types.js";

/** A variable with a number. */
export interface Variable {
  readonly name: string;
  readonly type: Scalar;
  /** It is not assigned. */
  readonly fixed: boolean;
  /** The compiler knows that it is below this. */
  readonly below: number | null;
}

/** A variable that refers to memory. */
export interface Reference {
  readonly name: string;
  readonly type: Aggregate;
  /** Elements of packets, and of memory that may lie in one, take constant indexes. */
  readonly constantIndexes: boolean;
  readonly writable: boolean;
}

/** A loop around the place. */
export interface Around {
  readonly label: string;
  readonly mayContinue: boolean;
}

/** What the program declares. */
export interface Shared {
  readonly prefix: string;
  readonly types: Type[];
  readonly structs: StructType[];
  readonly maps: MapTree[];
  readonly tables: TableTree[];
  /** Every kernel targeted has `bpf_loop`: loops need not be short. */
  readonly modern: boolean;
  readonly functions: FunctionTree[];
  /** References that other names refer into: what they refer to is not replaced. */
  readonly pinned: Set<string>;
  names: number;
}

/** Where the generator is. Inner blocks have a state of their own. */
export interface State {
  readonly random: Random;
  readonly shared: Shared;
  readonly variables: Variable[];
  readonly references: Reference[];
  readonly callbacks: readonly { readonly name: string; readonly type: CallbackType }[];
  readonly loops: readonly Around[];
  /** What `return` takes: an action of the program, a value, or nothing. */
  readonly gives: "action" | Scalar | StructType | null;
  /** `return` and jumps are not written here. */
  readonly closed: boolean;
  /** Maps into which a reference leads: they stay as they are. */
  readonly busy: ReadonlySet<string>;
  readonly inSwitch: boolean;
  /** In a function that is not put in place: it does not know where a packet that a parameter may lie in ends. */
  readonly noinline: boolean;
  /** How many blocks are around. */
  readonly depth: number;
  /** Statements that may still be written. */
  readonly budget: { left: number };
}

/** The state inside a block. */
export function inside(state: State, changes: Partial<State> = {}): State {
  return {
    ...state,
    variables: [...state.variables],
    references: [...state.references],
    depth: state.depth + 1,
    ...changes,
  };
}

/** A name that nothing else has. */
export const newName = ({ shared }: State, letter: string): string => `${letter}${shared.names++}`;

import { ObjectError } from "../errors.js";

/** Where in a program a CO-RE relocation is. */
export interface CorePlace {
  readonly program: string;
  /** Slot in the program's instructions. */
  readonly instruction: number;
  /** From line information; null without it. */
  readonly source: { readonly file: string; readonly line: number; readonly column: number } | null;
}

/** A CO-RE relocation that cannot be done. Its `code` is "bad-core-relocation". */
export class CoreRelocationError extends ObjectError {
  /**
   * @param place where it is
   * @param what what it asks, e.g. "offset of task_struct.pid"
   * @param why what is wrong with it
   * @param candidates types of the kernel that were tried, as in the message, e.g. "struct task_struct (type 12): 8"
   * @param help what to do
   */
  constructor(
    readonly place: CorePlace,
    readonly what: string,
    readonly why: string,
    readonly candidates: readonly string[],
    readonly help: string,
  ) {
    const { program, instruction, source } = place;
    const at = source === null ? "" : ` (${source.file}:${source.line}:${source.column})`;
    const tried = candidates.length === 0 ? "" : `; the kernel has ${candidates.join(", ")}`;
    super("bad-core-relocation", `program ${program}${at}: ${what}: ${why}${tried}. ${help}`, {
      name: program,
      offset: instruction,
    });
  }
}

/** The target's pipeline: IR of one function to code. */
import type { Instruction } from "@waggle/object";
import { BugError } from "../ir/bug-error.js";
import type { CoreRelocation, IrFunction, SourceLocation } from "../ir/types.js";
import { allocate } from "./allocate.js";
import { checkAllocation } from "./check-allocation.js";
import { encodeFunction } from "./encode.js";
import { checkFrame, layoutFrame } from "./frame.js";
import type { SymbolReference } from "./machine.js";
import { printMachine } from "./print-machine.js";
import { selectFunction } from "./select.js";
import type { TargetOptions } from "./target-error.js";

/** Code of one function, before it has an address. */
export interface CompiledFunction {
  readonly name: string;
  /** As `IrFunction.section`. */
  readonly section: string | null;
  readonly instructions: readonly Instruction[];
  /** 64-bit immediate loads and calls whose target the linker or loader fills in. */
  readonly relocations: readonly { readonly instruction: number; readonly symbol: SymbolReference }[];
  /** Instructions whose number the loader finds in the kernel's BTF. */
  readonly questions: readonly { readonly instruction: number; readonly relocation: CoreRelocation }[];
  readonly linkage: IrFunction["linkage"];
  /** By instruction, ascending. */
  readonly lines: readonly { readonly instruction: number; readonly location: SourceLocation }[];
  /** Source variables in the registers that an instruction reads; by instruction, ascending. */
  readonly names: readonly {
    readonly instruction: number;
    readonly register: number;
    readonly name: string;
  }[];
  /** Variables of the frame: bytes from r10 to the first byte, and their number. */
  readonly variables: readonly { readonly offset: number; readonly size: number; readonly name: string }[];
  /** Bytes of this function's own frame. */
  readonly stackBytes: number;
}

export interface GenerateOptions extends TargetOptions {
  /** Prove the register allocation anew: for tests. */
  readonly check?: boolean;
  /** Allocate with fewer than the 10 registers, to force spilling in tests. */
  readonly registers?: number;
}

/**
 * Compiles one function.
 * @throws TargetError when the program does not fit the target
 * @throws BugError when an invariant of the compiler broke
 */
export function generate(f: IrFunction, options: GenerateOptions): CompiledFunction {
  const frame = layoutFrame(f.slots);
  const machine = selectFunction(f, options, frame);
  const allocated = allocate(machine, options.registers);
  if (options.check === true) {
    const problems = checkAllocation(machine, allocated);
    if (problems.length > 0) throw new BugError(problems.join("\n"), printMachine(machine));
  }
  checkFrame(f, allocated.frameBytes, frame.bytes);
  const encoded = encodeFunction(allocated, options, f.location);
  return {
    name: f.name,
    section: f.section,
    linkage: f.linkage,
    ...encoded,
    variables: f.slots.map(({ id, name, size }) => ({ offset: frame.offsets.get(id) ?? 0, size, name })),
    stackBytes: allocated.frameBytes,
  };
}

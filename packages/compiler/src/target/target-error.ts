import type { ByteOrder } from "@waggle/object";
import type { Code } from "../diagnostics/codes.js";
import type { SourceLocation } from "../ir/types.js";

/** The BPF instruction set version of `-mcpu`: v2 adds unsigned and signed `<` jumps, v3 32-bit arithmetic, v4 signed division, sign extension and long jumps. */
export type Cpu = 1 | 2 | 3 | 4;

/** What code is generated for. */
export interface TargetOptions {
  readonly byteOrder: ByteOrder;
  readonly cpu: Cpu;
  /**
   * Whether every verifier that is to take the code follows loads from the stack through any pointer (see verifier/stack-pointers.ts).
   * Default: true.
   */
  readonly followsStackPointers?: boolean;
}

/** What the target can refuse in a correct program. Codes are stable. */
export const targetErrorCodes = {
  stackTooLarge: "WG3001",
  callChainTooDeep: "WG3002",
  needsNewerCpu: "WG3003",
  tooLargeToCopy: "WG3004",
  functionTooLarge: "WG3005",
  needsNewerKernel: "WG3007",
  tailCallInLoop: "WG3008",
  /** A warning. */
  movedToScratch: "WG3006",
} as const satisfies Record<string, Code>;
export type TargetErrorCode = (typeof targetErrorCodes)[keyof typeof targetErrorCodes];

/** A program that is right but does not fit the machine: it becomes a diagnostic at `location`. */
export class TargetError extends Error {
  override readonly name = "TargetError";

  /**
   * @param code stable across releases
   * @param message what does not fit, in the user's words
   * @param location where; null when the function has no place in the source
   * @param notes facts that help to find the cause, one a line
   * @param help what to write instead
   */
  constructor(
    readonly code: TargetErrorCode,
    message: string,
    readonly location: SourceLocation | null,
    readonly notes: readonly string[] = [],
    readonly help: string | null = null,
  ) {
    super(message);
  }
}

/** Every way in which a simulated program stops before its exit. Codes are stable; messages are for people. */
export type VmErrorCode =
  | "null-dereference"
  | "bad-address"
  | "out-of-bounds"
  | "read-only"
  | "uninitialised-stack"
  | "uninitialised-register"
  | "misaligned"
  | "bad-access"
  | "bad-instruction"
  | "bad-jump"
  | "bad-argument"
  | "unknown-helper"
  | "not-in-kernel"
  | "instruction-limit"
  | "call-depth"
  | "leaked-reference"
  | "unsupported-program"
  | "unsupported-map"
  | "bad-map"
  | "bad-input"
  | "bad-option"
  | "exists"
  | "not-found"
  | "too-large"
  | "not-possible";

/** Where in a program something happened. */
export interface VmLocation {
  readonly program: string;
  /** The function in the program, which is the program itself or a subprogram. */
  readonly function: string;
  /** Index of the instruction slot, as the kernel's verifier counts. */
  readonly instruction: number;
  readonly disassembly: string;
  /** Null when the object has no line information for the instruction. Line and column count from 1. */
  readonly source: {
    readonly file: string;
    readonly line: number;
    readonly column: number;
    readonly text: string;
  } | null;
}

/**
 * Thrown when a program does what the kernel's verifier would not allow, when it needs what is not simulated, or when
 * a test gives something that does not fit the object.
 */
export class VmError extends Error {
  override readonly name = "VmError";

  /**
   * @param code what went wrong, stable across releases
   * @param reason what went wrong, for people
   * @param help what to do about it
   * @param location the instruction at fault; null when no program was running
   */
  constructor(
    readonly code: VmErrorCode,
    readonly reason: string,
    readonly help: string,
    readonly location: VmLocation | null = null,
  ) {
    super(format(reason, help, location));
  }

  /** The same error at an instruction. An error that has a place keeps it. */
  at(location: VmLocation): VmError {
    return this.location === null ? new VmError(this.code, this.reason, this.help, location) : this;
  }
}

function format(reason: string, help: string, location: VmLocation | null): string {
  if (location === null) return `${reason}\n  help: ${help}`;
  const name =
    location.function === location.program
      ? location.program
      : `${location.program} (in ${location.function})`;
  const lines = [`${name}: ${reason}`, `  at instruction ${location.instruction}: ${location.disassembly}`];
  const { source } = location;
  if (source !== null) {
    const text = source.text.trim();
    lines.push(`  at ${source.file}:${source.line}:${source.column}${text === "" ? "" : `: ${text}`}`);
  }
  lines.push(`  help: ${help}`);
  return lines.join("\n");
}

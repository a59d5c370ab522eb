import type { Btf, ProgramSpec } from "@waggle/object";
import { VmError } from "../errors.js";
import type { AddressSpace } from "../memory/address-space.js";
import type { Word } from "../memory/region.js";
import type { TestMemory } from "../memory/test-memory.js";
import type { Packet } from "./packet.js";

/** What a context is made from. */
export interface ContextRequest {
  readonly program: ProgramSpec;
  readonly btf: Btf | null;
  readonly space: AddressSpace;
  readonly littleEndian: boolean;
  /** What the test gave to `run`. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly memory: TestMemory;
}

/** A context in simulated memory. */
export interface Context {
  readonly address: Word;
  readonly packet: Packet | null;
  /** What the result has beside r0 and the count of instructions. */
  outputs(redirect: number | null): Readonly<Record<string, unknown>>;
  release(): void;
}

/** How programs of one type are called. */
export interface ContextRow {
  /** `ProgramTypeRow.uapi`. */
  readonly programType: string;
  /** Names that `run` takes in its input, beside `task`, `cpu` and `memory`. */
  readonly inputs: readonly string[];
  /** Throws a `VmError` for input that does not fit. */
  readonly build: (request: ContextRequest) => Context;
}

/** An optional 32-bit number of the input. Throws a `VmError` for anything else. */
export function numberInput(request: ContextRequest, name: string, fallback: number): number {
  const value = request.input[name] ?? fallback;
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
    throw badInput(request, `${name} is ${String(value)}`, "give a whole number from 0 to 4294967295");
  }
  return value;
}

/** An error about what was given to `run`. */
export function badInput(request: ContextRequest, reason: string, help: string): VmError {
  return new VmError("bad-input", `run of ${request.program.name}: ${reason}`, help);
}

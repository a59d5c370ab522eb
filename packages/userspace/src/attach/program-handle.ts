import type { ProgramSpec } from "@waggle/object";
import type { Descriptor } from "../sys/descriptor.js";

/** A loaded program, to whoever attaches it. */
export interface ProgramHandle {
  readonly spec: ProgramSpec;
  readonly descriptor: Descriptor;
}

const descriptors = new WeakMap<object, Descriptor>();

/** Remembers what the user's side of a program is to the kernel. */
export const rememberProgram = (program: object, descriptor: Descriptor): void => {
  descriptors.set(program, descriptor);
};

/** A program's descriptor; null for what is none. */
export const descriptorOf = (program: object): Descriptor | null => descriptors.get(program) ?? null;

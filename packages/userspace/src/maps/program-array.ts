import type { MapSpec } from "@waggle/object";
import { descriptorOf } from "../attach/program-handle.js";
import { Errno } from "../errors/errno.js";
import { ClosedError, MapError } from "../errors/errors.js";
import { systemCallError } from "../errors/system-call-failure.js";
import type { PinOptions } from "../pin/bpf-file-system.js";
import { pinAt } from "../pin/pin.js";
import type { Program } from "../program.js";
import { bpfContext } from "../sys/bpf.js";
import type { Descriptor } from "../sys/descriptor.js";
import { NativeMemory } from "../sys/memory.js";
import { bpf } from "../sys/system-calls.js";
import { BpfCommand, type BpfCommandRow } from "../sys/uapi.js";

/**
 * Programs by index, for tail calls. A program that is here stays when the app that it came from is closed, for as long as the array is open in
 * a process or pinned: with the last of these the kernel empties it, though attached programs still use it.
 */
export interface ProgramArray<P extends Program = Program> {
  readonly name: string;
  /** "program-array". */
  readonly type: string;
  readonly maxEntries: number;
  /**
   * Puts a program at an index.
   *
   * @throws MapError "bad-value" for what is no loaded program; SystemCallError when the kernel refuses it: all programs of an array
   * have one type
   */
  set(index: number, program: P): void;
  /** Whether a program is at the index. */
  has(index: number): boolean;
  /** Takes the program at an index out. Whether there was one. */
  delete(index: number): boolean;
  /**
   * Gives it a path on a BPF file system, where it keeps its programs when the app is closed: a pinned link needs that of each array that its
   * program uses.
   *
   * @throws PinError when the path is not on a BPF file system; SystemCallError when there is something at the path
   */
  pin(path: string, options?: PinOptions): void;
}

/** A program array of the kernel. */
export class KernelProgramArray implements ProgramArray {
  readonly name: string;
  readonly type: string;
  readonly #attribute = new NativeMemory(32);
  readonly #key = new NativeMemory(4);
  readonly #value = new NativeMemory(4);

  /** @param descriptor closed by its owner; every method throws `ClosedError` from then on */
  constructor(
    readonly spec: MapSpec,
    readonly maxEntries: number,
    readonly descriptor: Descriptor,
  ) {
    this.name = spec.name;
    this.type = spec.type.name;
    this.#attribute.setPointer(8, this.#key);
  }

  set(index: number, program: Program): void {
    const found = descriptorOf(program);
    if (found === null)
      throw new MapError("bad-value", `map ${this.name} takes programs of a loaded app: app.programs.NAME.`);
    this.#value.setU32(0, found.fd);
    const result = this.#call(BpfCommand.MapUpdate, index);
    if (result < 0) throw this.#error(BpfCommand.MapUpdate, result);
  }

  has(index: number): boolean {
    const result = this.#call(BpfCommand.MapLookup, index);
    if (result < 0 && result !== -Errno.ENOENT) throw this.#error(BpfCommand.MapLookup, result);
    return result >= 0;
  }

  delete(index: number): boolean {
    const result = this.#call(BpfCommand.MapDelete, index);
    if (result < 0 && result !== -Errno.ENOENT) throw this.#error(BpfCommand.MapDelete, result);
    return result >= 0;
  }

  pin(path: string, options?: PinOptions): void {
    pinAt(this.descriptor, path, options);
  }

  #call(command: BpfCommandRow, index: number): number {
    if (this.descriptor.closed) throw new ClosedError(this.descriptor.what);
    if (!Number.isInteger(index) || index < 0 || index > 0xffff_ffff)
      throw new MapError("bad-value", `expected an index from 0 to 4294967295, got ${String(index)}.`);
    this.#key.setU32(0, index);
    this.#attribute.setU32(0, this.descriptor.fd);
    this.#attribute.setPointer(16, command === BpfCommand.MapDelete ? null : this.#value);
    return bpf(command.value, this.#attribute, command === BpfCommand.MapDelete ? 16 : 32);
  }

  #error(command: BpfCommandRow, result: number): Error {
    return systemCallError(
      bpfContext(command, `on map ${this.name}`, {
        cures: {
          [Errno.E2BIG]: `The map has ${this.maxEntries} places: an index must be below that.`,
          [Errno.EINVAL]: "All programs of an array have the type of the program that uses it.",
        },
      }),
      result,
    );
  }
}

import { type CallContext, systemCallError } from "../errors/system-call-failure.js";
import { mmap, munmap, viewOf } from "./system-calls.js";
import { Mmap } from "./uapi.js";

/** What is mapped of a descriptor. */
export interface MappingRequest {
  readonly fd: number;
  /** In bytes, whole pages. */
  readonly length: number;
  /** Bytes into the file. */
  readonly offset?: number;
  /** Only reads unless it says so. */
  readonly writable?: boolean;
}

/**
 * Takes the memory away from a buffer. `structuredClone` does not do that with buffers of native code; byte streams do, and
 * `transfer` where JavaScript has it (Node 22).
 */
function detach(buffer: ArrayBuffer): void {
  const transfer: unknown = Reflect.get(buffer, "transfer");
  if (typeof transfer === "function") Reflect.apply(transfer, buffer, []);
  else
    new ReadableStream({ type: "bytes", start: (controller) => controller.enqueue(new Uint8Array(buffer)) });
}

/**
 * Memory that is shared with the kernel. Closing detaches its buffer, so that whatever still has a view of it finds no
 * memory: typed arrays are empty then, and methods of a `DataView` and of `Atomics` throw a TypeError.
 */
export class Mapping implements Disposable {
  /** The memory; it has no bytes once it is closed. */
  readonly buffer: ArrayBuffer;
  readonly #address: number;
  readonly #length: number;
  #closed = false;

  private constructor(address: number, length: number) {
    this.#address = address;
    this.#length = length;
    this.buffer = viewOf(address, length);
  }

  /** Maps memory; the descriptor may be closed afterwards. Returns the errno negated when that fails. */
  static try({ fd, length, offset = 0, writable = false }: MappingRequest): Mapping | number {
    const protection = writable ? Mmap.Read | Mmap.Write : Mmap.Read;
    const address = mmap(length, protection, Mmap.Shared, fd, offset);
    return address < 0 ? address : new Mapping(address, length);
  }

  /** As `try`, but throws what the failure means. */
  static open(request: MappingRequest, context: CallContext): Mapping {
    const found = Mapping.try(request);
    if (typeof found === "number") throw systemCallError(context, found);
    return found;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Detaches the buffer and unmaps the memory. Calling it twice does nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    // Somebody has transferred the buffer and may still use the memory: it stays mapped then.
    if (this.buffer.byteLength === 0) return;
    detach(this.buffer);
    if (this.buffer.byteLength === 0) munmap(this.#address, this.#length);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

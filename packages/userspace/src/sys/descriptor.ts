import { ClosedError } from "../errors/errors.js";
import { close } from "./system-calls.js";

/** Owns one file descriptor. Closing twice does nothing; using it afterwards throws `ClosedError`. */
export class Descriptor implements Disposable {
  #fd: number;

  /** @param what what it stands for in messages, e.g. `map stats` */
  constructor(
    fd: number,
    readonly what: string,
  ) {
    this.#fd = fd;
  }

  get closed(): boolean {
    return this.#fd < 0;
  }

  /** @throws ClosedError when it is closed */
  get fd(): number {
    if (this.#fd < 0) throw new ClosedError(this.what);
    return this.#fd;
  }

  close(): void {
    if (this.#fd < 0) return;
    close(this.#fd);
    this.#fd = -1;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

import { closeSync, openSync } from "node:fs";
import { isMainThread } from "node:worker_threads";
import { ClosedError } from "../errors/errors.js";
import { close, dup3 } from "./system-calls.js";

/** `O_CLOEXEC` of asm-generic/fcntl.h. */
const CLOSE_ON_EXEC = 0o2000000;

/**
 * Makes Node the owner of a descriptor: when a worker thread ends in whatever way, Node closes what the thread has opened
 * with `fs.openSync` (the option `trackUnmanagedFds` of workers, which is on unless it is turned off), and nothing
 * else. So the descriptor takes the place of a file that was opened that way. Null where no file can be opened.
 */
function ownedByNode(fd: number): number | null {
  let place: number;
  try {
    place = openSync("/dev/null", "r");
  } catch {
    return null;
  }
  if (dup3(fd, place, CLOSE_ON_EXEC) < 0) {
    closeSync(place);
    return null;
  }
  close(fd);
  return place;
}

/**
 * Owns one file descriptor. Closing twice does nothing; using it afterwards throws `ClosedError`. In a worker thread the
 * number is another than the one given, so that the descriptor is closed when the thread is terminated.
 */
export class Descriptor implements Disposable {
  #fd: number;
  readonly #isOwnedByNode: boolean;

  /** @param what what it stands for in messages, e.g. `map stats` */
  constructor(
    fd: number,
    readonly what: string,
  ) {
    const owned = isMainThread ? null : ownedByNode(fd);
    this.#isOwnedByNode = owned !== null;
    this.#fd = owned ?? fd;
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
    const fd = this.#fd;
    if (fd < 0) return;
    this.#fd = -1;
    if (this.#isOwnedByNode) closeSync(fd);
    else close(fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Iterating over records as they come: what ring buffers and perf buffers have in common. */
import { MapError } from "../errors/errors.js";
import { type ReadableWatch, watchReadable } from "../sys/readable-watch.js";

/** How records are read. */
export interface ReadOptions {
  /** Ends the iteration, as if there were no more records; what was not read stays for the next reader. */
  readonly signal?: AbortSignal;
  /** Waiting does not keep the process alive. */
  readonly background?: boolean;
}

/** Where records come from. */
export interface RecordSource<T> {
  /** What it is, for errors: "ring buffer events". */
  readonly what: string;
  /** Takes the next record; null when there is none. */
  take(): IteratorYieldResult<T> | null;
  /** Descriptors that are readable when there is a record. */
  descriptors(): readonly number[];
  /** An iteration has ended. */
  released?(): void;
}

interface Waiter<T> {
  readonly resolve: (result: IteratorResult<T, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

const done: IteratorResult<never, undefined> = { done: true, value: undefined };

/**
 * Has one iteration at a time over the records of a source. A record is taken when somebody asks for it, so that an iteration
 * that ends loses none. Waiting takes no thread.
 */
export class RecordStream<T> {
  readonly #source: RecordSource<T>;
  #watch: ReadableWatch | null = null;
  #active: symbol | null = null;
  #waiters: Waiter<T>[] = [];
  #background = false;
  #closed = false;

  constructor(source: RecordSource<T>) {
    this.#source = source;
  }

  /** @throws MapError "already-reading" */
  read(options: ReadOptions = {}): AsyncIterableIterator<T> {
    const { signal, background } = options;
    if (this.#active !== null) {
      throw new MapError(
        "already-reading",
        `${this.#source.what} is being read already: leave that loop first, or share its records.`,
      );
    }
    const token = Symbol(this.#source.what);
    const stop = () => this.#release(token, signal, stop);
    if (!this.#closed && signal?.aborted !== true) {
      this.#active = token;
      this.#background = background === true;
      signal?.addEventListener("abort", stop, { once: true });
    }
    const iterator: AsyncIterableIterator<T> = {
      next: () => (this.#active === token ? this.#next() : Promise.resolve(done)),
      return: () => {
        stop();
        return Promise.resolve(done);
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }

  /** Ends the iteration, if there is one, and every later one. Calling it twice does nothing. */
  close(): void {
    this.#closed = true;
    this.#active = null;
    this.#watch?.close();
    this.#watch = null;
    this.#finish();
  }

  #next(): Promise<IteratorResult<T, undefined>> {
    try {
      // Those that wait come first.
      const result = this.#waiters.length === 0 ? this.#source.take() : null;
      if (result !== null) return Promise.resolve(result);
      this.#wait();
    } catch (error) {
      return Promise.reject(error);
    }
    const promise = new Promise<IteratorResult<T, undefined>>((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
    });
    // A record that came before the wait started may not be reported.
    this.#serve();
    return promise;
  }

  /** Waits for records for those that wait. */
  #wait(): void {
    this.#watch ??= watchReadable(this.#source.descriptors(), this.#source.what, () => this.#serve());
    this.#watch.start(!this.#background);
  }

  /** Gives those that wait the records that are there, and waits on where that is not enough. */
  #serve(): void {
    while (this.#waiters.length > 0) {
      try {
        const result = this.#source.take();
        if (result === null) {
          this.#wait();
          return;
        }
        this.#waiters.shift()?.resolve(result);
      } catch (error) {
        this.#waiters.shift()?.reject(error);
      }
    }
    this.#watch?.stop();
  }

  #release(token: symbol, signal: AbortSignal | undefined, stop: () => void): void {
    signal?.removeEventListener("abort", stop);
    if (this.#active !== token) return;
    this.#active = null;
    this.#watch?.stop();
    this.#source.released?.();
    this.#finish();
  }

  #finish(): void {
    for (const waiter of this.#waiters.splice(0)) waiter.resolve(done);
  }
}

/** How much memory something takes, against how much it may. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

/** Memory may be this many times the file. */
const TIMES = 50;
/** Memory that does not depend on the file: stacks, tables, code that is compiled the first time. */
const ALLOWANCE = 1 << 20;
/** Garbage and all. Only a run that makes more of it is looked at closely. */
const SUSPICIOUS = 4 << 20;
/** JavaScript objects that are garbage at once, over the whole of one part. */
const GARBAGE = 64 << 20;

interface Usage {
  readonly buffers: number;
  readonly heap: number;
}

function usage(): Usage {
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return { buffers: arrayBuffers, heap: heapUsed };
}

/** Compares memory before and after. */
export class MemoryWatch {
  readonly #before = usage();

  /** @param besides bytes that may be taken whatever the file's size is */
  constructor(
    private readonly fileBytes: number,
    private readonly besides: number,
  ) {}

  /**
   * What is wrong with the memory taken since the watch was made; null when nothing is.
   * @param kept what was made, so that it is there to be counted
   * @param again makes it again, to be measured alone
   */
  problem(kept: unknown, again: () => unknown): string | null {
    const most = TIMES * this.fileBytes + ALLOWANCE + this.besides;
    const after = usage();
    const buffers = after.buffers - this.#before.buffers;
    if (buffers > most) return `${buffers} bytes of buffers for a file of ${this.fileBytes}`;
    const heap = after.heap - this.#before.heap;
    if (heap < SUSPICIOUS || kept === null) return null;
    if (heap > GARBAGE) return `${heap} bytes of objects for a file of ${this.fileBytes}`;
    const alone = measureAlone(again);
    return alone > most ? `${alone} bytes are kept for a file of ${this.fileBytes}` : null;
  }
}

function measureAlone(run: () => unknown): number {
  collect();
  const before = usage();
  const kept: unknown[] = [];
  try {
    kept.push(run());
  } catch (error) {
    kept.push(error);
  }
  collect();
  const after = usage();
  return kept.length === 0 ? 0 : after.heap - before.heap + after.buffers - before.buffers;
}

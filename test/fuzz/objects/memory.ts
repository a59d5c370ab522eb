/** How much memory something takes, against how much it may. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

/** Memory may be this many times the file. */
const TIMES = 50;
/** Memory that does not depend on the file: stacks, tables, code that is compiled the first time. */
const ALLOWANCE = 1 << 20;
/** Objects with their garbage. Only a run that makes more of them is looked at closely. */
const SUSPICIOUS = 8 << 20;
/** Objects that are garbage at once, over the whole of one part. */
const GARBAGE = 64 << 20;

interface Usage {
  readonly buffers: number;
  readonly heap: number;
}

function usage(): Usage {
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return { buffers: arrayBuffers, heap: heapUsed };
}

const mostOf = (fileBytes: number, besides: number): number => TIMES * fileBytes + ALLOWANCE + besides;

/** Compares memory before and after, which is quick. */
export class MemoryWatch {
  readonly #before = usage();

  constructor(private readonly fileBytes: number) {}

  /** Whether so much was taken since the watch was made that it is worth a closer look. */
  isSuspicious(): boolean {
    const { buffers, heap } = usage();
    return (
      buffers - this.#before.buffers > mostOf(this.fileBytes, 0) || heap - this.#before.heap > SUSPICIOUS
    );
  }
}

/**
 * What is wrong with the memory that `run` takes; null when nothing is.
 * @param besides bytes that it may take whatever the file's size is
 */
export function memoryProblem(run: () => unknown, fileBytes: number, besides: number): string | null {
  const most = mostOf(fileBytes, besides);
  collect();
  const before = usage();
  const kept: unknown[] = [];
  try {
    kept.push(run());
  } catch (error) {
    kept.push(error);
  }
  const after = usage();
  const buffers = after.buffers - before.buffers;
  if (buffers > most) return `${buffers} bytes of buffers for a file of ${fileBytes}`;
  const objects = after.heap - before.heap;
  if (objects > GARBAGE) return `${objects} bytes of objects for a file of ${fileBytes}`;
  collect();
  const alone = usage();
  const held = alone.heap - before.heap + alone.buffers - before.buffers;
  // What was made is used here, so that it is not collected before.
  return held > most && kept.length > 0 ? `${held} bytes are kept for a file of ${fileBytes}` : null;
}

/** Progress of a long run: a line every ten seconds. */

const interval = 10_000;

/** A function that prints what `line` says when ten seconds have passed since it last did. */
export function progress(line: () => string): () => void {
  let last = Date.now();
  return () => {
    const now = Date.now();
    if (now - last < interval) return;
    last = now;
    console.log(line());
  };
}

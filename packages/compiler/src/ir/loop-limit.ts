/** How many iterations the kernel's own loops run. */

/**
 * `BPF_MAX_LOOPS` of include/linux/bpf.h: the most iterations of `bpf_loop` and of the iterator over numbers. Both fail with E2BIG, and run
 * nothing, when they are asked for more.
 */
export const mostIterations = 1n << 23n;

/** What to ask for where the loop's own condition ends it after `turns` at most: one more, so that the condition comes first. */
export const iterationsFor = (turns: bigint | null): bigint =>
  turns === null || turns >= mostIterations ? mostIterations : turns + 1n;

/**
 * What the kernel's verifier follows, by kernel. All from kernel/bpf/verifier.c and include/linux/bpf_verifier.h; the numbers are the
 * same from 5.3, the first kernel with loops, to 7.1.
 */

/** `BPF_COMPLEXITY_LIMIT_INSNS`: the instructions that it walks, on all paths and in all turns together. */
export const mostSteps = 1_000_000;

/**
 * `BPF_COMPLEXITY_LIMIT_JMP_SEQ`: the branches that wait while it follows their other side. Of a branch that it cannot decide it follows
 * the next instruction first, and the jump when that path has ended (`push_stack`, `pop_stack`), so that a walked loop leaves behind a
 * waiting branch for each branch of each turn.
 */
export const mostWaiting = 8192;

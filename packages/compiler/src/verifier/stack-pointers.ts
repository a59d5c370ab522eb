/**
 * The first kernel whose verifier follows loads from the stack through any pointer (`backtrack_insn` in kernel/bpf/verifier.c). Older ones
 * know the numbers in stack slots, yet remember that a branch depends on one only where it was read through r10. Two states that differ in
 * it are one to them, and a branch that only the second takes is removed as dead code. What such loads give must be unknown to them.
 */
export const firstToFollowStackPointers = "6.8";

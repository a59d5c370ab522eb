/** How a loop is made: what is known of its turns and of their size, and what the oldest kernel can do, decide. */
import { type KernelVersion, kernelHas } from "@waggle/object";
import type { LoopHint } from "../../ir/types.js";

/** Kernels before it accept no loop at all. */
export const firstWithLoops = "5.3";
/** The first kernel with `bpf_for_each_map_elem`. */
export const firstWithMapWalks = "5.13";
/** The first kernel with `bpf_loop`. */
export const firstWithCallbacks = "5.17";
/** The first kernel with loops of unknown length while a lock is held. */
export const unknownTurnsUnderLock = "6.14";
/** Above it the verifier runs out of its million instructions, however short the body. */
export const mostTurns = 65_536n;

/** The most turns that are walked of a loop around a loop over a map. */
export const mostTurnsAroundMaps = 64n;

/** The most instructions of all turns and runs of a loop in a walked loop that is walked, too. */
export const mostWorkInWalked = 131_072n;

/** What decides the form of a loop. */
export interface LoopSize {
  /** The most turns of one run of the loop; null when that is known only when it runs. */
  readonly turns: bigint | null;
  /** About how many instructions the verifier walks in a turn, together with those that its branches make it walk again. */
  readonly work: bigint;
  /** How often loops around it run it at most. */
  readonly runs: bigint;
  /** Whether a lock is held. */
  readonly locked: boolean;
  /** Whether its body may have a loop that the verifier walks until its state repeats. */
  readonly repeats: boolean;
  /** Whether its body visits the entries of a map by calls of the kernel's. */
  readonly walksMap: boolean;
}

interface FormRow {
  readonly form: LoopHint["form"];
  /** The first kernel that takes the form. */
  readonly since?: string;
  /** The first kernel that needs it no longer. */
  readonly until?: string;
  /** The most turns of one run; any number, and one that is not known, when absent. */
  readonly turns?: bigint;
  /** The most instructions in all turns and runs together. */
  readonly work?: bigint;
  /** The most turns when its body may have a loop that is walked until the state repeats; any number when absent. */
  readonly repeating?: bigint;
  /** The most turns, of all runs together, when its body visits the entries of a map; any number when absent. */
  readonly aroundMaps?: bigint;
  /** Whether it is for loops in walked loops only. */
  readonly inWalked?: true;
}

/**
 * The forms of a loop, in the order in which they are tried: the first is taken that the oldest kernel has and whose limits hold.
 * - Kernels before 5.3 accept no jump back (`check_cfg`), so that the turns are written out, as far as a program of 4096 instructions goes.
 * - The verifier walks every turn of a bounded loop, a million instructions in all. Forms that it walks once cost a call each turn,
 *   so that they are for loops that would use up a good part of the million.
 * - A walked loop with many turns around a loop of those forms is walked over and over (`mayRepeat`). So the outer loop gets such a form as
 *   well, and in a walked loop a short one is walked, too, up to a greater size.
 * - `bpf_iter_num_new` came with 6.4, `bpf_loop` with 5.17.
 * - Before 5.17 a long loop can only be walked, and fails at load where the million does not do. Around a loop over a map the verifier of 6.6
 *   and newer forgets the states of more than 64 turns, and walks all of them again for each (`is_state_visited`).
 */
const forms: readonly FormRow[] = [
  { form: "unroll", until: firstWithLoops, turns: 256n },
  {
    form: "bounded",
    since: firstWithLoops,
    turns: 1024n,
    work: 65_536n,
    repeating: 16n,
    aroundMaps: mostTurnsAroundMaps,
  },
  {
    form: "bounded",
    since: firstWithLoops,
    turns: 64n,
    work: mostWorkInWalked,
    repeating: 16n,
    aroundMaps: mostTurnsAroundMaps,
    inWalked: true,
  },
  { form: "iterator", since: "6.4" },
  { form: "callback", since: firstWithCallbacks },
  { form: "bounded", since: firstWithLoops, turns: mostTurns, aroundMaps: mostTurnsAroundMaps },
];

/**
 * The first kernel that takes the calls of a form while a lock is held; null when none does. The other forms call nothing.
 * - 6.14 takes the functions of iterators over numbers (`kfunc_spin_allowed` in kernel/bpf/verifier.c).
 */
const underLock: Readonly<Partial<Record<LoopHint["form"], string | null>>> = {
  iterator: unknownTurnsUnderLock,
  callback: null,
};

/** Whether the form may be used while a lock is held. */
export function isAllowedUnderLock(form: LoopHint["form"], kernel: KernelVersion): boolean {
  const since = underLock[form];
  return since === undefined || (since !== null && kernelHas(kernel, since));
}

/** The form of a loop; null when the kernel has none for it. */
export function loopForm(
  { turns, work, runs, locked, repeats, walksMap }: LoopSize,
  kernel: KernelVersion,
): LoopHint["form"] | null {
  const fits = (row: FormRow): boolean =>
    (row.turns === undefined || (turns !== null && turns <= row.turns)) &&
    (row.inWalked !== true || runs > 1n) &&
    (row.repeating === undefined || !repeats || (turns !== null && turns <= row.repeating)) &&
    (row.aroundMaps === undefined || !walksMap || (turns !== null && turns * runs <= row.aroundMaps)) &&
    (row.work === undefined || (turns !== null && turns * work * runs <= row.work));
  const has = ({ since, until }: FormRow): boolean =>
    (since === undefined || kernelHas(kernel, since)) && (until === undefined || !kernelHas(kernel, until));
  const isAllowed = ({ form }: FormRow): boolean => !locked || isAllowedUnderLock(form, kernel);
  return forms.find((row) => has(row) && isAllowed(row) && fits(row))?.form ?? null;
}

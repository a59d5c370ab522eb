/**
 * Iterated register coalescing (George and Appel, TOPLAS 18(3), 1996): the interference graph is taken apart node by
 * node, merging the two sides of copies where that cannot make a colouring harder, and coloured in reverse.
 *
 * Guarantees: two registers that interfere get different machine registers; machine registers keep their own number. It
 * need not find the fewest colours: what it cannot colour it returns as spilled, and the caller rewrites and retries.
 */
import type { Interference, Move } from "./interference.js";
import type { Register } from "./machine.js";
import { isVirtual, physical } from "./machine.js";

export interface Colouring {
  /** Machine register of each virtual one that got one. */
  readonly assignment: ReadonlyMap<Register, Register>;
  readonly spilled: readonly Register[];
}

/** Tried in this order: what calls clobber first, so that the rest stays free for what lives across calls. */
const preference: readonly Register[] = [1, 2, 3, 4, 5, 0, 6, 7, 8, 9].map(physical);

/**
 * @param costs what spilling a register costs; Infinity forbids it
 * @param available how many machine registers may be given, the first of `preference`; fewer in tests
 */
export function colour(
  graph: Interference,
  costs: ReadonlyMap<Register, number>,
  available: number = preference.length,
): Colouring {
  const palette = preference.filter((_, index) => index < available);
  const edges = graph.edges.map((set) => new Set(set));
  const alias = new Map<Register, Register>();
  const removed = new Set<Register>();
  const stack: Register[] = [];
  const movesOf = new Map<Register, Set<Move>>();
  const active = new Set<Move>(graph.moves);
  for (const move of graph.moves) {
    for (const side of [move.dst, move.src]) {
      const moves = movesOf.get(side) ?? new Set();
      moves.add(move);
      movesOf.set(side, moves);
    }
  }
  const find = (register: Register): Register => {
    let current = register;
    for (let next = alias.get(current); next !== undefined; next = alias.get(current)) current = next;
    return current;
  };
  const neighbours = (register: Register): Register[] =>
    [...(edges[register] ?? [])].filter((other) => !removed.has(other));
  const degrees = new Map<Register, number>();
  const degree = (register: Register): number =>
    isVirtual(register) ? (degrees.get(register) ?? 0) : Number.POSITIVE_INFINITY;
  const pending = new Set<Register>();
  for (const register of graph.present) {
    if (!isVirtual(register)) continue;
    pending.add(register);
    degrees.set(register, edges[register]?.size ?? 0);
  }
  const isMoveRelated = (register: Register): boolean => {
    for (const move of movesOf.get(register) ?? []) if (active.has(move)) return true;
    return false;
  };

  const take = (register: Register): void => {
    pending.delete(register);
    stack.push(register);
    removed.add(register);
    for (const other of edges[register] ?? []) {
      if (!removed.has(other)) degrees.set(other, (degrees.get(other) ?? 0) - 1);
    }
  };

  const merge = (kept: Register, gone: Register): void => {
    alias.set(gone, kept);
    pending.delete(gone);
    removed.add(gone);
    for (const move of movesOf.get(gone) ?? []) {
      const moves = movesOf.get(kept) ?? new Set();
      moves.add(move);
      movesOf.set(kept, moves);
    }
    for (const other of edges[gone] ?? []) {
      if (removed.has(other)) continue;
      if (edges[other]?.has(kept)) degrees.set(other, (degrees.get(other) ?? 0) - 1);
      else {
        edges[other]?.add(kept);
        edges[kept]?.add(other);
        degrees.set(kept, (degrees.get(kept) ?? 0) + 1);
      }
    }
  };

  /** Whether merging keeps the graph colourable: George's test against a machine register, Briggs's between virtual ones. */
  const isSafe = (kept: Register, gone: Register): boolean => {
    if (!isVirtual(kept)) {
      if (!palette.includes(kept)) return false;
      return neighbours(gone).every(
        (other) => degree(other) < available || !isVirtual(other) || edges[kept]?.has(other),
      );
    }
    const significant = new Set(
      [...neighbours(kept), ...neighbours(gone)].filter((other) => degree(other) >= available),
    );
    return significant.size < available;
  };

  /** Merges the sides of one copy if some copy allows it. */
  const coalesce = (): boolean => {
    for (const move of active) {
      const [x, y] = [find(move.dst), find(move.src)];
      const [kept, gone] = isVirtual(y) ? [x, y] : [y, x];
      if (kept === gone || !isVirtual(gone) || edges[kept]?.has(gone)) {
        active.delete(move);
        continue;
      }
      if (removed.has(kept) || removed.has(gone) || !isSafe(kept, gone)) continue;
      active.delete(move);
      merge(kept, gone);
      return true;
    }
    return false;
  };

  const first = (wanted: (register: Register) => boolean): Register | undefined => {
    for (const register of pending) if (wanted(register)) return register;
    return undefined;
  };
  const costOf = (register: Register): number => {
    let cost = costs.get(register) ?? 0;
    for (const [gone] of alias) if (find(gone) === register) cost += costs.get(gone) ?? 0;
    return cost / Math.max(1, degree(register));
  };
  const freeze = (register: Register): void => {
    for (const move of movesOf.get(register) ?? []) active.delete(move);
  };

  while (pending.size > 0) {
    const easy = first((register) => degree(register) < available && !isMoveRelated(register));
    if (easy !== undefined) {
      take(easy);
      continue;
    }
    if (coalesce()) continue;
    const frozen = first((register) => degree(register) < available);
    if (frozen !== undefined) {
      freeze(frozen);
      continue;
    }
    // Every node is crowded: the cheapest one is taken out in the hope that its neighbours leave it a colour.
    let cheapest: Register | undefined;
    let lowest = Number.POSITIVE_INFINITY;
    for (const register of pending) {
      const cost = costOf(register);
      if (cheapest === undefined || cost < lowest) {
        cheapest = register;
        lowest = cost;
      }
    }
    if (cheapest === undefined) break;
    freeze(cheapest);
    take(cheapest);
  }

  const colours = new Map<Register, Register>();
  const colourOf = (register: Register): Register | undefined => {
    const root = find(register);
    return isVirtual(root) ? colours.get(root) : root;
  };
  const spilled: Register[] = [];
  for (let register = stack.pop(); register !== undefined; register = stack.pop()) {
    const taken = new Set<Register>();
    for (const other of edges[register] ?? []) {
      const used = colourOf(other);
      if (used !== undefined) taken.add(used);
    }
    const free = palette.filter((candidate) => !taken.has(candidate));
    const partners = new Set<Register | undefined>();
    for (const move of movesOf.get(register) ?? []) {
      for (const side of [move.dst, move.src]) if (find(side) !== register) partners.add(colourOf(side));
    }
    const chosen = free.find((candidate) => partners.has(candidate)) ?? free[0];
    if (chosen === undefined) spilled.push(register);
    else colours.set(register, chosen);
  }
  const assignment = new Map<Register, Register>();
  for (const register of graph.present) {
    const given = colourOf(register);
    if (isVirtual(register) && given !== undefined) assignment.set(register, given);
  }
  const roots = new Set(spilled);
  const all = [...graph.present].filter((register) => isVirtual(register) && roots.has(find(register)));
  return { assignment, spilled: all };
}

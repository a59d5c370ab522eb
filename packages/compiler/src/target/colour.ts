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
  const g = startGraph(graph, costs, palette);
  const stack: Register[] = [];
  for (;;) {
    const easy = firstOf(g.easy);
    if (easy !== undefined) {
      take(g, easy);
      stack.push(easy);
      continue;
    }
    const move = firstOf(g.untried);
    if (move !== undefined) {
      coalesce(g, move);
      continue;
    }
    const related = firstOf(g.related);
    if (related !== undefined) {
      freeze(g, related);
      continue;
    }
    const crowded = cheapest(g);
    if (crowded === undefined) break;
    // Every node is crowded: one is taken out in the hope that its neighbours leave it a colour.
    freeze(g, crowded);
    take(g, crowded);
    stack.push(crowded);
  }
  return assign(g, graph, stack);
}

/** The graph while it is taken apart. Each virtual register that is still in it is in `easy`, `related` or `crowded`. */
interface Graph {
  readonly palette: readonly Register[];
  readonly edges: readonly Set<Register>[];
  readonly degrees: Map<Register, number>;
  readonly costs: Map<Register, number>;
  readonly alias: Map<Register, Register>;
  readonly removed: Set<Register>;
  /** The untried and waiting copies of each register. */
  readonly movesOf: Map<Register, Set<Move>>;
  /** The copies that were given up: one colour for both sides still spares them. */
  readonly frozenOf: Map<Register, Set<Move>>;
  /** Copies that may be merged now, and those that wait for the graph to get thinner. */
  readonly untried: Set<Move>;
  readonly waiting: Set<Move>;
  /** Fewer neighbours than colours, and in no copy. */
  readonly easy: Set<Register>;
  /** Fewer neighbours than colours, and in a copy. */
  readonly related: Set<Register>;
  readonly crowded: Set<Register>;
}

function startGraph(
  graph: Interference,
  costs: ReadonlyMap<Register, number>,
  palette: readonly Register[],
): Graph {
  const g: Graph = {
    palette,
    edges: graph.edges.map((set) => new Set(set)),
    degrees: new Map(),
    costs: new Map(costs),
    alias: new Map(),
    removed: new Set(),
    movesOf: new Map(),
    frozenOf: new Map(),
    untried: new Set(graph.moves),
    waiting: new Set(),
    easy: new Set(),
    related: new Set(),
    crowded: new Set(),
  };
  for (const move of graph.moves) {
    for (const side of [move.dst, move.src]) addTo(g.movesOf, side, move);
  }
  for (const register of graph.present) {
    if (!isVirtual(register)) continue;
    g.degrees.set(register, g.edges[register]?.size ?? 0);
    classify(g, register);
  }
  return g;
}

function firstOf<Item>(set: ReadonlySet<Item>): Item | undefined {
  for (const item of set) return item;
  return undefined;
}

function addTo(movesOf: Map<Register, Set<Move>>, register: Register, move: Move): void {
  const moves = movesOf.get(register) ?? new Set();
  moves.add(move);
  movesOf.set(register, moves);
}

/** Nothing is left to do about a copy between two registers. */
function settle(g: Graph, move: Move, sides: readonly Register[]): void {
  g.untried.delete(move);
  g.waiting.delete(move);
  for (const side of sides) g.movesOf.get(side)?.delete(move);
}

function find(g: Graph, register: Register): Register {
  let current = register;
  for (let next = g.alias.get(current); next !== undefined; next = g.alias.get(current)) current = next;
  return current;
}

function degree(g: Graph, register: Register): number {
  return isVirtual(register) ? (g.degrees.get(register) ?? 0) : Number.POSITIVE_INFINITY;
}

function isCrowded(g: Graph, register: Register): boolean {
  return degree(g, register) >= g.palette.length;
}

function isMoveRelated(g: Graph, register: Register): boolean {
  return (g.movesOf.get(register)?.size ?? 0) > 0;
}

function neighbours(g: Graph, register: Register): readonly Register[] {
  return [...(g.edges[register] ?? [])].filter((other) => !g.removed.has(other));
}

function leave(g: Graph, register: Register): void {
  for (const set of [g.easy, g.related, g.crowded]) set.delete(register);
}

function classify(g: Graph, register: Register): void {
  if (!isVirtual(register) || g.removed.has(register)) return;
  leave(g, register);
  const set = isCrowded(g, register) ? g.crowded : isMoveRelated(g, register) ? g.related : g.easy;
  set.add(register);
}

/** Copies at `register` are worth another try. */
function retry(g: Graph, register: Register): void {
  for (const move of g.movesOf.get(register) ?? []) if (g.waiting.delete(move)) g.untried.add(move);
}

/** One neighbour fewer. */
function thin(g: Graph, register: Register): void {
  if (!isVirtual(register)) return;
  const before = degree(g, register);
  g.degrees.set(register, before - 1);
  if (before !== g.palette.length) return;
  for (const other of [register, ...neighbours(g, register)]) retry(g, other);
  classify(g, register);
}

function take(g: Graph, register: Register): void {
  leave(g, register);
  g.removed.add(register);
  for (const other of g.edges[register] ?? []) if (!g.removed.has(other)) thin(g, other);
}

/** Gives up the copies at `register`. */
function freeze(g: Graph, register: Register): void {
  const others = new Set<Register>([register]);
  for (const move of g.movesOf.get(register) ?? []) {
    const sides = [find(g, move.dst), find(g, move.src)];
    settle(g, move, sides);
    for (const side of sides) {
      addTo(g.frozenOf, side, move);
      others.add(side);
    }
  }
  for (const other of others) classify(g, other);
}

function coalesce(g: Graph, move: Move): void {
  g.untried.delete(move);
  const [x, y] = [find(g, move.dst), find(g, move.src)];
  const [kept, gone] = isVirtual(y) ? [x, y] : [y, x];
  const pointless = kept === gone || !isVirtual(gone) || g.edges[kept]?.has(gone) === true;
  if (pointless) settle(g, move, [kept, gone]);
  else if (!g.removed.has(kept) && !g.removed.has(gone)) {
    if (isSafe(g, kept, gone)) {
      settle(g, move, [kept, gone]);
      merge(g, kept, gone);
    } else g.waiting.add(move);
  }
  classify(g, kept);
  classify(g, gone);
}

/** Whether merging keeps the graph colourable: George's test against a machine register, Briggs's between virtual ones. */
function isSafe(g: Graph, kept: Register, gone: Register): boolean {
  if (!isVirtual(kept)) {
    if (!g.palette.includes(kept)) return false;
    return neighbours(g, gone).every(
      (other) => !isCrowded(g, other) || !isVirtual(other) || g.edges[kept]?.has(other),
    );
  }
  const significant = new Set<Register>();
  for (const side of [kept, gone]) {
    for (const other of neighbours(g, side)) if (isCrowded(g, other)) significant.add(other);
  }
  return significant.size < g.palette.length;
}

function merge(g: Graph, kept: Register, gone: Register): void {
  leave(g, gone);
  g.alias.set(gone, kept);
  g.removed.add(gone);
  g.costs.set(kept, (g.costs.get(kept) ?? 0) + (g.costs.get(gone) ?? 0));
  for (const move of g.movesOf.get(gone) ?? []) addTo(g.movesOf, kept, move);
  for (const move of g.frozenOf.get(gone) ?? []) addTo(g.frozenOf, kept, move);
  for (const other of neighbours(g, gone)) {
    if (g.edges[other]?.has(kept)) {
      thin(g, other);
      continue;
    }
    g.edges[other]?.add(kept);
    g.edges[kept]?.add(other);
    if (isVirtual(kept)) g.degrees.set(kept, (g.degrees.get(kept) ?? 0) + 1);
  }
  retry(g, kept);
}

function cheapest(g: Graph): Register | undefined {
  let found: Register | undefined;
  let lowest = Number.POSITIVE_INFINITY;
  for (const register of g.crowded) {
    const cost = (g.costs.get(register) ?? 0) / Math.max(1, degree(g, register));
    if (found !== undefined && cost >= lowest) continue;
    found = register;
    lowest = cost;
  }
  return found;
}

/** Colours the nodes in reverse of the order in which they were taken out. */
function assign(g: Graph, graph: Interference, stack: Register[]): Colouring {
  const colours = new Map<Register, Register>();
  const colourOf = (register: Register): Register | undefined => {
    const root = find(g, register);
    return isVirtual(root) ? colours.get(root) : root;
  };
  const spilled = new Set<Register>();
  for (const register of stack.reverse()) {
    const taken = new Set([...(g.edges[register] ?? [])].map(colourOf));
    const free = g.palette.filter((candidate) => !taken.has(candidate));
    // A colour that the other side of a copy has makes the copy vanish after all.
    const partners = new Set<Register | undefined>();
    for (const move of g.frozenOf.get(register) ?? []) {
      for (const side of [move.dst, move.src]) if (find(g, side) !== register) partners.add(colourOf(side));
    }
    const chosen = free.find((candidate) => partners.has(candidate)) ?? free[0];
    if (chosen === undefined) spilled.add(register);
    else colours.set(register, chosen);
  }
  const virtuals = [...graph.present].filter(isVirtual);
  const assignment = new Map<Register, Register>();
  for (const register of virtuals) {
    const given = colourOf(register);
    if (given !== undefined) assignment.set(register, given);
  }
  return { assignment, spilled: virtuals.filter((register) => spilled.has(find(g, register))) };
}

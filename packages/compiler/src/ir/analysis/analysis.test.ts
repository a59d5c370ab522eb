import { expect, test } from "vitest";
import { parseFunction } from "../parse.js";
import { controlFlow } from "./control-flow.js";
import { dominators } from "./dominators.js";
import { factsAt } from "./facts.js";
import { loops } from "./loops.js";
import { liveness, useCounts } from "./values.js";

// A loop (b1, b2, b3, b4) with a diamond in it, and b9 that nothing reaches.
const f = parseFunction(`function f -> i32 {
  b0(v0: i32): jump b1(v0)
  b1(v1: i32): branch v1, b2, b5
  b2: branch v0, b3, b4
  b3: jump b4
  b4: v2 = add.i32 v1, v0 jump b1(v2)
  b5: return v1
  b9: jump b5 }`);
const flow = controlFlow(f);
const tree = dominators(flow);

test("control flow has predecessors and an order, without what nothing reaches", () => {
  expect(flow.reversePostorder).toEqual([0, 1, 2, 3, 4, 5]);
  expect(flow.predecessors.get(flow.reversePostorder[4] ?? flow.entry)).toEqual([2, 3]);
  expect(flow.predecessors.get(flow.reversePostorder[5] ?? flow.entry)).toEqual([1]);
});

test("dominators and their frontiers", () => {
  expect([...tree.immediate]).toEqual([
    [1, 0],
    [2, 1],
    [3, 2],
    [4, 2],
    [5, 1],
  ]);
  const [b0, b1, b2, b3, b4] = flow.reversePostorder;
  if (b0 === undefined || b1 === undefined || b2 === undefined || b3 === undefined || b4 === undefined)
    return;
  expect(tree.dominates(b1, b4)).toBe(true);
  expect(tree.dominates(b3, b4)).toBe(false);
  expect([...(tree.frontier.get(b3) ?? [])]).toEqual([4]);
  expect([...(tree.frontier.get(b4) ?? [])]).toEqual([1]);
});

test("loops have a header, latches and blocks", () => {
  expect(loops(flow, tree)).toEqual([{ header: 1, latches: [4], blocks: new Set([1, 4, 2, 3]) }]);
});

test("values live round a loop", () => {
  const { liveIn, liveOut } = liveness(flow);
  expect([...liveIn].map(([id, values]) => [id, [...values].sort()])).toEqual([
    [0, []],
    [1, [0]],
    [2, [0, 1]],
    [3, [0, 1]],
    [4, [0, 1]],
    [5, [1]],
  ]);
  expect(liveOut.get(flow.entry)).toEqual(new Set([0]));
  expect([...useCounts(f)]).toEqual([
    [0, 3],
    [1, 3],
    [2, 1],
  ]);
});

test("what branches on the way say", () => {
  const [, , b2, b3, b4, b5] = flow.reversePostorder;
  if (b2 === undefined || b3 === undefined || b4 === undefined || b5 === undefined) return;
  expect([...factsAt(b3, flow, tree)]).toEqual([
    [0, true],
    [1, true],
  ]);
  expect([...factsAt(b4, flow, tree)]).toEqual([[1, true]]);
  expect([...factsAt(b5, flow, tree)]).toEqual([[1, false]]);
});

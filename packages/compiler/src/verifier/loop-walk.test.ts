import { expect, test } from "vitest";
import { parseFunction } from "../ir/parse.js";
import { loopWalks } from "./loop-walk.js";

const none = () => ({ waiting: 0, steps: 0 });
const loopOf = (turns: number, body: string, more = "") => `function f section "xdp" -> i32 {
   b0(v0: ptr, v1: i32): v2 = const.i32 0 v3 = const.i32 1 v4 = const.i32 ${turns} ${more} jump b1(v2, v2)
   b1(v10: i32, v11: i32): v12 = ult v10, v4 branch v12, b2, b9
   b2: ${body}
   b5(v50: i32): v51 = add.i32 v10, v3 jump b1(v51, v50)
   b9: return v11 }`;
const walk = (text: string) => {
  const walks = loopWalks(parseFunction(text), none);
  return walks.map(({ waiting, left, first }) => ({ waiting, left, first: [...first.values()] }));
};

test("each turn leaves one branch waiting when its sides meet again", () => {
  const body = "v20 = load.u32 v0+0 context branch v20, b3, b5(v11) b3: v21 = add.i32 v11, v3 jump b5(v21)";
  expect(walk(loopOf(100, body))).toEqual([{ waiting: 100, left: 100, first: [] }]);
});

test("a way out is followed first, and leaves none", () => {
  const body = "v20 = load.u32 v0+0 context branch v20, b5(v20), b9";
  expect(walk(loopOf(100, body))).toEqual([{ waiting: 0, left: 1, first: ["else"] }]);
});

test("a branch on the counter, or on what no turn changes, does not wait", () => {
  const onCounter = "v20 = const.i32 4 v21 = eq v10, v20 branch v21, b3, b5(v11) b3: jump b5(v3)";
  expect(walk(loopOf(100, onCounter))).toEqual([{ waiting: 0, left: 0, first: [] }]);
  const onOther = "v21 = ugt v1, v3 branch v21, b3, b5(v11) b3: jump b5(v3)";
  expect(walk(loopOf(100, onOther))).toEqual([{ waiting: 0, left: 0, first: [] }]);
});

test("where the longer sides of branches would leave too many, the shorter ones are followed first", () => {
  const body = `v20 = load.u32 v0+0 context branch v20, b3, b5(v11)
    b3: v21 = load.u32 v0+4 context branch v21, b4, b5(v11)
    b4: jump b5(v3)`;
  expect(walk(loopOf(4000, body))).toEqual([{ waiting: 4000, left: 4000, first: [] }]);
  expect(walk(loopOf(5000, body))).toEqual([{ waiting: 5000, left: 5000, first: ["else"] }]);
});

test.each([
  ["add.i32 v10, v3", 2],
  ["shl.i32 v10, v3", 1],
])("turns by running the counter: %s", (step, turns) => {
  const text = `function f section "xdp" -> i32 {
    b0(v0: ptr): v2 = const.i32 7 v3 = const.i32 1 v4 = const.i32 9 jump b1(v2)
    b1(v10: i32): v12 = ult v10, v4 branch v12, b2, b9
    b2: v20 = load.u32 v0+0 context branch v20, b3, b5
    b3: jump b5
    b5: v51 = ${step} jump b1(v51)
    b9: return v10 }`;
  expect(walk(text)[0]?.waiting).toBe(turns);
});

test("loops in loops: their turns are multiplied, and steps grow with them", () => {
  const text = (outer: number) => `function f section "xdp" -> i32 {
    b0(v0: ptr): v2 = const.i32 0 v3 = const.i32 1 v4 = const.i32 ${outer} v5 = const.i32 30 jump b1(v2)
    b1(v10: i32): v12 = ult v10, v4 branch v12, b2(v2), b9
    b2(v20: i32): v21 = ult v20, v5 branch v21, b3, b6
    b3: v30 = load.u32 v0+0 context branch v30, b4, b5
    b4: store.u32 v0+8, v20 context jump b5
    b5: v50 = add.i32 v20, v3 jump b2(v50)
    b6: v60 = add.i32 v10, v3 jump b1(v60)
    b9: return v2 }`;
  expect(walk(text(20))).toEqual([{ waiting: 600, left: 600, first: [] }]);
  const steps = (outer: number) => loopWalks(parseFunction(text(outer)), none)[0]?.steps ?? 0;
  expect(steps(40)).toBe(2 * steps(20));
});

test("what is called in a turn adds to it", () => {
  const text = loopOf(50, "v20 = call.i32 g(v11) jump b5(v20)");
  const [found] = loopWalks(parseFunction(text), () => ({ waiting: 3, steps: 1000 }));
  expect(found?.waiting).toBe(150);
  expect(found?.steps).toBeGreaterThan(50_000);
});

test("an instruction that overwrites a register which is read again takes a copy", () => {
  const steps = (body: string) => loopWalks(parseFunction(loopOf(100, body)), none)[0]?.steps ?? 0;
  const last = steps("v20 = add.i32 v11, v3 v21 = and.i32 v20, v3 jump b5(v21)");
  const again = steps("v20 = add.i32 v11, v3 v21 = and.i32 v20, v3 v22 = xor.i32 v21, v20 jump b5(v22)");
  expect(again - last).toBe(200);
});

import { expect, test } from "vitest";
import { checkModule } from "../ir/check.js";
import { parseModule } from "../ir/parse.js";
import { printModule } from "../ir/print.js";
import { hideOffsets } from "./hide-offsets.js";

/** A loop that reads a byte of the packet in each turn; `v8` is a reference from before it. */
const loopOf = (index: string, after: string): string => `module M license "GPL"
function f section "xdp" -> i32 {
  b0(v0: ptr): v1 = load.u32.ptr v0+0 context v2 = load.u32.ptr v0+4 context v3 = const.i32 0 v4 = const.i32 1 v5 = const.i32 40 v6 = const.i64 4 v8 = offset v1, v6 v9 = offset v8, v6 v7 = ule v9, v2 branch v7, b1(v3), b6
  b1(v10: i32): v11 = ult v10, v5 branch v11, b2, b5
  b2: ${index} v13 = load.u32.ptr v0+0 context v14 = offset v13, v12 v15 = offset v14, v6 v16 = ule v15, v2 branch v16, b3, b4
  b3: v17 = load.u8 v14+0 packet store.u8 v0+16, v17 context jump b4
  b4: v18 = add.i32 v10, v4 jump b1(v18)
  b5: ${after} return v3
  b6: return v4
}`;

/** The lines that were not there. */
function added(text: string): string[] {
  const module = parseModule(text);
  expect(checkModule(module)).toEqual([]);
  const after = hideOffsets(module);
  expect(checkModule(after)).toEqual([]);
  const before = printModule(module, { locations: false }).split("\n");
  return printModule(after, { locations: false })
    .split("\n")
    .filter((line) => !before.includes(line))
    .map((line) => line.trim());
}

const counter = "v12 = zext32 v10";
const used = "v20 = load.u8 v8+0 packet store.u8 v0+16, v20 context";

test("a counter's offset is hidden while another reference is in use", () => {
  expect(added(loopOf(counter, used))).toEqual([
    'data loop__zero section ".bss" mutable private: u64 = 0x0000000000000000',
    "v22 = global loop__zero",
    "v23 = load.u8.i64 v22+0 map",
    "v24 = const.i64 1",
    "v25 = and.i64 v23, v24",
    "v21 = add.i64 v12, v25",
    "v14 = offset v13, v21",
  ]);
});

test("it is not where no reference is in use", () => {
  expect(added(loopOf(counter, ""))).toEqual([]);
});

test("an offset that the verifier does not know is left alone", () => {
  expect(added(loopOf("v30 = load.u32 v0+12 context v12 = zext32 v30", used))).toEqual([]);
});

/** Loops over the entries of a map: `bpf_for_each_map_elem`, and array maps by index on kernels that do not have it. */
import { kernelHas } from "@waggle/object";
import type ts from "typescript";
import type { BlockId, MapDefinition } from "../../ir/types.js";
import { integers } from "../../types/integers.js";
import { newerKernel } from "../classes/class-rules.js";
import { reject } from "../rejections/rejection.js";
import type { FunctionState } from "../state.js";
import { tokenLocation } from "../token-location.js";
import { addressOf, memoryAt, newSlot, readPlace, valueAt, writePlace } from "../values/memory.js";
import { scalar } from "../values/scalars.js";
import type { MemoryValue, Value } from "../values/value.js";
import { lowerInForm } from "./callback-bodies.js";
import { firstWithMapWalks, mostTurns } from "./loop-form.js";
import { lowerLoopBody } from "./loops.js";

/** Lowers a turn; it ends with a jump to one of the blocks that it is given. */
type Turn = (key: MemoryValue, value: MemoryValue, onContinue: BlockId, onBreak: BlockId) => void;

/** `for (const [key, value] of map)`; `bind` gives the pattern its pair. */
export function lowerMapLoop(
  fn: FunctionState,
  node: ts.ForOfStatement,
  map: MapDefinition,
  labels: readonly string[],
  bind: (pair: readonly Value[]) => void,
): void {
  const turns = fn.jumps.at(-1)?.turns ?? 1n;
  eachEntry(fn, node.expression, map, (key, value, onContinue, onBreak) => {
    bind([readPlace(fn, key), value]);
    lowerLoopBody(fn, node, { facts: new Map(), turns }, { onBreak, onContinue, labels });
    fn.builder.jump(onContinue);
  });
}

/** A loop over the entries of a map. `body` lowers a turn; it ends with a jump to one of the blocks that it is given. */
export function eachEntry(fn: FunctionState, node: ts.Node, map: MapDefinition, body: Turn): void {
  const { builder, owner } = fn;
  if (map.key === null || map.value === null)
    reject(node, "WG2007", "this map has no entries to visit", "hash and array maps have");
  if (fn.lock !== null)
    reject(
      node,
      "WG1010",
      "a lock is held here, and the kernel visits the entries of a map by calls, which it then forbids",
      "visit them before withLock, or take the lock in each turn",
    );
  if (!kernelHas(owner.target.kernel, firstWithMapWalks)) {
    eachIndex(fn, node, map, body);
    return;
  }
  const [head, turn, after] = [builder.block(), builder.block(), builder.block()];
  builder.jump(head);
  builder.switchTo(head);
  builder.branch(builder.element("more", map.name), turn, after);
  const driver = { kind: "map", map: map.name } as const;
  builder.loop({ header: head, form: "callback", turns: null, driver, location: tokenLocation(owner, node) });
  builder.switchTo(turn);
  const key = memoryAt(map.key, builder.element("key", map.name), "map", { readonly: true });
  const value = valueAt(map, map.value, builder.element("value", map.name));
  lowerInForm(fn, "callback", () => body(key, value, head, after));
  builder.switchTo(after);
}

/** Older kernels: the elements of an array map one by one. */
function eachIndex(fn: FunctionState, node: ts.Node, map: MapDefinition, body: Turn): void {
  const { builder, owner } = fn;
  const isArray = map.type.endsWith("array") && map.key?.kind === "int";
  if (!isArray || BigInt(map.maxEntries) > mostTurns || map.value === null || map.key === null)
    reject(
      node,
      "WG2015",
      isArray
        ? `kernels before ${firstWithMapWalks} do not visit ${map.maxEntries} elements`
        : `kernels before ${firstWithMapWalks} do not visit the entries of a ${map.type} map`,
      newerKernel(owner, firstWithMapWalks),
    );
  const key = newSlot(fn, "key", map.key);
  const [head, found, turn] = [builder.block(), builder.block(), builder.block()];
  const [step, after] = [builder.block(), builder.block()];
  builder.jump(head, [builder.i32(0)]);
  const index = builder.param(head, "i32");
  builder.switchTo(head);
  builder.branch(builder.compare("ult", index, builder.i32(map.maxEntries)), found, after);
  builder.switchTo(found);
  writePlace(fn, key, scalar(integers.u32, index), node);
  const pointer = builder.helper("bpf_map_lookup_elem", "ptr", [builder.map(map.name), addressOf(fn, key)]);
  builder.branch(builder.compare("ne", pointer, builder.nullPointer()), turn, after);
  builder.switchTo(turn);
  body({ ...key, readonly: true }, valueAt(map, map.value, pointer), step, after);
  builder.switchTo(step);
  builder.jump(head, [builder.binary("add", index, builder.i32(1))]);
  builder.switchTo(after);
}

/** `for (const [key, value] of map)`: arrays by index on any kernel, the others by `bpf_for_each_map_elem`. */
import { kernelHas } from "@waggle/object";
import type ts from "typescript";
import type { MapDefinition } from "../../ir/types.js";
import { integers } from "../../types/integers.js";
import { newerKernel } from "../classes/class-rules.js";
import { reject } from "../rejections/rejection.js";
import { type FunctionState, locationOf } from "../state.js";
import { memoryAt, readPlace } from "../values/memory.js";
import { scalar } from "../values/scalars.js";
import type { Value } from "../values/value.js";
import { lowerLoopBody } from "./loops.js";

/** The first kernel with `bpf_for_each_map_elem`. */
const firstWithMaps = "5.13";
/** Arrays of more entries are walked by the helper, where there is one. */
const fewEntries = 1024;

const arrays = new Set(["array", "per-cpu-array"]);
const walked = new Set(["hash", "lru-hash", "per-cpu-hash", "per-cpu-lru-hash", "array", "per-cpu-array"]);

/** Lowers the loop; `bind` gives the pattern its pair of key and value. */
export function lowerMapLoop(
  fn: FunctionState,
  node: ts.ForOfStatement,
  map: MapDefinition,
  labels: readonly string[],
  bind: (pair: readonly Value[]) => void,
): void {
  const { owner } = fn;
  const hasHelper = kernelHas(owner.target.kernel, firstWithMaps);
  if (arrays.has(map.type) && (map.maxEntries <= fewEntries || !hasHelper)) {
    lowerByIndex(fn, node, map, labels, bind);
    return;
  }
  if (!walked.has(map.type))
    reject(
      node.expression,
      "WG2007",
      `the entries of a ${map.type} map are not walked`,
      "hash maps and arrays have entries",
    );
  if (!hasHelper)
    reject(
      node.expression,
      "WG2015",
      `programs walk ${map.type} maps from kernel ${firstWithMaps} on`,
      newerKernel(owner, firstWithMaps),
    );
  const { builder } = fn;
  const [head, body, after] = [builder.block(), builder.block(), builder.block()];
  const { key, value } = map;
  if (key === null || value === null) reject(node.expression, "WG2007", "this map has no entries");
  builder.jump(head);
  builder.switchTo(head);
  builder.branch(builder.element("more", map.name), body, after);
  const driver = { kind: "map", map: map.name } as const;
  builder.loop({
    header: head,
    form: "callback",
    turns: BigInt(map.maxEntries),
    driver,
    location: locationOf(owner, node),
  });
  builder.switchTo(body);
  const keyPlace = memoryAt(key, builder.element("key", map.name), "unknown", { readonly: true });
  bind([readPlace(fn, keyPlace), memoryAt(value, builder.element("value", map.name), "map")]);
  const turns = fn.jumps.at(-1)?.turns ?? 1n;
  lowerLoopBody(
    fn,
    node.statement,
    { facts: new Map(), turns },
    { onBreak: after, onContinue: head, labels },
  );
  builder.jump(head);
  builder.switchTo(after);
}

function lowerByIndex(
  fn: FunctionState,
  node: ts.ForOfStatement,
  map: MapDefinition,
  labels: readonly string[],
  bind: (pair: readonly Value[]) => void,
): void {
  const { builder } = fn;
  if (map.value === null) return;
  const [head, look, body, step, after] = [
    builder.block(),
    builder.block(),
    builder.block(),
    builder.block(),
    builder.block(),
  ];
  const index = builder.param(head, "i32");
  builder.jump(head, [builder.i32(0)]);
  builder.switchTo(head);
  builder.branch(builder.compare("ult", index, builder.i32(map.maxEntries)), look, after);
  builder.switchTo(look);
  const slot = builder.slotAddress(builder.slot("key", 4, 4));
  builder.store(slot, index, { width: 4, region: "stack" });
  const pointer = builder.helper("bpf_map_lookup_elem", "ptr", [builder.map(map.name), slot]);
  builder.branch(builder.compare("ne", pointer, builder.nullPointer()), body, step);
  builder.switchTo(body);
  const key = scalar(integers.u32, index, { min: 0n, max: BigInt(map.maxEntries - 1) });
  bind([key, memoryAt(map.value, pointer, "map")]);
  const outer = fn.jumps.at(-1)?.turns ?? 1n;
  const turns = outer * BigInt(map.maxEntries);
  lowerLoopBody(
    fn,
    node.statement,
    { facts: new Map(), turns },
    { onBreak: after, onContinue: step, labels },
  );
  builder.jump(step);
  builder.switchTo(step);
  builder.jump(head, [builder.binary("add", index, builder.i32(1))]);
  builder.switchTo(after);
}

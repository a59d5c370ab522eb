import { describe, expect, it } from "vitest";
import { isRingBuffer } from "../app.js";
import { BatchError, MapError } from "../errors/errors.js";
import { kernelTitle, whyNot } from "../fixtures/kernel.js";
import * as f from "../fixtures/specs.js";
import { loadSpec } from "../load/load.js";
import { possibleCpus } from "../sys/cpus.js";
import { KernelMap } from "./kernel-map.js";

type Entry = [unknown, unknown];

/** A map of each type that has batches, its keys and values by number. */
const kinds = [
  ["hash", 0],
  ["lru-hash", 0],
  ["per-cpu-hash", 0],
  ["lru-per-cpu-hash", 0],
  ["array", 0],
  ["per-cpu-array", 0],
  ["lpm-trie", 1],
] as const;

function open(type: string, maxEntries = 1000, flags = 0) {
  const isArray = type.endsWith("array");
  const spec = isArray
    ? f.map("stats", type, { maxEntries, flags })
    : f.pairHash({ type: f.map("x", type).type, maxEntries, flags });
  const app = loadSpec(f.spec([spec], []));
  const map = app.maps.stats;
  if (map === undefined || isRingBuffer(map) || !(map instanceof KernelMap)) throw new Error("no map");
  // The first field of a trie's key is the length of its prefix.
  const key = (i: number): unknown => (isArray ? i : type === "lpm-trie" ? { a: 32, b: i } : { a: i, b: i });
  const value = (i: number): unknown =>
    type.includes("per-cpu") ? Array.from({ length: possibleCpus() }, () => BigInt(i)) : BigInt(i);
  const entries = (first: number, end: number): Entry[] =>
    Array.from({ length: end - first }, (_, i) => [key(first + i), value(first + i)]);
  return { app, map: map as KernelMap<unknown, unknown>, entries, isArray };
}

/** What a call throws. */
function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return null;
}

describe.skipIf(whyNot !== "")(kernelTitle("setBatch"), () => {
  it.each(kinds)("sets the entries of a %s in every mode, and says how many", (type, flags) => {
    const { app, map, entries, isArray } = open(type, 2000, flags);
    using _app = app;
    const all = entries(0, 700);
    const existing = thrownBy(() => map.setBatch(all, { mode: "update" }));
    if (isArray) expect(existing).toBeNull();
    else expect(existing).toMatchObject({ code: "not-found", done: 0 });
    const created = thrownBy(() => map.setBatch(all, { mode: "create" }));
    if (isArray) expect(created).toMatchObject({ code: "exists", done: 0 });
    else expect(created).toBeNull();
    expect(map.setBatch(all)).toBe(700);
    expect(map.setBatch(all, { mode: "any" })).toBe(700);
    expect(map.setBatch(entries(100, 200), { mode: "update" })).toBe(100);
    expect(map.get(all[650]?.[0])).toEqual(all[650]?.[1]);
    expect(map.setBatch([])).toBe(0);
  });

  it.each(["hash", "per-cpu-hash"])("says how many of a %s were set when one is refused", (type) => {
    const { app, map, entries } = open(type);
    using _app = app;
    map.setBatch(entries(600, 601));
    const error = thrownBy(() => map.setBatch(entries(0, 700), { mode: "create" }));
    expect(error).toBeInstanceOf(BatchError);
    expect(error).toMatchObject({ code: "exists", errno: "EEXIST", done: 600 });
    expect(String(error)).toContain('the mode is "create". 600 entries before it were set.');
    expect(map.getBatch()).toHaveLength(601);
    expect(thrownBy(() => map.setBatch(entries(590, 700), { mode: "update" }))).toMatchObject({
      code: "not-found",
      done: 11,
    });
    const full = thrownBy(() => map.setBatch(entries(1000, 3000)));
    expect(full).toMatchObject({ code: "too-large", done: 1000 - 601 });
  });

  it("refuses an index that is out of range after those before it", () => {
    const { app, map, entries } = open("array", 600);
    using _app = app;
    expect(thrownBy(() => map.setBatch(entries(0, 700)))).toMatchObject({ code: "too-large", done: 600 });
    expect(thrownBy(() => map.setBatch(entries(0, 700), { mode: "update" }))).toMatchObject({ done: 600 });
  });

  it("sets what comes before a value that does not fit, or an iterator that throws", () => {
    const { app, map, entries } = open("hash");
    using _app = app;
    const bad: Entry[] = [...entries(0, 515), [{ a: 1, b: 2 }, -1n], ...entries(600, 700)];
    const error = thrownBy(() => map.setBatch(bad));
    expect(error).toBeInstanceOf(MapError);
    expect(error).toMatchObject({ code: "bad-value", message: expect.stringContaining("-1") });
    expect(String(error)).toContain("515 entries before it were set.");
    expect(map.getBatch()).toHaveLength(515);
    function* failing(): Generator<Entry> {
      yield* entries(700, 710);
      throw new RangeError("of the caller's own");
    }
    expect(() => map.setBatch(failing())).toThrow(RangeError);
    expect(map.getBatch()).toHaveLength(525);
    function* badKeys(): Generator<unknown> {
      yield { a: 1, b: 1 };
      yield { a: 9999, b: 1 };
      yield { a: "x", b: 1 };
    }
    expect(() => map.deleteBatch(badKeys())).toThrow("1 entries before it were deleted.");
    expect(map.getBatch()).toHaveLength(524);
  });
});

describe.skipIf(whyNot !== "")(kernelTitle("keys of tries"), () => {
  it("says that a prefix is too long for its data", () => {
    const { app, map } = open("lpm-trie", 10, 1);
    using _app = app;
    const message = "key of map stats: the prefix has 33 bits, but the data has only 32.";
    const key = { a: 33, b: 1 };
    for (const run of [() => map.set(key, 1n), () => map.get(key), () => map.has(key), () => map.delete(key)])
      expect(run).toThrow(new MapError("bad-value", message));
    expect(() => map.setBatch([[key, 1n]])).toThrow("the prefix has 33 bits");
    map.set({ a: 32, b: 1 }, 5n);
    map.set({ a: 0, b: 1 }, 6n);
    expect([...map].length).toBe(2);
  });
});

describe.skipIf(whyNot !== "")(kernelTitle("getters of keys and values"), () => {
  it("may use the same map", () => {
    const { app, map } = open("hash");
    using _app = app;
    map.set({ a: 7, b: 7 }, 70n);
    const key = {
      a: 1,
      get b() {
        expect(map.get({ a: 7, b: 7 })).toBe(70n);
        map.set({ a: 8, b: 8 }, 80n);
        map.delete({ a: 9, b: 9 });
        return 2;
      },
    };
    map.set(key, 12n);
    expect(map.get(key)).toBe(12n);
    const all = [...map].map(([, value]) => value).sort();
    expect(all).toEqual([12n, 70n, 80n]);
  });
});

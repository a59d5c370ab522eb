import { describe, expect, it } from "vitest";
import { isRingBuffer, type UntypedApp } from "../app.js";
import { ClosedError } from "../errors/errors.js";
import { kernelTitle, whyNot } from "../fixtures/kernel.js";
import * as f from "../fixtures/specs.js";
import { loadSpec } from "../load/load.js";
import { possibleCpus } from "../sys/cpus.js";
import { readOneByOne } from "./batch.js";
import { KernelMap } from "./kernel-map.js";

type Pair = { a: number; b: number };

function mapOf<K, V>(app: UntypedApp, name: string): KernelMap<K, V> {
  const found = app.maps[name];
  if (found === undefined || isRingBuffer(found) || !(found instanceof KernelMap)) throw new Error("no map");
  return found;
}
const load = (...maps: Parameters<typeof f.spec>[0]) => loadSpec(f.spec(maps, []));

describe.skipIf(whyNot !== "")(kernelTitle("maps of the kernel"), () => {
  it("gets, sets and deletes", () => {
    using app = load(f.pairHash());
    const map = mapOf<Pair, bigint>(app, "stats");
    expect(map.get({ a: 1, b: 2 })).toBeUndefined();
    map.set({ a: 1, b: 2 }, 1n << 63n);
    expect(map.get({ a: 1, b: 2 })).toBe(1n << 63n);
    expect(map.has({ a: 2, b: 1 })).toBe(false);
    expect(map.delete({ a: 1, b: 2 })).toBe(true);
    expect(map.delete({ a: 1, b: 2 })).toBe(false);
    expect(() => map.set({ a: 1 } as Pair, 1n)).toThrow(/b/);
    expect(() => map.set({ a: 1, b: 2 }, -1n)).toThrow(/-1/);
  });

  it("explains modes and a full map", () => {
    using app = load(f.pairHash({ maxEntries: 2 }));
    const map = mapOf<Pair, bigint>(app, "stats");
    expect(() => map.set({ a: 1, b: 1 }, 1n, { mode: "update" })).toThrow(/ENOENT.*The key is not there/);
    map.set({ a: 1, b: 1 }, 1n, { mode: "create" });
    expect(() => map.set({ a: 1, b: 1 }, 1n, { mode: "create" })).toThrow(/EEXIST.*The key is there already/);
    map.set({ a: 2, b: 1 }, 1n);
    expect(() => map.set({ a: 3, b: 1 }, 1n)).toThrow("The map is full: it has room for 2 entries");
  });

  it.each(["hash", "lru-hash"])("iterates over a large %s, with and without batch calls", (type) => {
    using app = load({ ...f.pairHash({ maxEntries: 20_000 }), type: f.map("x", type).type });
    const map = mapOf<Pair, bigint>(app, "stats");
    const entries = Array.from({ length: 3000 }, (_, i): [Pair, bigint] => [{ a: i, b: i * 2 }, BigInt(i)]);
    expect(map.setBatch(entries)).toBe(3000);
    const byKey = (list: [Pair, bigint][]) => list.sort(([x], [y]) => x.a - y.a);
    expect(byKey([...map])).toEqual(entries);
    expect(byKey(map.getBatch())).toEqual(entries);
    expect([...map.keys()]).toHaveLength(3000);
    expect([...map.values()].reduce((sum, value) => sum + value)).toBe(4498500n);
    expect([...readOneByOne(map)]).toHaveLength(3000);
  });

  it("meets each entry once while they are deleted", () => {
    using app = load(f.pairHash({ maxEntries: 5000 }));
    const map = mapOf<Pair, bigint>(app, "stats");
    map.setBatch(Array.from({ length: 5000 }, (_, i): [Pair, bigint] => [{ a: i, b: 0 }, 1n]));
    const seen = new Set<number>();
    for (const key of map.keys()) {
      expect(seen.has(key.a)).toBe(false);
      seen.add(key.a);
      map.delete(key);
    }
    expect(seen.size).toBe(5000);
    expect([...map]).toEqual([]);
  });

  it("deletes in batches and passes over what is not there", () => {
    using app = load(f.pairHash());
    const map = mapOf<Pair, bigint>(app, "stats");
    map.setBatch(Array.from({ length: 900 }, (_, i): [Pair, bigint] => [{ a: i, b: 0 }, 1n]));
    expect(map.deleteBatch(Array.from({ length: 1000 }, (_, i) => ({ a: i * 2, b: 0 })))).toBe(450);
    expect(map.getBatch()).toHaveLength(450);
    expect(() =>
      map.setBatch(Array.from({ length: 600 }, (_, i): [Pair, bigint] => [{ a: i, b: 9 }, 1n])),
    ).toThrow("The map is full");
  });

  it("has a value for each CPU", () => {
    using app = load(f.map("hits", "per-cpu-array"));
    const map = mapOf<number, bigint[]>(app, "hits");
    const values = Array.from({ length: possibleCpus() }, (_, i) => BigInt(i + 1));
    map.set(1, values);
    expect(map.get(1)).toEqual(values);
    expect([...map].map(([key]) => key)).toEqual([0, 1, 2, 3]);
    expect(() => map.set(1, [1n, 2n, 3n, 4n, 5n].slice(0, possibleCpus() - 1))).toThrow("for each of");
  });

  it("refuses what arrays cannot do", () => {
    using app = load(f.map("hits", "array"));
    const map = mapOf<number, bigint>(app, "hits");
    expect(map.get(4)).toBeUndefined();
    expect(() => map.set(4, 1n)).toThrow("an index must be below that");
    expect(() => map.delete(0)).toThrow("elements of array map hits cannot be deleted");
  });

  it("has bytes where the object has no types", () => {
    using app = load(f.pairHash({ keyType: null, valueType: null }));
    const map = mapOf<Uint8Array, Uint8Array>(app, "stats");
    map.set(new Uint8Array(8).fill(3), new Uint8Array(8).fill(4));
    expect([...map]).toEqual([[new Uint8Array(8).fill(3), new Uint8Array(8).fill(4)]]);
    expect(() => map.get(new Uint8Array(7))).toThrow("expected a Uint8Array of 8 bytes");
  });

  it("is closed with its app", () => {
    const app = load(f.pairHash());
    const map = mapOf<Pair, bigint>(app, "stats");
    app.close();
    expect(() => map.get({ a: 1, b: 1 })).toThrow(ClosedError);
    expect(() => [...map]).toThrow("map stats is closed");
  });
});

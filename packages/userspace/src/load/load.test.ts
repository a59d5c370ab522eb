import { existsSync, readdirSync, rmSync } from "node:fs";
import { release } from "node:os";
import { afterEach, describe, expect, it } from "vitest";
import { isRingBuffer, type UntypedApp } from "../app.js";
import { BpfError, LoadError, SystemCallError } from "../errors/errors.js";
import { kernelTitle, whyNot } from "../fixtures/kernel.js";
import * as f from "../fixtures/specs.js";
import type { ProgramArray } from "../maps/program-array.js";
import type { RingBuffer } from "../maps/ring-buffer.js";
import type { BpfMap } from "../maps/types.js";
import { VerifierError } from "../verifier/verifier-error.js";
import { loadObject, loadSpec } from "./load.js";

const openFiles = () => readdirSync("/proc/self/fd").length;
const thrown = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
};

function ringOf(app: UntypedApp): RingBuffer<{ sequence: bigint; size: bigint }> {
  const ring = app.maps.events;
  if (ring === undefined || !isRingBuffer(ring)) throw new Error("no ring");
  return ring as RingBuffer<{ sequence: bigint; size: bigint }>;
}
const emitter = () => f.spec([f.ring(), f.bssMap()], [f.emitting()]);

describe.skipIf(whyNot !== "")(kernelTitle("programs that are loaded only when asked for"), () => {
  const good = f.program("count", "xdp", [f.move(0, 2), f.exit]);
  const object = f.spec([], [good, { ...f.rejected(), autoload: false }]);

  it("are left out, though the kernel would refuse them", () => {
    using app = loadSpec({ ...object, untypedPrograms: [{ name: "odd", problem: "" }] });
    expect(Object.keys(app.programs)).toEqual(["count"]);
  });

  it("are loaded by their names", () => {
    expect(thrown(() => loadSpec(object, { programs: ["count", "bad"] }))).toBeInstanceOf(VerifierError);
  });
});

describe("what load refuses without the kernel", () => {
  const hash = f.spec([f.pairHash()], [f.program("count", "xdp", [f.move(0, 2), f.exit])]);

  it("names the nearest map and program", () => {
    expect(() => loadSpec(hash, { maps: { stat: { maxEntries: 1 } } })).toThrow(
      "the object has no map stat. Did you mean stats? It has: stats.",
    );
    expect(() => loadSpec(hash, { programs: ["cuont"] })).toThrow("Did you mean count?");
  });

  it("says why a program of no known type cannot be loaded, when it is asked for", () => {
    const odd = {
      ...hash,
      untypedPrograms: [{ name: "odd", problem: "section ?odd of function odd is nothing" }],
    };
    expect(thrown(() => loadSpec(odd, { programs: ["odd"] }))).toMatchObject({
      code: "bad-program",
      message: "section ?odd of function odd is nothing.",
    });
  });

  it("does not load CO-RE relocations without types", () => {
    const relocation = { section: "xdp", offset: 0, type: 1, access: "0:1", kind: 0, instruction: 0 };
    const one = f.program("count", "xdp", [f.move(0, 2), f.exit], { coreRelocations: [relocation] });
    const error = thrown(() => loadSpec({ ...f.spec([], [one]), btf: null }));
    expect(error).toBeInstanceOf(LoadError);
    expect(error).toMatchObject({
      code: "unsupported-relocation",
      message: expect.stringContaining("has no BTF"),
    });
  });

  it.skipIf(!existsSync("/sys/kernel/btf/vmlinux"))(
    "names the nearest of the kernel's functions (needs /sys/kernel/btf)",
    () => {
      const kernelCalls = [{ instruction: 0, name: "bpf_iter_num_nxt" }];
      const one = f.program("count", "xdp", [f.move(0, 2), f.exit], { kernelCalls });
      expect(thrown(() => loadSpec(f.spec([], [one])))).toMatchObject({
        code: "unsupported-relocation",
        message:
          `program count calls the kernel's bpf_iter_num_nxt, and Linux ${release()} has no such function ` +
          "(it has bpf_iter_num_next). A newer kernel may have it; functions of kernel modules cannot be called yet.",
      });
      const far = [{ instruction: 0, name: "qqqq_zzzz_xxxx_no_kernel_has_this" }];
      const other = f.program("count", "xdp", [f.move(0, 2), f.exit], { kernelCalls: far });
      expect(thrown(() => loadSpec(f.spec([], [other])))).toMatchObject({
        code: "unsupported-relocation",
        message:
          `program count calls the kernel's qqqq_zzzz_xxxx_no_kernel_has_this, and Linux ${release()} has no such function. ` +
          "A newer kernel may have it; functions of kernel modules cannot be called yet.",
      });
    },
  );

  it("throws errors of its own for configuration and bytes that do not fit", () => {
    const wrong = thrown(() => loadSpec(f.spec([f.rodataMap()], []), { config: { answr: 1 } }));
    expect(wrong).toBeInstanceOf(LoadError);
    expect(wrong).toMatchObject({ code: "bad-value", message: expect.stringContaining("answer") });
    expect(wrong).toHaveProperty("cause.name", "ObjectError");
    expect(thrown(() => loadObject(new Uint8Array(3)))).toBeInstanceOf(LoadError);
  });

  it("says how to build for this machine's byte order", () => {
    expect(() => loadSpec({ ...hash, byteOrder: hash.byteOrder === "little" ? "big" : "little" })).toThrow(
      /build it with --target bpfe[lb]\./,
    );
  });
});

describe.skipIf(whyNot !== "")(kernelTitle("loading into the kernel"), () => {
  describe("maps that are pinned by their names", () => {
    const pinPath = `/sys/fs/bpf/waggle-test-${process.pid}`;
    const hash = f.spec([f.pairHash()], [f.program("count", "xdp", [f.move(0, 2), f.exit])]);
    const pinned = {
      ...hash,
      maps: hash.maps.map((map) => ({ ...map, pinning: "by-name" as const })),
    };
    const [name = ""] = hash.maps.map((map) => map.name);
    afterEach(() => rmSync(pinPath, { recursive: true, force: true }));

    const shared = (type: string, more: object) =>
      f.spec([f.map("shared", type, { ...more, pinning: "by-name" })], []);
    const refusal = (object: ReturnType<typeof shared>): unknown =>
      thrown(() => loadSpec(object, { pinPath }));

    it("refuses other fields in keys and values of the same size", () => {
      loadSpec(shared("hash", { keySize: 8, keyType: f.types.pair }), { pinPath }).close();
      loadSpec(shared("hash", { keySize: 8, keyType: f.types.pair }), { pinPath }).close();
      expect(refusal(shared("hash", { keySize: 8, keyType: f.types.u64 }))).toMatchObject({
        code: "incompatible-map",
        message: expect.stringMatching(
          /^map shared is pinned at .*shared already, with other fields: key is struct pair there, and unsigned long long in this object: remove that file/,
        ),
      });
      expect(
        refusal(shared("hash", { keySize: 8, keyType: f.types.pair, valueType: f.types.pair })),
      ).toMatchObject({
        code: "incompatible-map",
        message: expect.stringContaining("value is unsigned long long there, and struct pair in this object"),
      });
    });

    it("compares sizes only where the pinned map has no types", () => {
      loadSpec({ ...shared("hash", {}), btf: null }, { pinPath }).close();
      loadSpec(shared("hash", { valueType: f.types.pair }), { pinPath }).close();
      expect(refusal(shared("hash", { valueSize: 16 }))).toMatchObject({ code: "incompatible-map" });
    });

    it.each([
      ["devmap", { valueSize: 4 }],
      ["devmap", { valueSize: 8 }],
      ["devmap-hash", { valueSize: 4 }],
      ["cpumap", { valueSize: 4, maxEntries: 1 }],
      ["sockmap", { valueSize: 4 }],
      ["ring-buffer", { keySize: 0, valueSize: 0, keyType: null, valueType: null, maxEntries: 5000 }],
      ["perf-event-array", { valueSize: 4, maxEntries: 0 }],
      ["queue", { keySize: 0, keyType: null }],
      ["lpm-trie", { keySize: 8, keyType: f.types.pair, flags: 1 }],
      ["hash", { numaNode: 0 }],
      ["bloom-filter", { keySize: 0, keyType: null, mapExtra: 3n }],
    ])("uses a %s again (%#)", (type, more) => {
      const object = shared(type, more);
      loadSpec(object, { pinPath }).close();
      using app = loadSpec(object, { pinPath });
      expect(Object.keys(app.maps)).toEqual(["shared"]);
    });

    it("keeps the programs of an array that is pinned, and not of one that is not", () => {
      const slots = [{ index: 1, name: "count" }];
      const form = { keySize: 4, valueSize: 4, keyType: null, valueType: null };
      const filled = (more: object) =>
        f.spec(
          [f.map("shared", "program-array", { ...form, slots, ...more })],
          [f.program("count", "xdp", [f.move(0, 2), f.exit])],
        );
      const arrayOf = (app: UntypedApp): ProgramArray => app.maps.shared as unknown as ProgramArray;
      const app = loadSpec(filled({}));
      arrayOf(app).pin(`${pinPath}/shared`);
      app.close();
      using again = loadSpec(
        f.spec([f.map("shared", "program-array", { ...form, pinning: "by-name" })], []),
        {
          pinPath,
        },
      );
      expect([0, 1].map((index) => arrayOf(again).has(index))).toEqual([false, true]);
      // A place that was emptied is filled by who declares it.
      arrayOf(again).delete(1);
      loadSpec(filled({ pinning: "by-name" }), { pinPath }).close();
      expect(arrayOf(again).has(1)).toBe(true);
      again.close();
      expect(() => arrayOf(again).pin(`${pinPath}/late`)).toThrow("map shared is closed");
    });

    it("says that something else is pinned there", () => {
      using app = loadSpec(
        f.spec(
          [],
          [f.counting("tick", "tracepoint", "hits", 0)].map((each) => ({
            ...each,
            references: [],
            instructions: [f.move(0, 0), f.exit],
            attachTarget: "syscalls/sys_enter_getppid",
          })),
        ),
      );
      const program = app.programs.tick;
      if (program?.kind !== "tracepoint") throw new Error("no tracepoint");
      program.attach({ mechanism: "link" }).pin(`${pinPath}/shared`);
      expect(refusal(shared("hash", {}))).toMatchObject({
        code: "incompatible-map",
        message: expect.stringMatching(/where a BPF object of another kind is \(link\)/),
      });
    });

    it("are shared, and outlive those who use them", () => {
      const first = loadSpec(pinned, { pinPath });
      first.close();
      expect(readdirSync(pinPath)).toEqual([name]);
      const used = loadSpec(pinned, { pinPath });
      const again = loadSpec(pinned, { pinPath });
      const map = (app: UntypedApp) => app.maps[name] as BpfMap<unknown, unknown>;
      const before = [...map(used).entries()];
      expect([...map(again).entries()]).toEqual(before);
      used.close();
      again.close();
    });

    it("must be like what is there", () => {
      loadSpec(pinned, { pinPath }).close();
      const wrong = thrown(() => loadSpec(pinned, { pinPath, maps: { [name]: { maxEntries: 7 } } }));
      expect(wrong).toMatchObject({
        code: "incompatible-map",
        message: expect.stringMatching(
          /is pinned at .* already, with maxEntries \d+ instead of 7: remove that file/,
        ),
      });
    });

    it("are taken away again when loading fails", () => {
      const bad = { ...pinned, programs: [f.program("bad", "xdp", [f.exit])] };
      expect(thrown(() => loadSpec(bad, { pinPath }))).toBeInstanceOf(VerifierError);
      expect(readdirSync(pinPath)).toEqual([]);
    });
  });

  it.each([
    ["a key", () => [f.pairHash({ keyType: 0 })]],
    ["a value", () => [f.pairHash({ valueType: 0 })]],
    ["a record", () => [{ ...f.ring(), valueType: 0 }]],
    [
      "a variable",
      () => {
        const section = f.bssMap();
        const data = section.data;
        if (data === null) throw new Error("no section");
        const variables = data.variables.map((variable) => ({ ...variable, type: 0 }));
        return [{ ...section, data: { ...data, variables } }];
      },
    ],
  ])("says that the type of %s has no values by an error of its own, and leaves nothing", (_, maps) => {
    const before = openFiles();
    const error = thrown(() => loadSpec(f.spec(maps(), [])));
    expect(error).toBeInstanceOf(LoadError);
    expect(error).toMatchObject({ code: "bad-btf", message: expect.stringContaining("has no values") });
    expect(openFiles()).toBe(before);
  });

  it("runs a program and counts in its map", () => {
    using app = loadSpec(f.spec([f.map("hits", "array")], [f.counting("count", "xdp", "hits", 2)]));
    expect(app.btfProblems).toEqual([]);
    const before = openFiles();
    const result = app.programs.count?.testRun({ data: f.packet, repeat: 10 });
    expect(result?.result).toBe(2);
    expect(result?.data).toEqual(f.packet);
    const hits = app.maps.hits;
    if (hits === undefined || isRingBuffer(hits)) throw new Error("no map");
    expect(hits.get(0)).toBe(10n);
    expect(openFiles()).toBe(before);
  });

  it("names the map whose key or value does not fit", () => {
    using app = loadSpec(f.spec([f.pairHash()], []));
    const stats = app.maps.stats;
    if (stats === undefined || isRingBuffer(stats)) throw new Error("no map");
    expect(() => stats.get({ a: 1 })).toThrow(/^key of map stats: .*b is missing/);
    expect(() => stats.set({ a: 1, b: 2 }, 7)).toThrow(/^value of map stats: /);
    expect(thrown(() => stats.get(1))).toBeInstanceOf(BpfError);
  });

  it("does not load references that lead nowhere", () => {
    const to = (map: string, instruction: number) =>
      f.program("count", "xdp", [f.move(0, 2), f.exit], {
        references: [{ instruction, map, valueOffset: null }],
      });
    expect(() => loadSpec(f.spec([], [to("gone", 0)]))).toThrow(
      "refers to map gone, which the object does not have",
    );
    expect(() => loadSpec(f.spec([f.pairHash()], [to("stats", 0)]))).toThrow(
      "is not a 64-bit immediate load",
    );
  });

  it("leaves no descriptor behind, whether it loads or fails", () => {
    const good = emitter();
    loadSpec(good).close();
    const before = openFiles();
    for (let i = 0; i < 20; i++) {
      const app = loadSpec(good);
      app.programs.emit?.testRun({ data: f.packet });
      ringOf(app).drain(() => {});
      app.close();
      app.close();
      expect(app.closed).toBe(true);
      expect(() => loadSpec(f.spec([f.ring(), f.pairHash()], [f.rejected()]))).toThrow(VerifierError);
    }
    expect(openFiles()).toBe(before);
  });

  it("says which TypeScript line the verifier rejects", () => {
    const error = thrown(() => loadSpec(f.spec([], [f.rejected()])));
    expect(error).toBeInstanceOf(VerifierError);
    if (!(error instanceof VerifierError)) return;
    expect(error.reason).toBe("R2 !read_ok");
    expect(error.location).toMatchObject({ line: 12, column: 12 });
    expect(error.instruction).toBe(1);
    expect(error).toMatchObject({ errno: "EACCES", reasonClass: "uninitialized" });
    expect(error.message).toBe(
      [
        "the kernel's verifier rejected program bad (EACCES): A value is read here, but on this path nothing was assigned to it, or a call since then has destroyed it.",
        "  at src/kernel/sample.ts:12:12",
        "    12 |     return ip.saddr;",
        "       |            ^",
        "  fix: Give the variable a value on every path to this line.",
        "  the path to it:",
        "    src/kernel/sample.ts:10:3  static bad(ctx: XdpContext) {",
        "    src/kernel/sample.ts:12:12  return ip.saddr;",
        "  the verifier's words: R2 !read_ok (instruction 1: r0 = *(u32 *)(r2 +0))",
        "  for its whole log: error.log, or WAGGLE_VERIFIER_LOG=full in the environment",
      ].join("\n"),
    );
    expect(String(thrown(() => loadSpec(f.spec([], [f.rejected()]), { verifierLog: "full" })))).toContain(
      "    processed 2 insns",
    );
    expect(error.log).toContain("processed");
  });

  it("gives the verifier's log when asked", () => {
    using app = loadSpec(f.spec([], [f.program("count", "xdp", [f.move(0, 2), f.exit])]), { logLevel: 2 });
    expect(app.programs.count?.log).toContain("0: (b7) r0 = 2");
  });

  it("freezes read-only data and keeps its value", () => {
    using app = loadSpec(f.spec([f.rodataMap()], []));
    const data = app.maps[".rodata"];
    if (data === undefined || isRingBuffer(data)) throw new Error("no map");
    expect(data.get(0)).toEqual({ answer: 7 });
    expect(() => data.set(0, { answer: 8 })).toThrow(/EPERM.*frozen/);
  });

  it("explains a map that is too large, and one of no size", () => {
    const huge = thrown(() =>
      loadSpec(
        f.spec(
          [f.pairHash({ valueSize: 65536, valueType: null, keyType: null, maxEntries: 0xffff_ffff })],
          [],
        ),
      ),
    );
    expect(huge).toBeInstanceOf(SystemCallError);
    expect(String(huge)).toMatch(/BPF_MAP_CREATE of map stats failed: E(2BIG|NOMEM) .*lower maxEntries/);
    expect(() => loadSpec(f.spec([f.pairHash({ maxEntries: 0 })], []))).toThrow("set maxEntries");
    expect(() => loadSpec(f.spec([f.pairHash()], []), { maps: { stats: { maxEntries: 1.5 } } })).toThrow(
      "maxEntries of map stats is 1.5: it must be a whole number",
    );
  });

  it("loads without BTF that the kernel does not take, and keeps the reason", () => {
    const one = f.spec([f.pairHash()], [f.program("count", "xdp", [f.move(0, 2), f.exit])]);
    const broken = {
      types: [
        ...f.btf.types,
        { kind: "int", name: "bad", size: 4, bits: 64, bitOffset: 0, encoding: "unsigned" } as const,
      ],
    };
    using app = loadSpec({ ...one, btf: broken });
    expect(app.programs.count?.testRun({ data: f.packet }).result).toBe(2);
    expect(app.btfProblems.join()).toContain("BPF_BTF_LOAD: EINVAL");
  });

  it("says what a test run lacks", () => {
    using app = loadSpec(
      f.spec(
        [f.map("hits", "array")],
        [f.counting("count", "xdp", "hits", 2), f.counting("tick", "tracepoint", "hits", 0)],
      ),
    );
    expect(() => app.programs.count?.testRun({ data: new Uint8Array(3) })).toThrow("at least 14 bytes");
    expect(() => app.programs.tick?.testRun()).toThrow("cannot test-run tracepoint programs");
  });
});

describe.skipIf(whyNot !== "")(kernelTitle("ring buffers"), () => {
  it("gives the records in order, as they come", async () => {
    using app = loadSpec(emitter(), { maps: { events: { maxEntries: 5000 } } });
    const ring = ringOf(app);
    expect(ring.maxEntries).toBe(8192);
    const seen: bigint[] = [];
    setTimeout(() => app.programs.emit?.testRun({ data: f.packet, repeat: 100 }), 20);
    setTimeout(() => app.programs.emit?.testRun({ data: f.packet, repeat: 3 }), 60);
    for await (const record of ring) {
      expect(record.size).toBe(7n);
      seen.push(record.sequence);
      if (seen.length === 103) break;
    }
    expect(seen).toEqual(Array.from({ length: 103 }, (_, i) => BigInt(i)));
    expect(ring.lost).toBe(0n);
  });

  it("wraps around many times", async () => {
    using app = loadSpec(emitter());
    const ring = ringOf(app);
    let expected = 0n;
    for (let round = 0; round < 200; round++) {
      app.programs.emit?.testRun({ data: f.packet, repeat: 97 });
      const count = ring.drain((record) => expect(record.sequence).toBe(expected++));
      expect(count).toBe(97);
    }
  });

  it("counts what did not fit", () => {
    using app = loadSpec(emitter());
    app.programs.emit?.testRun({ data: f.packet, repeat: 1000 });
    const ring = ringOf(app);
    const read = ring.drain(() => {});
    expect(read).toBeGreaterThan(100);
    expect(ring.lost).toBe(1000n - BigInt(read));
    app.close();
    expect(ring.lost).toBe(1000n - BigInt(read));
  });

  it("keeps what was not read for the next reader", async () => {
    using app = loadSpec(emitter());
    const ring = ringOf(app);
    app.programs.emit?.testRun({ data: f.packet, repeat: 5 });
    for await (const record of ring) if (record.sequence === 1n) break;
    const rest: bigint[] = [];
    ring.drain((record) => rest.push(record.sequence));
    expect(rest).toEqual([2n, 3n, 4n]);
  });

  it("ends on abort, on return and on close, also while someone waits", async () => {
    const app = loadSpec(emitter());
    const ring = ringOf(app);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 10);
    for await (const _ of ring.read({ signal: controller.signal })) expect.unreachable();
    for await (const _ of ring.read({ signal: AbortSignal.abort() })) expect.unreachable();

    const iterator = ring.read();
    expect(() => ring.read()).toThrow("is being read already");
    const waiting = iterator.next();
    await iterator.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });

    setTimeout(() => app.close(), 10);
    for await (const _ of ring) expect.unreachable();
    expect(() => ring.read()).toThrow("ring buffer events is closed");
  });

  it("says that a record is shorter than its type, and goes on behind it", async () => {
    const one = emitter();
    const large = { ...f.ring(), valueType: f.types.large };
    using app = loadSpec({ ...one, maps: [large, f.bssMap()] });
    app.programs.emit?.testRun({ data: f.packet });
    await expect(ringOf(app).read().next()).rejects.toThrow(
      "ring buffer events has a record of 16 bytes where its type takes 24",
    );
  });

  it("answers several waiters in their order", async () => {
    using app = loadSpec(emitter());
    const iterator = ringOf(app).read();
    const all = Promise.all([iterator.next(), iterator.next(), iterator.next()]);
    setTimeout(() => app.programs.emit?.testRun({ data: f.packet, repeat: 3 }), 10);
    expect((await all).map((one) => one.value?.sequence)).toEqual([0n, 1n, 2n]);
  });
});

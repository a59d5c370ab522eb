import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { canLoad, loadObject } from "@waggle/userspace";
import { simulate } from "@waggle/vm";
import { afterAll, describe, expect, test } from "vitest";
import { makeVeth } from "../kernel/veth.js";
import { imports, makeProject, objectOf, root } from "./project.js";

const project = makeProject();
afterAll(() => project[Symbol.dispose]());
const probe = canLoad();
const needsKernel = probe.ok ? "" : ` (skipped: ${probe.reason})`;
const isRoot = process.getuid?.() === 0;

const object = objectOf(
  project,
  `${imports}
interface Key { a: u32; b: u8; name: CString<8> }
interface Stats { packets: u64; ports: FixedArray<u16, 2> }
declare module "@waggle/kernel" {
  interface Tracepoints {
    "sched/sched_swich": { common: FixedArray<u8, 8> };
    "sched/sched_wakeup": { common: FixedArray<u8, 8>; big: FixedArray<u64, 300> };
  }
}
export class Case {
  static readonly stats = new HashMap<Key, Stats>({ maxEntries: 2 });
  static readonly counts = new ArrayMap<u64>({ maxEntries: 4 });
  static readonly events = new RingBuffer<Key>({ bytes: 4096 });
  @config static limit: u8 = 5;
  @xdp() static pass(ctx: XdpContext): XdpAction {
    const r = Case.events.reserve();
    if (r !== null) {
      r.a = Case.limit;
      Case.events.submit(r);
    }
    return XdpAction.Pass;
  }
  @xdp() static other(ctx: XdpContext): XdpAction { return XdpAction.Pass; }
  @tracepoint("sched", "sched_swich") static typo(ctx: TracepointContext<"sched/sched_swich">): void {}
  @tracepoint("sched", "sched_wakeup") static far(ctx: TracepointContext<"sched/sched_wakeup">): void {
    if (ctx.big[299] > 3n) Case.counts.set(0, 3n);
  }
}
`,
);

/** As plain JavaScript calls: without the types that would have refused it in an editor. */
// biome-ignore lint/suspicious/noExplicitAny: what is tested is what happens without types
const untyped = (value: unknown): any => value;
const load = (options: unknown = {}) => untyped(loadObject)(object, options);
const key = { a: 1, b: 2, name: "x" };
const value = { packets: 1n, ports: [1, 2] };

/** What a call throws: never one of JavaScript's own errors, which would be a mistake of ours. */
function thrownBy(run: () => unknown): { name: string; code: unknown; message: string } {
  try {
    run();
  } catch (error) {
    expect(error).not.toBeInstanceOf(TypeError);
    expect(error).not.toBeInstanceOf(RangeError);
    if (error instanceof Error)
      return { name: error.name, code: "code" in error ? error.code : null, message: error.message };
  }
  return { name: "nothing", code: null, message: "" };
}

type Case = readonly [name: string, run: () => unknown, code: string, says: RegExp];
const expectError = (run: () => unknown, code: string, says: RegExp): void =>
  expect(thrownBy(run)).toMatchObject({ code, message: expect.stringMatching(says) });

describe.skipIf(!probe.ok)(`loading with wrong options${needsKernel}`, () => {
  const cases: readonly Case[] = [
    ["an unknown constant", () => load({ config: { limt: 3 } }), "bad-value", /limt.*did you mean limit\?/],
    [
      "a constant out of range",
      () => load({ config: { limit: 300 } }),
      "bad-value",
      /limit.*0 to 255, not 300/,
    ],
    [
      "a constant of another type",
      () => load({ config: { limit: "5" } }),
      "bad-value",
      /limit must be a number/,
    ],
    [
      "an unknown map",
      () => load({ maps: { stat: { maxEntries: 3 } } }),
      "unknown-map",
      /Did you mean stats\?/,
    ],
    ["an unknown program", () => load({ programs: ["pas"] }), "unknown-program", /Did you mean pass\?/],
    [
      "a map of half an entry",
      () => load({ maps: { stats: { maxEntries: 1.5 } } }),
      "bad-option",
      /whole number/,
    ],
    [
      "a hash too large for the kernel",
      () => load({ maps: { stats: { maxEntries: 0xffff_ffff } } }),
      "too-large",
      /E2BIG.*4294967295 entries.*lower maxEntries/,
    ],
    [
      "an array too large for the machine",
      () => load({ maps: { counts: { maxEntries: 0xffff_ffff } } }),
      "no-memory",
      /ENOMEM.*lower maxEntries/,
    ],
    [
      "a ring buffer too large for a u32",
      () => load({ maps: { events: { maxEntries: 0xffff_ffff } } }),
      "bad-option",
      /largest power of two is 2147483648/,
    ],
    ["nothing at all", () => untyped(loadObject)(null), "not-elf", /null instead of a Uint8Array/],
    ["text", () => untyped(loadObject)("flows"), "not-elf", /not an ELF file/],
  ];
  test.each(cases)("%s", (_name, run, code, says) => expectError(run, code, says));
});

describe("wrong keys and values", () => {
  const both = [
    ["in process", () => untyped(simulate(object)).maps],
    ...(probe.ok ? [["in the kernel", () => load().maps] as const] : []),
  ] as const;
  describe.each(both)("%s", (_where, mapsOf) => {
    const maps = mapsOf();
    const cases: readonly Case[] = [
      [
        "a key that is no struct",
        () => maps.stats.get("x"),
        "bad-value",
        /must be an object \(struct Key\), not "x"/,
      ],
      ["a missing field", () => maps.stats.get({ a: 1, b: 2 }), "bad-value", /name is missing/],
      [
        "a field out of range",
        () => maps.stats.get({ ...key, b: 300 }),
        "bad-value",
        /b is out of range: u8.*0 to 255, not 300/,
      ],
      ["text too long", () => maps.stats.get({ ...key, name: "xxxxxxxxx" }), "bad-value", /name is too long/],
      [
        "a number for a bigint",
        () => maps.stats.set(key, { ...value, packets: 1 }),
        "bad-value",
        /packets must be a bigint.*write 1n/,
      ],
      [
        "an element out of range",
        () => maps.stats.set(key, { ...value, ports: [1, 70_000] }),
        "bad-value",
        /ports\[1\] is out of range/,
      ],
      [
        "an unknown mode",
        () => maps.stats.set(key, value, { mode: "crate" }),
        _where === "in process" ? "bad-option" : "bad-value",
        /no mode crate/,
      ],
      ["an index beyond the array", () => maps.counts.set(4, 1n), "too-large", /below/],
    ];
    test.each(cases)("%s", (_name, run, code, says) => expectError(run, code, says));

    test("a full map", () => {
      maps.stats.set({ ...key, a: 10 }, value);
      maps.stats.set({ ...key, a: 11 }, value);
      expectError(() => maps.stats.set({ ...key, a: 12 }, value), "too-large", /E2BIG/);
    });
  });
});

describe.skipIf(!probe.ok || !isRoot)(`attaching where it cannot be${needsKernel}`, () => {
  test("names and modes that do not exist", () => {
    using app = load();
    const { pass, typo, far } = untyped(app).programs;
    expectError(
      () => pass.attach({ interface: "loo" }),
      "unknown-interface",
      /no network interface loo\. Did you mean lo\?/,
    );
    expectError(() => pass.attach({ interface: 99_999 }), "unknown-interface", /index 99999\. There are: /);
    expectError(() => pass.attach(), "bad-option", /name an interface/);
    expectError(
      () => pass.attach({ interface: "lo", mode: "fast" }),
      "bad-option",
      /no XDP mode fast.*generic/,
    );
    expectError(
      () => typo.attach(),
      "unknown-tracepoint",
      /sched\/sched_swich in this kernel\. Did you mean sched\/sched_switch\?/,
    );
    expectError(
      () => typo.attach({ category: "schd" }),
      "unknown-tracepoint",
      /category schd.*Did you mean sched\?/,
    );
    expectError(() => far.attach(), "reads-beyond-record", /EACCES.*reads beyond the record.*format/);
    expectError(
      () => pass.testRun({ data: new Uint8Array(3) }),
      "invalid-argument",
      /at least 14 bytes.*has 3/,
    );
    expectError(() => pass.testRun({ data: new Uint8Array(100_000) }), "no-memory", /fit a page/);
    expectError(() => pass.testRun({ data: new Uint8Array(64), repeat: -1 }), "bad-option", /repeat is -1/);
    app.close();
    expectError(() => pass.attach({ interface: "lo" }), "closed", /program pass is closed/);
  });

  test("twice to one interface", () => {
    using veth = makeVeth("wgbad");
    using app = load();
    const { pass, other } = untyped(app).programs;
    pass.attach({ interface: veth.near, mode: "generic" });
    expectError(
      () => other.attach({ interface: veth.near, mode: "generic" }),
      "busy",
      /EBUSY.*Another XDP program is attached to wgbadn.*detach it first/,
    );
  });
});

test.skipIf(!isRoot)("an unprivileged user is told which privilege is missing and how to get it", () => {
  // In a process of its own: a process that gave its privileges up does not get them back.
  const script = `
    process.setgid(65534); process.setuid(65534);
    import("node:fs").then(async ({ readFileSync }) => {
      const { loadObject } = await import(${JSON.stringify(join(root, "packages/userspace/dist/index.js"))});
      try { loadObject(new Uint8Array(Buffer.from(process.argv[1], "base64"))); console.log("loaded"); }
      catch (error) { console.log(error.name + " " + error.code + " " + error.message); }
    });`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["-e", script, Buffer.from(object).toString("base64")],
    { encoding: "utf8" },
  );
  expect(stderr).toBe("");
  expect(stdout).toMatch(
    /^PermissionError not-permitted BPF_\w+.*failed: EPERM.*Needs CAP_BPF.*, or root: this process runs as user 65534/,
  );
});

test("what the simulation is given wrongly", () => {
  const { programs } = untyped(simulate(object));
  expectError(() => programs.pass.run(), "bad-input", /give the packet's bytes/);
  expectError(() => programs.pass.run({ data: [1, 2] }), "bad-input", /not a Uint8Array/);
  expectError(() => programs.far.run({ fields: { nope: 1 } }), "bad-input", /no field nope/);
  expectError(() => simulate(object, untyped({ config: { limt: 1 } })), "bad-value", /did you mean limit/);
  expectError(() => simulate(untyped(undefined)), "not-elf", /undefined instead of a Uint8Array/);
});

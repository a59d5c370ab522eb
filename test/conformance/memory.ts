/** What lies in memory: maps of every kind, structs, arrays, byte orders, configuration. */
import { u64s } from "./cases.js";
import { type Case, cpus, type Group, levels } from "./program.js";

const memory: readonly Case[] = [
  {
    name: "structs",
    inputs: { a: "u8", b: "u64", c: "i16" },
    outputs: u64s("sum", "nested", "copy", "pad", "alias", "array", "zero"),
    body: `const o: Outer = { tail: u8(io.a + 1), inner: { y: io.c, x: io.a }, wide: io.b, list: [1, 2, io.a] };
      io.sum = u64(o.tail) + o.wide + u64(o.list[2]);
      io.nested = u64(o.inner.y) + u64(o.inner.x);
      const other: Inner = { x: 9, y: -9 }; o.inner = other; other.x = 100; io.copy = u64(o.inner.x) * 1000n + u64(other.x);
      const same = o.inner; same.y = 5; io.alias = u64(o.inner.y);
      Memory.outers.set(1, o); const seen = Memory.outers.get(1); if (seen === null) return XdpAction.Drop;
      io.array = u64(seen.list[0]) + u64(seen.list[1]) * 10n + u64(seen.inner.x) * 100n;
      Memory.padded.set(o.inner, 77n); const key: Inner = { y: 5, x: 9 }; const hit = Memory.padded.get(key); io.pad = hit === null ? 0n : hit.value;
      const z = zeroed<Outer>(); io.zero = z.wide + u64(z.inner.y) + u64(z.list[2]) + u64(z.tail);`,
    runs: [
      [0n, 0n, 0n],
      [255n, (1n << 64n) - 1n, -1n],
      [7n, 1n << 40n, -32768n],
    ].map(([a = 0n, b = 0n, c = 0n]) => ({
      inputs: { a, b, c },
      outputs: {
        sum: BigInt.asUintN(64, ((a + 1n) & 255n) + b + a),
        nested: BigInt.asUintN(64, c + a),
        copy: 9100n,
        alias: 5n,
        array: 21n + 900n,
        pad: 77n,
        zero: 0n,
      },
    })),
  },
  {
    name: "arrays",
    inputs: { i: "u32", v: "u16" },
    outputs: u64s("masked", "modulo", "loop", "guard", "last", "copied"),
    body: `const t = zeroed<Table>(); for (let k = 0; k < t.cells.length; k++) t.cells[k] = u16(k * k);
      t.cells[io.i & 7] = io.v; io.masked = u64(t.cells[io.i & 7]); io.modulo = u64(t.cells[io.i % 8]);
      let loop: u32 = 0; for (let k = 0; k < 8; k++) loop = loop * 3 + t.cells[k]; io.loop = u64(loop);
      const index = io.i; if (index < 8) io.guard = u64(t.cells[index]) + 1n;
      io.last = u64(t.cells[7]); t.cells[7]++; t.cells[7] += 2; io.last += u64(t.cells[7]);
      const u = zeroed<Table>(); u.cells = t.cells; t.cells[0] = 999; io.copied = u64(u.cells[0]);`,
    runs: [0n, 3n, 7n, 8n, 4294967295n].flatMap((i) =>
      [0n, 65535n, 65533n].map((v) => {
        const cells = [0n, 1n, 4n, 9n, 16n, 25n, 36n, 49n];
        cells[Number(i & 7n)] = v;
        const last = cells[7] ?? 0n;
        return {
          inputs: { i, v },
          outputs: {
            masked: v,
            modulo: cells[Number(i % 8n)] ?? 0n,
            loop: cells.reduce((sum, cell) => BigInt.asUintN(32, sum * 3n + cell), 0n),
            guard: i < 8n ? (cells[Number(i)] ?? 0n) + 1n : 0n,
            last: last + BigInt.asUintN(16, last + 3n),
            copied: cells[0] ?? 0n,
          },
        };
      }),
    ),
  },
  {
    name: "divided",
    inputs: { i: "u32", n: "u8", w: "u64" },
    outputs: u64s(
      "modulo",
      "local",
      "quotient",
      "guarded",
      "masked",
      "wide",
      "packet",
      "returned",
      "assigned",
    ),
    body: `const t = zeroed<Table>(); for (let k = 0; k < 8; k++) t.cells[k] = u16(k + 10);
      io.modulo = u64(t.cells[io.i % 5]); const local = io.i % 7; io.local = u64(t.cells[local]);
      io.quotient = u64(t.cells[(io.n / 32) & 7]); const i = io.i; if (i < 80) io.guarded = u64(t.cells[(i / 10) & 7]);
      io.masked = u64(t.cells[(io.i % 6) & 7]); io.wide = u64(t.cells[u32(io.w % 3n)]);
      const byte = ctx.at<u8>(io.i % 3); if (byte !== null) io.packet = u64(byte.value) + 1n;
      io.returned = u64(t.cells[remainder(io.i) & 7]); let k: u8 = 0; k = u8(io.i % 8); io.assigned = u64(t.cells[k & 7]);`,
    runs: [0n, 1n, 79n, 80n, 13n, 4294967295n].map((i) => ({
      inputs: { i, n: i & 255n, w: i << 31n },
      outputs: {
        modulo: 10n + (i % 5n),
        local: 10n + (i % 7n),
        quotient: 10n + (i & 255n) / 32n,
        guarded: i < 80n ? 10n + i / 10n : 0n,
        masked: 10n + (i % 6n),
        wide: 10n + ((i << 31n) % 3n),
        returned: 10n + (i % 4n),
        assigned: 10n + (i % 8n),
      },
    })),
  },
  {
    name: "text",
    inputs: { a: "u8" },
    outputs: u64s("is", "not", "starts", "prefix", "empty", "byte", "replaced", "utf", "full", "map"),
    body: `const n = zeroed<Named>(); io.empty = n.name.equals("") ? 1n : 0n; if (n.name.startsWith("")) io.empty += 2n;
      n.name.set("waggle-dance"); io.is = u64(n.name.equals("waggle-dance")); io.not = u64(n.name.equals("waggle-dancer"));
      io.starts = u64(n.name.startsWith("waggle")); io.prefix = u64(n.name.equals("waggle")); io.byte = u64(n.name[1]) + u64(n.name[io.a & 15]) * 1000n;
      n.name.set("bee"); io.replaced = u64(n.name.equals("bee")) + u64(n.name[4]) + u64(n.name[11]);
      n.name[3] = 115; if (n.name.equals("bees") && !n.name.equals("bee")) io.replaced += 10n;
      n.name.set("h\\u00e9!"); io.utf = u64(n.name[1]) * 256n + u64(n.name[2]);
      n.name.set("fifteen letters"); io.full = u64(n.name.equals("fifteen letters")) + u64(n.name[15]);
      Memory.names.set(n, u64(io.a)); const again = zeroed<Named>(); again.name.set("fifteen letters"); const hit = Memory.names.get(again); io.map = hit === null ? 999n : hit.value;`,
    runs: [0n, 4n, 15n, 255n].map((a) => ({
      inputs: { a },
      outputs: {
        is: 1n,
        not: 0n,
        starts: 1n,
        prefix: 0n,
        empty: 3n,
        byte: 97n + BigInt("waggle-dance\0\0\0\0".charCodeAt(Number(a & 15n))) * 1000n,
        replaced: 11n,
        utf: 0xc3a9n,
        full: 1n,
        map: a,
      },
    })),
  },
  {
    name: "endian",
    inputs: { a: "be16", b: "be32", c: "be64", d: "u64" },
    outputs: {
      ...u64s("x", "y", "z", "eq", "signed", "wide"),
      back: "be16",
      back32: "be32",
      back64: "be64",
      copy: "be64",
      constant: "be16",
    },
    body: `io.x = u64(u16(io.a)); io.y = u64(u32(io.b)); io.z = u64(io.c); io.wide = u64(io.a) + u64(u32(io.a));
      io.eq = u64(io.a === be16(0x1234)) + u64(io.b !== be32(443)) * 2n + u64(io.c === be64(0x0102030405060708n)) * 4n + u64(io.a === be16(u16(io.a))) * 8n;
      io.signed = u64(i32(io.a)) + u64(i64(io.b));
      io.back = be16(io.d); io.back32 = be32(io.d); io.back64 = be64(io.d + 1n);
      const kept = io.c; io.copy = kept; io.constant = be16(0xabcd);`,
    runs: [
      [0x1234n, 443n, 0x0102030405060708n, 0x1122334455667788n],
      [0xfffen, 0xfffffffen, 0xfffffffffffffffen, (1n << 64n) - 1n],
      [0n, 0n, 0n, 0n],
      [0x8000n, 0x80000000n, 1n << 63n, 0x80n],
    ].map(([a = 0n, b = 0n, c = 0n, d = 0n]) => ({
      inputs: { a, b, c, d },
      outputs: {
        x: a,
        y: b,
        z: c,
        wide: a * 2n,
        eq: BigInt(a === 0x1234n) + BigInt(b !== 443n) * 2n + BigInt(c === 0x0102030405060708n) * 4n + 8n,
        signed: a + b,
        back: d & 0xffffn,
        back32: d & 0xffffffffn,
        back64: BigInt.asUintN(64, d + 1n),
        copy: c,
        constant: 0xabcdn,
      },
    })),
  },
  {
    name: "hashes",
    inputs: { k: "u32", v: "u64" },
    outputs: u64s(
      "none",
      "set",
      "got",
      "exists",
      "updated",
      "missing",
      "gone",
      "again",
      "struct",
      "lru",
      "signed",
    ),
    body: `io.none = Memory.hash.has(io.k) ? 0n : 1n;
      io.set = u64(Memory.hash.set(io.k, io.v)); const ref = Memory.hash.get(io.k); if (ref === null) return XdpAction.Drop;
      ref.value += 1n; io.got = ref.value;
      io.exists = u64(Memory.hash.set(io.k, 5n, "create")); io.updated = u64(Memory.hash.set(io.k, 6n, "update"));
      io.missing = u64(Memory.hash.set(io.k + 1, 5n, "update"));
      const now = Memory.hash.get(io.k); if (now) io.updated += now.value;
      io.gone = u64(Memory.hash.delete(io.k)); io.again = u64(Memory.hash.delete(io.k));
      const key: Pair = { right: u8(io.k), left: io.k };
      const found = Memory.pairs.get(key); if (found !== null) { found.y += 1; io.struct = u64(found.x) * 100n + u64(found.y); }
      else Memory.pairs.set(key, { y: 3, x: u16(io.k) });
      const old = Memory.lru.get(io.k); if (old === null) Memory.lru.set(io.k, 1); else { old.value++; io.lru = u64(old.value); Memory.lru.delete(io.k); }
      const s = Memory.small.get(i8(io.k)); if (s === null) Memory.small.set(i8(io.k), true); else io.signed = s.value ? 1n : 2n;`,
    runs: [5n, 5n, 200n, 200n, 200n].map((k, index, all) => {
      const turn = all.slice(0, index).filter((one) => one === k).length;
      const errno = (code: bigint) => BigInt.asUintN(64, -code);
      return {
        inputs: { k, v: 41n },
        outputs: {
          none: 1n,
          set: 0n,
          got: 42n,
          exists: errno(17n),
          updated: 6n,
          missing: errno(2n),
          gone: 0n,
          again: errno(2n),
          struct: turn === 0 ? 0n : (k & 0xffffn) * 100n + 3n + BigInt(turn),
          lru: turn === 1 ? 2n : 0n,
          signed: turn === 0 ? 0n : 1n,
        },
      };
    }),
  },
  {
    name: "hashInsert",
    inputs: { k: "u32" },
    outputs: u64s("first", "second", "struct", "full"),
    body: `const a = Memory.hash.getOrInsert(io.k, 5n); if (a !== null) { a.value += 1n; io.first = a.value; }
      const b = Memory.hash.getOrInsert(io.k, 9n); if (b !== null) { b.value += 1n; io.second = b.value; }
      Memory.hash.delete(io.k);
      const p = Memory.pairs.getOrInsert({ left: 77, right: 7 }, { x: 3, y: 4 }); if (p !== null) io.struct = u64(p.x) * 10n + u64(p.y);
      Memory.pairs.delete({ left: 77, right: 7 });
      for (let i: u32 = 0; i < 4; i++) Memory.padded.set({ x: u8(i), y: 9 }, 1n);
      io.full = Memory.padded.getOrInsert({ x: 100, y: 9 }, 1n) === null ? 1n : 0n;
      for (let i: u32 = 0; i < 4; i++) Memory.padded.delete({ x: u8(i), y: 9 });`,
    runs: [3n, 3n, 70_000n].map((k) => ({
      inputs: { k },
      outputs: { first: 6n, second: 7n, struct: 34n, full: 1n },
    })),
  },
  {
    name: "locked",
    inputs: { k: "u32" },
    outputs: u64s("first", "second"),
    body: `const row = Memory.guarded.getOrInsert(io.k, { lock: zeroed(), n: 5n, m: 7 }); if (row === null) return XdpAction.Drop;
      io.first = withLock(row.lock, (): u64 => { if (row.m !== 7) return 0n; row.n += u64(row.m); return row.n; });
      withLock(row.lock, () => { row.m += 1; if (io.k > 5) return; row.n = 1n; });
      io.second = row.n * 100n + u64(row.m);
      Memory.guarded.delete(io.k);`,
    runs: [
      { inputs: { k: 3n }, outputs: { first: 12n, second: 108n } },
      { inputs: { k: 9n }, outputs: { first: 12n, second: 1208n } },
    ],
  },
  {
    name: "arraymap",
    inputs: { k: "u32" },
    outputs: u64s("past", "count", "percpu", "cpuhash", "total", "narrow"),
    body: `const c = Memory.counts.get(io.k); if (c === null) { io.past = 1n; return XdpAction.Tx; }
      c.value += 2n; io.count = c.value;
      const p = Memory.percpu.get(0); if (p !== null) { p.n += 1; p.total += u64(io.k); io.percpu = u64(p.n) - u64(p.n) + 1n; io.total = p.total >= u64(io.k) ? 1n : 0n; }
      const h = Memory.cpuhash.get(io.k); if (h === null) { Memory.cpuhash.set(io.k, 9); io.cpuhash = 9n; } else { io.cpuhash = 9n; h.value = 9; }
      const n = Memory.bytes.get(1); if (n !== null) { n.value += 200; io.narrow = u64(n.value); }`,
    runs: [
      {
        inputs: { k: 0n },
        outputs: { past: 0n, count: 2n, percpu: 1n, cpuhash: 9n, total: 1n, narrow: 200n },
      },
      {
        inputs: { k: 3n },
        outputs: { past: 0n, count: 2n, percpu: 1n, cpuhash: 9n, total: 1n, narrow: 144n },
      },
      { inputs: { k: 3n }, outputs: { count: 4n, narrow: 88n } },
      { inputs: { k: 4n }, result: 3, outputs: { past: 1n } },
      { inputs: { k: 4294967295n }, result: 3, outputs: { past: 1n } },
    ],
  },
  {
    name: "ring",
    inputs: { a: "u32" },
    outputs: u64s("kept", "zero", "output"),
    body: `const record = Memory.events.reserve(); if (record === null) return XdpAction.Drop;
      io.zero = u64(record.id) + u64(record.text[3]) + u64(record.list[1]);
      record.id = io.a; record.text.set("hi"); record.list[1] = u16(io.a);
      if (io.a > 5) { Memory.events.discard(record); io.kept = 1n; } else { Memory.events.submit(record); io.kept = 2n; }
      const own = zeroed<Event>(); own.id = 4; io.output = u64(Memory.events.output(own));
      const number = Memory.numbers.reserve(); if (number === null) return XdpAction.Drop; number.value = u64(io.a); Memory.numbers.submit(number);`,
    runs: [0n, 5n, 6n, 4294967295n].map((a) => ({
      inputs: { a },
      outputs: { kept: a > 5n ? 1n : 2n, zero: 0n, output: 0n },
    })),
  },
  {
    name: "configs",
    outputs: {
      a: "u8",
      b: "i16",
      c: "u32",
      d: "i64",
      e: "u64",
      f: "be16",
      g: "be32",
      h: "u64",
      i: "u64",
      j: "be64",
    },
    body: `io.a = Memory.cu8; io.b = Memory.ci16; io.c = Memory.cu32 + 1; io.d = Memory.ci64; io.e = Memory.cu64;
      io.f = Memory.cbe16; io.g = Memory.cbe32; io.h = Memory.on ? 1n : 2n; io.i = Memory.off ? 1n : 2n; io.j = Memory.cbe64;`,
    runs: [
      {
        outputs: {
          a: 200n,
          b: -300n,
          c: 0n,
          d: -(1n << 63n),
          e: (1n << 64n) - 2n,
          f: 443n,
          g: 0x0a000001n,
          h: 1n,
          i: 2n,
          j: 0x0102030405060708n,
        },
      },
    ],
  },
];

const preamble = `function remainder(n: u32): u8 { return n % 4; }
interface Inner { x: u8; y: i16 }
interface Outer { inner: Inner; wide: u64; list: FixedArray<u16, 3>; tail: u8 }
interface Table { before: u8; cells: FixedArray<u16, 8>; after: u8 }
interface Named { name: CString<16> }
interface Pair { left: u32; right: u8 }
interface Point { x: u16; y: u8 }
interface Counter { n: u32; total: u64 }
interface Locked { lock: SpinLock; n: u64; m: u32 }
interface Event { id: u32; text: CString<8>; list: FixedArray<u16, 3> }
`;
const members = `static readonly outers = new HashMap<u32, Outer>({ maxEntries: 4 });
static readonly padded = new HashMap<Inner, u64>({ maxEntries: 4 });
static readonly names = new HashMap<Named, u64>({ maxEntries: 4 });
static readonly hash = new HashMap<u32, u64>({ maxEntries: 4 });
static readonly pairs = new HashMap<Pair, Point>({ maxEntries: 4 });
static readonly lru = new LruHashMap<u32, u8>({ maxEntries: 64 });
static readonly guarded = new HashMap<u32, Locked>({ maxEntries: 8 });
static readonly small = new HashMap<i8, boolean>({ maxEntries: 4 });
static readonly counts = new ArrayMap<u64>({ maxEntries: 4 });
static readonly bytes = new ArrayMap<u8>({ maxEntries: 2 });
static readonly percpu = new PerCpuArrayMap<Counter>({ maxEntries: 1 });
static readonly cpuhash = new PerCpuHashMap<u32, u16>({ maxEntries: 8 });
static readonly events = new RingBuffer<Event>({ bytes: 4096 });
static readonly numbers = new RingBuffer<u64>({ bytes: 4096 });
@config static cu8: u8 = 200; @config static ci16: i16 = 0; @config static cu32: u32 = 0; @config static ci64: i64 = 0n; @config static cu64: u64 = 0n;
@config static cbe16: be16 = be16(443); @config static cbe32: be32 = be32(1); @config static cbe64: be64 = be64(1n); @config static on: boolean = false; @config static off: boolean = true;`;

export const groups: readonly Group[] = [
  {
    title: "memory",
    classes: [
      {
        name: "Memory",
        preamble,
        members,
        cases: memory,
        config: {
          ci16: -300,
          cu32: 4294967295,
          ci64: -(1n << 63n),
          cu64: (1n << 64n) - 2n,
          cbe32: 0x0a000001,
          cbe64: 0x0102030405060708n,
          on: true,
          off: false,
        },
      },
    ],
    variants: [...levels, ...cpus],
  },
];

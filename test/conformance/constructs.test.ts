import { type Case, type ConformanceClass, conformance, cpus, levels } from "./suite.js";

const u64s = (...names: string[]): Record<string, "u64"> =>
  Object.fromEntries(names.map((name) => [name, "u64"]));
const i32max = 2147483647n;

const control: readonly Case[] = [
  {
    name: "sides",
    inputs: { a: "u32", b: "u32" },
    outputs: u64s("calls", "and", "or", "both", "pick", "not"),
    body: `let n: u32 = 0;
      const and = io.a > 1 && (n++ < 9) && io.b !== 0;
      const or = io.b > 5 || ++n === 1 || io.a === 7;
      const both = (io.a < io.b || io.a > 100) && !(io.b === 9 && io.a !== 3);
      const pick = io.a > io.b ? (n += 10) : io.a === io.b ? (n += 100) : (n += 1000);
      io.and = u64(and); io.or = u64(or); io.both = u64(both); io.pick = u64(pick); io.calls = u64(n);
      io.not = u64(!and && !!or);`,
    runs: [0n, 1n, 2n, 3n, 7n, 9n, 200n].flatMap((a) =>
      [0n, 1n, 3n, 6n, 9n].map((b) => {
        let n = 0n;
        const and = a > 1n && n++ < 9n && b !== 0n;
        const or = b > 5n || ++n === 1n || a === 7n;
        const both = (a < b || a > 100n) && !(b === 9n && a !== 3n);
        n += a > b ? 10n : a === b ? 100n : 1000n;
        return {
          inputs: { a, b },
          outputs: {
            and: BigInt(and),
            or: BigInt(or),
            both: BigInt(both),
            pick: n,
            calls: n,
            not: BigInt(!and && or),
          },
        };
      }),
    ),
  },
  {
    name: "chain",
    inputs: { a: "i32" },
    outputs: u64s("r"),
    body: `if (io.a < -5) io.r = 1n; else if (io.a < 0) io.r = 2n; else if (io.a === 0) { io.r = 3n; } else if (io.a < 10) { if (io.a === 4) return XdpAction.Drop; io.r = 4n; } else io.r = 5n;`,
    runs: [
      [-6n, 1n],
      [-5n, 2n],
      [-1n, 2n],
      [0n, 3n],
      [1n, 4n],
      [4n, 0n],
      [9n, 4n],
      [10n, 5n],
      [i32max, 5n],
      [-i32max - 1n, 1n],
    ].map(([a = 0n, r = 0n]) => ({ inputs: { a }, outputs: { r }, ...(a === 4n ? { result: 1 } : {}) })),
  },
  {
    name: "loops",
    inputs: { a: "u32", n: "u8" },
    outputs: u64s("whiles", "dos", "fors", "nested", "down", "bytes", "zero"),
    body: `let whiles: u32 = 0; let i: u32 = 0;
      while (i < 20) { i += 3; if (i === io.a) continue; if (i > 12 && io.a === 1) break; whiles += i; }
      io.whiles = u64(whiles);
      let dos: u64 = 0n; let j: u32 = 5;
      do { dos += u64(j); j++; if (dos > 20n) break; } while (j < 10);
      io.dos = dos;
      let fors: u32 = 1;
      for (let k: u32 = 0; k < 40; k++) { if ((k & 1) === 1) continue; if (k >= io.a) break; fors = fors * 3 + k; }
      io.fors = u64(fors);
      let nested: u32 = 0;
      for (let x: u32 = 0; x < 5; x++) { for (let y: u32 = 0; y <= 6; y += 2) { if (y === x) continue; if (y > io.a) break; nested += x * 10 + y; } if (nested > 300) break; }
      io.nested = u64(nested);
      let down: i32 = 0;
      for (let z: i32 = 6; z >= -3; z -= 3) down = down * 2 + z;
      io.down = u64(down);
      let bytes: u32 = 0;
      const n = io.n; for (let q: u32 = 0; q < n; q++) bytes += q ^ io.a;
      io.bytes = u64(bytes);
      let zero: u32 = 0; for (let w: u32 = 5; w < 5; w++) zero++; io.zero = u64(zero);`,
    runs: [0n, 1n, 3n, 4n, 6n, 9n, 39n, 41n].flatMap((a) =>
      [0n, 1n, 17n, 255n].map((n) => {
        let [whiles, i, dos, j, fors, nested, down, bytes] = [0n, 0n, 0n, 5n, 1n, 0n, 0n, 0n];
        while (i < 20n) {
          i += 3n;
          if (i === a) continue;
          if (i > 12n && a === 1n) break;
          whiles += i;
        }
        do {
          dos += j;
          j++;
          if (dos > 20n) break;
        } while (j < 10n);
        for (let k = 0n; k < 40n && k < a + 2n; k++) {
          if (k % 2n === 1n) continue;
          if (k >= a) break;
          fors = BigInt.asUintN(32, fors * 3n + k);
        }
        for (let x = 0n; x < 5n; x++) {
          for (let y = 0n; y <= 6n; y += 2n) {
            if (y === x) continue;
            if (y > a) break;
            nested += x * 10n + y;
          }
          if (nested > 300n) break;
        }
        for (const z of [6n, 3n, 0n, -3n]) down = down * 2n + z;
        for (let q = 0n; q < n; q++) bytes += q ^ a;
        return {
          inputs: { a, n },
          outputs: { whiles, dos, fors, nested, down: BigInt.asUintN(64, down), bytes, zero: 0n },
        };
      }),
    ),
  },
  {
    name: "functions",
    inputs: { a: "u32", b: "i16", c: "u64", d: "u8", e: "i64" },
    outputs: u64s("five", "fact", "even", "min", "stat", "other", "abs", "deep"),
    body: `io.five = u64(five(io.a, io.b, io.c, io.d, io.e));
      io.fact = factorial(io.d & 15);
      io.even = isEven(io.a) ? 1n : 0n;
      if (isEven(io.a) && !isEven(io.d)) io.even += 10n;
      const box: Box = { low: i32(io.b), high: i32(io.d) };
      order(box); io.min = u64(box.low);
      io.stat = u64(Control.triple(io.d));
      io.other = imported(io.c, io.d);
      io.abs = u64(abs(io.b)); io.deep = u64(deep3(io.a));`,
    runs: [
      { a: 4294967295n, b: -32768n, c: 1n << 63n, d: 255n, e: -1n },
      { a: 0n, b: 0n, c: 0n, d: 0n, e: 0n },
      { a: 12n, b: -7n, c: 99n, d: 5n, e: 1n << 62n },
      { a: 13n, b: 300n, c: 0xffffffffffffffffn, d: 9n, e: -(1n << 63n) },
    ].map(({ a, b, c, d, e }) => {
      let fact = 1n;
      for (let k = 1n; k <= (d & 15n); k++) fact *= k;
      const isEven = a % 2n === 0n;
      return {
        inputs: { a, b, c, d, e },
        outputs: {
          five: BigInt.asUintN(64, a - b * 3n + (c ^ d) - e),
          fact,
          even: BigInt(isEven) + (isEven && d % 2n === 1n ? 10n : 0n),
          min: BigInt.asUintN(64, b - d < 0n ? b : d),
          stat: BigInt.asUintN(8, d * 3n),
          other: BigInt.asUintN(64, c * 1000n + d),
          abs: BigInt.asUintN(64, b < 0n ? BigInt.asIntN(16, -b) : b),
          deep: BigInt.asUintN(32, ((a + 1n) * 2n + 1n) * 2n + 1n),
        },
      };
    }),
  },
  {
    name: "sequence",
    inputs: { a: "u8", b: "u16" },
    outputs: u64s("swap", "shadow", "chain", "order"),
    body: `let x: u32 = io.a; let y: u32 = io.b; const t = x; x = y; y = t; io.swap = u64(x * 65536 + y);
      const s: u32 = 1; { const s: u32 = 5; io.shadow = u64(s); } io.shadow += u64(s);
      let p: u32 = 0; let q: u32 = 0; p = q = io.a; p += q *= 2; io.chain = u64(p * 1000 + q);
      let o: u32 = 1; o = o++ + o * 10 + ++o * 100; io.order = u64(o);`,
    runs: [
      [1n, 2n],
      [255n, 65535n],
      [0n, 7n],
    ].map(([a = 0n, b = 0n]) => ({
      inputs: { a, b },
      outputs: {
        swap: BigInt.asUintN(32, b * 65536n + a),
        shadow: 6n,
        chain: a * 3n * 1000n + a * 2n,
        order: 1n + 20n + 300n,
      },
    })),
  },
  {
    name: "packet",
    inputs: { off: "u8", big: "u32" },
    outputs: u64s("length", "at", "far", "word"),
    body: `io.length = u64(ctx.length);
      const byte = ctx.at<u8>(io.off); if (byte !== null) { io.at = u64(byte.value) + 1n; }
      const far = ctx.at<u16>(io.big); io.far = far === null ? 7n : u64(far.value);
      const word = ctx.at<be16>(4 + (io.off & 3)); if (word) io.word = u64(word.value) + 1n;`,
    runs: [
      { inputs: { off: 0n, big: 70000n }, outputs: { length: 64n, at: 1n, far: 7n, word: 1n } },
      { inputs: { off: 63n, big: 4294967295n }, outputs: { length: 64n, at: 1n, far: 7n, word: 256n } },
      { inputs: { off: 64n, big: 63n }, outputs: { at: 0n, far: 7n } },
      { inputs: { off: 255n, big: 62n }, outputs: { at: 0n, far: 0n } },
      { inputs: { off: 1n, big: 65536n }, result: 0, length: 63 },
      { result: 0, length: 14 },
    ],
  },
  {
    name: "write",
    inputs: { a: "be16", i: "u8" },
    outputs: { copy: "be16", fixed: "be32", pos: "u64" },
    body: `const x = ctx.at<be16>(16); if (x === null) return XdpAction.Drop; x.value = io.a;
      const y = ctx.at<be32>(24); if (y === null) return XdpAction.Drop; y.value = be32(0x01020304);
      const z = ctx.at<u8>(32 + (io.i & 7)); if (z === null) return XdpAction.Drop; z.value = 0xff; z.value -= 1;
      io.pos = io.pos !== 0n ? 1n : 0n;`,
    runs: [0n, 0x1234n, 0xffffn].map((a) => ({
      inputs: { a, i: a },
      outputs: { copy: a, fixed: 0x01020304n, pos: 1n },
    })),
  },
  {
    name: "consts",
    outputs: u64s("a", "b", "c", "d", "e", "f", "g", "h", "i"),
    body: `io.a = u64(LIMIT); io.b = u64(Mode.Fast); io.c = HUGE; io.d = u64(sizeof<Mixed>()); io.e = u64(sizeof<u16>() + sizeof<CString<9>>());
      io.f = u64(i64(NEGATIVE)); io.g = u64(Control.turns) + u64(SHARED); io.h = u64(Colour.Blue); io.i = u64(LIMIT * 2 + 1);`,
    runs: [
      {
        outputs: {
          a: 1000n,
          b: 2n,
          c: 0xfedcba9876543210n,
          d: 32n,
          e: 11n,
          f: 0xfffffffffffffffdn,
          g: 49n,
          h: 6n,
          i: 2001n,
        },
      },
    ],
  },
  {
    name: "helpers",
    outputs: u64s("time", "cpu", "random"),
    body: `const before = ktimeGetNs(); const after = ktimeGetNs(); io.time = after >= before && before > 0n ? 1n : 0n;
      io.cpu = getSmpProcessorId() < 4096 ? 1n : 0n;
      const r = getPrandomU32() % 10; io.random = r < 10 ? 1n : 0n;`,
    runs: [{ outputs: { time: 1n, cpu: 1n, random: 1n } }],
  },
];

const preamble = `import { imported, SHARED } from "./shared.js";
const LIMIT = 1000; const HUGE = 0xfedcba9876543210n; const NEGATIVE: i32 = -3;
const Mode = { Slow: 1, Fast: 2 } as const;
enum Colour { Red = 5, Blue }
interface Mixed { a: u8; b: u64; c: u16; d: u32; e: u8 }
interface Box { low: i32; high: i32 }
function five(a: u32, b: i16, c: u64, d: u8, e: i64): i64 { return i64(a) - i64(b) * 3n + i64(c ^ u64(d)) - e; }
function factorial(n: u32): u64 { let r: u64 = 1n; for (let k: u32 = 1; k <= 15; k++) { if (k > n) return r; r *= u64(k); } return r; }
function isEven(n: u32): boolean { return (n & 1) === 0; }
function order(box: Box): void { if (box.low <= box.high) return; const t = box.low; box.low = box.high; box.high = t; }
function abs(n: i16): i16 { if (n < 0) return i16(-n); return n; }
function deep1(n: u32): u32 { return n + 1; }
function deep2(n: u32): u32 { return deep1(n) * 2 + 1; }
function deep3(n: u32): u32 { return deep2(n) * 2 + 1; }
`;

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

const memoryPreamble = `function remainder(n: u32): u8 { return n % 4; }
interface Inner { x: u8; y: i16 }
interface Outer { inner: Inner; wide: u64; list: FixedArray<u16, 3>; tail: u8 }
interface Table { before: u8; cells: FixedArray<u16, 8>; after: u8 }
interface Named { name: CString<16> }
interface Pair { left: u32; right: u8 }
interface Point { x: u16; y: u8 }
interface Counter { n: u32; total: u64 }
interface Event { id: u32; text: CString<8>; list: FixedArray<u16, 3> }
`;
const memoryMembers = `static readonly outers = new HashMap<u32, Outer>({ maxEntries: 4 });
static readonly padded = new HashMap<Inner, u64>({ maxEntries: 4 });
static readonly names = new HashMap<Named, u64>({ maxEntries: 4 });
static readonly hash = new HashMap<u32, u64>({ maxEntries: 4 });
static readonly pairs = new HashMap<Pair, Point>({ maxEntries: 4 });
static readonly lru = new LruHashMap<u32, u8>({ maxEntries: 64 });
static readonly small = new HashMap<i8, boolean>({ maxEntries: 4 });
static readonly counts = new ArrayMap<u64>({ maxEntries: 4 });
static readonly bytes = new ArrayMap<u8>({ maxEntries: 2 });
static readonly percpu = new PerCpuArrayMap<Counter>({ maxEntries: 1 });
static readonly cpuhash = new PerCpuHashMap<u32, u16>({ maxEntries: 8 });
static readonly events = new RingBuffer<Event>({ bytes: 4096 });
static readonly numbers = new RingBuffer<u64>({ bytes: 4096 });
@config static cu8: u8 = 200; @config static ci16: i16 = 0; @config static cu32: u32 = 0; @config static ci64: i64 = 0n; @config static cu64: u64 = 0n;
@config static cbe16: be16 = be16(443); @config static cbe32: be32 = be32(1); @config static cbe64: be64 = be64(1n); @config static on: boolean = false; @config static off: boolean = true;`;

const classes: readonly ConformanceClass[] = [
  {
    name: "Control",
    preamble,
    members: "static readonly turns = 7; static triple(n: u8): u8 { return u8(n * 3); }",
    cases: control,
  },
  {
    name: "Memory",
    preamble: memoryPreamble,
    members: memoryMembers,
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
];

conformance("constructs", classes, [...levels, ...cpus], {
  "shared.ts": `import { u64 } from "@waggle/kernel"; import type { u8 } from "@waggle/kernel";
export const SHARED = 42;
export function imported(a: u64, b: u8): u64 { return a * 1000n + u64(b); }
`,
});

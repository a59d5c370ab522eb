/** Control flow: switch, labels, destructuring, what may be missing. */
import { u64s } from "./cases.js";
import type { Case, ConformanceClass, Group, Run } from "./program.js";

/** One input `a`, one output `r`. */
const map1 = (inputs: readonly bigint[], expected: (a: bigint) => bigint): Run[] =>
  inputs.map((a) => ({ inputs: { a }, outputs: { r: BigInt.asUintN(64, expected(a)) } }));

const small = [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n, 10n, 11n, 63n, 64n, 255n];

const switches: readonly Case[] = [
  {
    name: "switch_breaks",
    inputs: { a: "u32" },
    outputs: u64s("r"),
    body: "switch (io.a) { case 1: io.r = 10n; break; case 2: io.r = 20n; break; default: io.r = 99n; }",
    runs: map1(small, (a) => (a === 1n ? 10n : a === 2n ? 20n : 99n)),
  },
  {
    name: "code_after_return",
    inputs: { a: "u32" },
    outputs: u64s("r"),
    body: "let r: u64 = 5n; io.r = 5n; if (io.a > 5) { return XdpAction.Pass; r = 9n; } for (;;) { r += 1n; break; r = 7n; } io.r = r; switch (io.a) { case 3: return XdpAction.Pass; r = 11n; break; default: r += 2n; } io.r = r;",
    runs: map1(small, (a) => (a > 5n ? 5n : a === 3n ? 6n : 8n)),
  },
  {
    name: "switch_falls_through",
    inputs: { a: "u32" },
    outputs: u64s("r"),
    body: "switch (io.a) { case 1: io.r += 1n; case 2: io.r += 2n; case 3: io.r += 4n; break; case 4: io.r += 8n; }",
    runs: map1(small, (a) => ({ 1: 7n, 2: 6n, 3: 4n, 4: 8n })[Number(a)] ?? 0n),
  },
  {
    name: "switch_default_first",
    inputs: { a: "u8" },
    outputs: u64s("r"),
    body: "switch (io.a) { default: io.r = 5n; case 1: io.r += 1n; break; case 2: io.r = 2n; }",
    runs: map1(small, (a) => (a === 1n ? 1n : a === 2n ? 2n : 6n)),
  },
  {
    name: "switch_shared_cases",
    inputs: { a: "u16" },
    outputs: u64s("r"),
    body: "switch (io.a) { case 1: case 2: case 3: io.r = 1n; break; case 9: case 10: io.r = 2n; break; }",
    runs: map1(small, (a) => (a >= 1n && a <= 3n ? 1n : a === 9n || a === 10n ? 2n : 0n)),
  },
  {
    name: "switch_many_cases",
    inputs: { a: "u32" },
    outputs: u64s("r"),
    body: `switch (io.a) { ${Array.from({ length: 20 }, (_, k) => `case ${k * 7}: io.r = ${k + 1}n; break;`).join(" ")} default: io.r = 1000n; }`,
    runs: map1([...small, 14n, 70n, 133n, 134n, 140n, 4294967295n], (a) =>
      a % 7n === 0n && a / 7n < 20n ? a / 7n + 1n : 1000n,
    ),
  },
  {
    name: "switch_signed_cases",
    inputs: { a: "i32" },
    outputs: u64s("r"),
    body: `switch (io.a) { ${Array.from({ length: 12 }, (_, k) => `case ${k - 6}: io.r = ${k + 1}n; break;`).join(" ")} }`,
    runs: map1([-7n, -6n, -1n, 0n, 5n, 6n, -2147483648n, 2147483647n], (a) =>
      a >= -6n && a <= 5n ? a + 7n : 0n,
    ),
  },
  {
    name: "switch_wide",
    inputs: { a: "u64" },
    outputs: u64s("r"),
    body: "switch (io.a) { case 0n: io.r = 1n; break; case 0xffffffffffffffffn: io.r = 2n; break; case 0x100000000n: io.r = 3n; }",
    runs: map1([0n, 1n, (1n << 64n) - 1n, 1n << 32n, 5n], (a) =>
      a === 0n ? 1n : a === (1n << 64n) - 1n ? 2n : a === 1n << 32n ? 3n : 0n,
    ),
  },
  {
    name: "switch_big_endian",
    inputs: { a: "be16" },
    outputs: u64s("r"),
    body: "switch (io.a) { case EthProto.Ipv4: io.r = 4n; break; case EthProto.Ipv6: io.r = 6n; break; case be16(1): io.r = 1n; }",
    runs: map1([0x800n, 0x86ddn, 1n, 0x100n, 8n], (a) =>
      a === 0x800n ? 4n : a === 0x86ddn ? 6n : a === 1n ? 1n : 0n,
    ),
  },
  {
    name: "switch_in_loop",
    inputs: { a: "u8" },
    outputs: u64s("r"),
    body: `for (let i = 0; i < 6; i++) { switch (i) { case 2: continue; case 4: break; default: io.r += 1n; } if (i === io.a) break; io.r += 10n; }`,
    runs: map1([0n, 1n, 2n, 3n, 4n, 5n, 9n], (a) => {
      let r = 0n;
      for (let i = 0n; i < 6n; i++) {
        if (i === 2n) continue;
        if (i !== 4n) r += 1n;
        if (i === a) break;
        r += 10n;
      }
      return r;
    }),
  },
  {
    name: "switch_returns",
    inputs: { a: "u8" },
    body: "switch (io.a) { case 1: return XdpAction.Drop; case 2: return XdpAction.Tx; default: break; }",
    runs: [
      { inputs: { a: 1n }, result: 1 },
      { inputs: { a: 2n }, result: 3 },
      { inputs: { a: 3n }, result: 2 },
    ],
  },
  {
    name: "switch_proves_index",
    inputs: { a: "u32" },
    outputs: u64s("r"),
    body: "const t = zeroed<Table>(); t.cells[1] = 7; const i = io.a; switch (i) { case 1: case 2: io.r = u64(t.cells[i]) + 1n; }",
    runs: map1([0n, 1n, 2n, 3n], (a) => (a === 1n ? 8n : a === 2n ? 1n : 0n)),
  },
  {
    name: "switch_enum",
    inputs: { a: "u32" },
    outputs: u64s("r"),
    body: "switch (io.a) { case Colour.Red: io.r = 1n; break; case Colour.Blue: io.r = 2n; break; }",
    runs: map1([4n, 5n, 6n, 7n], (a) => (a === 5n ? 1n : a === 6n ? 2n : 0n)),
  },
];

const labels: readonly Case[] = [
  {
    name: "label_continue",
    inputs: { a: "u8" },
    outputs: u64s("r"),
    body: "outer: for (let i = 0; i < 5; i++) { for (let j = 0; j < 5; j++) { if (j === io.a) continue outer; io.r += 1n; } io.r += 100n; }",
    runs: map1([0n, 2n, 4n, 5n], (a) => (a < 5n ? a * 5n : 525n)),
  },
  {
    name: "label_break",
    inputs: { a: "u8" },
    outputs: u64s("r"),
    body: "outer: for (let i = 0; i < 5; i++) { for (let j = 0; j < 5; j++) { if (i * 5 + j === io.a) break outer; io.r += 1n; } }",
    runs: map1([0n, 7n, 24n, 25n], (a) => (a < 25n ? a : 25n)),
  },
  {
    name: "label_steps_behind",
    inputs: { a: "u8" },
    outputs: u64s("r"),
    body: "outer: for (let i = 0; i < 5; i++) { let j: u8 = 0; while (j < 5) { if (j === io.a) continue outer; io.r += 1n; j++; } io.r += 100n; }",
    runs: map1([0n, 2n, 4n, 5n], (a) => (a < 5n ? a * 5n : 525n)),
  },
  {
    name: "label_only_ways_out",
    inputs: { a: "u8" },
    outputs: u64s("r"),
    body: "outer: for (let i: u8 = 0; i < 5; i++) { let k: u8 = 0; for (;;) { if (k > 5) continue outer; if (k > io.a) break outer; for (let j = 0; j < 2; j++) { if (j === 1) continue; io.r += 1n; } k++; } }",
    runs: map1([0n, 3n, 5n, 9n], (a) => (a < 5n ? a + 1n : 30n)),
  },
  {
    name: "label_block",
    inputs: { a: "u8" },
    outputs: u64s("r"),
    body: "block: { io.r = 1n; if (io.a === 3) break block; io.r = 2n; } io.r += 10n;",
    runs: map1([3n, 4n], (a) => (a === 3n ? 11n : 12n)),
  },
  {
    name: "label_switch",
    inputs: { a: "u8" },
    outputs: u64s("r"),
    body: "pick: switch (io.a) { case 1: for (let i = 0; i < 3; i++) { if (i === 1) break pick; io.r += 1n; } io.r = 50n; break; default: io.r = 9n; }",
    runs: map1([1n, 2n], (a) => (a === 1n ? 1n : 9n)),
  },
];

const patterns: readonly Case[] = [
  {
    name: "pattern_reference",
    inputs: { a: "u8" },
    outputs: u64s("r"),
    body: "const words: FixedArray<u32, 3> = [10, 20, 30]; const ref = elementAt(words, io.a); if (ref === null) return XdpAction.Pass; const { value } = ref; let { value: more } = ref; ref.value = 7; more += 1; let last: u32 = 0; ({ value: last } = ref); const { length } = words; io.r = u64(value) * 10000n + u64(more) * 100n + u64(last) * 10n + u64(length);",
    runs: map1([0n, 2n, 3n], (a) => (a < 3n ? (a + 1n) * 100_000n + ((a + 1n) * 10n + 1n) * 100n + 73n : 0n)),
  },
  {
    name: "pattern_struct",
    inputs: { a: "u8" },
    outputs: u64s("r"),
    body: "const row: Row = { n: io.a, m: 5 }; const { n, m: other } = row; row.n = 99; io.r = u64(n) * 10n + u64(other);",
    runs: map1([0n, 7n, 255n], (a) => a * 10n + 5n),
  },
  {
    name: "pattern_let",
    inputs: { a: "u8" },
    outputs: u64s("r"),
    body: "let { n } = zeroed<Row>(); n += io.a; n *= 2; io.r = u64(n);",
    runs: map1([0n, 7n, 255n], (a) => a * 2n),
  },
  {
    name: "pattern_array",
    inputs: { a: "u16" },
    outputs: u64s("r"),
    body: "const t = zeroed<Table>(); t.cells[0] = 3; t.cells[2] = io.a; const [first, , third] = t.cells; io.r = u64(first) * 65536n + u64(third);",
    runs: map1([0n, 7n, 65535n], (a) => 3n * 65536n + a),
  },
  {
    name: "pattern_nested",
    inputs: { a: "u8" },
    outputs: u64s("r"),
    body: "const t = zeroed<Rows>(); t.rows[1].n = io.a; const { rows: [, { n, m }] } = t; io.r = u64(n) + u64(m);",
    runs: map1([0n, 7n, 255n], (a) => a),
  },
  {
    name: "pattern_parameter",
    inputs: { a: "u8" },
    outputs: u64s("r"),
    body: "const row: Row = { n: io.a, m: 5 }; io.r = u64(total(row));",
    runs: map1([0n, 7n, 255n], (a) => a + 5n),
  },
];

const choices: readonly Case[] = [
  {
    name: "chain_or_number",
    inputs: { a: "u32" },
    outputs: u64s("r"),
    body: "Choices.stats.set(3, { n: 40, m: 2 }); io.r = u64(Choices.stats.get(io.a)?.n ?? 7); Choices.stats.delete(3);",
    runs: map1([3n, 4n], (a) => (a === 3n ? 40n : 7n)),
  },
  {
    name: "chain_condition",
    inputs: { a: "u32", b: "u32" },
    outputs: u64s("r", "equal", "other", "missing"),
    body: `Choices.stats.set(3, { n: io.b, m: 0 }); const s = Choices.stats.get(io.a); if (s?.n) io.r = 1n; if (s?.n === 5) io.equal = 1n;
      if (s?.n !== 5) io.other = 1n; if (s?.n === undefined) io.missing = 1n; Choices.stats.delete(3);`,
    runs: [
      [3n, 5n],
      [3n, 0n],
      [3n, 9n],
      [4n, 5n],
    ].map(([a = 0n, b = 0n]) => {
      const there = a === 3n;
      return {
        inputs: { a, b },
        outputs: {
          r: BigInt(there && b !== 0n),
          equal: BigInt(there && b === 5n),
          other: BigInt(!(there && b === 5n)),
          missing: BigInt(!there),
        },
      };
    }),
  },
  {
    name: "chain_of_packet",
    inputs: { a: "u8" },
    outputs: u64s("r", "far"),
    body: "io.r = u64(ctx.at<u8>(io.a & 0)?.value ?? 1); io.far = u64(ctx.at<Six>(1000)?.bytes[2] ?? 9);",
    runs: [{ inputs: { a: 77n }, outputs: { r: 77n, far: 9n } }],
  },
  {
    name: "chain_statement",
    inputs: { a: "u32" },
    outputs: u64s("r"),
    body: 'Choices.names.set(3, zeroed<CString<8>>()); Choices.names.get(io.a)?.set("ab"); const name = Choices.names.get(3); io.r = name?.equals("ab") ? 1n : 2n;',
    runs: map1([3n, 4n], (a) => (a === 3n ? 1n : 2n)),
  },
  {
    name: "nullish_references",
    inputs: { a: "u32" },
    outputs: u64s("r"),
    body: `Choices.stats.set(1, { n: 10, m: 0 }); Choices.stats.set(2, { n: 20, m: 0 });
      const found = Choices.stats.get(io.a) ?? Choices.stats.get(io.a + 1); io.r = found === null ? 99n : u64(found.n);
      let late = Choices.stats.get(io.a); late ??= Choices.stats.get(2); if (late !== null) io.r += u64(late.n) * 100n; Choices.stats.delete(1); Choices.stats.delete(2);`,
    runs: map1([0n, 1n, 2n, 3n], (a) => {
      const at = (key: bigint): bigint | null => (key === 1n ? 10n : key === 2n ? 20n : null);
      return (at(a) ?? at(a + 1n) ?? 99n) + (at(a) ?? 20n) * 100n;
    }),
  },
  {
    name: "number_or_number",
    inputs: { a: "u16", b: "u16" },
    outputs: u64s("either", "both"),
    body: "io.either = u64(io.a || io.b); io.both = u64(io.a && io.b);",
    runs: [
      [0n, 0n],
      [0n, 9n],
      [5n, 0n],
      [65535n, 65534n],
    ].map(([a = 0n, b = 0n]) => ({
      inputs: { a, b },
      outputs: { either: a !== 0n ? a : b, both: a !== 0n ? b : 0n },
    })),
  },
  {
    name: "logical_assignment",
    inputs: { a: "u32" },
    outputs: u64s("r", "calls"),
    body: "let n = io.a; n ||= 7; let m = io.a; m &&= 9; let calls: u32 = 0; let k = io.a; k ||= ++calls; io.r = u64(n * 100 + m); io.calls = u64(calls);",
    runs: [0n, 1n, 255n].map((a) => ({
      inputs: { a },
      outputs: { r: (a || 7n) * 100n + (a === 0n ? 0n : 9n), calls: a === 0n ? 1n : 0n },
    })),
  },
  {
    name: "swap",
    inputs: { a: "u32", b: "u32" },
    outputs: u64s("x", "y", "n"),
    body: "let x = io.a; let y = io.b; [x, y] = [y, x]; let n: u32 = 0; const row: Row = { n: x, m: 3 }; ({ n } = row); io.x = u64(x); io.y = u64(y); io.n = u64(n);",
    runs: [{ inputs: { a: 3n, b: 4n }, outputs: { x: 4n, y: 3n, n: 4n } }],
  },
  {
    name: "comma",
    inputs: { a: "u32" },
    outputs: u64s("r"),
    body: "let n: u32 = 0; for (let i = 0, j = 8; i < j && i < 8; i++, j--) n += 1; io.r = u64((n += io.a, n * 2));",
    runs: map1([0n, 5n], (a) => (4n + a) * 2n),
  },
  {
    name: "complement_of_flag",
    inputs: { a: "u8", b: "u32" },
    outputs: u64s("r", "s"),
    body: "let f = io.a; f &= ~4; f |= 1; io.r = u64(f); io.s = u64(io.b & ~0xff);",
    runs: [0n, 4n, 255n].map((a) => ({
      inputs: { a, b: a + 256n },
      outputs: { r: (a & ~4n) | 1n, s: (a + 256n) & 0xffffff00n },
    })),
  },
  {
    name: "ternary_of_references",
    inputs: { a: "u8" },
    outputs: u64s("r"),
    body: "const one: Row = { n: 1, m: 0 }; const two: Row = { n: 2, m: 0 }; const picked = io.a === 1 ? one : two; picked.n += 10; io.r = u64(one.n * 100 + two.n);",
    runs: map1([1n, 2n], (a) => (a === 1n ? 1102n : 112n)),
  },
];

/** Types that the programs use. */
export const preamble = `import { EthProto } from "@waggle/kernel/net"; import { range } from "@waggle/kernel";
enum Colour { Red = 5, Blue }
interface Table { cells: FixedArray<u16, 8> }
interface Row { n: u32; m: u16 }
interface Rows { rows: FixedArray<Row, 3> }
interface Six { bytes: FixedArray<u8, 6> }
function total({ n, m }: Row): u32 { return n + m; }
`;

const flow: readonly ConformanceClass[] = [
  { name: "Switches", preamble, cases: switches },
  { name: "Labels", preamble, cases: labels },
  { name: "Patterns", preamble, cases: patterns },
  {
    name: "Choices",
    preamble,
    members: `static readonly stats = new HashMap<u32, Row>({ maxEntries: 8 });
      static readonly names = new HashMap<u32, CString<8>>({ maxEntries: 8 });`,
    cases: choices,
  },
];

export const groups: readonly Group[] = [{ title: "control flow", classes: flow }];

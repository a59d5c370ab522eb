/** Static and module-level data. */
import { casesOver } from "./cases.js";
import type { ConformanceClass, Group } from "./program.js";

const numbers = [0n, 1n, 2n, 7n, 255n, 65_536n, 0xffff_fff0n];
const one = casesOver(numbers);

/** Variables of the class and of modules, and tables. */
const data: ConformanceClass = {
  name: "Data",
  preamble: `interface Point { x: u32; y: u32; z: u64 }
interface Line { tag: u8; from: Point; bytes: FixedArray<u8, 3> }
let ticks: u64 = 0n;
let armed: boolean = true;
let state: Point = { x: 1, y: 2, z: 3n };
const squares: FixedArray<u32, 8> = [0, 1, 4, 9, 16, 25, 36, 49];
const signs = [5, -6, 7, -8] as const;
const wide = [1n, 0x1_0000_0000n] as const;
const ports = [be16(80), be16(443)] as const;
const points: FixedArray<Point, 2> = [{ x: 1, y: 2, z: 3n }, { x: 4, y: 5, z: 6n }];
const rows = [[1, 2], [3, 4]] as const;
const named = [{ id: 7, size: 3 }, { id: 9, size: 4 }] as const;
const base = 40;
const computed: FixedArray<u16, 2> = [base + 2, base * 2];
function bump(by: u64): u64 { ticks += by; return ticks; }
function arm(): u64 { const was = armed; armed = !armed; return was ? 1n : 0n; }`,
  members: `static hits: u64 = 0n;
static narrow: u8 = 250;
static signed: i32 = -5;
static ready: boolean = true;
static port: be16 = be16(443);
static last: Point = { x: 10, y: 20, z: 30n };
static line: Line = { tag: 3, from: { x: 1, y: 2, z: 3n }, bytes: [7, 8, 9] };
static words: FixedArray<u32, 4> = [1, 2, 3, 4];
static empty: FixedArray<u64, 4> = zeroed<FixedArray<u64, 4>>();
static readonly primes: FixedArray<u16, 4> = [2, 3, 5, 7];
private static secret: u32 = 9;
@config static scale: Point = { x: 2, y: 3, z: 4n };
@config static weights: FixedArray<u16, 4> = [1, 2, 3, 4];
@config static limit: u64 = 0x1_0000_0001n;`,
  cases: [
    one("variable", "Data.hits = u64(io.a); Data.hits += 1n; Data.hits++; io.r = Data.hits;", (a) => a + 2n),
    one(
      "narrowVariable",
      "Data.narrow = u8(io.a); Data.narrow += 10; io.r = u64(Data.narrow);",
      (a) => (a + 10n) & 255n,
    ),
    one(
      "signedVariable",
      "Data.signed = -5; Data.signed -= 2; io.r = u64(Data.signed) + u64(io.a);",
      (a) => a - 7n,
    ),
    one("booleanVariable", "Data.ready = io.a > 5; io.r = Data.ready ? 1n : 2n;", (a) => (a > 5n ? 1n : 2n)),
    one(
      "bigEndianVariable",
      "Data.port = be16(443); io.r = (Data.port === be16(443) ? 1n : 0n) + u64(u16(Data.port)) + u64(io.a);",
      (a) => 444n + a,
    ),
    one(
      "structVariable",
      "Data.last = { x: io.a, y: 6, z: 7n }; const p = Data.last; p.y += 1; io.r = u64(Data.last.x) + u64(Data.last.y) * 10n + Data.last.z;",
      (a) => a + 77n,
    ),
    one(
      "initialStruct",
      "io.r = u64(Data.line.tag) + u64(Data.line.from.y) * 10n + Data.line.from.z * 100n + u64(Data.line.bytes[2]) * 1000n + u64(io.a);",
      (a) => 9323n + a,
    ),
    one(
      "arrayVariable",
      "Data.words[1] = io.a; Data.words[io.a & 3] = 9; io.r = u64(Data.words[0]) + u64(Data.words[1]); Data.words[0] = 1; Data.words[1] = 2;",
      (a) => ((a & 3n) === 0n ? 9n : 1n) + ((a & 3n) === 1n ? 9n : a),
    ),
    one(
      "zeroVariable",
      "Data.empty[io.a & 3] = 5n; io.r = Data.empty[0] + Data.empty[1] + Data.empty[2] + Data.empty[3]; Data.empty[io.a & 3] = 0n;",
      () => 5n,
    ),
    one("privateVariable", "Data.secret = io.a; io.r = u64(Data.secret) * 2n;", (a) => a * 2n),
    one(
      "moduleVariable",
      "ticks = u64(io.a); io.r = bump(3n) * 10n + bump(4n);",
      (a) => (a + 3n) * 10n + a + 7n,
    ),
    one("moduleBoolean", "armed = true; io.r = arm() * 10n + arm() + u64(io.a);", (a) => 10n + a),
    one(
      "moduleStruct",
      "state.x = io.a; state.z += 1n; io.r = u64(state.x) + u64(state.y) * 2n + (state.z > 3n ? 1n : 0n);",
      (a) => a + 5n,
    ),
    one(
      "table",
      "io.r = u64(squares[io.a & 7]) + u64(Data.primes[io.a & 3]);",
      (a) => (a & 7n) * (a & 7n) + ([2n, 3n, 5n, 7n][Number(a & 3n)] ?? 0n),
    ),
    one("signedTable", "io.r = u64(signs[io.a & 3]);", (a) => [5n, -6n, 7n, -8n][Number(a & 3n)] ?? 0n),
    one("wideTable", "io.r = wide[io.a & 1];", (a) => ((a & 1n) === 0n ? 1n : 0x1_0000_0000n)),
    one("bigEndianTable", "io.r = u64(u16(ports[io.a & 1]));", (a) => ((a & 1n) === 0n ? 80n : 443n)),
    one("structTable", "const p = points[io.a & 1]; io.r = u64(p.x) + u64(p.y) * 10n + p.z * 100n;", (a) =>
      (a & 1n) === 0n ? 321n : 654n,
    ),
    one("nestedTable", "io.r = u64(rows[io.a & 1][1]) * 10n + u64(rows[0][io.a & 1]);", (a) =>
      (a & 1n) === 0n ? 21n : 42n,
    ),
    one("literalTable", "const row = named[io.a & 1]; io.r = u64(row.id) * 10n + u64(row.size);", (a) =>
      (a & 1n) === 0n ? 73n : 94n,
    ),
    one("computedTable", "io.r = u64(computed[io.a & 1]);", (a) => ((a & 1n) === 0n ? 42n : 80n)),
    one(
      "configStruct",
      "const s = Data.scale; io.r = u64(io.a) * s.z + u64(s.x) * 10n + u64(s.y);",
      (a) => a * 6n + 45n,
    ),
    one(
      "configArray",
      "io.r = u64(Data.weights[io.a & 3]) + Data.limit;",
      (a) => 0x1_0000_0001n + 10n + (a & 3n),
    ),
  ],
  config: { scale: { x: 4, y: 5, z: 6n }, weights: [10, 11, 12, 13], last: { x: 1, y: 1, z: 1n } },
};

export const groups: readonly Group[] = [{ title: "static and module data", classes: [data] }];

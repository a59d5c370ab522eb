import { afterAll, describe, expect, test } from "vitest";
import { compileText, imports, makeProject, programOf } from "./project.js";

const project = makeProject();
afterAll(() => project[Symbol.dispose]());

interface Mistake {
  readonly name: string;
  readonly text: string;
  /** The first diagnostic: its code, the source that it points at, and what its message and help say. */
  readonly code: string;
  readonly at: string;
  readonly says: RegExp;
}

const body = (
  name: string,
  statements: string,
  code: string,
  at: string,
  says: RegExp,
  outside = "",
): Mistake => ({ name, text: programOf(statements, outside), code, at, says });
const whole = (name: string, text: string, code: string, at: string, says: RegExp): Mistake => ({
  name,
  text: `${imports}${text}\n`,
  code,
  at,
  says,
});
const pass = "{ return XdpAction.Pass; }";
const run = `@xdp() static run(ctx: XdpContext): XdpAction ${pass}`;

const mistakes: readonly Mistake[] = [
  body("a type error", 'const x: u32 = "text";', "TS2322", "x", /'string' is not assignable to type 'u32'/),
  body("a float", "const x: u32 = 0.5;", "WG1002", "0.5", /floating point.*scale it/s),
  body("a product with a float", "const x = getPrandomU32() * 0.5;", "WG1002", "0.5", /floating point/),
  body("a quotient that is no integer", "const x: u32 = 3 / 2;", "WG1002", "3 / 2", /not an integer/),
  body(
    "Math",
    "const x: u32 = Math.floor(3);",
    "WG1013",
    "floor",
    /Math\.floor is not known.*integer operators/s,
  ),
  body("a Map", "const m = new Map<u32, u32>();", "WG1004", "new Map<u32, u32>()", /heap/),
  body("an array that grows", "const a: u32[] = []; a.push(1);", "WG1004", "u32[]", /heap.*FixedArray/s),
  body(
    "a closure",
    "const x: u32 = 3; const f = () => x; f();",
    "WG1005",
    "() => x",
    /not a value.*plain function/s,
  ),
  body("an instance", "const f = new Foo();", "WG1004", "new Foo()", /heap/, "class Foo { x: u32 = 1; }"),
  body(
    "recursion",
    "down(3);",
    "WG1008",
    "down",
    /down → down.*loop/s,
    "function down(n: u32): u32 { if (n === 0) return 0; return down(n - 1); }",
  ),
  body(
    "mutual recursion",
    "even(3);",
    "WG1008",
    "even",
    /even → odd → even/,
    "function even(n: u32): boolean { return odd(n - 1); } function odd(n: u32): boolean { return even(n - 1); }",
  ),
  body(
    "a packet without a check",
    "const p = ctx.at<EthHdr>(0).protocol;",
    "TS2531",
    "ctx.at<EthHdr>(0)",
    /possibly 'null'.*=== null/s,
  ),
  body(
    "a packet through !",
    "const p = ctx.at<EthHdr>(0)!.protocol;",
    "WG1020",
    "ctx.at<EthHdr>(0)!",
    /check for null/,
  ),
  body(
    "a packet through a cast",
    "const p = ctx.at<EthHdr>(0) as EthHdr;",
    "WG1012",
    "ctx.at<EthHdr>(0) as EthHdr",
    /trust/,
  ),
  body(
    "a packet through a predicate",
    "const e = ctx.at<EthHdr>(0); if (!ok(e)) return XdpAction.Pass;",
    "WG1012",
    "x is EthHdr",
    /trust.*infers/s,
    "function ok(x: EthHdr | null): x is EthHdr { return true; }",
  ),
  body(
    "a packet behind a silenced error",
    "// @ts-ignore\nconst e: EthHdr = ctx.at<EthHdr>(0);",
    "WG1012",
    "@ts-ignore",
    /hides an error/,
  ),
  body(
    "a pointer cast",
    "const k = zeroed<Event>() as unknown as Key;",
    "WG1012",
    "zeroed<Event>() as unknown as Key",
    /trust/,
  ),
  body("any", "let x: any = currentPid();", "WG2005", "any", /no layout.*name the type/s),
  body("a loop without an end", "while (true) {}", "WG1010", "true", /not evident.*count up/s),
  body(
    "loops that are too long together",
    "for (let i: u32 = 0; i < 60000; i++) for (let j: u32 = 0; j < 60000; j++) getPrandomU32();",
    "WG1010",
    "j < 60000",
    /3600000000 turns/,
  ),
  body("a literal out of range", "const x: u8 = 300;", "WG2001", "300", /0 to 255/),
  body(
    "a bigint out of range",
    "const x: u64 = 0x1_0000_0000_0000_0000n;",
    "WG2001",
    "0x1_0000_0000_0000_0000n",
    /does not fit u64/,
  ),
  body(
    "u64 with u32",
    "const x = ktimeGetNs() + currentPid();",
    "TS2365",
    "ktimeGetNs() + currentPid()",
    /'u64' and 'u32'.*convert: u64/s,
  ),
  body(
    "the order of big-endian numbers",
    "const e = ctx.at<EthHdr>(0); if (e === null) return XdpAction.Pass; if (e.protocol > EthProto.Ipv4) return XdpAction.Drop;",
    "WG2004",
    "e.protocol",
    /host order/,
  ),
  body(
    "a big-endian number and a literal",
    "const e = ctx.at<EthHdr>(0); if (e === null) return XdpAction.Pass; if (e.protocol === 0x800) return XdpAction.Drop;",
    "TS2367",
    "e.protocol === 0x800",
    /no overlap.*u16\(…\)/s,
  ),
  body("a constant division by zero", "const x = currentPid() / 0;", "WG1018", "0", /constant zero/),
  body("a shift by too much", "const x = currentPid() << 32;", "WG2001", "32", /not 0 to 31/),
  body(
    "a @config field used as a map",
    "Case.limit.get(1);",
    "TS2339",
    "get",
    /does not exist on type 'u32'/,
  ),
  body(
    "a record that is not released",
    "const r = Case.events.reserve(); if (r === null) return XdpAction.Pass;",
    "WG2012",
    "r",
    /neither submitted nor discarded/,
  ),
  body(
    "a record in a variable that is not released",
    "let r = Case.events.reserve(); if (r === null) return XdpAction.Pass; r.pid = 1;",
    "WG2012",
    "r",
    /neither submitted nor discarded/,
  ),
  body(
    "a record that a function releases on one path",
    "const r = Case.events.reserve(); if (r === null) return XdpAction.Pass; r.pid = getPrandomU32(); done(r);",
    "WG2012",
    "r",
    /neither submitted nor discarded/,
    "function done(e: Event): void { if (e.pid === 1) Case.events.submit(e); }",
  ),
  body(
    "a record from the stack",
    "const e = zeroed<Event>(); Case.events.submit(e);",
    "WG2012",
    "e",
    /not a record that reserve gave/,
  ),
  body(
    "text with letters that take two bytes",
    'const e = zeroed<Event>(); e.comm.set("ääääääää");',
    "WG2001",
    '"ääääääää"',
    /16 bytes and a NUL do not fit 16/,
  ),
  body(
    "a module of Node",
    'readFileSync("x");',
    "TS2591",
    '"node:fs"',
    /in user space/,
    'import { readFileSync } from "node:fs";',
  ),
  body("console.log", 'console.log("here");', "TS2584", "console", /RingBuffer/),
  body(
    "try",
    "try { currentPid(); } catch { currentPid(); }",
    "WG1006",
    "try { currentPid(); } catch { currentPid(); }",
    /no exceptions/,
  ),
  body(
    "a template literal",
    `const s = \`pid \${currentPid()}\`;`,
    "WG1003",
    `\`pid \${currentPid()}\``,
    /text is not made/,
  ),
  body(
    "rest parameters",
    "f(1);",
    "WG1001",
    "...x: u32[]",
    /heap/,
    "function f(...x: u32[]): u32 { return 0; }",
  ),
  body(
    "arguments",
    "f(1);",
    "WG1013",
    "arguments",
    /not known/,
    "function f(x: u32): u32 { return arguments.length; }",
  ),
  body("in", 'const e = zeroed<Event>(); if ("pid" in e) return XdpAction.Drop;', "WG1017", "in", /by name/),
  body(
    "instanceof",
    "const e = zeroed<Event>(); if (e instanceof Object) return XdpAction.Drop;",
    "WG1001",
    "instanceof",
    /not known at run time/,
  ),
  body(
    "typeof",
    'if (typeof currentPid() === "number") return XdpAction.Drop;',
    "WG1001",
    "typeof currentPid()",
    /not known at run time/,
  ),
  body("delete", "const e = zeroed<Event>(); delete e.pid;", "TS2790", "e.pid", /must be optional/),
  body("a regular expression", "const r = /a/;", "WG1003", "/a/", /regular expressions/),
  body(
    "a getter in a literal",
    "const k: Key = { get a() { return 1; }, b: 2 };",
    "WG1001",
    "get a() { return 1; }",
    /memory, not a function/,
  ),
  body(
    "a name that does not exist",
    "const x = currentPidd();",
    "TS2552",
    "currentPidd",
    /Did you mean 'currentPid'/,
  ),
  whole(
    "a map too large to name",
    `export class Case { static readonly m = new HashMap<u32, u32>({ maxEntries: 5_000_000_000 }); ${run} }`,
    "WG2007",
    "5_000_000_000",
    /1 to 4294967295/,
  ),
  whole(
    "a ring buffer of 5000 bytes",
    `export class Case { static readonly m = new RingBuffer<u32>({ bytes: 5000 }); ${run} }`,
    "WG2007",
    "5000",
    /power of two.*use 8192/s,
  ),
  whole(
    "a record larger than its buffer",
    `interface R { x: FixedArray<u8, 9000> } export class Case { static readonly m = new RingBuffer<R>({ bytes: 4096 }); ${run} }`,
    "WG2007",
    "new RingBuffer<R>({ bytes: 4096 })",
    /none would ever fit.*use 16384/s,
  ),
  whole(
    "a tracepoint that is misspelt",
    'export class Case { @tracepoint("sched", "sched_swich") static run(ctx: TracepointContext<"sched/sched_switch">): void {} }',
    "TS2345",
    '"sched_swich"',
    /did you mean "sched_switch"/,
  ),
  whole(
    "a decorator on an instance method",
    `export class Case { @xdp() run(ctx: XdpContext): XdpAction ${pass} }`,
    "TS1241",
    "xdp()",
    /write static/,
  ),
  whole(
    "an async program",
    `export class Case { @xdp() static async run(ctx: XdpContext): Promise<XdpAction> ${pass} }`,
    "TS1241",
    "xdp()",
    /remove async/,
  ),
  whole(
    "a class without a decorator",
    `export class Case { static run(ctx: XdpContext): XdpAction ${pass} }`,
    "WG2008",
    "run",
    /no program.*@xdp\(\)/s,
  ),
  whole(
    "a class without programs",
    "export class Case { static readonly m = new ArrayMap<u64>({ maxEntries: 1 }); }",
    "WG2008",
    "Case",
    /has no program/,
  ),
  whole("a class that is not exported", `class Case { ${run} }`, "WG2008", "Case", /not exported/),
  whole(
    "a default export",
    `export default class Case { ${run} }`,
    "WG2008",
    "Case",
    /exported as default.*export class Case/s,
  ),
  whole(
    "a map with a name of its own",
    `export class Case { static readonly zähler = new ArrayMap<u64>({ maxEntries: 1 }); ${run} }`,
    "WG2009",
    "zähler",
    /ASCII/,
  ),
  whole(
    "a licence that the helper does not like",
    '@program({ license: "Proprietary" }) export class Case { @tracepoint("sched", "sched_switch") static run(ctx: TracepointContext<"sched/sched_switch">): void { probeReadKernel(zeroed<CString<8>>(), getCurrentTask()); } }\nimport { getCurrentTask, probeReadKernel } from "@waggle/kernel";',
    "WG2013",
    "p",
    /licence "Proprietary".*Dual MIT\/GPL/s,
  ),
];

describe("each mistake is told at its place, with what to do", () => {
  test.each(mistakes)("$name", ({ text, code, at, says }) => {
    const { classes, diagnostics } = compileText(project, text);
    expect(classes).toEqual([]);
    const lines = text.split("\n");
    const told = diagnostics.map((diagnostic) => ({
      code: diagnostic.code,
      at:
        diagnostic.line === diagnostic.endLine
          ? lines[diagnostic.line - 1]?.slice(diagnostic.column - 1, diagnostic.endColumn - 1)
          : "",
      severity: diagnostic.severity,
      text: [diagnostic.message, diagnostic.help ?? ""].join("\n"),
    }));
    const match = told.find((one) => one.code === code && (one.at === at || code === "WG2012"));
    expect(match ?? told).toMatchObject({ code, severity: "error", text: expect.stringMatching(says) });
    for (const { file, line, column } of diagnostics) {
      expect(file).toContain("src/kernel/case.ts");
      expect(line > 0 && line <= lines.length && column > 0).toBe(true);
    }
  });
});

describe("what is right but does not fit", () => {
  test.each([
    [
      "one struct",
      "const b = zeroed<Big>(); const i = getPrandomU32(); if (i < 600) b.data[i] = 1; if (i < 600 && b.data[i] > 3) return XdpAction.Drop;",
      "interface Big { data: FixedArray<u8, 600> }",
      /`run` needs more stack than the kernel allows/,
    ],
    [
      "many structs",
      "const a = zeroed<Big>(); const b = zeroed<Big>(); const c = zeroed<Big>(); const i = getPrandomU32(); if (i < 200) { a.data[i] = 1; b.data[i] = 2; c.data[i] = 3; return a.data[i] + b.data[i] + c.data[i] > 3 ? XdpAction.Drop : XdpAction.Pass; }",
      "interface Big { data: FixedArray<u8, 200> }",
      /`a` takes 200 bytes/,
    ],
  ])(
    "%s of more than 512 bytes goes to scratch memory, and the build says so",
    (_name, statements, outside, says) => {
      const { classes, diagnostics } = compileText(project, programOf(statements, outside));
      expect(classes).toHaveLength(1);
      expect(diagnostics).toMatchObject([{ code: "WG3006", severity: "warning" }]);
      expect([diagnostics[0]?.message, ...(diagnostics[0]?.notes ?? [])].join("\n")).toMatch(says);
    },
  );
});

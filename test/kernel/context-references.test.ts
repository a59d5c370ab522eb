/** Structs and arrays of a context are references, wherever they are passed: what a program writes there, its caller sees. */

import { join } from "node:path";
import { compile, formatDiagnostics } from "@waggle/compiler";
import { link } from "@waggle/linker";
import { canLoad, loadObject } from "@waggle/userspace";
import { simulateObject } from "@waggle/vm";
import { describe, expect, test } from "vitest";

/** Bodies of programs whose context is `{ a: u32; inner: { n, list[2] }; many: { n, list[2] }[2] }`, ten numbers in all. */
interface Program {
  readonly body: string;
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly result?: number;
}

const start = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const changed = (changes: Readonly<Record<number, number>>): number[] =>
  start.map((number, index) => changes[index] ?? number);

const programs: Readonly<Record<string, Program>> = {
  struct: {
    body: "bump(ctx.input.inner); return ctx.input.inner.n;",
    input: start,
    output: changed({ 1: 3 }),
    result: 3,
  },
  array: {
    body: "first(ctx.input.inner.list, 50); return ctx.input.inner.list[0];",
    input: start,
    output: changed({ 2: 50 }),
    result: 50,
  },
  whole: {
    body: "whole(ctx.input); return ctx.input.a;",
    input: start,
    output: changed({ 0: 11, 1: 12, 8: 13 }),
    result: 11,
  },
  element: {
    body: "bump(ctx.input.many[1]); bump(ctx.input.many[1]); return ctx.input.many[1].n;",
    input: start,
    output: changed({ 7: 10 }),
    result: 10,
  },
  nested: { body: "nested(ctx.input.many); return 0;", input: start, output: changed({ 7: 9, 9: 70 }) },
  destructured: {
    body: "const { inner, many } = ctx.input; bump(inner); const [, second] = many; first(second.list, 5); return 0;",
    input: start,
    output: changed({ 1: 3, 8: 5 }),
  },
  variableIndex: {
    body: "const i = ctx.input.a & 1; ctx.input.inner.list[i] += 5; ctx.input.many[1].list[i ^ 1]++; for (let j: u32 = 0; j < 2; j++) ctx.input.many[0].list[j] = ctx.input.inner.list[j] * 10; return ctx.input.inner.list[i];",
    input: start,
    output: changed({ 3: 9, 8: 10, 5: 30, 6: 90 }),
    result: 9,
  },
  pattern: { body: "pattern(ctx.input.inner); return 0;", input: start, output: changed({ 2: 9 }) },
  method: {
    body: "return Case.method(ctx.input.many[0], 4);",
    input: start,
    output: changed({ 4: 9 }),
    result: 9,
  },
  noinline: {
    body: "Case.own(ctx.input.inner); Case.own(ctx.input.many[1]); return 0;",
    input: start,
    output: changed({ 1: 102, 3: 4, 7: 108, 9: 10 }),
  },
  noinlineDeep: {
    body: "Case.deep(ctx.input, 3); return 0;",
    input: start,
    output: changed({ 4: 105, 0: 4 }),
  },
  returned: {
    body: "const x = pick(ctx); x.n = 77; bump(same(x)); return pick(ctx).n;",
    input: start,
    output: changed({ 1: 78 }),
    result: 78,
  },
  maybe: {
    body: "const x = maybe(ctx, ctx.input.a); if (x === null) return 9; x.n = 40; return x.n;",
    input: start,
    output: changed({ 4: 40 }),
    result: 40,
  },
  notThere: {
    body: "const x = maybe(ctx, ctx.input.a + 1); if (x === null) return 9; x.n = 40; return x.n;",
    input: start,
    output: start,
    result: 9,
  },
  callback: {
    body: "apply(ctx.input.inner, (x) => { x.n += 6; }); apply(ctx.input.many[0], bump); return 0;",
    input: start,
    output: changed({ 1: 8, 4: 6 }),
  },
  captured: {
    body: "const { inner } = ctx.input; let n: u32 = 0; each((i) => { inner.n += i; n++; }); return n;",
    input: start,
    output: changed({ 1: 8 }),
    result: 4,
  },
  loops: {
    body: "for (const x of ctx.input.many) bump(x); for (const i of [0, 1]) first(ctx.input.many[i].list, i); return 0;",
    input: start,
    output: changed({ 4: 6, 5: 0, 7: 9, 8: 1 }),
  },
  twice: {
    body: "move(ctx.input.inner, ctx.input.many[0]); return 0;",
    input: start,
    output: changed({ 1: 5, 4: 0 }),
  },
  onStack: {
    body: "const x: In = { n: 1, list: [0, 0] }; bump(x); move(ctx.input.inner, x); return x.n;",
    input: start,
    output: changed({ 1: 2 }),
    result: 0,
  },
  copied: {
    body: "const x = copyOf(ctx.input.inner); bump(x); return x.n;",
    input: start,
    output: start,
    result: 3,
  },
  byContext: { body: "viaContext(ctx); return 0;", input: start, output: changed({ 0: 8, 1: 3 }) },
  choice: {
    body: "const x = ctx.input.a > 0 ? ctx.input.inner : ctx.input.inner; x.n = 5; return 0;",
    input: start,
    output: changed({ 1: 5 }),
  },
  choiceOrNull: {
    body: "const x = ctx.input.a > 0 ? ctx.input.inner : null; if (x !== null) x.n = 5; return 0;",
    input: start,
    output: changed({ 1: 5 }),
  },
  noChoice: {
    body: "const x = ctx.input.a > 1 ? ctx.input.inner : null; if (x !== null) x.n = 5; return 0;",
    input: start,
    output: start,
  },
  letName: {
    body: "let x = ctx.input.many[1]; x.n = 1; return x.n;",
    input: start,
    output: changed({ 7: 1 }),
    result: 1,
  },
};

const source = `import { copyOf, noinline, syscall } from "@waggle/kernel";
import type { FixedArray, SyscallContext, u32 } from "@waggle/kernel";
interface In { n: u32; list: FixedArray<u32, 2> }
interface Job { a: u32; inner: In; many: FixedArray<In, 2> }
function bump(x: In): void { x.n += 1; }
function same(x: In): In { return x; }
function first(x: FixedArray<u32, 2>, value: u32): void { x[0] = value; }
function pattern({ list }: In): void { list[0] = 9; }
function whole(job: Job): void { job.a = 11; job.inner.n = 12; job.many[1].list[0] = 13; }
function nested(many: FixedArray<In, 2>): void { bump(many[1]); many[1].list[1] = 70; }
function move(to: In, from: In): void { to.n = from.n; from.n = 0; }
function pick(ctx: SyscallContext<Job>): In { return ctx.input.inner; }
function maybe(ctx: SyscallContext<Job>, n: u32): In | null { if (n !== 1) return null; return ctx.input.many[0]; }
function apply(x: In, f: (x: In) => void): void { f(x); }
function each(f: (i: u32) => void): void { for (let i: u32 = 0; i < 4; i++) f(i); }
function viaContext(ctx: SyscallContext<Job>): void { ctx.input.a = 8; bump(ctx.input.inner); }
export class Case {
  static method(x: In, by: u32): u32 { x.n += by; return x.n; }
  @noinline static own(x: In): void { x.n += 100; }
  @noinline static deep(job: Job, by: u32): void { job.a += by; Case.own(job.many[0]); }
${Object.entries(programs)
  .map(([name, { body }]) => `  @syscall() static ${name}Case(ctx: SyscallContext<Job>): u32 { ${body} }`)
  .join("\n")}
}
`;

const expected = Object.fromEntries(
  Object.entries(programs).map(([name, { output, result = 0 }]) => [name, { result, output }]),
);

const variants = ["5.14", "6.1", "6.14"].flatMap((target) =>
  ([0, 2] as const).map((optimize) => ({ target, optimize })),
);

const kernel = canLoad();
describe.each(variants)("from $target on, level $optimize", ({ target, optimize }) => {
  const file = join(import.meta.dirname, "context-references-case.ts");
  const { classes, diagnostics } = compile({
    files: [file],
    overlay: new Map([[file, source]]),
    target: { kernel: target },
    optimize,
    check: true,
  });

  test("what is passed compiles", () => {
    expect(formatDiagnostics(diagnostics, { color: false, cwd: import.meta.dirname })).toBe("");
  });

  // Programs of this kind do not run in process.
  test.skipIf(!kernel.ok)(
    `what is passed is the context's own${kernel.ok ? "" : ` (skipped: ${kernel.reason})`}`,
    () => {
      using app = loadObject(link(classes.map(({ name, object }) => ({ name, bytes: object }))).object);
      const found = Object.entries(programs).map(([name, { input }]) => {
        const context = new Uint8Array(new Uint32Array(input).buffer);
        const after = app.programs[`${name}Case`]?.testRun({ context });
        const output = [...new Uint32Array(Uint8Array.from(after?.context ?? []).buffer)];
        return [name, { result: after?.result, output }];
      });
      expect(Object.fromEntries(found)).toEqual(expected);
    },
  );
});

const records = `import { HashMap, tracepoint } from "@waggle/kernel";
import type { CString, TracepointContext, u32 } from "@waggle/kernel";
function sum(text: CString<16>): u32 { let n: u32 = 0; for (let i = 0; i < 16; i++) n = n * 3 + text[i]; return n; }
function isShell(text: CString<16>): boolean { return text.equals("sh"); }
export class Records {
  static readonly sums = new HashMap<u32, u32>({ maxEntries: 4 });
  @tracepoint("sched", "sched_switch") static run(ctx: TracepointContext<"sched/sched_switch">): void {
    if (isShell(ctx.prev_comm)) Records.sums.set(0, sum(ctx.prev_comm));
    Records.sums.set(1, ctx.next_comm[ctx.next_comm.textLength() & 15]);
  }
}
`;

test.each([0, 2] as const)("text of a record is read by a variable index, level %i", (optimize) => {
  const file = join(import.meta.dirname, "context-records-case.ts");
  const { classes, diagnostics } = compile({
    files: [file],
    overlay: new Map([[file, records]]),
    optimize,
    check: true,
  });
  expect(formatDiagnostics(diagnostics, { color: false, cwd: import.meta.dirname })).toBe("");
  const object = link(classes.map(({ name, object: bytes }) => ({ name, bytes }))).object;
  const sim = simulateObject(object);
  sim.programs.run?.run({ fields: { prev_comm: "sh", next_comm: "cat" } });
  const expectedSum = ["s", "h"].reduce((n, letter) => n * 3 + letter.charCodeAt(0), 0) * 3 ** 14;
  const { sums } = sim.maps;
  if (sums === undefined || !("get" in sums)) throw new Error("no map of sums");
  expect([sums.get(0), sums.get(1)]).toEqual([expectedSum >>> 0, 0]);
  if (!kernel.ok) return;
  using app = loadObject(object);
  expect(app.programs.run?.kind).toBe("tracepoint");
});

/** Loops by form, by what their body does and by their turns, each a class with one program: for tests that load them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "@waggle/compiler";
import { link } from "@waggle/linker";

interface Body {
  /** Before the loop. */
  readonly before: string;
  /** `I` is the number of the turn. */
  readonly turn: string;
  readonly result: string;
}

/** What the body does: where it branches, and where it keeps its state. */
const bodies = {
  nothingOfTurns: { before: "let v: u32 = 0;", turn: "v = u32(v * 31) ^ I;", result: "v" },
  packetByte: {
    before: "let v: u32 = 0;",
    turn: "const b = ctx.at<u8>(I & 63); if (b !== null) { if (b.value === 7) v++; else if (b.value === 9) v = 0; }",
    result: "v",
  },
  packetEnd: {
    before: "let v: u32 = 0;",
    turn: "const b = ctx.at<u8>(I & 1023); if (b === null) break; if (b.value === 7) v++; else if (b.value === 9) v = 0;",
    result: "v",
  },
  mapValue: {
    before: "let v: u32 = 0;",
    turn: "const m = CLASS.counts.get(I & 7); if (m !== null) { if (m.value > 3n) v += 3; else v ^= 5; }",
    result: "v",
  },
  twoVariables: {
    before: "let v: u32 = 0; let w: u32 = 1;",
    turn: "if ((w & 1) !== 0) v = v < 10 ? v + 1 : 0; w = u32(w * 3) + v;",
    result: "v",
  },
  sum: {
    before: "let v: u32 = 0;",
    turn: "const b = ctx.at<u8>(I & 63); if (b !== null) v = u32(v * 31) + b.value;",
    result: "v",
  },
  flag: {
    before: "let seen: boolean = false; let v: u32 = 0;",
    turn: "const b = ctx.at<u8>(I & 63); if (b === null) break; if (b.value === 0x41) seen = true; if (seen && b.value === 0x42) v++;",
    result: "v",
  },
  states: {
    before: "let state: u32 = 0; let v: u32 = 0;",
    turn: "const b = ctx.at<u8>(I & 63); if (b === null) break; switch (state) { case 0: if (b.value === 1) state = 1; break; case 1: if (b.value === 2) state = 2; break; case 2: if (b.value === 3) { v++; state = 0; } break; default: state = 0; }",
    result: "v",
  },
  histogram: {
    before: "const h = zeroed<FixedArray<u32, 16>>();",
    turn: "const b = ctx.at<u8>(I & 63); if (b === null) break; h[b.value & 15] += 1; if (h[b.value & 15] > 10) h[0] = 0;",
    result: "h[3]",
  },
  fields: {
    before: "const s = zeroed<Cursor>();",
    turn: "const b = ctx.at<u8>(I & 63); if (b !== null) { if (b.value > 7) s.sum += b.value; else s.at++; }",
    result: "s.at + s.sum",
  },
  cursorInLocal: {
    before: "const text = zeroed<FixedArray<u8, 64>>(); let at: u32 = 0;",
    turn: "const b = ctx.at<u8>(I & 63); if (b === null) break; if (b.value !== 0 && at < 64) { text[at] = b.value; at++; }",
    result: "at + text[0]",
  },
  cursorInField: {
    before: "const line = zeroed<Line>();",
    turn: "const b = ctx.at<u8>(I & 63); if (b === null) break; const at = line.at; if (b.value !== 0 && at < 64) { line.text[at] = b.value; line.at = at + 1; }",
    result: "line.at + line.text[0]",
  },
  cursorInNestedField: {
    before: "const o = zeroed<Outer>();",
    turn: "const b = ctx.at<u8>(I & 63); if (b === null) break; const at = o.cursor.at; if (b.value !== 0 && at < 64) { o.text[at] = b.value; o.cursor.at = at + 1; }",
    result: "o.cursor.at + o.text[0]",
  },
  cursorInElement: {
    before: "const st = zeroed<FixedArray<u32, 4>>(); const text = zeroed<FixedArray<u8, 64>>();",
    turn: "const b = ctx.at<u8>(I & 63); if (b === null) break; const at = st[1]; if (b.value !== 0 && at < 64) { text[at] = b.value; st[1] = at + 1; }",
    result: "st[1] + text[0]",
  },
  cursorByFunction: {
    before: "const line = zeroed<Line>();",
    turn: "const b = ctx.at<u8>(I & 63); if (b === null) break; if (b.value !== 0) put(line, b.value);",
    result: "line.at + line.text[0]",
  },
  cursorWithExit: {
    before: "const line = zeroed<Line>();",
    turn: "const b = ctx.at<u8>(I & 63); if (b === null) break; if (b.value === 0) continue; const at = line.at; if (at >= 64) break; line.text[at] = b.value; line.at++;",
    result: "line.at + line.text[0]",
  },
} as const satisfies Record<string, Body>;

type Form = (turns: number, turn: (index: string) => string) => string;

const forms = {
  forUpTo: (turns, turn) => `for (let i: u32 = 0; i < ${turns}; i++) { ${turn("i")} }`,
  forUpToLength: (turns, turn) => `for (let i: u32 = 0; i < n && i < ${turns}; i++) { ${turn("i")} }`,
  whileLoop: (turns, turn) => `let i: u32 = 0; while (i < ${turns}) { const k = i; i++; ${turn("k")} }`,
  doLoop: (turns, turn) => `let i: u32 = 0; do { const k = i; i++; ${turn("k")} } while (i < ${turns});`,
  forOfRange: (turns, turn) => `for (const i of range(${turns})) { ${turn("i")} }`,
  nestedTwice: (turns, turn) => nested(["i", "j"], Math.ceil(turns ** (1 / 2)), turn),
  nestedThrice: (turns, turn) => nested(["i", "j", "k"], Math.ceil(turns ** (1 / 3)), turn),
} as const satisfies Record<string, Form>;

function nested(indexes: readonly string[], turns: number, turn: (index: string) => string): string {
  const heads = indexes.map((index) => `for (let ${index}: u32 = 0; ${index} < ${turns}; ${index}++)`);
  return `${heads.join(" ")} { ${turn(indexes.at(-1) ?? "i")} }`;
}

const preamble = `import { ArrayMap, XdpAction, range, u16, u32, u64, u8, xdp, zeroed } from "@waggle/kernel";
import type { FixedArray, XdpContext } from "@waggle/kernel";
interface Cursor { at: u32; sum: u32 }
interface Line { text: FixedArray<u8, 64>; at: u32 }
interface Outer { pre: u64; cursor: Cursor; text: FixedArray<u8, 64> }
function put(line: Line, c: u8): void { const at = line.at; if (at < 64) { line.text[at] = c; line.at = at + 1; } }
`;

/** One loop of the family. */
export interface FamilyLoop {
  readonly name: string;
  readonly source: string;
}

/** Every form with every body, for each number of turns. */
export function loopFamily(turns: readonly number[]): readonly FamilyLoop[] {
  return Object.entries<Form>(forms).flatMap(([form, loop]) =>
    Object.entries<Body>(bodies).flatMap(([what, { before, turn, result }]) =>
      turns.map((count) => {
        const name = `${form}_${what}_${count}`;
        const text = loop(count, (index) => turn.replaceAll(/\bI\b/g, index).replaceAll("CLASS", name));
        const source = `${preamble}export class ${name} {
  static out: u32 = 0;
  static readonly counts = new ArrayMap<u64>({ maxEntries: 8 });
  @xdp() static run(ctx: XdpContext): XdpAction {
    const n = ctx.length;
    ${before}
    ${text}
    ${name}.out = ${result} + n;
    return XdpAction.Pass;
  }
}
`;
        return { name, source };
      }),
    ),
  );
}

/** What the compiler made of a loop: an object, or the codes, messages and cures of its errors. */
export type Built =
  | { readonly name: string; readonly object: Uint8Array }
  | { readonly name: string; readonly errors: readonly string[] };

/** Compiles loops for a kernel. */
export function buildLoops(loops: readonly FamilyLoop[], kernel: string, optimize: 0 | 1 | 2 = 2): Built[] {
  // Inside the repository, so that @waggle/kernel resolves.
  const folder = mkdtempSync(join(fileURLToPath(new URL(".", import.meta.url)), ".build-"));
  try {
    for (const { name, source } of loops) writeFileSync(join(folder, `${name}.ts`), source);
    const files = loops.map(({ name }) => `${name}.ts`);
    const { classes, diagnostics } = compile({ files, cwd: folder, target: { kernel }, optimize });
    return loops.map(({ name }) => {
      const made = classes.find((one) => one.name === name);
      if (made !== undefined) return { name, object: link([{ name, bytes: made.object }]).object };
      const errors = diagnostics.filter(({ file }) => file.endsWith(`${name}.ts`));
      return { name, errors: errors.map(({ code, message, help }) => `${code} ${message}; ${help}`) };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

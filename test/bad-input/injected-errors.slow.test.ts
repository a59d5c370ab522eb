/**
 * An error of types is put into sources whose own diagnostics are known: examples, conformance programs and the compiler's fixtures.
 * Wherever it is, the compiler tells nothing new beside TypeScript: what it says of the rest of the file it has said before.
 */
import { join } from "node:path";
import { env } from "node:process";
import { compile, type Diagnostic } from "@waggle/compiler";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { type Random, randomFrom } from "../fuzz/shared/random.js";
import { readSeeds, type Seed } from "../fuzz/source/seeds.js";

/** One source in so many is tried, each with as many errors; WAGGLE_INJECTED=1:20 tries all of them. */
const [oneIn = 16, errorsEach = 3] = (env.WAGGLE_INJECTED ?? "").split(":").filter(Boolean).map(Number);

const diagnosticsOf = ({ folder }: Seed, text: string): readonly Diagnostic[] => {
  const file = join(folder, "injected.ts");
  return compile({ files: [file], overlay: new Map([[file, text]]) }).diagnostics;
};

/** Those of the compiler, each as one text. No error moves a line. */
const own = (list: readonly Diagnostic[]): string[] =>
  list
    .filter(({ code }) => code.startsWith("WG"))
    .map(({ line, code, message }) => `${line} ${code} ${message}`);

type Change = readonly [start: number, end: number, text: string];

/** Places for an error, and the error: a statement in a body, a name that is misspelt, a type that does not fit. */
function changesOf(node: ts.Node): Change[] {
  if (ts.isStatement(node) && node.parent !== undefined && ts.isBlock(node.parent))
    return [
      [node.getStart(), node.getStart(), "const injected: string = 1; "],
      [node.getStart(), node.getStart(), "injected(); "],
    ];
  if (ts.isIdentifier(node)) return [[node.getStart(), node.end, `${node.text}Injected`]];
  if (ts.isNumericLiteral(node)) return [[node.getStart(), node.end, '"injected"']];
  return ts.isTypeNode(node) ? [[node.getStart(), node.end, "Injected"]] : [];
}

function injected(text: string, random: Random): string {
  const changes: Change[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && random.chance(9, 10)) return;
    changes.push(...changesOf(node));
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile("seed.ts", text, ts.ScriptTarget.ES2022, true));
  const [start, end, with_] = random.pick(changes);
  return text.slice(0, start) + with_ + text.slice(end);
}

const all = await readSeeds();
const seeds = all.filter((_seed, index) => index % oneIn === 0);
describe("an injected error adds no diagnostic of the compiler's", () => {
  test.each(seeds)("$name", { timeout: 120_000 }, (seed) => {
    const random = randomFrom(seed.text.length);
    const before = own(diagnosticsOf(seed, seed.text));
    for (let turn = 0; turn < errorsEach; turn += 1) {
      const text = injected(seed.text, random);
      const found = diagnosticsOf(seed, text);
      if (found.every(({ code }) => code.startsWith("WG"))) continue;
      const added = own(found).filter((one) => !before.includes(one));
      expect(
        added,
        `${text}\n${found.map(({ line, code, message }) => `${line} ${code} ${message}`).join("\n")}`,
      ).toEqual([]);
    }
  });
});

/** The source with a program that has an error, as the last member of the last class. */
function withBrokenProgram(text: string): string {
  const source = ts.createSourceFile("seed.ts", text, ts.ScriptTarget.ES2022, true);
  const end = source.statements.findLast(ts.isClassDeclaration)?.end ?? 0;
  const broken =
    "@xdp() static injected(ctx: XdpContext): XdpAction { const x: string = 1; return XdpAction.Pass; }";
  return `${text.slice(0, end - 1)} ${broken} ${text.slice(end - 1)}`;
}

const rejected = all
  .filter(({ name }) => name.startsWith("rejected/"))
  .filter((_seed, index) => index % oneIn === 0);
describe("an error in a program of its own takes none of the compiler's diagnostics away", () => {
  test.each(rejected)("$name", { timeout: 120_000 }, (seed) => {
    const before = diagnosticsOf(seed, seed.text);
    // Of a file with wrong syntax nothing is lowered.
    if (before.some(({ code }) => code.startsWith("TS1"))) return;
    const found = diagnosticsOf(seed, withBrokenProgram(seed.text));
    expect(found.map(({ code }) => code)).toContain("TS2322");
    // The class has a program now; and TypeScript, which has read its whole library for the error, may have told a mistake itself.
    const told = new Set(found.filter(({ code }) => code.startsWith("TS")).map(({ line }) => line));
    const kept = before.filter(({ line, message }) => !told.has(line) && !message.endsWith("has no program"));
    expect(own(found)).toEqual(own(kept));
  });
});

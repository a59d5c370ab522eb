import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import ts from "#typescript";
import { createKernelProgram, type KernelProgram } from "./program.js";
import { smallLibraryName } from "./small-library.js";

const file = fileURLToPath(new URL("case.ts", import.meta.url));
const check = (text: string) => createKernelProgram([file], process.cwd(), new Map([[file, text]]));
const librarySource = ({ program }: KernelProgram) =>
  program.getSourceFiles().find(({ fileName }) => fileName.endsWith(smallLibraryName));
const correct = `import type { u32 } from "@waggle/kernel";
import * as net from "@waggle/kernel/net";
export const one: u32 = net.IpProto.Tcp;
`;

/** Names of the members of a type: of an interface its own and inherited ones, of a function's type those of the value. */
const memberNames = (checker: ts.TypeChecker, symbol: ts.Symbol) =>
  checker
    .getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol))
    // A unique symbol as a name ends in a number of its program.
    .map(({ name }) => name.replace(/^(__@\w+)@\d+$/, "$1"));

function globalType(checker: ts.TypeChecker, name: string, source: ts.SourceFile): ts.Symbol {
  const found = checker
    .getSymbolsInScope(source, ts.SymbolFlags.Type)
    .find(
      (symbol) => symbol.name === name && symbol.declarations?.some((at) => at.getSourceFile() !== source),
    );
  if (found === undefined) throw new Error(`no type is called ${name}`);
  return found;
}

describe("the small library", () => {
  test("is enough for @waggle/kernel: nothing in its sources becomes any", () => {
    const kernel = check(correct);
    expect(librarySource(kernel)).toBeDefined();
    const sources = kernel.program
      .getSourceFiles()
      .filter(({ fileName }) => fileName.startsWith(kernel.kernelSources));
    expect(sources.length).toBeGreaterThan(10);
    const errors = [
      ...kernel.program.getGlobalDiagnostics(),
      ...sources.flatMap((source) => kernel.program.getSemanticDiagnostics(source)),
    ];
    expect(errors.map(({ messageText }) => messageText)).toEqual([]);
  });

  test("has no errors of its own", () => {
    const { program } = check(correct);
    const options = { ...program.getCompilerOptions(), skipLibCheck: false };
    const host = ts.createCompilerHost(options);
    host.getSourceFile = (name) => program.getSourceFile(name);
    const strict = ts.createProgram({ rootNames: [file], options, host });
    const source = strict.getSourceFiles().find(({ fileName }) => fileName.endsWith(smallLibraryName));
    expect(strict.getSemanticDiagnostics(source).map(({ messageText }) => messageText)).toEqual([]);
  });

  test("has no type and no member that the whole library has not", () => {
    const small = check(correct);
    const whole = check(`${correct}export const pi = Math.PI;`);
    expect(librarySource(whole)).toBeUndefined();
    const from = small.program.getSourceFile(file);
    const to = whole.program.getSourceFile(file);
    const library = librarySource(small);
    if (from === undefined || to === undefined || library === undefined) throw new Error("not parsed");
    const names = library.statements.flatMap((statement) =>
      ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)
        ? [statement.name.text]
        : [],
    );
    for (const name of names) {
      const known = memberNames(whole.checker, globalType(whole.checker, name, to));
      expect({ name, members: known }).toEqual({
        name,
        members: expect.arrayContaining(memberNames(small.checker, globalType(small.checker, name, from))),
      });
    }
  });

  test("gives way where more is used", () => {
    const kernel = check(`${correct}export const text = "a".toUpperCase();`);
    expect(kernel.diagnostics).toEqual([]);
    expect(librarySource(kernel)).toBeUndefined();
  });

  test("errors are those of the whole library", () => {
    const messages = check(
      `${correct}export const size: u32 = [1].map((x) => x); export const f = Math.flor(1);`,
    );
    expect(messages.diagnostics.map(({ code, message }) => `${code} ${message}`)).toEqual([
      "TS2322 Type 'number[]' is not assignable to type 'u32'.\n    Type 'number[]' is not assignable to type 'number'.",
      "TS2551 Property 'flor' does not exist on type 'Math'. Did you mean 'floor'?",
    ]);
  });
});

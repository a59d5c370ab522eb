import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { frontend } from "./frontend.js";

const folder = mkdtempSync(join(tmpdir(), "waggle-frontend-"));
afterAll(() => rmSync(folder, { recursive: true }));

const program = (result: string): string => `import { xdp, XdpAction, type XdpContext } from "@waggle/kernel";
export class Filter {
  @xdp() static run(ctx: XdpContext): XdpAction { return XdpAction.${result}; }
}
`;

describe("frontend", () => {
  test("a file that does not exist", () => {
    const { modules, diagnostics } = frontend({ files: ["missing.ts"], cwd: folder });
    expect(modules).toEqual([]);
    expect(diagnostics).toMatchObject([{ code: "TS6053", file: join(folder, "missing.ts") }]);
  });

  test("a file without kernel classes gives nothing", () => {
    const file = join(folder, "plain.ts");
    const { modules, diagnostics } = frontend({
      files: [file],
      overlay: new Map([[file, "export const one = 1;\n"]]),
    });
    expect([modules, diagnostics]).toEqual([[], []]);
  });

  test("a changed file is read again, and inputs name it", () => {
    const file = join(folder, "filter.ts");
    const constants = (): unknown[] =>
      frontend({ files: [file] }).modules.flatMap(({ functions }) =>
        functions.flatMap(({ blocks }) => blocks.flatMap(({ instructions }) => instructions)),
      );
    writeFileSync(file, program("Drop"));
    expect(constants()).toMatchObject([{ op: "const", value: 1n }]);
    writeFileSync(file, program("Redirect"));
    expect(constants()).toMatchObject([{ op: "const", value: 4n }]);
    expect(frontend({ files: [file] }).inputs).toContain(file);
  });

  test("an import that led nowhere is followed again once its file is there", () => {
    const importing = join(folder, "importing.ts");
    writeFileSync(
      importing,
      `import { three } from "./three.js";\nexport const four = three + 1;\n${program("Drop")}`,
    );
    const compile = () => frontend({ files: [importing] }).diagnostics.map(({ code }) => code);
    expect([compile(), compile()]).toEqual([["TS2307"], ["TS2307"]]);
    writeFileSync(join(folder, "three.ts"), "export const three = 3;\n");
    expect(compile()).toEqual([]);
    // With another error, the program with the whole library is looked at, which has not seen the file.
    writeFileSync(
      importing,
      `import { three } from "./three.js";\nexport const four: string = three;\n${program("Drop")}`,
    );
    expect(compile()).toEqual(["TS2322"]);
    rmSync(join(folder, "three.ts"));
    expect(compile()).toEqual(["TS2307"]);
  });

  test("the user's tsconfig is honoured and its mistakes are told", () => {
    const file = join(folder, "filter.ts");
    writeFileSync(file, program("Drop"));
    const config = join(folder, "tsconfig.json");
    writeFileSync(config, '{ "compilerOptions": { "noUncheckedIndexedAccess": true, "modul": "esnext" } }');
    const { diagnostics, inputs } = frontend({ files: [file] });
    expect(diagnostics).toMatchObject([{ code: "TS5025", file: config, line: 1 }]);
    expect(inputs).toContain(config);
    rmSync(config);
  });

  test("a function and a constant of another file", () => {
    const files = new Map([
      [
        join(folder, "shared.ts"),
        'import type { u32 } from "@waggle/kernel";\nexport const LIMIT: u32 = 7;\nexport function twice(x: u32): u32 { return x * 2; }\n',
      ],
      [
        join(folder, "user.ts"),
        'import { xdp, XdpAction, type XdpContext } from "@waggle/kernel";\nimport { LIMIT, twice } from "./shared.js";\nexport class User {\n  @xdp() static run(ctx: XdpContext): XdpAction { return twice(ctx.length) > LIMIT ? XdpAction.Drop : XdpAction.Pass; }\n}\n',
      ],
    ]);
    const { modules, diagnostics } = frontend({ files: [join(folder, "user.ts")], overlay: files });
    expect(diagnostics).toEqual([]);
    expect(modules[0]?.functions.map(({ name }) => name)).toEqual(["run", "twice"]);
    expect(modules[0]?.sources.map(({ path }) => path)).toEqual([
      join(folder, "user.ts"),
      join(folder, "shared.ts"),
    ]);
  });

  test("config values are in the target's byte order, big-endian ones in theirs", () => {
    const file = join(folder, "config.ts");
    const text = program("Pass")
      .replace("{ xdp,", "{ be16, config, type u32, xdp,")
      .replace(
        "class Filter {",
        "class Filter {\n  @config static limit: u32 = 0x01020304;\n  @config static port: be16 = be16(0x0506);",
      );
    const initial = (byteOrder: "little" | "big"): number[][] =>
      frontend({ files: [file], overlay: new Map([[file, text]]), byteOrder }).modules.flatMap(({ data }) =>
        data.map((definition) => [...definition.initial]),
      );
    expect(initial("little")).toEqual([
      [4, 3, 2, 1],
      [5, 6],
    ]);
    expect(initial("big")).toEqual([
      [1, 2, 3, 4],
      [5, 6],
    ]);
  });
});

import { createColors } from "picocolors";
import { afterEach, describe, expect, test } from "vitest";
import { buildDiagnostic } from "../build/diagnostics.js";
import { pageCodes } from "../pages/error-pages.js";
import { formatPage } from "../pages/format-page.js";
import { reportDiagnostics } from "../report-diagnostics.js";
import { type TestProject, testProject } from "../testing/project.js";

let project: TestProject;
afterEach(() => project?.remove());

describe("explain", () => {
  test("a code gives its page, in either case", async () => {
    project = testProject({});
    const { code, out, err } = await project.xtask("explain", "wg2002");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^WG2002: Narrowing\n\n[^`]+\n\n {2}refused:\n {4}.+/);
    expect(out).toContain("\n  accepted:\n    ");
    expect(out).not.toContain("```");
  });

  test("without codes all are listed, as JSON with their text", async () => {
    project = testProject({});
    const list = (await project.xtask("explain")).out.trimEnd().split("\n");
    expect(list.map((line) => line.slice(0, 6))).toEqual(pageCodes());
    expect(list).toContain("WG2002  Narrowing");
    const { pages } = JSON.parse((await project.xtask("explain", "--json")).out);
    expect(pages).toHaveLength(pageCodes().length);
    expect(pages[0]).toEqual({
      code: "WG1001",
      title: expect.any(String),
      text: expect.stringContaining("```ts wrong"),
    });
  });

  test("what is no code says what is", async () => {
    project = testProject({});
    const wrong = async (word: string) => (await project.xtask("explain", word)).err;
    expect(await project.xtask("explain", "WG2202")).toMatchObject({ code: 2, out: "" });
    expect(await wrong("WG2202")).toBe("error: there is no code WG2202; did you mean WG2002?\n");
    expect(await wrong("loops")).toBe("error: there is no code loops; xtask explain lists the codes\n");
    expect(await wrong("TS2322")).toBe(
      "error: TS2322 is an error of TypeScript itself; the codes explained here begin with WG\n",
    );
    expect(await wrong("../../package")).toContain("there is no code");
  });
});

test("after diagnostics, a terminal names the command once for all codes that have a page", async () => {
  const diagnostics = ["WG2002", "TS2322", "WG1010", "WG2002"].map((code) =>
    buildDiagnostic(code, "one.ts", "message"),
  );
  const written = async (interactive: boolean): Promise<string> => {
    let text = "";
    const colors = createColors(false);
    const writeError = (part: string) => {
      text += part;
    };
    const terminal = { cwd: "/", interactive, out: colors, err: colors, write: writeError, writeError };
    await reportDiagnostics(diagnostics, { ...terminal, interrupted: () => AbortSignal.abort() });
    return text;
  };
  const plain = await written(false);
  expect(plain).not.toContain("xtask explain");
  expect(await written(true)).toBe(`${plain}\nxtask explain WG1010 WG2002: why, and what to write instead\n`);
});

test("a page's code is indented below what becomes of it", () => {
  const text = "Why.\n\n```ts wrong\nlet a;\n\nlet b;\n```\n\n```ts\nlet a = 1;\n```";
  const mark = (sign: string) => (line: string) => `${sign}${line}`;
  const paint = { heading: mark("#"), refused: mark("-"), accepted: mark("+") };
  expect(formatPage({ code: "WG1001", title: "Title", text }, paint)).toBe(
    "#WG1001: Title\n\nWhy.\n\n-  refused:\n    let a;\n\n    let b;\n\n+  accepted:\n    let a = 1;\n",
  );
});

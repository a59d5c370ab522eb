import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import type { LspClient } from "../testing/lsp-client.js";
import { lspClient, uriOf } from "../testing/lsp-client.js";
import type { TestProject } from "../testing/project.js";
import { counterSource, testProject } from "../testing/project.js";

const projects: TestProject[] = [];
const latencies: string[] = [];
let client: LspClient;

function project(files: Readonly<Record<string, string>>): TestProject {
  const made = testProject(files);
  projects.push(made);
  return made;
}

afterEach(async () => {
  latencies.push(...client.latencies.map(({ what, ms }) => `${what} ${ms} ms`));
  expect(await client.end()).toBe(0);
  for (const made of projects.splice(0)) made.remove();
});
// Measured for the log: what is right does not depend on it.
afterAll(() => console.log(`lsp, from the change to the diagnostics: ${latencies.join(", ")}`));

const good = counterSource("One");
const narrowing = good
  .replace("= 0;", "= 0;\n    const low: u8 = key + ctx.length;")
  .replace("{ u32,", "{ u8, u32,");
const codes = (list: readonly { readonly code?: unknown }[]): unknown[] => list.map(({ code }) => code);
const none = (list: readonly unknown[]): boolean => list.length === 0;
const some = (list: readonly unknown[]): boolean => list.length > 0;

describe("one file", () => {
  test("open, type, mend by a quick fix, close", async () => {
    const { path, folder } = project({ "src/kernel/one.ts": good });
    const file = path("src/kernel/one.ts");
    client = await lspClient([folder]);
    expect(client.initialized).toMatchObject({
      serverInfo: { name: "waggle" },
      capabilities: { positionEncoding: "utf-16", hoverProvider: true },
    });
    client.open(file, good);
    expect(await client.diagnostics(file, none, "first open")).toEqual([]);

    client.type(file, narrowing);
    const found = await client.diagnostics(file, some, "a mistake");
    expect(found).toEqual([
      {
        range: { start: { line: 10, character: 20 }, end: { line: 10, character: 36 } },
        severity: 1,
        code: "WG2002",
        source: "waggle",
        message: "u32 may not fit u8\nhelp: write u8(…) to keep the low 8 bits",
        codeDescription: { href: expect.stringMatching(/^file:.*\/docs\/errors\/WG2002\.md$/) },
        relatedInformation: [],
      },
    ]);
    const hover = await client.hover(file, "key + ctx");
    expect(hover).toMatchObject({
      contents: { kind: "markdown", value: expect.stringContaining("**WG2002: Narrowing**") },
    });
    expect(await client.hover(file, "One.packets")).toBeNull();

    expect(await client.actions(file, "One.packets")).toEqual([]);
    const [action] = await client.actions(file, "key + ctx", found);
    expect(action).toMatchObject({
      title: "Convert key + ctx.length with u8(…)",
      kind: "quickfix",
      isPreferred: true,
      diagnostics: found,
    });
    if (action === undefined) return;
    expect(client.apply(file, action)).toContain("const low: u8 = u8(key + ctx.length);");
    await client.diagnostics(file, none, "the mended text");

    client.type(file, narrowing);
    await client.diagnostics(file, some, "the mistake again");
    client.close(file);
    // What lies on the disk has no mistake, and nobody looks at it.
    expect(await client.diagnostics(file, none)).toEqual([]);
  }, 60_000);

  test("TypeScript's errors are left to the editor, their cures are not", async () => {
    const { path, folder } = project({});
    const file = path("src/kernel/one.ts");
    const unchecked = good.replace("if (seen !== null) ", "");
    client = await lspClient([folder]);
    client.open(file, unchecked);
    expect(await client.diagnostics(file, none)).toEqual([]);
    const theirs = {
      range: { start: { line: 11, character: 4 }, end: { line: 11, character: 8 } },
      message: "",
      code: 18047,
    };
    const actions = await client.actions(file, "seen.value", [theirs]);
    expect(actions).toMatchObject([
      { title: "Check seen for null: return XdpAction.Pass", diagnostics: [theirs] },
    ]);
    expect(await client.hover(file, "seen.value")).toMatchObject({
      contents: { value: "**Waggle**: check it first: if (seen === null) return …" },
    });
    const [action] = actions;
    if (action === undefined) return;
    expect(client.apply(file, action)).toContain(
      "    if (seen === null) return XdpAction.Pass;\n    seen.value += 1n;\n",
    );
    await client.connection.sendNotification("workspace/didChangeConfiguration", {
      settings: { waggle: { typescriptDiagnostics: true } },
    });
    client.type(file, unchecked);
    expect(codes(await client.diagnostics(file, some))).toEqual(["TS18047"]);
  }, 60_000);

  test("what is told once is mended from each place where it shows", async () => {
    const { path, folder } = project({});
    const file = path("src/kernel/one.ts");
    const unchecked = good.replace(
      "if (seen !== null) seen.value += 1n;",
      "seen.value += 1n;\n    seen.value += 2n;",
    );
    client = await lspClient([folder], { waggle: { typescriptDiagnostics: true } });
    client.open(file, unchecked);
    expect(codes(await client.diagnostics(file, some))).toEqual(["TS18047"]);
    const [first] = await client.actions(file, "seen.value += 1n");
    const [second] = await client.actions(file, "seen.value += 2n");
    expect(second).toEqual(first);
    expect(second?.title).toBe("Check seen for null: return XdpAction.Pass");
    if (second === undefined) return;
    client.type(file, client.apply(file, second));
    expect(await client.diagnostics(file, none)).toEqual([]);
  }, 60_000);

  test("a name whose memory is overwritten is made a copy, or both are swapped", async () => {
    const { path, folder } = project({});
    const file = path("src/kernel/swap.ts");
    const swap = (
      body: string,
      imports = "",
    ) => `import { xdp, XdpAction, type XdpContext${imports} } from "@waggle/kernel";
import type { EthHdr } from "@waggle/kernel/net";

export class Swap {
  @xdp() static run(ctx: XdpContext): XdpAction {
    const eth = ctx.at<EthHdr>(0);
    if (eth === null) return XdpAction.Pass;
    ${body}
    return XdpAction.Tx;
  }
}
`;
    const wrong = swap(
      "const source = eth.source;\n    eth.source = eth.destination;\n    eth.destination = source;",
    );
    client = await lspClient([folder]);
    client.open(file, wrong);
    const found = await client.diagnostics(file, some);
    expect(codes(found)).toEqual(["WG1022"]);
    const actions = await client.actions(file, "eth.source = ", found);
    expect(actions.map(({ title, isPreferred }) => [title, isPreferred])).toEqual([
      ["Swap both at once", true],
      ["Copy what is needed later: source = copyOf(…)", false],
    ]);
    const mended = [
      swap("[eth.source, eth.destination] = [eth.destination, eth.source];"),
      swap(
        "const source = copyOf(eth.source);\n    eth.source = eth.destination;\n    eth.destination = source;",
        ", copyOf",
      ),
    ];
    for (const [index, action] of actions.entries()) {
      expect(client.apply(file, action)).toBe(mended[index]);
      expect(await client.diagnostics(file, none)).toEqual([]);
      client.type(file, wrong);
      await client.diagnostics(file, some);
    }
  }, 60_000);

  test("half-typed text at every length does no harm", async () => {
    const { path, folder } = project({});
    const file = path("src/kernel/one.ts");
    client = await lspClient([folder], { waggle: { typescriptDiagnostics: true } });
    client.open(file, "");
    const step = Math.ceil(good.length / 24);
    for (let length = 0; length < good.length; length += step) {
      client.type(file, good.slice(0, length));
      await client.actions(file, "");
    }
    client.type(file, `${good}\n}}}} <<<<<<< HEAD\n\`\${`);
    await client.diagnostics(file, some);
    client.type(file, good);
    expect(await client.diagnostics(file, none)).toEqual([]);
    expect(client.errors()).toBe("");
  }, 60_000);

  test("CRLF, characters of two units and Unicode line separators", async () => {
    const { path, folder } = project({});
    const file = path("src/kernel/one.ts");
    const text = narrowing
      .replace("const low", "/* 🐝🐝 */ const low")
      .replace("    const key", "    // a\u2028    // b\n    const key");
    client = await lspClient([folder]);
    client.open(file, text.replaceAll("\n", "\r\n"));
    const [found] = await client.diagnostics(file, some);
    // One line more than in `narrowing`, where TypeScript counts two; 11 units before `const low`.
    expect(found?.range).toEqual({ start: { line: 11, character: 31 }, end: { line: 11, character: 47 } });
    const [action] = await client.actions(file, "key + ctx");
    if (action === undefined) throw new Error("no action");
    expect(client.apply(file, action)).toContain("/* 🐝🐝 */ const low: u8 = u8(key + ctx.length);\r\n");
    await client.diagnostics(file, none);
  }, 60_000);
});

describe("several files", () => {
  const library =
    'import type { u32 } from "@waggle/kernel";\nexport function low(x: u32): u32 { return x; }\n';
  const caller = counterSource("One", 'import { low } from "./low.js";').replace("u32 = 0;", "u32 = low(3);");

  test("a mistake in an imported file, typed there", async () => {
    const { path, folder } = project({ "src/kernel/one.ts": caller, "src/kernel/low.ts": library });
    const [one, low] = [path("src/kernel/one.ts"), path("src/kernel/low.ts")];
    client = await lspClient([folder]);
    // Only the library is open: the classes that use it are found in the project.
    client.open(low, library);
    await client.diagnostics(low, none);
    client.type(low, library.replace("return x", "return x ** 2"));
    expect(codes(await client.diagnostics(low, some, "a mistake in an import"))).toEqual(["WG1001"]);
    client.open(one, caller);
    expect(await client.diagnostics(one, none)).toEqual([]);
    client.close(low);
    // The disk's text is the one that counts again.
    await client.diagnostics(low, none);
    expect(client.errors()).toBe("");
  }, 60_000);

  test("a file that goes and comes back", async () => {
    const { path, folder, write } = project({ "src/kernel/one.ts": caller, "src/kernel/low.ts": library });
    const [one, low] = [path("src/kernel/one.ts"), path("src/kernel/low.ts")];
    client = await lspClient([folder], { typescriptDiagnostics: true });
    client.open(one, caller);
    await client.diagnostics(one, none);
    const changed = (type: number) =>
      client.connection.sendNotification("workspace/didChangeWatchedFiles", {
        changes: [{ uri: uriOf(low), type }],
      });
    rmSync(low);
    await changed(3);
    expect(codes(await client.diagnostics(one, some))).toEqual(["TS2307"]);
    write("src/kernel/low.ts", library);
    await changed(1);
    expect(await client.diagnostics(one, none)).toEqual([]);
    rmSync(one);
    client.close(one);
    await client.diagnostics(one, none);
  }, 60_000);

  test("several projects, each with its configuration; a wrong one is told at its place", async () => {
    const first = project({ "src/kernel/one.ts": narrowing });
    const second = project({
      "src/kernel/two.ts": good,
      "xtask.config.ts": 'export default { target: { kernal: "6.1" } };\n',
    });
    client = await lspClient([first.folder, second.folder]);
    client.open(first.path("src/kernel/one.ts"), narrowing);
    client.open(second.path("src/kernel/two.ts"), good);
    expect(codes(await client.diagnostics(first.path("src/kernel/one.ts"), some))).toEqual(["WG2002"]);
    const config = second.path("xtask.config.ts");
    expect(await client.diagnostics(config, some)).toMatchObject([
      { code: "WG4007", range: { start: { line: 0, character: 27 }, end: { line: 0, character: 33 } } },
    ]);
    second.write("xtask.config.ts", 'export default { target: { kernel: "6.1" } };\n');
    await client.connection.sendNotification("workspace/didChangeWatchedFiles", {
      changes: [{ uri: uriOf(config), type: 2 }],
    });
    await client.diagnostics(config, none);
  }, 60_000);

  test("a file in no project, one that is no file, one without kernel code", async () => {
    const folder = mkdtempSync(join(tmpdir(), "waggle-lsp-"));
    mkdirSync(join(folder, "deep"));
    const file = join(folder, "deep", "one.ts");
    writeFileSync(file, narrowing);
    client = await lspClient([]);
    const textDocument = {
      uri: "untitled:Untitled-1",
      languageId: "typescript",
      version: 1,
      text: narrowing,
    };
    await client.connection.sendNotification("textDocument/didOpen", { textDocument });
    await client.connection.sendNotification("textDocument/didClose", { textDocument });
    const plain = join(folder, "plain.ts");
    client.open(plain, "export const x: number = '';\n");
    client.open(file, narrowing);
    expect(codes(await client.diagnostics(file, some))).toEqual(["WG2002"]);
    expect(await client.actions(plain, "x")).toEqual([]);
    expect(client.errors()).toBe("");
    rmSync(folder, { recursive: true });
  }, 60_000);
});

test("what the targeted kernel lacks: an action changes the configuration", async () => {
  const { path, folder } = project({ "xtask.config.ts": 'export default { target: { kernel: "5.15" } };\n' });
  const [file, config] = [path("src/kernel/one.ts"), path("xtask.config.ts")];
  const text = good
    .replace("u32 = 0;", "u32 = currentPid();")
    .replace("{ ArrayMap,", "{ ArrayMap, currentPid,");
  client = await lspClient([folder]);
  client.open(file, text);
  const found = await client.diagnostics(file, some);
  expect(codes(found)).toEqual(["WG2015"]);
  const [action] = await client.actions(file, "currentPid()", found);
  expect(action).toMatchObject({ title: "Compile for kernel 6.12 and newer", diagnostics: found });
  const range = { start: { line: 0, character: 35 }, end: { line: 0, character: 41 } };
  expect(action?.edit?.changes).toEqual({ [uriOf(config)]: [{ range, newText: '"6.12"' }] });
}, 60_000);

describe("the protocol", () => {
  test("a request may be cancelled, and others are answered", async () => {
    const { path, folder } = project({});
    const file = path("src/kernel/one.ts");
    client = await lspClient([folder]);
    client.open(file, narrowing);
    const { CancellationTokenSource } = await import("vscode-languageserver/node");
    const source = new CancellationTokenSource();
    const params = { textDocument: { uri: uriOf(file) }, position: { line: 10, character: 22 } };
    const cancelled = client.connection.sendRequest("textDocument/hover", params, source.token);
    source.cancel();
    // RequestCancelled, or an answer that was on its way.
    const outcome = await cancelled.then(
      () => "answered",
      (error: { code?: number }) => error.code,
    );
    expect(["answered", -32800]).toContain(outcome);
    expect(await client.connection.sendRequest("textDocument/hover", params)).toMatchObject({ contents: {} });
    await expect(client.connection.sendRequest("waggle/nothing")).rejects.toMatchObject({ code: -32601 });
  }, 60_000);

  test("lenses show the size of programs", async () => {
    const { path, folder } = project({});
    const file = path("src/kernel/one.ts");
    client = await lspClient([folder]);
    client.open(file, good);
    const lenses = await client.connection.sendRequest("textDocument/codeLens", {
      textDocument: { uri: uriOf(file) },
    });
    expect(lenses).toEqual([
      {
        range: { start: { line: 8, character: 2 }, end: { line: 8, character: 2 } },
        command: { title: expect.stringMatching(/^\d+ instructions, \d+ bytes of stack$/), command: "" },
      },
    ]);
  }, 60_000);

  test("exit without shutdown, and an editor that goes away, end the process with 1", async () => {
    const impolite = await lspClient([]);
    await impolite.connection.sendNotification("exit");
    expect(await impolite.exited).toBe(1);
    const gone = await lspClient([]);
    gone.connection.end();
    expect(await gone.exited).toBe(1);
    client = await lspClient([]);
  }, 60_000);
});

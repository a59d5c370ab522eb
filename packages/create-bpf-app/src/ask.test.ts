import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Answers } from "./ask.js";
import { ask } from "./ask.js";

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "create-bpf-app-"));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const down = "\u001b[B";
const interrupt = "\u0003";

/** Asks, and types each text once what it answers is on the screen. */
async function typing(known: Partial<Answers>, script: readonly (readonly [after: string, keys: string])[]) {
  let screen = "";
  const input = new PassThrough();
  const output = new Writable({
    write(chunk, _encoding, done) {
      screen += String(chunk);
      done();
    },
  });
  const answers = ask(known, cwd, { input, output: Object.assign(output, { columns: 100, rows: 30 }) });
  for (const [after, keys] of script) {
    for (let waited = 0; !screen.includes(after) && waited < 60_000; waited += 10) await setTimeout(10);
    expect(screen).toContain(after);
    screen = "";
    input.write(keys);
  }
  return { answers: await answers, screen };
}

test("asks for folder and template", async () => {
  const { answers } = await typing({}, [
    ["Where should the project go?", "app\r"],
    ["What should it begin with?", `${down}\r`],
  ]);
  expect(answers).toEqual({ directory: "app", template: "xdp" });
});

test("asks only for what is missing; Enter takes the default", async () => {
  expect((await typing({ template: "xdp" }, [["Where", "\r"]])).answers).toEqual({
    directory: "my-bpf-app",
    template: "xdp",
  });
  expect((await typing({ directory: "x" }, [["What", "\r"]])).answers).toEqual({
    directory: "x",
    template: "tracepoint",
  });
});

test("refuses a folder with something in it, and asks again", async () => {
  mkdirSync(join(cwd, "full"));
  writeFileSync(join(cwd, "full", "thesis.txt"), "");
  const { answers } = await typing({ template: "xdp" }, [
    ["Where", "full\r"],
    ["thesis.txt", "2\r"],
  ]);
  expect(answers).toEqual({ directory: "full2", template: "xdp" });
});

test.each([
  ["at once", [["Where", interrupt]]],
  [
    "at the second question",
    [
      ["Where", "app\r"],
      ["What", interrupt],
    ],
  ],
] as const)("cancelled %s", async (_when, script) => {
  const { answers, screen } = await typing({}, script);
  expect(answers).toBeNull();
  expect(screen).toContain("Nothing was written.");
});

/** The BTF of a program with all that BTF describes, as Waggle writes it, as bpftool reads it and as the kernel keeps it. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "@waggle/compiler";
import { formatBtf, readObject } from "@waggle/object";
import { canLoad, loadObject } from "@waggle/userspace";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const fixtures = fileURLToPath(new URL("fixtures", import.meta.url));
const listing = readFileSync(join(fixtures, "everything.btf"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "waggle-btf-"));
const file = join(folder, "everything.o");
let object: Uint8Array = new Uint8Array();
beforeAll(() => {
  const { classes, diagnostics } = compile({
    files: ["everything.ts"],
    cwd: fixtures,
    target: { kernel: "6.8" },
  });
  expect(diagnostics).toEqual([]);
  object = classes[0]?.object ?? object;
  writeFileSync(file, object);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("types, functions with their parameters, maps, variables and tags are all there", () => {
  const { btf } = readObject(object);
  expect(btf === null ? "" : formatBtf(btf)).toBe(listing);
});

const bpftool = (...args: string[]): string => {
  const { stdout, stderr, status } = spawnSync("bpftool", args, { encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
  return stdout;
};
const hasBpftool = spawnSync("bpftool", ["version"]).status === 0;

describe.skipIf(!hasBpftool)(`bpftool${hasBpftool ? "" : " (skipped: it is not installed)"}`, () => {
  test("lists the same types", () => {
    expect(bpftool("btf", "dump", "file", file)).toBe(listing);
  });

  test("shows the structs as a C programmer would have written them", () => {
    const text = bpftool("btf", "dump", "file", file, "format", "c");
    expect(text).toContain(`struct Header {
	u8 kind;
	__be16 length;
	u8 version: 4;
	bool urgent: 1;
} __attribute__((packed));
`);
    expect(text).toContain(`union Address {
	__be32 v4;
	u8 v6[16];
};
`);
    expect(text).toContain(`enum Weekday {
	Before = -1,
	Monday = 0,
};
`);
    expect(text).toMatch(
      /struct Flow \{\n\tunion Address source;\n\tstruct Header header;\n\tenum Verdict verdict;/,
    );
  });

  const kernel = canLoad();
  test.skipIf(!kernel.ok)(`the kernel keeps them${kernel.ok ? "" : ` (skipped: ${kernel.reason})`}`, () => {
    using app = loadObject(object);
    expect(app.programs.run?.testRun({ data: new Uint8Array(64) }).result).toBe(2);
    const found: unknown = JSON.parse(bpftool("--json", "prog", "show", "name", "run"));
    const programs = (Array.isArray(found) ? found : [found]) as { btf_id: number }[];
    const dumps = programs.map(({ btf_id }) => bpftool("btf", "dump", "id", `${btf_id}`));
    expect(dumps).toContain(listing);
  });
});

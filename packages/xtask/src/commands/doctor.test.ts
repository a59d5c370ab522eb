import { canLoad } from "@waggle/userspace";
import { afterEach, expect, test } from "vitest";
import { type TestProject, testProject } from "../testing/project.js";

let project: TestProject;
afterEach(() => project?.remove());

const { ok, reason } = canLoad();

test.skipIf(!ok)(`doctor tells what the kernel can do${ok ? "" : ` (skipped: ${reason})`}`, async () => {
  project = testProject({});
  const { code, out, err } = await project.xtask("doctor");
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toMatch(/^linux [\d.]+\S* on \w+, Node v\d+/);
  expect(out).toContain("✓ this process may load programs\n");
  expect(out).toMatch(/\nPrograms: \d+ of \d+\n/);
  expect(out).toMatch(/\nMaps: \d+ of \d+\n/);
  expect(out).toContain("? struct-ops: ");
  expect(out).not.toContain("✓ xdp\n");
  expect((await project.xtask("doctor", "--all")).out).toContain("  ✓ xdp\n");
});

test.skipIf(!ok)("doctor speaks JSON", async () => {
  project = testProject({});
  const { out } = await project.xtask("doctor", "--json");
  const told = JSON.parse(out);
  expect(told).toMatchObject({ loads: true, reason: null, arch: process.arch });
  expect(told.programs).toContainEqual({ name: "xdp", since: "4.8", supported: true, reason: null });
  expect(told.btf).toContainEqual(expect.objectContaining({ name: "kernel" }));
});

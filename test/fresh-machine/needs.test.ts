import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { expect, it } from "vitest";

const script = fileURLToPath(new URL("../../scripts/needs.js", import.meta.url));

it("a command that needs QEMU says so before it starts, where QEMU is missing and cannot be installed", async () => {
  const empty = mkdtempSync(join(tmpdir(), "waggle-empty-"));
  try {
    const { exitCode, stderr } = await execa(process.execPath, [script, "kernels"], {
      env: { PATH: empty },
      reject: false,
    });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^npm run kernels needs qemu-system-x86_64, .*ip: this machine has no apt-get to install it with\.\nOn Debian and Ubuntu, as root: apt-get update && apt-get install --no-install-recommends qemu-system-x86 .*iproute2$/,
    );
  } finally {
    rmSync(empty, { recursive: true });
  }
});

import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { canLoad } from "@waggle/userspace";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

// From packed tarballs, as a user gets them: scaffold, install, build, test, start. Needs the workspace to be built
// (`npm test` does that), and a registry or npm's cache.

const workspace = fileURLToPath(new URL("../..", import.meta.url));
const minutes = 60_000;
const templates = [
  {
    name: "tracepoint",
    event: /^pid \d+, user \d+: .+ starts \//m,
    unprivileged: { exitCode: 1, all: /The kernel is out of reach: .+\nAs root: sudo -E npm start/ },
  },
  {
    name: "xdp",
    event: /Counting packets on lo;[\s\S]+'Udp'/,
    unprivileged: {
      exitCode: 0,
      all: /The kernel is out of reach: .+\nCounting three made-up packets[\s\S]+'Tcp'/,
    },
  },
] as const;
const quiet = ["--prefer-offline", "--no-audit", "--no-fund"];
const kernel = canLoad();
const root = process.platform === "linux" && process.geteuid?.() === 0;

let temporary: string;
const project = (name: string) => join(temporary, name);

beforeAll(async () => {
  temporary = mkdtempSync(join(tmpdir(), "waggle-scaffold-"));
  // Open to the user without privileges of the last test.
  chmodSync(temporary, 0o755);
  const packed = join(temporary, "packed");
  mkdirSync(packed);
  const packages = readdirSync(join(workspace, "packages")).flatMap((name) => ["-w", `packages/${name}`]);
  await execa("npm", ["pack", "--pack-destination", packed, ...packages], { cwd: workspace });

  const [creator] = readdirSync(packed).filter((file) => file.startsWith("create-bpf-app-"));
  if (creator === undefined) throw new Error("create-bpf-app was not packed");
  const tools = join(temporary, "tools");
  mkdirSync(tools);
  await execa("npm", ["install", "--prefix", tools, ...quiet, join(packed, creator)], { cwd: tools });
  for (const { name } of templates) {
    const bin = join(tools, "node_modules", ".bin", "create-bpf-app");
    await execa(bin, [name, "--template", name, "--waggle", packed, "--no-install"], { cwd: temporary });
  }
}, 10 * minutes);

afterAll(() => rmSync(temporary, { recursive: true, force: true }));

describe.each(templates)("the template $name, from packed packages", ({ name, event, unprivileged }) => {
  test(
    "installs",
    async () => {
      await execa("npm", ["install", ...quiet], { cwd: project(name) });
    },
    5 * minutes,
  );

  test(
    "builds",
    async () => {
      await execa("npm", ["run", "build"], { cwd: project(name) });
      expect(
        readdirSync(join(project(name), "src", "ebpf")).map((file) => file.replace(/^.+\./, "")),
      ).toEqual(["o", "ts"]);
    },
    2 * minutes,
  );

  test("has the pages of the errors at hand", async () => {
    const { stdout } = await execa("npx", ["xtask", "explain", "WG2002"], { cwd: project(name) });
    expect(stdout).toMatch(/^WG2002: .+\n[\s\S]+ refused:\n/);
  });

  test(
    "passes its own test",
    async () => {
      await execa("npm", ["test"], { cwd: project(name) });
    },
    2 * minutes,
  );

  test.skipIf(!kernel.ok)(
    "starts, shows an event, and ends cleanly on Ctrl-C (needs a kernel that loads)",
    async () => {
      const child = execa("npm", ["start"], { cwd: project(name), reject: false, all: true, detached: true });
      let seen = "";
      const happened = new Promise<void>((resolve) => {
        child.all?.on("data", (chunk) => {
          seen += String(chunk);
          if (event.test(seen)) resolve();
        });
      });
      await Promise.race([happened, child, new Promise((resolve) => setTimeout(resolve, 4 * minutes))]);
      expect(seen).toMatch(event);
      // A terminal sends Ctrl-C to the whole group.
      if (child.pid !== undefined) process.kill(-child.pid, "SIGINT");
      await child;
      expect(seen).not.toMatch(/error/i);
    },
    5 * minutes,
  );

  test.skipIf(!root)("says what is missing without privileges (needs root, to give it up)", async () => {
    const user = { uid: 65_534, gid: 65_534 };
    const options = { cwd: project(name), reject: false, all: true, ...user } as const;
    const result = await execa(process.execPath, ["dist/main.js"], options);
    expect(result.exitCode).toBe(unprivileged.exitCode);
    expect(result.all).toMatch(unprivileged.all);
  });
});

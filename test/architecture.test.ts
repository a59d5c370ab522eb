import { readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { glob } from "tinyglobby";
import { expect, test } from "vitest";

/** Which packages the sources of each may import. `types:` may be imported with `import type` only. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  object: [],
  kernel: [],
  linker: ["object"],
  vm: ["object", "types:kernel"],
  userspace: ["object", "types:kernel"],
  compiler: ["object", "types:kernel"],
  xtask: ["object", "compiler", "linker", "vm", "userspace"],
  "create-bpf-app": [],
};

const root = fileURLToPath(new URL("..", import.meta.url));

async function importsOf(name: string): Promise<{ file: string; specifier: string; typeOnly: boolean }[]> {
  const files = await glob(`packages/${name}/src/**/*.ts`, {
    cwd: root,
    absolute: true,
    ignore: ["**/*.test.ts", "**/fixtures/**"],
  });
  const found = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(file, "utf8");
      const statements = text.matchAll(/^(import|export)\s+(type\s)?[^;]*?from\s+"([^"]+)"/gm);
      return [...statements].map(([, , type, specifier = ""]) => ({
        file,
        specifier,
        typeOnly: type !== undefined,
      }));
    }),
  );
  return found.flat();
}

test.each(Object.entries(mayImport))("%s imports only what it may know", async (name, allowed) => {
  const imports = await importsOf(name);
  expect(imports.length).toBeGreaterThan(0);
  for (const { file, specifier, typeOnly } of imports) {
    const where = `${relative(root, file)} imports ${specifier}`;
    if (specifier.startsWith(".")) {
      const target = relative(join(root, "packages", name), join(dirname(file), specifier));
      expect(target.startsWith(".."), `${where}, outside its package`).toBe(false);
      continue;
    }
    const [, other] = /^@waggle\/([a-z-]+)/.exec(specifier) ?? [];
    if (other === undefined) continue;
    expect(specifier.split("/").length, `${where}, which is not exported`).toBeLessThanOrEqual(
      other === "kernel" ? 3 : 2,
    );
    const allows = allowed.includes(other) || (typeOnly && allowed.includes(`types:${other}`));
    expect(allows, `${where}, which it may not know`).toBe(true);
  }
});

test("the compiler imports TypeScript by #typescript, which loads it in half the time", async () => {
  const direct = (await importsOf("compiler")).filter(
    ({ specifier, typeOnly }) => specifier === "typescript" && !typeOnly,
  );
  expect(direct.map(({ file }) => relative(root, file))).toEqual([]);
});

/** Each helper of @waggle/kernel says its UAPI name and the kernel that has it, as the table of helpers does. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { helperByName } from "@waggle/object";
import { expect, test } from "vitest";

const folder = fileURLToPath(new URL("../../packages/kernel/src/helpers", import.meta.url));
const functions = readdirSync(folder).flatMap((file) => {
  const text = readFileSync(`${folder}/${file}`, "utf8");
  return [...text.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport function (\w+)/g)].map(
    ([, doc = "", name = ""]) => [name, doc.replace(/\n \*/g, "")] as const,
  );
});

test("there are many", () => {
  expect(functions.length).toBeGreaterThan(110);
});

test.each(functions)("%s", (name, doc) => {
  const uapi = `bpf_${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
  const row = helperByName(uapi.replace("32", "_32").replace("_u_32", "_u32"));
  if (row === null) throw new Error(`no helper is called ${uapi}`);
  expect(doc).toContain(`\`${row.name}\``);
  expect(doc).toMatch(new RegExp(`kernel ${row.since.replace(".", "\\.")}\\b`));
});

import { expect, test } from "vitest";
import { writeCpio } from "./cpio.js";

const archive = writeCpio([
  { kind: "file", path: "a/b/c", data: Buffer.from("seven!\n") },
  { kind: "file", path: "init", data: Buffer.from("x"), executable: true },
  { kind: "symlink", path: "bin/sh", target: "busybox" },
  { kind: "character-device", path: "dev/console", major: 5, minor: 1 },
]);

test("headers and data are aligned, and parents come first", () => {
  expect(archive.length % 4).toBe(0);
  const names = archive.toString("latin1").match(/(?<=070701[0-9a-f]{104})[^\0]+/g);
  expect(names).toEqual(["a", "a/b", "a/b/c", "init", "bin", "bin/sh", "dev", "dev/console", "TRAILER!!!"]);
});

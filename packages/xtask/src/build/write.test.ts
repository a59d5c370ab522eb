import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeOutputs } from "./write.js";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "waggle-write-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const output = (name: string, text: string) => ({ path: join(folder, name), bytes: Buffer.from(text) });

test("writes into folders that do not exist yet, and leaves no temporary file", () => {
  expect(writeOutputs([output("a/b/one", "1"), output("a/two", "2")])).toBe(true);
  expect(readdirSync(folder, { recursive: true }).sort()).toEqual(["a", "a/b", "a/b/one", "a/two"]);
});

test("does not touch a file that has its content", () => {
  writeOutputs([output("one", "1")]);
  utimesSync(join(folder, "one"), 1000, 1000);
  expect(writeOutputs([output("one", "1")])).toBe(false);
  expect(statSync(join(folder, "one")).mtimeMs).toBe(1_000_000);
});

test("a file where a folder should be", () => {
  writeFileSync(join(folder, "file"), "");
  expect(() => writeOutputs([output("file/one", "1")])).toThrow(
    /cannot write .+file.one: .+\((EEXIST|ENOTDIR)\)/,
  );
});

test("a folder where a file should be", () => {
  mkdirSync(join(folder, "one"));
  expect(() => writeOutputs([output("two", "2"), output("one", "1")])).toThrow(
    /cannot write .+one: it is a folder \(EISDIR\)/,
  );
  expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

const root = process.platform === "linux" && process.geteuid?.() === 0;

function onMount(options: string, act: (disk: string) => void): void {
  const disk = join(folder, "disk");
  mkdirSync(disk);
  execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", disk]);
  try {
    act(disk);
  } finally {
    execFileSync("umount", [disk]);
  }
}

test.skipIf(!root)("a full disk keeps the last good files (needs root, to mount a tiny one)", () => {
  onMount("size=16k", (disk) => {
    writeOutputs([output("disk/one", "good"), output("disk/two", "good")]);
    const big = output("disk/two", "x".repeat(20_000));
    expect(() => writeOutputs([output("disk/one", "new"), big])).toThrow(
      /cannot write .+two: no space left on the device \(ENOSPC\)/,
    );
    expect(readdirSync(disk).sort()).toEqual(["one", "two"]);
    expect(readFileSync(join(disk, "one"), "utf8")).toBe("good");
  });
});

test.skipIf(!root)("a file system that is read-only (needs root, to mount one)", () => {
  onMount("ro", () => {
    expect(() => writeOutputs([output("disk/one", "1")])).toThrow(/the file system is read-only \(EROFS\)/);
  });
});

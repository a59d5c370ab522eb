import { describe, expect, test } from "vitest";
import { packageNameProblem, toPackageName } from "./package-name.js";

describe("packageNameProblem", () => {
  test.each(["app", "my-app", "@scope/app", "a.b_c~d", "x2"])("%s is fine", (name) => {
    expect(packageNameProblem(name)).toBeNull();
  });

  test.each([
    ["", "it is empty"],
    ["@scope/", "it is empty"],
    ["x".repeat(215), "it is longer than 214 characters"],
    ["App", "it has capital letters"],
    [".app", "it begins with a dot or an underscore"],
    ["_app", "it begins with a dot or an underscore"],
    ["my app", "only a to z, 0 to 9, and - . _ ~ may be in it"],
    ["a/b", "only a to z, 0 to 9, and - . _ ~ may be in it"],
    ["node_modules", "npm keeps it for itself"],
    ["fs", "a module of Node has it"],
  ])("%j: %s", (name, problem) => {
    expect(packageNameProblem(name)).toBe(problem);
  });
});

test.each([
  ["My App!", "my-app"],
  ["...dots", "dots"],
  ["fs", "bpf-fs"],
  ["日本", "bpf-app"],
  ["good-name", "good-name"],
])("toPackageName(%j) is %j", (text, name) => {
  expect(toPackageName(text)).toBe(name);
  expect(packageNameProblem(name)).toBeNull();
});

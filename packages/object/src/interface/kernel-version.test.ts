import { expect, test } from "vitest";
import { formatKernelVersion, kernelHas, parseKernelVersion } from "./kernel-version.js";

test.each([
  ["5.15", [5, 15]],
  ["v6.18", [6, 18]],
  ["6.1.0-13-amd64", [6, 1]],
  ["6.18.44-fc-v657", [6, 18]],
  ["7.3-rc2", [7, 3]],
  ["5", null],
  ["", null],
  ["latest", null],
  ["5.123456", null],
])("%s is %j", (text, version) => {
  expect(parseKernelVersion(text)).toEqual(version);
});

test("versions are compared by number", () => {
  expect(kernelHas([5, 10], "5.9")).toBe(true);
  expect(kernelHas([5, 10], "5.10")).toBe(true);
  expect(kernelHas([5, 10], "5.11")).toBe(false);
  expect(kernelHas([6, 0], "5.19")).toBe(true);
  expect(kernelHas([4, 20], "5.0")).toBe(false);
  expect(() => kernelHas([5, 10], "soon")).toThrow('"soon" is not a kernel version');
});

test("a version is written as it is read", () => {
  expect(formatKernelVersion([5, 4])).toBe("5.4");
});

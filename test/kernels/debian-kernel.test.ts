import { expect, test } from "vitest";
import { newest } from "./debian-kernel.js";

const names = [
  "linux-image-cloud-amd64",
  "linux-image-6.1.0-47-cloud-amd64",
  "linux-image-6.1.0-50-cloud-amd64",
  "linux-image-6.1.0-50-cloud-amd64-unsigned",
  "linux-image-6.1.0-50-amd64",
  "linux-image-6.12.94+deb13-cloud-amd64",
  "linux-image-6.12.107+deb13-cloud-amd64",
];

test.each([
  ["6.1", "linux-image-6.1.0-50-cloud-amd64"],
  ["6.12", "linux-image-6.12.107+deb13-cloud-amd64"],
  ["6.12.94", "linux-image-6.12.94+deb13-cloud-amd64"],
  ["newest", "linux-image-6.12.107+deb13-cloud-amd64"],
  ["6", "linux-image-6.12.107+deb13-cloud-amd64"],
  ["5.4", null],
  ["6.11", null],
])("%s is %s", (version, name) => {
  expect(newest(names, version)).toBe(name);
});

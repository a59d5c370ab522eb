import { expect, test } from "vitest";
import { embeddedSource, embedModule, outputName } from "./embed.js";

test.each([
  ["Flows", "flows"],
  ["TcpFlows", "tcp-flows"],
  ["HTTPServer", "http-server"],
  ["Ipv4Flows", "ipv4-flows"],
  ["XDP", "xdp"],
  ["My_class", "my-class"],
  ["lower", "lower"],
])("the outputs of %s are called %s", (className, name) => {
  expect(outputName(className)).toBe(name);
});

const input = {
  className: "Flows",
  exportName: "Flows",
  source: "/p/src/kernel/flows.ts",
  module: "/p/src/ebpf/flows.ts",
  object: new Uint8Array([1, 2, 3]),
};

test("a module imports its class as a type, by a relative path", () => {
  const text = embedModule(input);
  expect(text).toContain('import type { Flows } from "../kernel/flows.js";');
  expect(text).toContain('"AQID"');
  expect(embeddedSource(text)).toBe("../kernel/flows.ts");
});

test.each([
  ["default", 'import type Flows from "../kernel/flows.js";'],
  ["Other", 'import type { Other as Flows } from "../kernel/flows.js";'],
])("an export called %s", (exportName, line) => {
  expect(embedModule({ ...input, exportName })).toContain(line);
});

test("a module beside its source", () => {
  expect(embedModule({ ...input, module: "/p/src/kernel/x.ts" })).toContain('from "./flows.js"');
});

test.each(["", "// my own file\n", "export {};"])("%j carries no header of ours", (text) => {
  expect(embeddedSource(text)).toBeNull();
});

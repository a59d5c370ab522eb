import { expect, test } from "vitest";
import { formatHeader, parseHeader } from "./header.js";
import type { Request } from "./request.js";
import { formatRequest, parseRequest, sortRequests } from "./request.js";

test("the header is the command, and is read back", () => {
  const requests: Request[] = [
    { kind: "type", name: "task_struct" },
    { kind: "tracepoint", name: "sched/sched_switch" },
  ];
  const text = formatHeader({ requests, source: ["--btf", "my kernel/*/vmlinux.btf"] }, "vmlinux.btf");
  expect(text).toBe(`/**
 * Made by \`xtask codegen\` from the types of vmlinux.btf. Do not edit: run it again, here is how.
 *
 *   xtask codegen --btf "my kernel/*\\/vmlinux.btf" task_struct tracepoint:sched/sched_switch
 */
`);
  expect(parseHeader(`${text}export {};\n`)).toEqual({
    requests,
    source: ["--btf", "my kernel/*/vmlinux.btf"],
  });
});

test("long lists are broken and come back whole", () => {
  const requests = Array.from(
    { length: 40 },
    (_, index): Request => ({ kind: "function", name: `function_${index}` }),
  );
  const text = formatHeader({ requests, source: ["--builtin"] }, "Linux 6.18");
  expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(112);
  expect(parseHeader(text)).toEqual({ requests, source: ["--builtin"] });
  expect(parseHeader(text.replaceAll("\n", "\r\n"))).toEqual({ requests, source: ["--builtin"] });
});

test.each(["", "export {};\n", "/** A comment. */\n", "/**\n * Made by hand.\n */\n"])(
  "%j was not made by codegen",
  (text) => {
    expect(parseHeader(text)).toBeNull();
  },
);

test("requests: prefixes, the shortest form, the order", () => {
  const texts = [
    "tracepoint:sched/sched_switch",
    "struct:sock",
    "enum:pid_type",
    "sock",
    "lsm:file_open",
    "function:vfs_read",
  ];
  const requests = texts.map(parseRequest).filter((request) => typeof request !== "string");
  expect(sortRequests(requests).map(formatRequest)).toEqual([
    "pid_type",
    "sock",
    "function:vfs_read",
    "lsm:file_open",
    "tracepoint:sched/sched_switch",
  ]);
});

test.each([
  [
    "foo:bar",
    '"foo:bar": nothing is asked for with "foo:"; there is type, struct, union, enum, typedef, function, tracepoint, lsm, iter, kfunc',
  ],
  [
    "tracepoint:sched_switch",
    '"tracepoint:sched_switch": a tracepoint is asked for as tracepoint:category/name',
  ],
  ["a b", '"a b" is not a name'],
])("%s is refused", (text, message) => {
  expect(parseRequest(text)).toBe(message);
});

import { expect, test } from "vitest";
import { nearest } from "./nearest.js";

test.each([
  ["limmit", ["verbose", "limit"], "limit"],
  ["VERBOSE", ["verbose"], "verbose"],
  ["trcaepoint", ["tracepoint", "tp"], "tracepoint"],
  ["bpf_map_lokup_elem", ["bpf_map_lookup_elem", "bpf_map_delete_elem"], "bpf_map_lookup_elem"],
  ["same", ["same", "sane"], "same"],
  ["ab", ["ax", "ay"], "ax"],
])("%s among %j is %s", (name, candidates, expected) => {
  expect(nearest(name, candidates)).toBe(expected);
});

test.each([
  ["xyz", ["limit"]],
  ["limit", []],
  ["", ["limit"]],
])("nothing is near %j among %j", (name, candidates) => {
  expect(nearest(name, candidates)).toBeNull();
});

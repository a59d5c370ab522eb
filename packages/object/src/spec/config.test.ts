import { expect, test } from "vitest";
import { ObjectError } from "../errors.js";
import { withConfig } from "./config.js";
import { sampleObject } from "./fixtures/sample-object.js";
import { readObject } from "./read-object.js";

const rodata = (spec: ReturnType<typeof readObject>) =>
  spec.maps.find(({ name }) => name === ".rodata")?.data?.initial;

test.each(["little", "big"] as const)("values go to their variables, %s endian, in a copy", (byteOrder) => {
  const spec = readObject(sampleObject({ byteOrder }));
  const changed = withConfig(spec, { verbose: true, limit: 7n });
  const last = byteOrder === "little" ? [7, 0, 0, 0, 0, 0, 0, 0] : [0, 0, 0, 0, 0, 0, 0, 7];
  expect([...(rodata(changed) ?? [])]).toEqual([1, 0, 0, 0, 0, 0, 0, 0, ...last]);
  expect(rodata(spec)?.[0]).toBe(0);
  expect(changed.maps[0]).toBe(spec.maps[0]);
});

test("variables of .bss can be set too", () => {
  const changed = withConfig(readObject(sampleObject()), { total: 1n });
  expect(changed.maps.find(({ name }) => name === ".bss")?.data?.initial[0]).toBe(1);
});

test.each<[string, Record<string, unknown>]>([
  ["config verbos: the object has no variable of this name; did you mean verbose?", { verbos: true }],
  ["config colour: the object has no variable of this name; it has verbose, limit, total", { colour: 1 }],
  ["limit is out of range: u64 takes 0n to 18446744073709551615n, not -1n", { limit: -1n }],
])("%s", (message, values) => {
  const spec = readObject(sampleObject());
  expect(() => withConfig(spec, values)).toThrow(ObjectError);
  expect(() => withConfig(spec, values)).toThrow(message);
  expect(() => withConfig(spec, values)).toThrow(expect.objectContaining({ code: "bad-value" }));
});

test("without BTF there is nothing to set", () => {
  const spec = readObject(sampleObject({ btf: false, mapsSize: 0, program: [], relocations: [] }));
  expect(() => withConfig(spec, { verbose: true })).toThrow("it has none");
});

test("two variables of one name are not guessed between", () => {
  const spec = readObject(sampleObject());
  const twice = {
    ...spec,
    maps: spec.maps.map((map) =>
      map.data === null
        ? map
        : { ...map, data: { ...map.data, variables: [{ name: "limit", offset: 0, size: 8, type: 2 }] } },
    ),
  };
  expect(() => withConfig(twice, { limit: 1n })).toThrow(
    "several variables have this name, in .rodata and .bss",
  );
});

/** First values of program arrays and maps of maps, from the object through the linker to the machine and the kernel. */
import { link } from "@waggle/linker";
import { readObject } from "@waggle/object";
import { canLoad, loadObject } from "@waggle/userspace";
import { simulateObject } from "@waggle/vm";
import { describe, expect, test } from "vitest";
import {
  type Code,
  filledMapType,
  makeObject,
  mapType,
  type ObjectDescription,
} from "../../packages/linker/src/fixtures/make-object.js";

const move = (register: number, value: number): Code => ({ raw: [0xb7, register, 0, 0, value] });
const helper = (number: number): Code => ({ raw: [0x85, 0, 0, 0, number] });
const gives = (value: number): readonly Code[] => [move(0, value), "exit"];
/** Goes on with the program at an index of `jumps`; gives 1 where there is none. */
const jump = (index: number): readonly Code[] => [
  { load: "jumps", register: 2 },
  move(3, index),
  helper(12),
  ...gives(1),
];
/** Stores 77 in the first value of the map at an index of `outer` and gives 2; 1 where there is none. */
const storeIn = (index: number): readonly Code[] => {
  const keyOf = (value: number): readonly Code[] => [
    { raw: [0x62, 10, 0, -4, value] },
    { raw: [0xbf, 2, 10, 0, 0] },
    { raw: [0x07, 2, 0, 0, -4] },
  ];
  return [
    ...keyOf(index),
    { load: "outer", register: 1 },
    helper(1),
    { raw: [0x15, 0, 0, 9, 0] },
    ...keyOf(0),
    { raw: [0xbf, 1, 0, 0, 0] },
    helper(1),
    { raw: [0x15, 0, 0, 3, 0] },
    { raw: [0x62, 0, 0, 0, 77] },
    ...gives(2),
    ...gives(1),
  ];
};

const linked = (...objects: ObjectDescription[]): Uint8Array =>
  link(objects.map((object, index) => ({ name: `${index}.o`, bytes: makeObject(object) }))).object;
const program = (code: readonly Code[], section = "xdp") => ({ section, code });
const packet = { data: new Uint8Array(64) };

const jumps = linked(
  {
    license: "GPL",
    functions: { third: program(jump(2)), first: program(jump(0)) },
    variables: {
      jumps: { section: ".maps", size: 56, type: filledMapType(3), pointers: { 32: "leaf", 48: "other" } },
    },
    externs: { leaf: { kind: "function" }, other: { kind: "function" } },
  },
  { license: "GPL", functions: { other: program(gives(9)), leaf: program(gives(7)) } },
);

test("programs of an array, in process", () => {
  const { programs, maps } = simulateObject(jumps);
  expect(programs.first?.run(packet).result).toBe(7);
  expect(programs.third?.run(packet).result).toBe(9);
  expect(maps.jumps).toMatchObject({ type: "program-array", maxEntries: 3 });
});

test.each([
  [
    "a function that is no program",
    program(gives(7), ".text"),
    32,
    "value 0 is leaf, which is not a program of this object",
  ],
  [
    "a program whose section means nothing",
    program(gives(7), "?xpd"),
    32,
    "value 0 is leaf, which is not a program of this object (section ?xpd of function leaf is not the name of a program type; did you mean ?xdp?)",
  ],
  [
    "a place between two values",
    program(gives(7)),
    36,
    "the value at .maps+36 is leaf, not the address of a map or program",
  ],
])("%s is no first value", (_, leaf, at, message) => {
  const object = makeObject({
    functions: { first: program(jump(0)), leaf },
    variables: { jumps: { section: ".maps", size: 48, type: filledMapType(2), pointers: { [at]: "leaf" } } },
  });
  expect(() => readObject(object)).toThrow(message);
});

test("a map of maps holds maps", () => {
  const outer = { section: ".maps", size: 40, type: filledMapType(1, mapType(1)), pointers: { 32: "leaf" } };
  const object = makeObject({ functions: { leaf: program(gives(7)) }, variables: { outer } });
  expect(() => readObject(object)).toThrow("map outer: value 0 is leaf, which is not a map of this object");
});

const kernel = canLoad();
describe.skipIf(!kernel.ok)(`in the kernel${kernel.ok ? "" : ` (skipped: ${kernel.reason})`}`, () => {
  test("programs of an array", () => {
    using app = loadObject(jumps);
    expect(app.programs.first?.testRun(packet).result).toBe(7);
    expect(app.programs.third?.testRun(packet).result).toBe(9);
  });

  test("programs of an array of which some are not loaded", () => {
    expect(() => loadObject(jumps, { programs: ["first", "leaf"] })).toThrow(
      "program first uses the program array jumps, whose first value 2 is other, which is not loaded: name it in the option programs, too.",
    );
    using app = loadObject(jumps, { programs: ["leaf"] });
    expect(Reflect.get(app.maps.jumps ?? {}, "has").call(app.maps.jumps, 0)).toBe(true);
    expect(Reflect.get(app.maps.jumps ?? {}, "has").call(app.maps.jumps, 2)).toBe(false);
  });

  test("a program of another type", () => {
    const mixed = linked({
      license: "GPL",
      functions: { first: program(jump(0)), leaf: program(gives(7), "tc") },
      variables: { jumps: { section: ".maps", size: 40, type: filledMapType(1), pointers: { 32: "leaf" } } },
    });
    expect(() => loadObject(mixed)).toThrow(
      /of map jumps, first value 0 \(leaf\) failed: EINVAL .* All programs of an array have the type of the programs that use it/,
    );
  });

  const array = (entries: number) => mapType(entries, 2, 4, 4);
  const nested = (entries: number, places: number) =>
    linked({
      license: "GPL",
      functions: { third: program(storeIn(2)), second: program(storeIn(1)) },
      variables: {
        outer: {
          section: ".maps",
          size: 56,
          type: filledMapType(places, array(1)),
          pointers: { 32: "one", 48: "two" },
        },
        one: { section: ".maps", size: 32, type: array(1) },
        two: { section: ".maps", size: 32, type: array(entries) },
      },
    });

  test("maps of a map", () => {
    using app = loadObject(nested(1, 3));
    expect(app.programs.third?.testRun(packet).result).toBe(2);
    expect(app.programs.second?.testRun(packet).result).toBe(1);
    expect(readFirst(app.maps.two)).toBe(77);
    expect(readFirst(app.maps.one)).toBe(0);
  });

  test("maps that do not fit", () => {
    expect(() => loadObject(nested(1, 2))).toThrow(
      /first value 2 \(two\) failed: E2BIG .* more first values than/,
    );
    expect(() => loadObject(nested(5, 3))).toThrow(
      /two differs in its types or sizes from what outer is declared/,
    );
  });
});

function readFirst(map: unknown): unknown {
  if (typeof map !== "object" || map === null || !("get" in map) || typeof map.get !== "function")
    return null;
  const value: unknown = map.get(0);
  return value instanceof Uint8Array ? value[0] : value;
}

import { describe, expect, test } from "vitest";
import { ObjectError } from "../errors.js";
import { disassemble, RelocationType } from "../index.js";
import { bigClangObject, littleClangObject } from "./fixtures/clang-objects.js";
import type { SampleOptions } from "./fixtures/sample-object.js";
import { code, op, sampleObject } from "./fixtures/sample-object.js";
import { readObject } from "./read-object.js";
import type { ProgramSpec } from "./types.js";

const text = ({ instructions, functions, references }: ProgramSpec) =>
  disassemble(instructions, { functions, references }).filter((line) => line !== "");

describe.each(["little", "big"] as const)("an object of ours, %s endian", (byteOrder) => {
  const spec = readObject(sampleObject({ byteOrder }));
  const [run] = spec.programs;

  test("the program, with its subprogram behind it", () => {
    expect(spec).toMatchObject({ byteOrder, license: "GPL" });
    expect(spec.programs).toHaveLength(1);
    expect(run).toMatchObject({
      name: "run",
      section: "xdp",
      type: { name: "xdp" },
      expectedAttachType: 37,
      attachTarget: null,
      flags: 0,
    });
    expect(run && text(run)).toEqual([
      "r1 = map[counts]",
      "r1 = map[.rodata][0]+8",
      "call pc+1#assist",
      "exit",
      "r0 = 0",
      "exit",
    ]);
  });
  test("references say what to patch, and the instructions what with", () => {
    expect(run?.references).toEqual([
      { instruction: 0, map: "counts", valueOffset: null },
      { instruction: 2, map: ".rodata", valueOffset: 8 },
    ]);
    expect(run?.instructions.slice(0, 4).map(({ src, imm }) => [src, imm])).toEqual([
      [1, 0],
      [0, 0],
      [2, 0],
      [0, 8],
    ]);
  });
  test("functions, lines and CO-RE records follow the code", () => {
    expect(run?.functions.map(({ instruction, name }) => [instruction, name])).toEqual([
      [0, "run"],
      [6, "assist"],
    ]);
    for (const { name, type } of run?.functions ?? []) {
      expect(spec.btf?.types[type ?? 0]).toMatchObject({ kind: "function", name });
    }
    expect(run?.lines.map(({ instruction, line }) => [instruction, line])).toEqual([
      [0, 10],
      [5, 11],
      [6, 20],
      [7, 21],
    ]);
    expect(run?.lines[0]).toEqual({
      instruction: 0,
      file: "sample.ts",
      source: "line 10",
      line: 10,
      column: 3,
    });
    expect(run?.coreRelocations).toMatchObject([{ instruction: 7, access: "0", kind: 0 }]);
  });
  test("maps and data sections, with offsets from the symbols", () => {
    expect(
      spec.maps.map(({ name, type, keySize, valueSize, maxEntries, flags }) => [
        name,
        type.name,
        keySize,
        valueSize,
        maxEntries,
        flags,
      ]),
    ).toEqual([
      ["counts", "hash", 4, 4, 16, 0],
      [".rodata", "array", 4, 16, 1, 128],
      [".bss", "array", 4, 8, 1, 0],
    ]);
    expect(spec.maps[1]?.data).toMatchObject({
      section: ".rodata",
      readOnly: true,
      variables: [
        { name: "verbose", offset: 0, size: 1 },
        { name: "limit", offset: 8, size: 8 },
      ],
    });
    // It takes no bytes in the file and none here: a header may claim any size.
    expect(spec.maps[2]).toMatchObject({ valueSize: 8, data: { initial: new Uint8Array(0) } });
  });
  test("BTF comes with the sizes and offsets that the kernel wants", () => {
    const section = spec.btf?.types.find((type) => type.kind === "section" && type.name === ".rodata");
    expect(section).toMatchObject({
      size: 16,
      variables: [
        { offset: 0, size: 1 },
        { offset: 8, size: 8 },
      ],
    });
  });
});

describe.each([
  ["little", littleClangObject],
  ["big", bigClangObject],
] as const)("an object of clang's, %s endian", (byteOrder, base64) => {
  const spec = readObject(new Uint8Array(Buffer.from(base64, "base64")));

  test("programs", () => {
    expect(spec.byteOrder).toBe(byteOrder);
    expect(spec.programs.map(({ name, type, attachTarget }) => [name, type.name, attachTarget])).toEqual([
      ["count", "xdp", null],
      ["enter", "tracepoint", "syscalls/sys_enter_execve"],
    ]);
  });
  test("subprograms come in libbpf's order, each once", () => {
    const [count, enter] = spec.programs;
    expect(count?.functions.map(({ instruction, name }) => [instruction, name])).toEqual([
      [0, "count"],
      [39, "each"],
      [45, "branch"],
      [48, "leaf"],
    ]);
    const lines = count ? text(count) : [];
    expect(lines).toContain("r2 = subprog[+17]#each");
    expect(lines).toContain("call pc+14#branch");
    expect(lines.filter((line) => line.endsWith("#leaf"))).toEqual(["call pc+10#leaf", "call pc+2#leaf"]);
    expect(enter && text(enter)).toEqual([
      "r1 = *(u32 *)(r1 +4)",
      "call pc+1#leaf",
      "exit",
      "w0 = w1",
      "w1 = w0",
      "r1 <<= 32",
      "r1 s>>= 32",
      "r2 = map[.bss][0]+0",
      "r3 = *(u64 *)(r2 +0)",
      "r3 += r1",
      "*(u64 *)(r2 +0) = r3",
      "w0 *= 3",
      "exit",
    ]);
    expect(enter?.coreRelocations).toMatchObject([{ instruction: 0, access: "0:1", kind: 0 }]);
    expect(enter?.lines[0]).toMatchObject({ instruction: 0, file: "./clang-object.c" });
  });
  test("maps", () => {
    expect(spec.maps.map(({ name }) => name)).toEqual([
      "first",
      "outer",
      "stats",
      "events",
      ".rodata",
      ".data",
      ".bss",
    ]);
    expect(spec.maps[2]).toMatchObject({
      type: { name: "lru-hash" },
      keySize: 8,
      valueSize: 16,
      maxEntries: 1024,
      pinning: "by-name",
    });
    expect(spec.maps[1]).toMatchObject({
      type: { name: "array-of-maps" },
      keySize: 4,
      valueSize: 4,
      inner: { name: "outer.inner", type: { name: "array" }, maxEntries: 1, valueSize: 8 },
      slots: [{ index: 2, name: "first" }],
    });
    expect(spec.maps[4]?.data?.variables.map(({ name, offset }) => [name, offset])).toEqual([
      ["verbose", 0],
      ["limit", 8],
    ]);
  });
});

test("an object without BTF has programs, without types and lines", () => {
  const spec = readObject(
    sampleObject({
      btf: false,
      mapsSize: 0,
      program: [code.call(), code.exit],
      relocations: [[0, "assist", RelocationType.Call32]],
    }).slice(),
  );
  expect(spec).toMatchObject({ btf: null, maps: [] });
  expect(spec.programs[0]?.functions).toEqual([
    { instruction: 0, name: "run", type: null },
    { instruction: 2, name: "assist", type: null },
  ]);
  expect(spec.programs[0]?.lines).toEqual([]);
});

test("functions of a section that is no program type are subprograms when they are called", () => {
  const spec = readObject(sampleObject({ library: "shared" }));
  expect(spec.programs.map(({ name, functions }) => [name, functions.length])).toEqual([["run", 2]]);
});

test("programs that are loaded only when asked for", () => {
  expect(readObject(sampleObject({ section: "xdp" })).programs[0]).not.toHaveProperty("autoload");
  expect(readObject(sampleObject({ section: "?tc/ingress" })).programs[0]).toMatchObject({
    section: "?tc/ingress",
    autoload: false,
    expectedAttachType: 46,
  });
  const odd = readObject(sampleObject({ section: "?my_section" }));
  expect(odd.programs).toEqual([]);
  expect(odd.untypedPrograms).toEqual([
    { name: "run", problem: "section ?my_section of function run is not the name of a program type" },
  ]);
  expect(() => readObject(sampleObject({ section: "my_section" }))).toThrow(
    "section my_section of function run is not the name of a program type",
  );
});

test("a program may call itself", () => {
  const spec = readObject(
    sampleObject({
      program: [code.zero, code.call(), code.exit],
      relocations: [[1, "run", RelocationType.Call32]],
    }),
  );
  expect(spec.programs[0] && text(spec.programs[0])).toEqual(["r0 = 0", "call pc-2#run", "exit"]);
});

test("map fields", () => {
  const map = {
    type: 2,
    max_entries: 4,
    key_size: 4,
    value_size: 24,
    map_flags: 1024,
    numa_node: 1,
    map_extra: 7,
    pinning: 1,
  };
  expect(readObject(sampleObject({ map })).maps[0]).toMatchObject({
    type: { name: "array" },
    keySize: 4,
    valueSize: 24,
    flags: 1024,
    numaNode: 1,
    mapExtra: 7n,
    pinning: "by-name",
    keyType: null,
    valueType: null,
  });
});

test("the value of a perf event array is a descriptor, which is no type of records", () => {
  const mapOf = (type: number) =>
    readObject(sampleObject({ map: { type, max_entries: 4, key: "u32", value: "u32" } })).maps[0];
  expect(mapOf(1)?.valueType).not.toBeNull();
  expect(mapOf(4)).toMatchObject({ type: { name: "perf-event-array" }, valueSize: 4, valueType: null });
});

describe("what is refused", () => {
  const program = (
    relocations: SampleOptions["relocations"] & object,
    list = [...code.wide(), code.exit],
  ) => ({
    program: list,
    relocations,
  });
  const { Map64, Call32, Abs64 } = RelocationType;
  const cases: [string, string, SampleOptions][] = [
    [
      "bad-program",
      "section xpd of function run is not the name of a program type; did you mean xdp?",
      { section: "xpd" },
    ],
    [
      "bad-program",
      "did you mean tracepoint/syscalls/sys_enter_execve?",
      { section: "tracepiont/syscalls/sys_enter_execve" },
    ],
    [
      "bad-program",
      "section zzzzzzz of function run is not the name of a program type",
      { section: "zzzzzzz" },
    ],
    [
      "bad-relocation",
      "xdp+0: elsewhere is not defined in this object: link it",
      program([[0, "elsewhere", Map64]]),
    ],
    [
      "bad-relocation",
      "xdp+16: the address of counts is to be put into an instruction that is not a 64-bit load",
      program([[2, "counts", Map64]]),
    ],
    [
      "bad-relocation",
      "xdp+0: a call of assist is to be put into an instruction that is not a call",
      program([[0, "assist", Call32]]),
    ],
    [
      "bad-relocation",
      "xdp+0: calls counts, which is not code",
      program([[0, "counts", Call32]], [code.call(), code.exit]),
    ],
    [
      "bad-relocation",
      "no function starts at .text+8",
      program([[0, "assist", Call32]], [code.call(0), code.exit]),
    ],
    ["bad-relocation", "no function starts at xdp+24", program([], [code.call(2), code.exit])],
    [
      "bad-relocation",
      "relocation type 2 against counts does not occur in code",
      program([[0, "counts", Abs64]]),
    ],
    [
      "bad-relocation",
      "takes the address of LICENSE in section license, which is neither code, a map nor data",
      program([[0, "LICENSE", Map64]]),
    ],
    [
      "bad-relocation",
      "no map is defined at .maps+8",
      program([[0, "counts", Map64]], [...code.wide({ imm: 8 }), code.exit]),
    ],
    [
      "bad-relocation",
      "takes byte 16 of section .rodata (limit), which has 16 bytes",
      program([[0, "limit", Map64]], [...code.wide({ imm: 8 }), code.exit]),
    ],
    [
      "bad-relocation",
      "two relocations patch one instruction",
      program([
        [0, "counts", Map64],
        [0, "limit", Map64],
      ]),
    ],
    [
      "bad-relocation",
      ".rodata+8 holds the address of run: data of BPF programs cannot hold addresses",
      { dataRelocation: true },
    ],
    [
      "bad-instruction",
      "section xdp: the 64-bit immediate load at byte 0 lacks its second half",
      program([], [op(0x18)]),
    ],
    [
      "bad-map",
      "map counts: unknown field max_entires; did you mean max_entries?",
      { map: { type: 1, max_entires: 3 } },
    ],
    [
      "bad-map",
      "map counts: unknown field colour; known are type, max_entries",
      { map: { type: 1, colour: 3 } },
    ],
    ["bad-map", "map counts: its definition has no field type", { map: { max_entries: 3 } }],
    ["bad-map", "map counts: map type 999 is not known", { map: { type: 999 } }],
    [
      "bad-map",
      "map counts: pinning 2 is neither 0 (none) nor 1 (by name)",
      { map: { type: 1, pinning: 2 } },
    ],
    [
      "bad-map",
      "map counts: key_size is 8, but the key type has 4 bytes",
      { map: { type: 1, key: "u32", key_size: 8 } },
    ],
    ["bad-map", "map counts: field key is not a pointer to its type", { map: { type: 1, key: "plain" } }],
    ["bad-map", "map counts: field values is not an array of pointers", { map: { type: 12, values: 1 } }],
    ["bad-map", "the object has .maps but no .BTF", { btf: false }],
    ["bad-map", "section .bss has 68719476736 bytes; at most 67108864 are supported", { bssSize: 2 ** 36 }],
    ["bad-map", 'section "maps" holds map definitions of the old form', { library: "maps" }],
  ];
  test.each(cases)("%s: %s", (errorCode, message, options) => {
    const bytes = sampleObject(options);
    expect(() => readObject(bytes)).toThrow(ObjectError);
    expect(() => readObject(bytes)).toThrow(message);
    expect(() => readObject(bytes)).toThrow(expect.objectContaining({ code: errorCode }));
  });
});

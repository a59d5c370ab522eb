import { Pseudo, WIDE_LOAD_OPCODE } from "@waggle/object";
import { describe, expect, test } from "vitest";
import { addImm, exit, insn, load, movImm, movReg, store, storeImm } from "../fixtures/code.js";
import { helper, mapAddress, mapSpec, programSpec, ringSpec, simulation } from "../fixtures/object.js";
import type { SimulatedMap } from "../simulate/map-types.js";

const setup = (key: number, value: number) => [
  storeImm("W", 10, -4, key),
  storeImm("DW", 10, -16, value),
  ...mapAddress(1),
  movReg(2, 10),
  addImm(2, -4),
  movReg(3, 10),
  addImm(3, -16),
];
const update = (key: number, value: number, flags: number) =>
  programSpec("tracepoint", [...setup(key, value), movImm(4, flags), helper("bpf_map_update_elem"), exit]);
const remove = (key: number) =>
  programSpec("tracepoint", [...setup(key, 0), helper("bpf_map_delete_elem"), exit]);
/** Reads the value, or gives 77. */
const lookup = (key: number) =>
  programSpec("tracepoint", [
    ...setup(key, 0),
    helper("bpf_map_lookup_elem"),
    { opcode: 0x55, dst: 0, src: 0, offset: 2, imm: 0 },
    movImm(0, 77),
    exit,
    load("DW", 0, 0, 0),
    exit,
  ]);

const errno = (result: number) => -(result | 0);
const [ENOENT, E2BIG, EEXIST, EINVAL] = [2, 7, 17, 22];

const keyed = ["hash", "lru-hash", "per-cpu-hash", "lru-per-cpu-hash"];
const one = (type: string, value: bigint) => (type.includes("per-cpu") ? [value] : value);

describe.each(keyed)("%s", (type) => {
  const sim = (program = update(1, 10, 0), entries = 2) =>
    simulation({ maps: [mapSpec(type, entries)], program });

  test("programs create, replace and delete entries, by the flags", () => {
    const created = sim(update(1, 10, 1));
    expect(created.run().result).toBe(0);
    expect(created.table.get(1)).toEqual(one(type, 10n));
    expect(errno(created.run().result)).toBe(EEXIST);
    expect(errno(sim(update(1, 10, 2)).run().result)).toBe(ENOENT);
    expect(errno(sim(update(1, 10, 3)).run().result)).toBe(EINVAL);
    const replaced = sim(update(1, 20, 2));
    replaced.table.set(1, one(type, 5n));
    expect(replaced.run().result).toBe(0);
    expect([...replaced.table]).toEqual([[1, one(type, 20n)]]);
    const removed = sim(remove(1));
    removed.table.set(1, one(type, 5n));
    expect(removed.run().result).toBe(0);
    expect(errno(removed.run().result)).toBe(ENOENT);
    expect(removed.table.size).toBe(0);
  });

  test("programs look values up", () => {
    const found = sim(lookup(1));
    expect(found.run().result).toBe(77);
    found.table.set(1, one(type, 9n));
    expect(found.run().result).toBe(9);
  });

  test("tests have the same map", () => {
    const { table } = sim();
    table.setBatch([
      [1, one(type, 1n)],
      [2, one(type, 2n)],
    ]);
    expect(table.has(1)).toBe(true);
    expect(table.get(3)).toBeUndefined();
    expect([...table.keys()]).toEqual([1, 2]);
    expect([...table.values()]).toEqual([one(type, 1n), one(type, 2n)]);
    expect(table.getBatch()).toEqual([...table.entries()]);
    expect(table.delete(1)).toBe(true);
    expect(table.delete(1)).toBe(false);
    expect(() => table.set(2, one(type, 0n), { mode: "create" })).toThrow(/key is there already \(EEXIST\)/);
    expect(() => table.set(9, one(type, 0n), { mode: "update" })).toThrow(/key is not there \(ENOENT\)/);
    expect(() => table.set(-1, one(type, 0n))).toThrow(/key of map m/);
    table.clear();
    expect(table.size).toBe(0);
    expect(table).toMatchObject({ name: "m", type, maxEntries: 2 });
  });
});

test.each(["hash", "per-cpu-hash"])("a full %s takes no new key", (type) => {
  const { table, run } = simulation({ maps: [mapSpec(type, 2)], program: update(3, 1, 0) });
  table.set(1, one(type, 1n));
  table.set(2, one(type, 1n));
  expect(errno(run().result)).toBe(E2BIG);
  expect(() => table.set(3, one(type, 1n))).toThrow(expect.objectContaining({ code: "too-large" }));
  table.set(2, one(type, 5n));
  expect(table.get(2)).toEqual(one(type, 5n));
});

test.each(["lru-hash", "lru-per-cpu-hash"])("a full %s evicts what was used longest ago", (type) => {
  const { table, run } = simulation({ maps: [mapSpec(type, 2)], program: lookup(1) });
  table.set(1, one(type, 1n));
  table.set(2, one(type, 2n));
  run(); // uses 1
  table.get(2); // a test's look is no use
  table.set(3, one(type, 3n));
  expect([...table.keys()]).toEqual([1, 3]);
});

test("a pointer into a hash keeps the old value when the entry is replaced", () => {
  const program = programSpec("tracepoint", [
    ...setup(1, 2),
    helper("bpf_map_lookup_elem"),
    movReg(6, 0),
    ...setup(1, 2),
    movImm(4, 0),
    helper("bpf_map_update_elem"),
    load("DW", 0, 6, 0),
    exit,
  ]);
  const { table, run } = simulation({ maps: [mapSpec("hash", 1)], program });
  table.set(1, 1n);
  expect(run().result).toBe(1);
  expect(table.get(1)).toBe(2n);
});

describe.each(["array", "per-cpu-array"])("%s", (type) => {
  test("has every index from the start, zeroed, and loses none", () => {
    const sim = (program = lookup(1)) => simulation({ maps: [mapSpec(type, 2)], program });
    expect([...sim().table]).toEqual([
      [0, one(type, 0n)],
      [1, one(type, 0n)],
    ]);
    expect(sim().run().result).toBe(0);
    expect(sim(lookup(2)).run().result).toBe(77);
    expect(errno(sim(update(1, 1, 1)).run().result)).toBe(EEXIST);
    expect(errno(sim(update(2, 1, 0)).run().result)).toBe(E2BIG);
    expect(errno(sim(update(1, 1, 4)).run().result)).toBe(EINVAL);
    expect(errno(sim(remove(1)).run().result)).toBe(EINVAL);
    const updated = sim(update(1, 6, 0));
    expect(updated.run().result).toBe(0);
    expect(updated.table.get(1)).toEqual(one(type, 6n));
    expect(() => updated.table.delete(1)).toThrow(/cannot be deleted/);
    expect(() => updated.table.set(2, one(type, 0n))).toThrow(/index is not below its 2 entries \(E2BIG\)/);
  });
});

test.each(["per-cpu-array", "per-cpu-hash"])("%s keeps a value for each CPU", (type) => {
  const { table, run } = simulation({
    maps: [mapSpec(type, 2)],
    program: update(1, 6, 0),
    options: { cpus: 3 },
  });
  run({ cpu: 2 });
  expect(table.get(1)).toEqual([0n, 0n, 6n]);
  run({ cpu: 0 });
  expect(table.get(1)).toEqual([6n, 0n, 6n]);
  table.set(1, [1n, 2n, 3n]);
  expect(table.get(1)).toEqual([1n, 2n, 3n]);
  expect(() => table.set(1, 1n)).toThrow(/array of 3 values, one for each CPU/);
  expect(() => run({ cpu: 3 })).toThrow(/there is no CPU 3\n.*CPUs are 0 to 2/);
});

test("keys of an array are in the byte order of the object", () => {
  const { table, run } = simulation({
    maps: [mapSpec("array", 2)],
    program: update(1, 6, 0),
    byteOrder: "big",
  });
  run();
  expect([...table]).toEqual([
    [0, 0n],
    [1, 6n],
  ]);
});

test("maps without types hold bytes", () => {
  const { table } = simulation({ maps: [mapSpec("hash", 2, { keyType: null, valueType: null })] });
  table.set(new Uint8Array(4), new Uint8Array(8));
  expect([...table]).toEqual([[new Uint8Array(4), new Uint8Array(8)]]);
  expect(() => table.set(1, new Uint8Array(8))).toThrow(/key of map m must be a Uint8Array of 4 bytes/);
  const array = simulation({ maps: [mapSpec("array", 2, { keyType: null })] }).table;
  array.set(1, 3n);
  expect(array.get(1)).toBe(3n);
  expect(() => array.get(-1)).toThrow(/index -1 is not a whole number/);
});

test("values end where their type ends, and read-only maps stay as they are", () => {
  const beyond = (offset: number) =>
    programSpec("tracepoint", [...setup(0, 0), helper("bpf_map_lookup_elem"), load("W", 0, 0, offset), exit]);
  const maps = [mapSpec("array", 4, { valueSize: 5, valueType: null })];
  expect(() => simulation({ maps, program: beyond(2) }).run()).toThrow(
    /read of 4 bytes at offset 2 is outside the value of map m \(5 bytes\)/,
  );
  expect(() => simulation({ maps, program: beyond(-4) }).run()).toThrow(
    expect.objectContaining({ code: "out-of-bounds" }),
  );
  const write = programSpec("tracepoint", [
    ...setup(0, 0),
    helper("bpf_map_lookup_elem"),
    storeImm("W", 0, 0, 1),
    exit,
  ]);
  const readOnly = [mapSpec("array", 4, { flags: 1 << 7 })];
  expect(() => simulation({ maps: readOnly, program: write }).run()).toThrow(/read-only/);
});

test("what cannot be simulated says so", () => {
  expect(() => simulation({ maps: [mapSpec("stack-trace", 1)] })).toThrow(
    /stack-trace .*not simulated yet\n.*BPF_MAP_TYPE_HASH/,
  );
  expect(() => simulation({ maps: [mapSpec("array", 0)] })).toThrow(/room for 0 entries/);
  expect(() => simulation({ maps: [mapSpec("array", 2 ** 31)] })).toThrow(
    /map m is too large: 2147483648 values/,
  );
});

describe("maps that are far larger than what is used of them", () => {
  const buffers = (): number => process.memoryUsage().arrayBuffers;
  const mostGrowth = 2 << 20;

  test.each(["array", "per-cpu-array", "hash", "lru-hash"])("take memory as it is used: %s", (type) => {
    const before = buffers();
    const { table } = simulation({ maps: [mapSpec(type, 1 << 24)], options: { cpus: 4 } });
    const value = (number: bigint) => (type.startsWith("per-cpu") ? [number, 0n, 0n, number] : number);
    table.set(0xff_fff0, value(7n));
    table.set(3, value(8n));
    expect(table.get(0xff_fff0)).toEqual(value(7n));
    expect(table.get(3)).toEqual(value(8n));
    expect(table.keys().next().value).toBe(type.endsWith("array") ? 0 : 0xff_fff0);
    expect(buffers() - before).toBeLessThan(mostGrowth);
  });

  test("a section without bytes in the file is zero and takes memory where it is touched", () => {
    const before = buffers();
    const size = 48 << 20;
    const data = { section: ".bss", readOnly: false, initial: new Uint8Array(0), variables: [] };
    const map = mapSpec("array", 1, { name: ".bss", valueSize: size, keyType: null, valueType: null, data });
    const far = size - 8;
    const instructions = [
      insn(WIDE_LOAD_OPCODE, { dst: 1, src: Pseudo.MapValue }),
      insn(0, { imm: far }),
      load("DW", 2, 1, 0),
      addImm(2, 5),
      store("DW", 1, 0, 2),
      load("DW", 0, 1, 0),
      exit,
    ];
    const references = [{ instruction: 0, map: ".bss", valueOffset: far }];
    const { run } = simulation({
      maps: [map],
      program: programSpec("tracepoint", instructions, { references }),
    });
    expect([run().result, run().result]).toEqual([5, 10]);
    expect(buffers() - before).toBeLessThan(mostGrowth);
  });
});

test.each([
  ["array", { keySize: 1 }, /map m \(array\) has keys of 1 bytes\n.*keys of 4 bytes/],
  ["per-cpu-array", { keySize: 8 }, /map m \(per-cpu-array\) has keys of 8 bytes/],
  ["program-array", { keySize: 2, valueSize: 4 }, /has keys of 2 bytes/],
  ["program-array", { keySize: 4, valueSize: 2 }, /has values of 2 bytes\n.*values of 4 bytes/],
])("a %s of sizes that the kernel refuses is refused: %o", (type, sizes, message) => {
  const map = mapSpec(type, 4, { keyType: null, valueType: null, ...sizes });
  expect(() => simulation({ maps: [map] })).toThrow(message);
});

test("options of maps and config are checked", () => {
  const maps = [mapSpec("hash", 2)];
  expect(simulation({ maps, options: { maps: { m: { maxEntries: 9 } } } }).table.maxEntries).toBe(9);
  expect(() => simulation({ maps, options: { maps: { n: {} } } })).toThrow(
    /no map n\n.*(did you mean m|its maps are m)/,
  );
  expect(() => simulation({ maps, options: { maps: { m: { maxEntries: 0 } } } })).toThrow(
    /maxEntries of m is 0/,
  );
  expect(() => simulation({ maps, options: { cpus: 0 } })).toThrow(/cpus is 0/);
  expect(() => simulation({ maps, options: { config: { verbose: true } } })).toThrow(/verbose/);
});

describe("ring buffer", () => {
  const reserve = (size: number, end: string | null) =>
    programSpec("tracepoint", [
      ...mapAddress(1),
      movImm(2, size),
      movImm(3, 0),
      helper("bpf_ringbuf_reserve"),
      { opcode: 0x55, dst: 0, src: 0, offset: 1, imm: 0 },
      exit,
      storeImm("W", 0, 0, 0x01020304),
      movReg(6, 0),
      movReg(1, 0),
      movImm(2, 0),
      ...(end === null ? [] : [helper(end)]),
      movImm(0, 1),
      exit,
    ]);
  const ring = (program = reserve(8, "bpf_ringbuf_submit"), bytes = 4096) =>
    simulation({ maps: [ringSpec(bytes)], program });

  test("records come out once, in order, with what was not written as garbage", () => {
    const { ring: map, run } = ring();
    expect(run().result).toBe(1);
    expect(map.records()).toEqual([new Uint8Array([4, 3, 2, 1, 0xa5, 0xa5, 0xa5, 0xa5])]);
    expect(map.records()).toEqual([]);
  });

  test("discarded records take room but do not come out", () => {
    const { ring: map, run } = ring(reserve(8, "bpf_ringbuf_discard"));
    run();
    expect(map.records()).toEqual([]);
  });

  test("a full buffer gives null and counts what is lost", () => {
    const { ring: map, run } = ring(reserve(1000, "bpf_ringbuf_submit"));
    expect([1, 2, 3, 4, 5].map(() => run().result)).toEqual([1, 1, 1, 1, 0]);
    expect(map.lost).toBe(1n);
    expect(map.records()).toHaveLength(4);
    expect(run().result).toBe(1);
  });

  test("a size is rounded up to what the kernel takes", () => {
    const { run } = ring(reserve(5000, "bpf_ringbuf_submit"), 5000);
    expect(run().result).toBe(1);
  });

  test("a record must be ended once, and not used after", () => {
    expect(() => ring(reserve(8, null)).run()).toThrow(/still reserved/);
    const twice = programSpec("tracepoint", [
      ...reserve(8, "bpf_ringbuf_submit").instructions.slice(0, -2),
      movReg(1, 6),
      movImm(2, 0),
      helper("bpf_ringbuf_submit"),
      exit,
    ]);
    expect(() => ring(twice).run()).toThrow(/not the start of a record that is reserved/);
    const after = programSpec("tracepoint", [
      ...reserve(8, "bpf_ringbuf_submit").instructions.slice(0, -2),
      load("W", 0, 6, 0),
      exit,
    ]);
    expect(() => ring(after).run()).toThrow(/no longer valid \(record of ring buffer m: it was submitted\)/);
  });

  test("output copies, and query tells positions", () => {
    const output = programSpec("tracepoint", [
      ...setup(5, 6),
      movReg(2, 10),
      addImm(2, -16),
      movImm(3, 8),
      movImm(4, 0),
      helper("bpf_ringbuf_output"),
      exit,
    ]);
    const { ring: map, run } = ring(output);
    expect(run().result).toBe(0);
    expect(map.records()).toEqual([new Uint8Array([6, 0, 0, 0, 0, 0, 0, 0])]);
    const query = (flag: number) =>
      ring(
        programSpec("tracepoint", [
          ...reserve(8, "bpf_ringbuf_submit").instructions.slice(0, -2),
          ...mapAddress(1),
          movImm(2, flag),
          helper("bpf_ringbuf_query"),
          exit,
        ]),
      ).run().result;
    expect([0, 1, 2, 3, 4].map(query)).toEqual([16, 4096, 0, 16, 0]);
  });

  test("helpers of other maps refuse it, and those of ring buffers refuse others", () => {
    expect(() => ring(lookup(1)).run()).toThrow(/type ring-buffer, which this helper does not work on/);
    const { run } = simulation({ maps: [mapSpec("hash", 1)], program: reserve(8, null) });
    expect(run).toThrow(/type hash, which this helper does not work on/);
    const none = programSpec("tracepoint", [
      ...setup(1, 1),
      movImm(1, 5),
      helper("bpf_map_lookup_elem"),
      exit,
    ]);
    expect(() => simulation({ maps: [mapSpec("hash", 1)], program: none }).run()).toThrow(
      /argument 1 is not a map/,
    );
  });
});

describe("data sections", () => {
  const section = (readOnly: boolean, code: (address: number) => ReturnType<typeof load>) => {
    const data = { section: ".x", readOnly, initial: new Uint8Array([1, 2, 3, 4]), variables: [] };
    const map = mapSpec("array", 1, { name: ".x", valueSize: 6, keyType: null, valueType: null, data });
    const instructions = [
      insn(WIDE_LOAD_OPCODE, { dst: 1, src: Pseudo.MapValue }),
      insn(0, { imm: 2 }),
      movImm(0, 9),
      code(1),
      exit,
    ];
    const references = [{ instruction: 0, map: ".x", valueOffset: 2 }];
    const { run, sim } = simulation({
      maps: [map],
      program: programSpec("tracepoint", instructions, { references }),
    });
    return { run, values: () => [...(sim.maps[".x"] as SimulatedMap<unknown, unknown>)] };
  };

  test("are read at the offset of a variable, zero after their first content", () => {
    expect(section(true, (address) => load("W", 0, address, 0)).run().result).toBe(0x0403);
  });

  test("keep what programs write, unless they are constant", () => {
    const { run, values } = section(false, (address) => storeImm("B", address, 0, 7));
    run();
    expect(values()).toEqual([[0, new Uint8Array([1, 2, 7, 4, 0, 0])]]);
    expect(section(true, (address) => storeImm("B", address, 0, 7)).run).toThrow(
      /data section \.x at offset 2, which is read-only\n/,
    );
    expect(section(true, (address) => load("W", 0, address, 1)).run).toThrow(
      /offset 3 is outside the data section \.x \(6 bytes\)/,
    );
  });
});

test("a key that is only partly written is found before the lookup", () => {
  const program = programSpec("tracepoint", [
    storeImm("H", 10, -4, 1),
    ...mapAddress(1),
    movReg(2, 10),
    addImm(2, -4),
    helper("bpf_map_lookup_elem"),
    exit,
  ]);
  expect(simulation({ maps: [mapSpec("hash", 1)], program }).run).toThrow(
    /4 bytes of stack at fp-4 are read, but the byte at fp-2 was never written\n/,
  );
});

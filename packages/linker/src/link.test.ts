import {
  type BtfBuilder,
  type BtfType,
  type ElfFile,
  formatBtf,
  parseBtf,
  parseBtfExt,
  readElf,
  readObject,
  SectionType,
  SymbolBind,
  SymbolType,
  SymbolVisibility,
  writeElf,
} from "@waggle/object";
import { describe, expect, test } from "vitest";
import {
  filledMapType,
  makeObject,
  mapType,
  type ObjectDescription,
  unsignedInt,
} from "./fixtures/make-object.js";
import { LinkError, type LinkOptions, link } from "./index.js";

function linkAll(objects: readonly ObjectDescription[], options?: LinkOptions) {
  const inputs = objects.map((object, index) => ({ name: `${"abc"[index]}.o`, bytes: makeObject(object) }));
  const { object, dropped } = link(inputs, options);
  const elf = readElf(object);
  const dataOf = (name: string) =>
    elf.sections.find((section) => section.name === name)?.data ?? new Uint8Array();
  const { btf, stringAt } = parseBtf(dataOf(".BTF"));
  return { object, dropped, elf, dataOf, btf, ext: parseBtfExt(dataOf(".BTF.ext"), stringAt) };
}

function failure(objects: readonly ObjectDescription[], options?: LinkOptions): LinkError {
  try {
    linkAll(objects, options);
  } catch (error) {
    if (error instanceof LinkError) return error;
    throw error;
  }
  throw new Error("linking succeeded");
}

/** Defined symbols as "section+offset name", with (w) for weak ones. */
function placesOf(elf: ElfFile): string[] {
  return elf.symbols
    .filter((symbol) => symbol.name !== "" && symbol.type !== SymbolType.Section)
    .map((symbol) => {
      const section =
        symbol.section === 0 ? "extern" : `${elf.sections[symbol.section]?.name}+${symbol.value}`;
      return `${section} ${symbol.name}${symbol.bind === SymbolBind.Weak ? " (w)" : ""}`;
    });
}

function relocationsOf(elf: ElfFile): string[] {
  return [...elf.relocations].flatMap(([section, list]) =>
    list.map(
      ({ offset, symbol }) =>
        `${elf.sections[section]?.name}+${offset} → ${elf.symbols[symbol]?.name || elf.sections[elf.symbols[symbol]?.section ?? 0]?.name}`,
    ),
  );
}

const sectionType = (types: readonly BtfType[], name: string) => {
  const found = types.find((type) => type.kind === "section" && type.name === name);
  return found?.kind === "section" ? found : undefined;
};

const main: ObjectDescription = {
  license: "GPL",
  functions: {
    main: { section: "xdp", code: [{ call: "add" }, { load: "counter" }, { load: "stats" }, "exit"] },
  },
  variables: { stats: { section: ".maps", type: mapType(8) } },
  externs: { add: { kind: "function" }, counter: { kind: "variable" } },
};
const library: ObjectDescription = {
  license: "GPL",
  functions: {
    unused: { code: ["exit", "exit"] },
    add: { code: [{ call: "helper" }, "exit"] },
    helper: { code: ["exit"], bind: "local" },
  },
  variables: { first: { value: 1 }, counter: { value: 7 }, dead: { bind: "local" } },
};

describe("first values of maps", () => {
  const array = (name: string, at: number, held: string) => ({
    [name]: { section: ".maps", size: 48, type: filledMapType(4), pointers: { [32 + at * 8]: held } },
  });
  const tail = (name: string, bind: "global" | "weak" = "global") => ({
    [name]: { section: "tc", bind, code: ["exit", "exit"] as const },
  });

  test("follow the maps and the programs that they name", () => {
    const { elf, object } = linkAll([
      { functions: tail("one", "weak"), variables: array("a", 0, "one") },
      { functions: { ...tail("two"), ...tail("one") }, variables: array("b", 1, "two") },
    ]);
    expect(relocationsOf(elf)).toEqual([".maps+32 → one", ".maps+88 → two"]);
    const spec = readObject(object);
    expect(spec.maps.map(({ name, slots }) => [name, slots])).toEqual([
      ["a", [{ index: 0, name: "one" }]],
      ["b", [{ index: 1, name: "two" }]],
    ]);
    // The strong program of the second object has replaced the weak one.
    expect(spec.programs.map(({ name }) => name).sort()).toEqual(["one", "two"]);
  });

  test("name maps that another object defines", () => {
    const inner = { section: ".maps", type: mapType(7) };
    const { object } = linkAll([
      {
        variables: {
          outer: { section: ".maps", size: 48, type: filledMapType(2, mapType(7)), pointers: { 40: "held" } },
        },
        externs: { held: { kind: "variable", section: ".maps", type: mapType(7) } },
      },
      { variables: { before: inner, held: inner } },
    ]);
    expect(readObject(object).maps.find(({ name }) => name === "outer")).toMatchObject({
      inner: { maxEntries: 7 },
      slots: [{ index: 1, name: "held" }],
    });
  });

  test("of a name that nothing defines are an error", () => {
    const missing = failure([
      { variables: array("a", 0, "gone"), externs: { gone: { kind: "function" } }, functions: tail("one") },
    ]);
    expect(missing).toMatchObject({ code: "undefined-symbol", symbol: "gone" });
  });
});

describe("linking", () => {
  test("joins sections, resolves symbols of other objects, and drops what nothing needs", () => {
    const { elf, dropped, dataOf } = linkAll([main, library]);
    expect(placesOf(elf)).toEqual([
      ".text+16 helper",
      "xdp+0 main",
      ".maps+0 stats",
      ".text+0 add",
      ".data+4 counter",
      "license+0 LICENSE",
      ".data+0 first",
    ]);
    expect(relocationsOf(elf)).toEqual([
      "xdp+0 → add",
      "xdp+8 → counter",
      "xdp+24 → stats",
      ".text+0 → helper",
    ]);
    expect(dropped).toEqual(["unused", "dead"]);
    expect([...dataOf(".data")]).toEqual([1, 0, 0, 0, 7, 0, 0, 0]);
    expect(new TextDecoder().decode(dataOf("license"))).toBe("GPL\0");
  });

  test("gives variables, functions and lines their new places in BTF", () => {
    const { btf, ext } = linkAll([main, library]);
    const named = (name: string): number =>
      btf.types.findIndex((type) => "name" in type && type.name === name);
    expect(sectionType(btf.types, ".data")).toEqual({
      kind: "section",
      name: ".data",
      size: 8,
      variables: [
        { type: named("first"), offset: 0, size: 4 },
        { type: named("counter"), offset: 4, size: 4 },
      ],
    });
    expect(sectionType(btf.types, ".maps")?.variables).toEqual([
      { type: named("stats"), offset: 0, size: 16 },
    ]);
    expect(ext.functions).toEqual([
      { section: "xdp", offset: 0, type: named("main") },
      { section: ".text", offset: 0, type: named("add") },
      { section: ".text", offset: 16, type: named("helper") },
    ]);
    expect(
      ext.lines
        .filter((line) => line.section === ".text")
        .map((line) => [line.offset, line.source, line.line]),
    ).toEqual([
      [0, "add", 3],
      [8, "add", 4],
      [16, "helper", 5],
    ]);
    expect(named("unused")).toBe(-1);
    expect(named("dead")).toBe(-1);
    // The declaration of another object is gone: one FUNC for each function.
    expect(formatBtf(btf).match(/FUNC 'add'/g)).toHaveLength(1);
    expect(formatBtf(btf).match(/INT 'unsigned int'/g)).toHaveLength(1);
  });

  test("works the same in big-endian objects", () => {
    const big = linkAll([
      { ...main, byteOrder: "big" },
      { ...library, byteOrder: "big" },
    ]);
    expect(big.elf.byteOrder).toBe("big");
    expect(placesOf(big.elf)).toEqual(placesOf(linkAll([main, library]).elf));
  });

  test("the same inputs give the same bytes, and the output can be linked again", () => {
    const { object } = linkAll([main, library]);
    expect(linkAll([main, library]).object).toEqual(object);
    const again = link([{ name: "again.o", bytes: object }]);
    expect(again.dropped).toEqual([]);
    expect(placesOf(readElf(again.object))).toEqual(placesOf(readElf(object)));
  });

  test("calls without relocation reach over what was dropped between", () => {
    const { elf, dataOf } = linkAll([
      {
        functions: {
          // Two slots: its own exit, then the eight slots of `gap` lie before `target`.
          start: { section: "xdp", code: [{ skip: 1 + 8 }, "exit"] },
          gap: { section: "xdp", code: new Array(8).fill("exit"), bind: "local" },
          target: { section: "xdp", code: ["exit"], bind: "local" },
        },
      },
    ]);
    expect(placesOf(elf)).toEqual(["xdp+16 target", "xdp+0 start"]);
    expect(new DataView(dataOf("xdp").buffer, dataOf("xdp").byteOffset).getInt32(4, true)).toBe(1);
  });

  test("exports keep functions that no program calls, and what these call", () => {
    const { dropped } = linkAll([main, library], { exports: ["unused"] });
    expect(dropped).toEqual(["dead"]);
  });

  test("without any program, all global functions are kept", () => {
    expect(linkAll([library]).dropped).toEqual(["dead"]);
  });

  test("global variables and maps stay without a use, as user space reaches them by name", () => {
    const { dropped, elf } = linkAll([
      { ...library, variables: { seen: {}, unusedMap: { section: ".maps", type: mapType(1) } } },
    ]);
    expect(dropped).toEqual([]);
    expect(placesOf(elf)).toContain(".maps+0 unusedMap");
  });

  test("hidden variables are dropped when nothing refers to them", () => {
    const { dropped } = linkAll([
      { ...main, externs: { add: { kind: "function" }, counter: { kind: "variable" } } },
      { ...library, variables: { ...library.variables, inner: { visibility: SymbolVisibility.Hidden } } },
    ]);
    expect(dropped).toEqual(["unused", "dead", "inner"]);
  });

  test("the tag that names a ring buffer's record stays with its type", () => {
    const { btf } = linkAll([{ ...main, tags: ["waggle:record:events", "other"] }, library]);
    const tag = btf.types.find((type) => type.kind === "decl-tag");
    expect(tag).toMatchObject({ name: "waggle:record:events" });
    expect(tag?.kind === "decl-tag" ? btf.types[tag.type] : null).toMatchObject({
      kind: "typedef",
      name: "record_waggle_record_events",
    });
    expect(formatBtf(btf)).not.toContain("record_other");
  });

  test("a function that the kernel is to provide stays extern", () => {
    const kfunc: ObjectDescription = {
      functions: { main: { section: "xdp", code: [{ call: "bpf_kfunc" }, "exit"] } },
      externs: {
        bpf_kfunc: { kind: "function", section: ".ksyms" },
        unused_kfunc: { kind: "function", section: ".ksyms" },
      },
    };
    const { elf, btf } = linkAll([kfunc, { ...kfunc, functions: {} }]);
    expect(placesOf(elf)).toEqual(["xdp+0 main", "extern bpf_kfunc"]);
    expect(sectionType(btf.types, ".ksyms")?.variables).toHaveLength(1);
    expect(formatBtf(btf)).toContain("FUNC 'bpf_kfunc'");
  });
});

describe("weak and strong", () => {
  const user: ObjectDescription = {
    functions: { main: { section: "xdp", code: [{ load: "value" }, "exit"] } },
    externs: { value: { kind: "variable" } },
  };
  const weak: ObjectDescription = { variables: { before: { value: 9 }, value: { value: 1, bind: "weak" } } };
  const strong: ObjectDescription = { variables: { value: { value: 2 } } };
  const orders = [
    [user, weak, strong],
    [user, strong, weak],
    [weak, user, strong],
    [weak, strong, user],
    [strong, user, weak],
    [strong, weak, user],
  ];

  test.each(orders)("the strong definition counts in any order (%#)", (...objects) => {
    const { elf, btf, dropped } = linkAll(objects);
    const symbol = elf.symbols.find((candidate) => candidate.name === "value");
    const data = elf.sections[symbol?.section ?? 0]?.data;
    expect(data?.[symbol?.value ?? 0]).toBe(2);
    expect(symbol?.bind).toBe(SymbolBind.Global);
    expect(dropped).toEqual(["value"]);
    // Code and types must mean the same place; libbpf's linker gets this wrong in some orders.
    const variables = sectionType(btf.types, ".data")?.variables ?? [];
    expect(variables.map((entry) => entry.offset).toSorted()).toEqual([0, 4]);
    const entry = variables.find((candidate) => candidate.offset === symbol?.value);
    expect(btf.types[entry?.type ?? 0]).toMatchObject({ kind: "variable", name: "value" });
  });

  test("of weak definitions the first counts, and stays weak", () => {
    const { elf, dropped } = linkAll([weak, { variables: { value: { value: 3, bind: "weak" } } }, user]);
    expect(placesOf(elf)).toContain(".data+4 value (w)");
    expect(dropped).toEqual(["value"]);
  });

  test("a weak extern without a definition is left to the loader", () => {
    const { elf } = linkAll([{ ...user, externs: { value: { kind: "variable", weak: true } } }]);
    expect(placesOf(elf)).toContain("extern value (w)");
  });

  test.each([[0], [1]])("an extern map in .maps meets its definition in any order (%#)", (turn) => {
    const extern: ObjectDescription = {
      functions: { main: { section: "xdp", code: [{ load: "shared" }, "exit"] } },
      variables: { own: { section: ".maps", type: mapType(1) } },
      externs: { shared: { kind: "variable", section: ".maps", type: mapType(4) } },
    };
    const definition: ObjectDescription = { variables: { shared: { section: ".maps", type: mapType(4) } } };
    const { elf, btf } = linkAll(turn === 0 ? [extern, definition] : [definition, extern]);
    const symbol = elf.symbols.find((candidate) => candidate.name === "shared");
    const section = sectionType(btf.types, ".maps");
    expect(section?.variables).toHaveLength(2);
    const entry = section?.variables.find((candidate) => candidate.offset === symbol?.value);
    expect(btf.types[entry?.type ?? 0]).toMatchObject({ name: "shared", linkage: "global" });
  });
});

describe("errors", () => {
  test("no inputs, and inputs that are no objects", () => {
    expect(() => link([])).toThrow("there is nothing to link: no objects were given");
    const error = (() => {
      try {
        return link([{ name: "x.o", bytes: new Uint8Array(10) }]);
      } catch (caught) {
        return caught;
      }
    })();
    expect(error).toBeInstanceOf(LinkError);
    expect(error).toMatchObject({ code: "bad-input", objects: ["x.o"] });
    expect(String(error)).toContain("x.o cannot be linked: ");
  });

  test("two byte orders", () => {
    const error = failure([main, { ...library, byteOrder: "big" }]);
    expect(error).toMatchObject({ code: "byte-order-mismatch", objects: ["a.o", "b.o"] });
    expect(error.message).toBe(
      "b.o is big-endian, but a.o is little-endian; build both for the same target (bpfel or bpfeb)",
    );
  });

  test("two licenses", () => {
    const error = failure([main, { ...library, license: "Proprietary" }]);
    expect(error).toMatchObject({ code: "license-mismatch", objects: ["a.o", "b.o"] });
    expect(error.message).toBe(
      'a.o has the license "GPL" and b.o "Proprietary"; objects that are linked must agree in section license',
    );
  });

  test("a symbol that is defined twice", () => {
    const error = failure([library, { functions: { add: { section: "tc", code: ["exit"] } } }]);
    expect(error).toMatchObject({ code: "duplicate-symbol", symbol: "add", objects: ["a.o", "b.o"] });
    expect(error.message).toBe(
      '"add" is defined twice: in section .text of a.o and in section tc of b.o; rename one, make it static, or declare one as weak',
    );
  });

  test("a symbol that nobody defines, with the nearest that somebody does", () => {
    const error = failure([
      {
        ...main,
        functions: { main: { section: "xdp", code: [{ call: "ad" }, "exit"] } },
        externs: { ad: { kind: "function" } },
      },
      library,
    ]);
    expect(error).toMatchObject({ code: "undefined-symbol", symbol: "ad", objects: ["a.o"] });
    expect(error.message).toContain('"ad" is not defined: section xdp of a.o needs it; did you mean "add"?');
    expect(error.message).toContain(
      "Link the object that defines it, or declare it in .ksyms when the kernel does",
    );
  });

  test("a function that is declared with other parameters", () => {
    const error = failure([
      { ...main, externs: { ...main.externs, add: { kind: "function", params: 2 } } },
      library,
    ]);
    expect(error).toMatchObject({ code: "type-mismatch", symbol: "add", objects: ["b.o", "a.o"] });
    expect(error.message).toBe(
      '"add" has two types:\n  b.o: unsigned int add(void)\n  a.o: unsigned int add(unsigned int p0, unsigned int p1)\nmake the declarations equal, best by sharing one header or module',
    );
  });

  test("a variable that is declared with another size, and one declared as a function", () => {
    const u64 = { ...unsignedInt, name: "u64", size: 8, bits: 64 } as BtfType;
    const error = failure([
      {
        ...main,
        externs: { ...main.externs, counter: { kind: "variable", type: (builder) => builder.add(u64) } },
      },
      library,
    ]);
    expect(error.message).toContain(
      '"counter" has two types:\n  b.o: unsigned int counter\n  a.o: u64 counter\n',
    );
    expect(
      failure([{ ...main, externs: { ...main.externs, counter: { kind: "function" } } }, library]).code,
    ).toBe("type-mismatch");
  });

  describe("maps by their fields", () => {
    type Fields = Readonly<Record<string, number | ((builder: BtfBuilder) => number)>>;
    /** A definition with these fields in this order: numbers, and types that are pointed to. */
    const mapOf =
      (fields: Fields) =>
      (builder: BtfBuilder): number => {
        const int = builder.add(unsignedInt);
        const members = Object.entries(fields).map(([name, field], at) => {
          const target =
            typeof field === "number"
              ? builder.add({ kind: "array", type: int, index: int, length: field })
              : field(builder);
          return {
            name,
            type: builder.add({ kind: "pointer", type: target }),
            bitOffset: at * 64,
            bitSize: 0,
          };
        });
        return builder.add({ kind: "struct", name: "", size: members.length * 8, members });
      };
    const int = (builder: BtfBuilder): number => builder.add(unsignedInt);
    const wide = (builder: BtfBuilder): number =>
      builder.add({ ...unsignedInt, name: "u64", size: 8, bits: 64 } as BtfType);
    const named = (builder: BtfBuilder): number =>
      builder.add({ kind: "typedef", name: "key_t", type: int(builder) });
    const structOf =
      (second: (builder: BtfBuilder) => number, at: number, size: number) =>
      (builder: BtfBuilder): number =>
        builder.add({
          kind: "struct",
          name: "st",
          size,
          members: [
            { name: "a", type: int(builder), bitOffset: 0, bitSize: 0 },
            { name: "b", type: second(builder), bitOffset: at * 8, bitSize: 0 },
          ],
        });
    const linked = (defined: Fields, declared: Fields) => [
      { ...main, variables: { stats: { section: ".maps", type: mapOf(defined) } } },
      {
        license: "GPL",
        externs: { stats: { kind: "variable" as const, section: ".maps", type: mapOf(declared) } },
      },
      library,
    ];
    const usual = { type: 1, key: int, value: int, max_entries: 16 };

    test("may be declared in any order, by typedefs, and without what is 0", () => {
      expect(() =>
        linkAll(linked(usual, { max_entries: 16, key: named, value: int, type: 1 })),
      ).not.toThrow();
      expect(() => linkAll(linked(usual, { ...usual, map_flags: 0 }))).not.toThrow();
      expect(() => linkAll(linked({ ...usual, pinning: 0 }, usual))).not.toThrow();
    });

    test.each<[string, Fields]>([
      ["a number", { ...usual, max_entries: 17 }],
      ["a number that is left out", { ...usual, map_flags: 1 }],
      ["a key", { ...usual, key: wide }],
      ["a size for a type", { type: 1, key_size: 4, value: int, max_entries: 16 }],
    ])("may not differ in %s", (_, declared) => {
      expect(failure(linked(usual, declared))).toMatchObject({ code: "type-mismatch", symbol: "stats" });
      expect(failure(linked(declared, usual)).code).toBe("type-mismatch");
    });

    test("show the structs that differ, when the fields look alike", () => {
      const defined = { ...usual, value: structOf(wide, 8, 16) };
      const declared = { ...usual, value: structOf(int, 4, 8) };
      expect(failure(linked(defined, declared)).message).toBe(
        '"stats" has two types:\n' +
          "  a.o: stats { type: 1, key: unsigned int, value: struct st, max_entries: 16 }\n" +
          "  b.o: stats { type: 1, key: unsigned int, value: struct st, max_entries: 16 }\n" +
          "they differ in what is inside:\n" +
          "  a.o: struct st { a: unsigned int at byte 0, b: u64 at byte 8 } of 16 bytes\n" +
          "  b.o: struct st { a: unsigned int at byte 0, b: unsigned int at byte 4 } of 8 bytes\n" +
          "make the declarations equal, best by sharing one header or module",
      );
    });
  });

  test("a map that is declared with other numbers", () => {
    const error = failure([
      main,
      { license: "GPL", externs: { stats: { kind: "variable", section: ".maps", type: mapType(9) } } },
      library,
    ]);
    expect(error).toMatchObject({ code: "type-mismatch", symbol: "stats" });
    expect(error.message).toContain(
      "a.o: stats { type: 2, max_entries: 8 }\n  b.o: stats { type: 2, max_entries: 9 }",
    );
  });

  test("a declaration in another section", () => {
    const error = failure([
      main,
      { ...library, externs: { stats: { kind: "variable", section: ".kconfig", type: mapType(8) } } },
    ]);
    expect(error).toMatchObject({ code: "section-mismatch", symbol: "stats" });
    expect(error.message).toBe(
      '"stats" is in section .maps of a.o, but in section .kconfig of b.o; declare it in the section in which it is defined',
    );
  });

  test("sections that cannot be joined", () => {
    const error = failure([
      { variables: { value: { section: "odd" } } },
      { functions: { value2: { section: "odd", code: ["exit"] } } },
    ]);
    expect(error).toMatchObject({ code: "section-mismatch", objects: ["a.o", "b.o"] });
    expect(error.message).toBe(
      "sections odd cannot be joined: it has the flags 0x3 in a.o and the flags 0x6 in b.o; give one of them another name",
    );
  });

  test("an export that does not exist", () => {
    const error = failure([main, library], { exports: ["unuse"] });
    expect(error).toMatchObject({ code: "unknown-export", symbol: "unuse" });
    expect(error.message).toBe(
      '"unuse" is to be exported, but no object defines it as a global symbol; did you mean "unused"?',
    );
  });

  test("a call to nowhere", () => {
    const error = failure([{ functions: { main: { section: "xdp", code: [{ skip: 40 }, "exit"] } } }]);
    expect(error.message).toBe(
      "a.o cannot be linked: the call at byte 0 of section xdp goes to byte 328 of section xdp, where no instruction starts",
    );
  });

  test("code that is cut within an instruction, and pointers to static data", () => {
    const section = { name: "xdp", flags: 6, align: 8 };
    const odd = writeElf({
      byteOrder: "little",
      sections: [{ ...section, data: new Uint8Array(12) }],
      symbols: [],
    });
    expect(() => link([{ name: "odd.o", bytes: odd }])).toThrow(
      "odd.o cannot be linked: its section xdp has 12 bytes, which is no whole number of instructions",
    );
    const empty = writeElf({
      byteOrder: "little",
      sections: [{ ...section, type: SectionType.Nobits, size: 16, data: new Uint8Array(0) }],
      symbols: [],
    });
    expect(() => link([{ name: "empty.o", bytes: empty }])).toThrow(
      "empty.o cannot be linked: its section xdp is marked as code but has no bytes in the file (NOBITS)",
    );
    const pointer = writeElf({
      byteOrder: "little",
      sections: [
        {
          name: ".data",
          flags: 3,
          data: new Uint8Array(8),
          relocations: [{ offset: 0, type: 2, symbol: 0 }],
        },
      ],
      symbols: [
        { name: "", section: 0, value: 0, size: 0, bind: SymbolBind.Local, type: SymbolType.Section },
        { name: "p", section: 0, value: 0, size: 8, bind: SymbolBind.Global, type: SymbolType.Object },
      ],
    });
    expect(() => link([{ name: "p.o", bytes: pointer }])).toThrow(
      "section .data holds at byte 0 the address of something static in section .data, which loaders cannot fill in; make what it points to global",
    );
  });

  test("any cut and any changed byte gives a typed error or an object", () => {
    const good = makeObject(library);
    const attempt = (bytes: Uint8Array): void => {
      try {
        readElf(
          link([
            { name: "a.o", bytes: makeObject(main) },
            { name: "b.o", bytes },
          ]).object,
        );
      } catch (error) {
        if (!(error instanceof LinkError)) throw error;
      }
    };
    for (let end = 0; end < good.length; end += 7) attempt(good.subarray(0, end));
    for (let at = 0; at < good.length; at++) {
      attempt(good.map((byte, index) => (index === at ? byte ^ (at % 2 === 0 ? 0x01 : 0xff) : byte)));
    }
  });
});

/** What C compilers put into objects and ours does not: hidden functions, functions that are only declared, unnamed parameters. */
import { link } from "@waggle/linker";
import { readObject } from "@waggle/object";
import { canLoad, loadObject } from "@waggle/userspace";
import { describe, expect, test } from "vitest";
import {
  type Code,
  makeObject,
  type ObjectDescription,
} from "../../packages/linker/src/fixtures/make-object.js";

const gives = (value: number): readonly Code[] => [{ raw: [0xb7, 0, 0, 0, value] }, "exit"];
const linked = (object: ObjectDescription): Uint8Array =>
  link([{ name: "a.o", bytes: makeObject({ license: "GPL", ...object }) }]).object;
const kernel = canLoad();
const title = kernel.ok ? "" : ` (skipped: ${kernel.reason})`;
const calling = (...names: string[]): NonNullable<ObjectDescription["functions"]> => ({
  main: { section: "xdp", code: [...names.map((call) => ({ call })), ...gives(2)] },
});

/** A function that reads its second word of what the program was given, which the kernel allows only with the program around it. */
const reader = (visibility: number): ObjectDescription => ({
  functions: {
    inner: { visibility, code: [{ raw: [0x79, 0, 1, 8, 0] }, "exit"] },
    main: { section: "raw_tp/sys_enter", code: [{ call: "inner" }, ...gives(0)] },
  },
});
const linkageOf = (bytes: Uint8Array, name: string) =>
  readObject(bytes).btf?.types.flatMap((type) =>
    type.kind === "function" && type.name === name ? [type.linkage] : [],
  );

describe("hidden functions", () => {
  test.each([
    ["default", 0, "global"],
    ["internal", 1, "static"],
    ["hidden", 2, "static"],
    ["protected", 3, "global"],
  ])("of %s visibility", (_, visibility, linkage) => {
    expect(linkageOf(makeObject(reader(visibility)), "inner")).toEqual([linkage]);
    expect(linkageOf(makeObject(reader(visibility)), "main")).toEqual(["global"]);
  });

  test("a hidden program is a program", () => {
    const object = makeObject({ functions: { main: { section: "xdp", visibility: 2, code: gives(2) } } });
    expect(linkageOf(object, "main")).toEqual(["global"]);
    expect(readObject(object).programs.map(({ name }) => name)).toEqual(["main"]);
  });

  test.skipIf(!kernel.ok)(`are verified with their callers${title}`, () => {
    using app = loadObject(linked(reader(2)));
    expect(app.btfProblems).toEqual([]);
    expect(() => loadObject(linked(reader(0)))).toThrow(/R1/);
  });
});

describe("functions that are only declared", () => {
  test.each([
    ["a function of the kernel", ".ksyms", ["bpf_rcu_read_lock"]],
    ["one of two of the kernel", ".ksyms", ["bpf_rcu_read_lock", "bpf_rcu_read_unlock"]],
  ])("%s", (_, section, names) => {
    const externs = Object.fromEntries(names.map((name) => [name, { kind: "function" as const, section }]));
    const spec = readObject(makeObject({ functions: calling(...names), externs }));
    expect(spec.programs[0]?.kernelCalls?.map(({ name }) => name)).toEqual(names);
  });

  test.each([
    ["of no section", undefined],
    ["of a section that means nothing", ".data"],
  ])("an ordinary one %s is missing, and not taken for one of the kernel's", (_, section) => {
    const externs = { my_memset: { kind: "function", ...(section !== undefined && { section }) } } as const;
    expect(() => readObject(makeObject({ functions: calling("my_memset"), externs }))).toThrow(
      "my_memset is not defined in this object: link it with the one that defines it",
    );
  });

  test.skipIf(!kernel.ok)(`types with unnamed parameters are taken by the kernel${title}`, () => {
    const names = ["bpf_rcu_read_lock", "bpf_rcu_read_unlock"];
    const form = { kind: "function", section: ".ksyms", params: 3, unnamed: true } as const;
    using app = loadObject(
      linked({
        functions: calling(...names),
        externs: Object.fromEntries(names.map((name) => [name, form])),
      }),
    );
    expect(app.btfProblems).toEqual([]);
    expect(app.programs.main?.testRun({ data: new Uint8Array(64) }).result).toBe(2);
  });
});

import { describe, expect, test } from "vitest";
import type { ByteOrder } from "../byte-order.js";
import { ObjectError } from "../errors.js";
import { encodeBtf } from "./encode.js";
import { parseBtfExt } from "./ext.js";
import { parseBtf } from "./parse.js";
import type { Btf, BtfExt } from "./types.js";

const btf: Btf = {
  types: [
    { kind: "void" },
    { kind: "function-proto", returns: 0, params: [] },
    { kind: "function", name: "f", type: 1, linkage: "global" },
    { kind: "struct", name: "s", size: 0, members: [] },
  ],
};
const ext: BtfExt = {
  functions: [
    { section: "xdp", offset: 0, type: 2 },
    { section: ".text", offset: 8, type: 2 },
  ],
  lines: [
    { section: "xdp", offset: 0, file: "a.ts", source: "return 0;", line: 3, column: 7 },
    { section: "xdp", offset: 16, file: "a.ts", source: "", line: 4194303, column: 1023 },
  ],
  relocations: [{ section: "xdp", offset: 8, type: 3, access: "0:1", kind: 0 }],
};

function roundTrip(input: BtfExt, byteOrder: ByteOrder): BtfExt {
  const bytes = encodeBtf(btf, input, byteOrder);
  return parseBtfExt(bytes.ext ?? new Uint8Array(), parseBtf(bytes.btf).stringAt);
}

describe(".BTF.ext", () => {
  test.each<ByteOrder>(["little", "big"])("comes back in %s-endian bytes", (byteOrder) => {
    expect(roundTrip(ext, byteOrder)).toEqual(ext);
  });

  test("nothing in it is fine", () => {
    const empty: BtfExt = { functions: [], lines: [], relocations: [] };
    expect(roundTrip(empty, "little")).toEqual(empty);
  });

  test("records are ordered by section, then by offset", () => {
    const mixed: BtfExt = {
      ...ext,
      functions: [
        { section: "xdp", offset: 8, type: 2 },
        { section: ".text", offset: 0, type: 2 },
        { section: "xdp", offset: 0, type: 2 },
      ],
    };
    expect(roundTrip(mixed, "little").functions.map((entry) => `${entry.section}+${entry.offset}`)).toEqual([
      "xdp+0",
      "xdp+8",
      ".text+0",
    ]);
  });

  test("columns stop at 1023; a line that does not fit is an error", () => {
    const line = { section: "xdp", offset: 0, file: "a.ts", source: "", line: 1, column: 5000 };
    expect(roundTrip({ ...ext, lines: [line] }, "little").lines[0]?.column).toBe(1023);
    expect(() => roundTrip({ ...ext, lines: [{ ...line, line: 1 << 22 }] }, "little")).toThrow(
      ".BTF.ext cannot hold line 4194304 of a.ts: lines end at 4194303",
    );
  });

  test("a header without the CO-RE area is the older form", () => {
    const bytes = encodeBtf(btf, { ...ext, relocations: [] }, "little");
    const { stringAt } = parseBtf(bytes.btf);
    const full = bytes.ext ?? new Uint8Array();
    const short = new Uint8Array([...full.subarray(0, 24), ...full.subarray(32)]);
    short[4] = 24;
    expect(parseBtfExt(short, stringAt)).toEqual({ ...ext, relocations: [] });
  });

  test("any cut and any changed byte gives a typed error or records", () => {
    const bytes = encodeBtf(btf, ext, "little");
    const { stringAt } = parseBtf(bytes.btf);
    const good = bytes.ext ?? new Uint8Array();
    const messages = new Set<string>();
    const attempt = (changed: Uint8Array): void => {
      try {
        parseBtfExt(changed, stringAt);
      } catch (error) {
        if (!(error instanceof ObjectError)) throw error;
        messages.add(error.message.replaceAll(/\d+/g, "N"));
      }
    };
    for (let end = 0; end < good.length; end++) attempt(good.subarray(0, end));
    for (let at = 0; at < good.length; at++) {
      for (const flip of [0x01, 0x80, 0xff])
        attempt(good.map((byte, index) => (index === at ? byte ^ flip : byte)));
    }
    expect([...messages]).toEqual(
      expect.arrayContaining([
        ".BTF.ext is cut short: N bytes cannot hold its header",
        ".BTF.ext has the wrong magic number",
        ".BTF.ext has the unknown version N",
        ".BTF.ext has a header length of N, which is out of bounds",
        ".BTF.ext is cut short: its line information ends past the last byte",
        ".BTF.ext has records of N bytes in its function information",
      ]),
    );
  });
});

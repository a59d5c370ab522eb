import type { Instruction, ObjectSpec } from "@waggle/object";
import { programKindByName } from "@waggle/object";
import { expect, test } from "vitest";
import { formatListing, listPrograms } from "./listing.js";

const insn = (opcode: number, dst = 0, src = 0, offset = 0, imm = 0): Instruction => ({
  opcode,
  dst,
  src,
  offset,
  imm,
});
const plain = { label: (text: string) => text, source: (text: string) => text };

function spec(): ObjectSpec {
  const kind = programKindByName("xdp");
  if (kind === null || kind === undefined) throw new Error("no xdp");
  const at = { file: "src/kernel/a.ts", line: 7, column: 5 };
  return {
    byteOrder: "little",
    license: "GPL",
    btf: null,
    maps: [],
    programs: [
      {
        name: "count",
        section: "xdp",
        type: kind.type,
        kind,
        expectedAttachType: 0,
        attachTarget: null,
        flags: 0,
        instructions: [
          insn(0x18, 1, 1),
          insn(0),
          insn(0x85, 0, 1, 0, 1),
          insn(0x95),
          insn(0xb7, 0, 0, 0, 2),
          insn(0x95),
        ],
        references: [{ instruction: 0, map: "stats", valueOffset: null }],
        coreRelocations: [],
        functions: [
          { instruction: 0, name: "count", type: null },
          { instruction: 4, name: "helper", type: null },
        ],
        lines: [
          { instruction: 0, ...at, source: "    const x = helper(1);" },
          { instruction: 2, ...at, source: "    const x = helper(1);" },
          { instruction: 4, ...at, line: 20, column: 3, source: "  return 2;" },
        ],
      },
    ],
  };
}

test("functions are labelled, lines stand above their instructions once, maps go by name", () => {
  const [listing] = listPrograms(spec());
  if (listing === undefined) throw new Error("no listing");
  expect(formatListing(listing, plain)).toMatchInlineSnapshot(`
    "count:  ; section xdp
    ; src/kernel/a.ts:7:5  const x = helper(1);
      0: r1 = map[stats]
      2: call pc+1#helper
      3: exit

    helper:
    ; src/kernel/a.ts:20:3  return 2;
      4: r0 = 2
      5: exit
    "
  `);
});

test("for tools: what begins where", () => {
  const [listing] = listPrograms(spec());
  expect(
    listing?.instructions.map(({ index, function: name, map, source }) => [index, name, map, source?.line]),
  ).toEqual([
    [0, "count", "stats", 7],
    [2, null, null, undefined],
    [3, null, null, undefined],
    [4, "helper", null, 20],
    [5, null, null, undefined],
  ]);
});

import { expect, test } from "vitest";
import { ObjectError } from "../errors.js";
import { CoreRelocationError } from "./core-error.js";
import { code, pair, programWith, relocateOne, type Types } from "./fixtures/types.js";
import { CoreKind } from "./kinds.js";
import { relocateProgram } from "./relocate.js";

const rebuild = "The object is damaged or of a newer compiler: build it again with this version";

test("an error says the program, the source line, the question, the types that were tried and what to do", () => {
  const { root, local, target } = pair(
    (t) => t.struct("task", 8, [["pid", t.u32, 4]]),
    (t) => {
      t.struct("task", 8, [["pid", t.u32, 0]]);
      t.struct("task", 16, [["pid", t.u32, 8]]);
    },
  );
  const lines = [
    { instruction: 0, file: "flow.ts", source: "const a = 1;", line: 7, column: 3 },
    { instruction: 1, file: "flow.ts", source: "return task.pid;", line: 8, column: 12 },
    { instruction: 2, file: "flow.ts", source: "}", line: 9, column: 1 },
  ];
  const program = programWith(
    [code.number(0), code.load(4, 4), code.number(0)],
    [{ type: root, access: "0:0", kind: CoreKind.FieldByteOffset, instruction: 1 }],
    lines,
  );
  let caught: unknown;
  try {
    relocateProgram(program, local, target, "little");
  } catch (error) {
    caught = error;
  }
  expect(caught).toBeInstanceOf(CoreRelocationError);
  expect(caught).toBeInstanceOf(ObjectError);
  const ids = target.types.flatMap((type, id) => (type.kind === "struct" ? [id] : []));
  expect(caught).toMatchObject({
    code: "bad-core-relocation",
    place: { program: "run", instruction: 1, source: { file: "flow.ts", line: 8, column: 12 } },
    where: { name: "run", offset: 1 },
    what: "offset of task.pid",
    why: "the kernel's types of this name do not agree",
    candidates: [`struct task (type ${ids[0]}): 0`, `struct task (type ${ids[1]}): 8`],
    help: "Use a field that only the type you mean has before this one: that rules the others out",
    message:
      "program run (flow.ts:8:12): offset of task.pid: the kernel's types of this name do not agree; the kernel has " +
      `struct task (type ${ids[0]}): 0, struct task (type ${ids[1]}): 8. ` +
      "Use a field that only the type you mean has before this one: that rules the others out",
  });
});

const task = () =>
  pair(
    (t: Types) => {
      t.enumeration("state", 4, { A: 1n });
      return t.struct("task", 16, [
        ["pid", t.u32, 0],
        ["slots", t.array(t.u32, 2), 8],
      ]);
    },
    (t) => t.struct("task", 16, [["pid", t.u32, 0]]),
  );

test.each([
  ["0:5", 0, 'offset of type ROOT, "0:5": CO-RE access "0:5" of struct task names member 5 of struct task'],
  ["0:1:2", 0, 'offset of type ROOT, "0:1:2": CO-RE access "0:1:2" of struct task is past 2 elements'],
  ["0:0:0", 0, 'offset of type ROOT, "0:0:0": CO-RE access "0:0:0" of struct task goes into unsigned int'],
  ["", 0, 'offset of type ROOT, "": CO-RE access "" of struct task is not a list of numbers'],
  ["0:x", 2, 'existence of type ROOT, "0:x": CO-RE access "0:x" of struct task is not a list of numbers'],
  [
    "4294967296",
    0,
    'offset of type ROOT, "4294967296": CO-RE access "4294967296" of struct task has an index past 32 bits',
  ],
  [
    "4294967295",
    0,
    'offset of type ROOT, "4294967295": CO-RE access "4294967295" of struct task ends past 4 GiB',
  ],
  ["1", 8, 'existence of struct task: a question about a whole type has the access "1" in place of "0"'],
  ["0", 11, "value of struct task: there is no enumerator 0"],
  ["0", 99, "something of struct task: relocations of kind 99 are not known here"],
])("a damaged record: access %j of kind %d", (access, kind, message) => {
  const types = task();
  expect(() => relocateOne(types, kind, access, code.number(0))).toThrow(
    `program run: ${message.replace("ROOT", String(types.root))}. ${rebuild}`,
  );
});

test("as many steps as libbpf takes, and no more", () => {
  const access = Array.from({ length: 65 }, () => "0").join(":");
  expect(() => relocateOne(task(), 0, access, code.number(0))).toThrow("has 65 steps, of 64 at most");
});

test("a type that the object does not have", () => {
  const types = { ...task(), root: 1000 };
  const last = types.local.types.length - 1;
  expect(() => relocateOne(types, CoreKind.TypeExists, "0", code.number(0))).toThrow(
    `program run: existence of type 1000, "0": there is no BTF type 1000; the last one is ${last}. ${rebuild}`,
  );
});

test("a type without a name", () => {
  const types = pair(
    (t) => t.struct("", 4, [["a", t.u32, 0]]),
    () => null,
  );
  expect(() => relocateOne(types, CoreKind.TypeExists, "0", code.number(1))).toThrow(
    "program run: existence of struct of 4 bytes: a type without a name cannot be found in a kernel. " +
      "Give it the name that the kernel's type has, or that of the kernel's typedef",
  );
});

test.each([
  ["past the end", [], "instruction 0 is past the end of the program"],
  [
    "that takes registers only",
    [{ opcode: 0xbf, dst: 1, src: 2, offset: 0, imm: 0 }],
    "instruction 0 takes a register instead of a number",
  ],
  [
    "that is a call",
    [{ opcode: 0x85, dst: 0, src: 0, offset: 0, imm: 1 }],
    "instruction 0 has the opcode 0x85, which takes no relocation",
  ],
  [
    "that loads a map",
    [
      { opcode: 0x18, dst: 1, src: 1, offset: 0, imm: 0 },
      { opcode: 0, dst: 0, src: 0, offset: 0, imm: 0 },
    ],
    "instruction 0 is not a plain number",
  ],
  ["that is cut short", [{ opcode: 0x18, dst: 1, src: 0, offset: 0, imm: 0 }], "instruction 0 is cut short"],
  ["that holds another number", [code.number(7)], "instruction 0 holds 7 where its record says 0"],
])("an instruction %s", (_, instructions, why) => {
  expect(() => relocateOne(task(), 0, "0:0", instructions)).toThrow(
    `program run: offset of task.pid: ${why}. ${rebuild}`,
  );
});

test("the second half of a wide load", () => {
  const { root, local, target } = task();
  const program = programWith(code.wide(0n), [{ type: root, access: "0:0", kind: 0, instruction: 1 }]);
  expect(() => relocateProgram(program, local, target, "little")).toThrow(
    "program run: offset of task.pid: instruction 1 is the second half of a 64-bit load",
  );
});

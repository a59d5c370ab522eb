import { readFileSync } from "node:fs";
import type { BtfMember, BtfType, TypeId } from "@waggle/object";
import { BtfBuilder } from "@waggle/object";
import { describe, expect, test } from "vitest";
import { declaredTracepoints, generate } from "./generate.js";
import { parseRequest } from "./request.js";
import type { EventFolder, TracepointEvents } from "./tracefs.js";

const unavailable: TracepointEvents = { unavailable: "tracefs is not mounted" };

type Encoding = "unsigned" | "signed" | "char" | "bool";

/** A BTF in the making, with short words for what the tests need. */
function kernel() {
  const builder = new BtfBuilder();
  const int = (name: string, size: number, encoding: Encoding = "unsigned", bits = size * 8): TypeId =>
    builder.add({ kind: "int", name, size, bits, bitOffset: 0, encoding });
  const pointer = (type: TypeId): TypeId => builder.add({ kind: "pointer", type });
  const composite = (
    kind: "struct" | "union",
    name: string,
    size: number,
    members: readonly (readonly [name: string, type: TypeId, bitOffset: number, bitSize?: number])[],
  ): BtfType => ({
    kind,
    name,
    size,
    members: members.map(([member, type, bitOffset, bitSize = 0]): BtfMember => {
      return { name: member, type, bitOffset, bitSize };
    }),
  });
  const array = (type: TypeId, length: number): TypeId =>
    builder.add({ kind: "array", type, index: int("unsigned int", 4), length });
  const typedef = (name: string, type: TypeId): TypeId => builder.add({ kind: "typedef", name, type });
  const fn = (name: string, returns: TypeId, params: readonly (readonly [string, TypeId])[]): TypeId => {
    const list = params.map(([param, type]) => ({ name: param, type }));
    const type = builder.add({ kind: "function-proto", returns, params: list });
    return name === "" ? type : builder.add({ kind: "function", name, type, linkage: "static" });
  };
  return { builder, int, pointer, composite, array, typedef, fn };
}

function run(builder: BtfBuilder, names: readonly string[], events: TracepointEvents = unavailable) {
  const requests = names.map((name) => {
    const request = parseRequest(name);
    if (typeof request === "string") throw new Error(request);
    return request;
  });
  return generate({ btf: builder.build(), label: "Linux 6.1", requests, source: [], events });
}

/** The text behind the header and the imports. */
function bodyOf(text: string): string {
  return text.slice(text.indexOf('from "@waggle/kernel";\n\n') + 'from "@waggle/kernel";\n\n'.length);
}

describe("structs", () => {
  test("integers, text, arrays and what lies big-endian", () => {
    const { builder, int, composite, array, typedef } = kernel();
    const u8 = int("unsigned char", 1);
    const char = int("char", 1, "signed");
    const be32 = typedef("__be32", typedef("__u32", int("unsigned int", 4)));
    const long = int("long int", 8, "signed");
    builder.add(
      composite("struct", "all", 200, [
        ["flag", int("_Bool", 1, "bool"), 0],
        ["small", u8, 8],
        ["letter", char, 16],
        ["half", int("short int", 2, "signed"), 32],
        ["address", be32, 64],
        ["long_", typedef("s64", long), 128],
        ["wide", int("__int128 unsigned", 16), 256],
        ["real", builder.add({ kind: "float", name: "double", size: 8 }), 384],
        ["comm", array(char, 16), 448],
        ["names", array(array(char, 8), 2), 576],
        ["mac", array(u8, 6), 704],
        ["rest", array(u8, 0), 1600],
        ["constant", builder.add({ kind: "const", type: be32 }), 800],
        ["class", u8, 832],
      ]),
    );
    expect(bodyOf(run(builder, ["all"]).text)).toBe(`/** 200 bytes in Linux 6.1. */
export interface all extends KernelStruct<"all"> {
  readonly flag: boolean;
  readonly small: u8;
  readonly letter: i8;
  readonly half: i16;
  readonly address: be32;
  readonly long_: i64;
  /** An integer of 128 bits (\`__int128 unsigned\`), in words of 64. */
  readonly wide: FixedArray<u64, 2>;
  /** A floating-point number (\`double\`). */
  readonly real: FixedArray<u8, 8>;
  readonly comm: CString<16>;
  readonly names: FixedArray<CString<8>, 2>;
  readonly mac: FixedArray<u8, 6>;
  /** As many as there are: the array has no length of its own. */
  readonly rest: FixedArray<u8, 0>;
  readonly constant: be32;
  readonly class: u8;
}
`);
  });

  test("pointers: to structs by name, to numbers by reference, to the rest opaque; user memory and tags", () => {
    const { builder, int, pointer, composite, fn } = kernel();
    const u32 = int("unsigned int", 4);
    const self = builder.reserve();
    const other = builder.add(composite("struct", "other", 4, [["x", u32, 0]]));
    const tag = (name: string, type: TypeId): TypeId => builder.add({ kind: "type-tag", name, type });
    builder.define(
      self,
      composite("struct", "node", 80, [
        ["next", pointer(self), 0],
        ["other", pointer(builder.add({ kind: "const", type: other })), 64],
        ["rcu", pointer(tag("rcu", other)), 128],
        ["user", pointer(tag("user", other)), 192],
        ["any", pointer(0), 256],
        ["user_any", pointer(tag("user", 0)), 320],
        ["count", pointer(u32), 384],
        ["twice", pointer(pointer(other)), 448],
        ["call", pointer(fn("", u32, [["", pointer(self)]])), 512],
        ["name", pointer(int("char", 1, "signed")), 576],
        ["ahead", pointer(builder.add({ kind: "forward", name: "elsewhere", union: true })), 640],
      ]),
    );
    const { text, types, opaque } = run(builder, ["node"]);
    expect(bodyOf(text)).toBe(`/** Without fields in this BTF. */
export interface elsewhere extends KernelUnion<"elsewhere"> {}

/** 80 bytes in Linux 6.1. */
export interface node extends KernelStruct<"node"> {
  readonly next: KernelPtr<node>;
  readonly other: KernelPtr<other>;
  /** \`__rcu\`. */
  readonly rcu: KernelPtr<other>;
  readonly user: UserPtr<other>;
  readonly any: KernelPtr;
  readonly user_any: UserPtr;
  readonly count: KernelPtr<Ref<u32>>;
  readonly twice: KernelPtr<Ref<KernelPtr<other>>>;
  /** A function. */
  readonly call: KernelPtr;
  /** \`char *\`. */
  readonly name: KernelPtr;
  readonly ahead: KernelPtr<elsewhere>;
}

/** Its fields: xtask codegen --add other. */
export interface other extends KernelStruct<"other"> {}
`);
    expect({ types, opaque }).toEqual({ types: ["node"], opaque: ["elsewhere", "other"] });
  });

  test("members without a name are in the struct around them; those with one keep it", () => {
    const { builder, int, composite, array } = kernel();
    const u32 = int("unsigned int", 4);
    const pair = builder.add(
      composite("struct", "", 8, [
        ["low", u32, 0],
        ["high", u32, 32],
      ]),
    );
    const either = builder.add(
      composite("union", "", 8, [
        ["whole", int("long long unsigned int", 8), 0],
        ["", pair, 0],
      ]),
    );
    builder.add(
      composite("struct", "outer", 32, [
        ["", either, 0],
        ["both", either, 64],
        ["pairs", array(pair, 2), 128],
      ]),
    );
    expect(bodyOf(run(builder, ["outer"]).text)).toBe(
      `/** 32 bytes in Linux 6.1. */
export interface outer extends KernelStruct<"outer"> {
  // One of these at a time:
  readonly whole: u64;
  readonly low: u32;
  readonly high: u32;
  // to here.
  readonly both: Union & {
    readonly whole: u64;
    readonly low: u32;
    readonly high: u32;
  };
  readonly pairs: FixedArray<{
    readonly low: u32;
    readonly high: u32;
  }, 2>;
}
`,
    );
  });

  test("bit fields, those of old BTF and those without a name", () => {
    const { builder, int, composite } = kernel();
    const u8 = int("unsigned char", 1);
    const mode = builder.add({
      kind: "enum",
      name: "mode",
      size: 4,
      signed: false,
      values: [{ name: "ON", value: 1n }],
    });
    builder.add(
      composite("struct", "flags", 8, [
        ["version", u8, 0, 4],
        ["", u8, 4, 2],
        ["on", int("_Bool", 1, "bool"), 6, 1],
        ["delta", int("int", 4, "signed"), 8, 20],
        ["mode", mode, 32, 2],
      ]),
    );
    builder.add(composite("struct", "old", 4, [["three", int("unsigned int", 4, "unsigned", 3), 0]]));
    expect(bodyOf(run(builder, ["flags", "old"]).text)).toBe(`/** 8 bytes in Linux 6.1. */
export interface flags extends KernelStruct<"flags"> {
  readonly version: Bits<u8, 4>;
  readonly on: Bits<u8, 1>;
  readonly delta: Bits<i32, 20>;
  /** \`enum mode\`. */
  readonly mode: Bits<u32, 2>;
}

/** 4 bytes in Linux 6.1. */
export interface old extends KernelStruct<"old"> {
  readonly three: Bits<u32, 3>;
}
`);
  });

  test("what is embedded is declared, by its typedef when it has no name of its own", () => {
    const { builder, int, composite, typedef } = kernel();
    const i32 = int("int", 4, "signed");
    const atomic = typedef("atomic_t", builder.add(composite("struct", "", 4, [["counter", i32, 0]])));
    const inner = builder.add(composite("union", "inner", 4, [["count", typedef("count_t", atomic), 0]]));
    builder.add(composite("struct", "outer", 4, [["inner", typedef("inner_t", inner), 0]]));
    expect(bodyOf(run(builder, ["outer"]).text)).toBe(`/** 4 bytes in Linux 6.1. */
export interface atomic_t extends KernelStruct<"atomic_t"> {
  readonly counter: i32;
}

/** 4 bytes in Linux 6.1. */
export interface inner extends KernelUnion<"inner"> {
  readonly count: atomic_t;
}

/** 4 bytes in Linux 6.1. */
export interface outer extends KernelStruct<"outer"> {
  readonly inner: inner;
}
`);
  });

  test("names that TypeScript keeps for itself, and several types of one name", () => {
    const { builder, int, composite, pointer } = kernel();
    const [u32, u64] = [int("unsigned int", 4), int("long unsigned int", 8)];
    const first = builder.add(composite("struct", "twin", 4, [["a", u32, 0]]));
    const second = builder.add(composite("struct", "twin", 8, [["b", u64, 0]]));
    builder.add(
      composite("struct", "class", 16, [
        ["one", pointer(first), 0],
        ["two", second, 64],
      ]),
    );
    builder.add(composite("struct", "u8", 4, [["x", u32, 0]]));
    const { text, notes } = run(builder, ["class", "u8", "twin"]);
    expect(bodyOf(text)).toBe(`/** 16 bytes in Linux 6.1. */
export interface class_ extends KernelStruct<"class"> {
  readonly one: KernelPtr<twin>;
  readonly two: twin___2;
}

/** 4 bytes in Linux 6.1. */
export interface twin extends KernelStruct<"twin"> {
  readonly a: u32;
}

/** 8 bytes in Linux 6.1. */
export interface twin___2 extends KernelStruct<"twin"> {
  readonly b: u64;
}

/** 4 bytes in Linux 6.1. */
export interface u8_ extends KernelStruct<"u8"> {
  readonly x: u32;
}
`);
    expect(notes).toEqual(["twin: the kernel has 2 types of this name; the first is declared"]);
  });
});

test("enums of 32 and 64 bits, packed ones and typedefs", () => {
  const { builder, int, composite, typedef } = kernel();
  const value = (name: string, number: bigint) => ({ name, value: number });
  const level = builder.add({
    kind: "enum",
    name: "level",
    size: 4,
    signed: true,
    values: [value("LOW", -1n), value("HIGH", 1n)],
  });
  const tiny = builder.add({ kind: "enum", name: "tiny", size: 1, signed: false, values: [value("A", 0n)] });
  const big = builder.add({
    kind: "enum64",
    name: "big",
    size: 8,
    signed: false,
    values: [value("TOP", 1n << 63n)],
  });
  const none = builder.add({ kind: "enum", name: "", size: 4, signed: false, values: [value("X", 7n)] });
  builder.add(
    composite("struct", "uses", 24, [
      ["level", level, 0],
      ["tiny", tiny, 32],
      ["big", big, 64],
      ["none", none, 128],
    ]),
  );
  typedef("pid_t", typedef("__kernel_pid_t", int("int", 4, "signed")));
  expect(bodyOf(run(builder, ["enum:level", "uses", "pid_t"]).text)).toBe(`/** 8 bytes in Linux 6.1. */
export const big = {
  TOP: 9223372036854775808n,
} as const;
/** A value of \`big\`. */
export type big = u64;

/** 4 bytes in Linux 6.1. */
export enum level {
  LOW = -1,
  HIGH = 1,
}

/** \`typedef\` of Linux 6.1. */
export type pid_t = i32;

/** 1 byte in Linux 6.1. */
export enum tiny {
  A = 0,
}

/** 24 bytes in Linux 6.1. */
export interface uses extends KernelStruct<"uses"> {
  readonly level: level;
  /** \`enum tiny\`, packed. */
  readonly tiny: u8;
  readonly big: big;
  /** X = 7. */
  readonly none: u32;
}
`);
});

/** The BTF of tracepoints: two of one class, a record with a gap and text of any length. */
function events() {
  const made = kernel();
  const { builder, int, pointer, composite, array, typedef, fn } = made;
  const u32 = int("unsigned int", 4);
  const entry = builder.add(
    composite("struct", "trace_entry", 8, [
      ["type", int("short unsigned int", 2), 0],
      ["pid", u32, 32],
    ]),
  );
  const task = pointer(builder.add(composite("struct", "task_struct", 4, [["pid", u32, 0]])));
  builder.add(
    composite("struct", "trace_event_raw_wake_template", 32, [
      ["ent", entry, 0],
      ["state", int("char", 1, "signed"), 64],
      ["where", pointer(0), 128],
      ["__data_loc_name", u32, 192],
      ["__data", array(int("char", 1, "signed"), 0), 224],
    ]),
  );
  fn("trace_event_raw_event_wake_template", 0, [
    ["__data", pointer(0)],
    ["p", task],
  ]);
  fn("__bpf_trace_wake_template", 0, [
    ["__data", pointer(0)],
    ["p", task],
  ]);
  for (const name of ["wake_up", "wake_new"])
    typedef(
      `btf_trace_${name}`,
      pointer(
        fn("", 0, [
          ["", pointer(0)],
          ["", task],
        ]),
      ),
    );
  return made;
}

describe("functions and tracepoints", () => {
  test("functions and LSM hooks, with names for parameters that have none, and variable ones left out", () => {
    const { builder, int, pointer, composite, fn } = kernel();
    const file = pointer(
      builder.add(composite("struct", "file", 8, [["f", int("long unsigned int", 8), 0]])),
    );
    fn("vfs_call", int("long int", 8, "signed"), [
      ["file", file],
      ["", int("int", 4, "signed")],
      ["", 0],
    ]);
    fn("nothing", 0, []);
    fn("bpf_lsm_file_open", int("int", 4, "signed"), [["file", file]]);
    expect(
      bodyOf(run(builder, ["function:vfs_call", "function:nothing", "lsm:file_open"]).text),
    ).toBe(`/** Its fields: xtask codegen --add file. */
export interface file extends KernelStruct<"file"> {}

declare module "@waggle/kernel" {
  interface KernelFunctions {
    nothing: KernelFunction<object, void>;
    vfs_call: KernelFunction<{ file: KernelPtr<file>; arg1: i32 }, i64>;
  }

  interface LsmHooks {
    file_open: KernelFunction<{ file: KernelPtr<file> }, i32>;
  }
}
`);
  });

  test("functions that programs call: memory of their own, what the kernel passes itself, results that may be null", () => {
    const { builder, int, pointer, composite, fn } = kernel();
    const task = pointer(
      builder.add(composite("struct", "task_struct", 8, [["f", int("long unsigned int", 8), 0]])),
    );
    const dynptr = pointer(
      builder.add(composite("struct", "bpf_dynptr", 16, [["f", int("long unsigned int", 8), 0]])),
    );
    const size = int("unsigned int", 4);
    fn("bpf_task_from_pid", task, [["pid", int("int", 4, "signed")]]);
    fn("bpf_task_release", 0, [["p", task]]);
    fn("bpf_dynptr_from_it", 0, [["ptr__uninit", dynptr]]);
    fn("bpf_copy", int("bool", 1, "bool"), [
      ["buffer", pointer(0)],
      ["buffer__sz", size],
      ["aux__prog", pointer(0)],
    ]);
    expect(
      bodyOf(
        run(builder, [
          "kfunc:bpf_task_from_pid",
          "kfunc:bpf_task_release",
          "kfunc:bpf_copy",
          "kfunc:bpf_dynptr_from_it",
        ]).text,
      ),
    ).toBe(`/** Its fields: xtask codegen --add task_struct. */
export interface task_struct extends KernelStruct<"task_struct"> {}

declare module "@waggle/kernel" {
  interface Kfuncs {
    bpf_copy(buffer: object, buffer__sz: u32): boolean;
    bpf_dynptr_from_it(ptr__uninit: object): void;
    bpf_task_from_pid(pid: i32): KernelPtr<task_struct> | null;
    bpf_task_release(p: KernelPtr<task_struct>): void;
  }
}
`);
  });

  test("tracepoints of one class share its record, whose gaps are fields", () => {
    const { builder } = events();
    expect(
      bodyOf(run(builder, ["tracepoint:sched/wake_up", "tracepoint:sched/wake_new"]).text),
    ).toBe(`/** Its fields: xtask codegen --add task_struct. */
export interface task_struct extends KernelStruct<"task_struct"> {}

/** 32 bytes in Linux 6.1. */
export interface trace_event_raw_wake_template extends TracepointCommon {
  readonly state: i8;
  readonly where: KernelPtr;
  readonly __data_loc_name: u32;
}

declare module "@waggle/kernel" {
  interface RawTracepoints {
    wake_new: KernelFunction<{ p: KernelPtr<task_struct> }, void>;
    wake_up: KernelFunction<{ p: KernelPtr<task_struct> }, void>;
  }

  interface Tracepoints {
    "sched/wake_new": trace_event_raw_wake_template;
    "sched/wake_up": trace_event_raw_wake_template;
  }
}
`);
  });

  test("tracefs knows categories, and what BTF does not describe", () => {
    const { builder } = events();
    const format = `name: sys_enter_read
ID: 1
format:
\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;

\tfield:int __syscall_nr;\toffset:8;\tsize:4;\tsigned:1;
\tfield:char * buf;\toffset:16;\tsize:8;\tsigned:0;
\tfield:char comm[16];\toffset:24;\tsize:16;\tsigned:0;
\tfield:__data_loc char[] name;\toffset:40;\tsize:4;\tsigned:0;
\tfield:u32 words[3];\toffset:44;\tsize:12;\tsigned:0;
`;
    const known = new Map([
      ["syscalls/sys_enter_read", format],
      ["sched/wake_up", ""],
    ]);
    const folder: EventFolder = {
      format: (category, event) => known.get(`${category}/${event}`) ?? null,
      names: () => [...known.keys()],
    };
    expect(
      bodyOf(run(builder, ["tracepoint:syscalls/sys_enter_read"], folder).text),
    ).toBe(`/** From Linux 6.1. */
export interface trace_event_raw_sys_enter_read extends TracepointCommon {
  readonly __syscall_nr: i32;
  readonly buf: UserPtr;
  readonly comm: CString<16>;
  readonly __data_loc_name: u32;
  readonly words: FixedArray<u32, 3>;
}

declare module "@waggle/kernel" {
  interface Tracepoints {
    "syscalls/sys_enter_read": trace_event_raw_sys_enter_read;
  }
}
`);
    expect(run(builder, ["tracepoint:shed/wake_up"], folder).unknown).toEqual([
      {
        request: "tracepoint:shed/wake_up",
        message: "tracepoint:shed/wake_up: the types of Linux 6.1 have no such tracepoint",
        help: "did you mean tracepoint:sched/wake_up?",
      },
    ]);
  });

  test("those that @waggle/kernel declares are not declared again", () => {
    const source = readFileSync(new URL("../../../kernel/src/tracepoints.ts", import.meta.url), "utf8");
    const table = source.slice(source.indexOf("export interface Tracepoints"));
    expect([...table.matchAll(/^ {2}"(.+?)":/gm)].map(([, name]) => name).sort()).toEqual(
      declaredTracepoints,
    );
  });
});

test("every unknown name is told, with the nearest one", () => {
  const { builder, int, composite, pointer, fn } = kernel();
  const task = pointer(
    builder.add(composite("struct", "task_struct", 4, [["pid", int("int", 4, "signed"), 0]])),
  );
  fn("vfs_read", 0, [["t", task]]);
  builder.add({ kind: "forward", name: "nf_conn", union: false });
  const names = [
    "taks_struct",
    "vfs_read",
    "nf_conn",
    "function:vfs_raed",
    "lsm:file_open",
    "tracepoint:syscalls/sys_enter_x",
  ];
  expect(run(builder, names).unknown.map(({ message, help }) => [message, help])).toEqual([
    ["nf_conn: this BTF has only its name, no fields", "a kernel module may define it: --module NAME"],
    ["taks_struct: the types of Linux 6.1 have no such type", "did you mean task_struct?"],
    ["vfs_read: it is a function", "write function:vfs_read"],
    ["function:vfs_raed: the types of Linux 6.1 have no such function", "did you mean function:vfs_read?"],
    [
      "lsm:file_open: the types of Linux 6.1 have no such LSM hook",
      "this kernel is built without CONFIG_BPF_LSM",
    ],
    [
      "tracepoint:syscalls/sys_enter_x: BTF does not describe the tracepoints of system calls",
      "tracefs describes them (tracefs is not mounted); or use raw_syscalls/sys_enter",
    ],
  ]);
});

describe("some fields of a type", () => {
  function task() {
    const { builder, int, pointer, composite } = kernel();
    const u32 = int("unsigned int", 4);
    const inner = builder.add(
      composite("union", "", 4, [
        ["flags", u32, 0],
        ["mode", u32, 0],
      ]),
    );
    const id = builder.reserve();
    builder.define(
      id,
      composite("struct", "task", 24, [
        ["pid", u32, 0],
        ["", inner, 32],
        ["parent", pointer(id), 64],
        ["exit_code", u32, 128],
      ]),
    );
    return builder;
  }

  test("are declared in the type's order, those of unnamed members too", () => {
    expect(bodyOf(run(task(), ["task.mode,parent,pid"]).text)).toBe(`\
/** Fields of 24 bytes in Linux 6.1; more of it: xtask codegen --add task.FIELD */
export interface task extends KernelStruct<"task"> {
  readonly pid: u32;
  readonly mode: u32;
  readonly parent: KernelPtr<task>;
}
`);
  });

  test("are those of all requests together, and the whole type when one asks for it", () => {
    const recipe = (names: readonly string[]): string | undefined => run(task(), names).text.split("\n")[3];
    expect(recipe(["task.pid", "task.parent,pid"])).toBe(" *   xtask codegen task.parent,pid");
    expect(recipe(["task.pid", "task"])).toBe(" *   xtask codegen task");
  });

  test("that the type does not have are told with the nearest", () => {
    expect(run(task(), ["task.pit"]).unknown).toEqual([
      { request: "task.pit", message: "task.pit: task of Linux 6.1 has no such field", help: "is it pid?" },
    ]);
  });
});

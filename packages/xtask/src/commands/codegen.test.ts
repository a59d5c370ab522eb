import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { BtfBuilder, encodeBtf, writeElf } from "@waggle/object";
import ts from "typescript";
import { afterEach, describe, expect, test } from "vitest";
import type { TestProject } from "../testing/project.js";
import { testProject } from "../testing/project.js";

let project: TestProject;
afterEach(() => project.remove());

const output = "src/kernel/vmlinux.ts";
const text = (name = output) => readFileSync(project.path(name), "utf8");

/** What TypeScript's strictest checks say of files of the project. */
function typeErrors(...names: string[]): string[] {
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    noUnusedLocals: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    isolatedModules: true,
    verbatimModuleSyntax: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    lib: ["lib.es2023.d.ts", "lib.esnext.disposable.d.ts"],
    types: [],
  };
  const program = ts.createProgram(
    names.map((name) => project.path(name)),
    options,
  );
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}

/** BTF of a kernel with `struct base { int number; }`. */
function baseBtf(): Uint8Array {
  const builder = new BtfBuilder();
  const int = builder.add({ kind: "int", name: "int", size: 4, bits: 32, bitOffset: 0, encoding: "signed" });
  const member = { name: "number", type: int, bitOffset: 0, bitSize: 0 };
  builder.add({ kind: "struct", name: "base", size: 4, members: [member] });
  return encodeBtf(builder.build(), null, "little").btf;
}

/** BTF of a module that goes on from `baseBtf`: `struct mine { int number; struct base *base; }`. */
function splitBtf(base: Uint8Array): Uint8Array {
  const head = new DataView(base.buffer, base.byteOffset, base.byteLength);
  const baseStrings = head.getUint32(20, true);
  const strings = new TextEncoder().encode("mine\0link\0");
  const [typeInt, typeBase, pointer] = [1, 2, 4];
  const number = new TextDecoder().decode(base).indexOf("number") - 24 - head.getUint32(12, true);
  const words = [
    ...[baseStrings, (4 << 24) | 2, 16, number, typeInt, 0, baseStrings + 5, pointer, 64],
    ...[0, 2 << 24, typeBase],
  ];
  const bytes = new Uint8Array(24 + words.length * 4 + strings.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0xeb9f, true);
  view.setUint8(2, 1);
  const header = [24, 0, words.length * 4, words.length * 4, strings.length];
  for (const [index, word] of [...header, ...words].entries()) view.setUint32(4 + index * 4, word, true);
  bytes.set(strings, 24 + words.length * 4);
  return bytes;
}

describe("the types that Waggle brings", () => {
  const common = [
    ..."task_struct mm_struct file dentry inode path sock sk_buff net_device cred linux_binprm bio request".split(
      " ",
    ),
    ..."cgroup nsproxy enum:pid_type function:vfs_read function:tcp_connect lsm:file_open".split(" "),
    ..."tracepoint:sched/sched_switch tracepoint:sched/sched_wakeup tracepoint:tcp/tcp_retransmit_skb".split(
      " ",
    ),
  ];

  test("type-check, and user code that walks them does", async () => {
    project = testProject({
      "src/kernel/use.ts": `import type { KernelFunctions, KernelPtr, RawTracepoints, TracepointContext } from "@waggle/kernel";
import { tracepoint } from "@waggle/kernel";
import { pid_type, type file, type task_struct } from "./vmlinux.js";
export const parent = (task: KernelPtr<task_struct>): number => task.real_parent.tgid + task.comm.length;
export const size = (file: KernelPtr<file>): bigint => file.f_inode.i_size;
export const kind: pid_type = pid_type.PIDTYPE_TGID;
export type Read = KernelFunctions["vfs_read"];
export type Switch = RawTracepoints["sched_switch"];
export class Uses {
  @tracepoint("sched", "sched_wakeup")
  static woken(ctx: TracepointContext<"sched/sched_wakeup">): void {
    const pid: number = ctx.pid;
    if (pid === 0) return;
  }
}
// @ts-expect-error: dentry's fields were asked for, those of vfsmount were not
export const flags = (file: KernelPtr<file>) => file.f_path.mnt.mnt_flags;
`,
    });
    const { code, out, err } = await project.xtask("codegen", "--builtin", ...common);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(
      /^wrote {2}src\/kernel\/vmlinux\.ts: \d+ types, \d+ by name only; from the types that Waggle brings, of Linux [\d.]+\n$/,
    );
    expect(typeErrors(output, "src/kernel/use.ts")).toEqual([]);
  });

  test("made again without names: the same bytes; --check and --add tell and make a difference", async () => {
    project = testProject({});
    await project.xtask("codegen", "--builtin", "path", "function:vfs_read");
    const first = text();
    const again = await project.xtask("codegen");
    expect(again.out).toMatch(/^fresh {2}src\/kernel\/vmlinux\.ts: /);
    expect(text()).toBe(first);
    expect((await project.xtask("codegen", "--check")).code).toBe(0);

    writeFileSync(project.path(output), first.replace("readonly dentry", "readonly dentries"));
    const stale = await project.xtask("codegen", "--check");
    expect(stale.code).toBe(1);
    expect(stale.out).toMatch(/^stale {2}/);
    expect(text()).toContain("dentries");

    await project.xtask("codegen", "--add", "qstr");
    expect(text().split("\n")[3]).toBe(" *   xtask codegen --builtin path qstr function:vfs_read");
    await project.xtask(
      "codegen",
      "--builtin",
      "qstr",
      "path",
      "path",
      "function:vfs_read",
      "--out",
      "other.ts",
    );
    expect(text("other.ts")).toBe(text());
  });

  test("names of xtask.config.ts", async () => {
    project = testProject({
      "xtask.config.ts": `export default { codegen: [
  { out: "src/a.ts", types: ["path"], lsm: ["file_open"] },
  { out: "src/b.ts", functions: ["vfs_read"], tracepoints: ["sched/sched_switch"] },
] };\n`,
    });
    const { code, out } = await project.xtask("codegen", "--builtin", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      ok: true,
      files: [
        { file: "src/a.ts", changed: true, types: ["path"] },
        { file: "src/b.ts", changed: true, types: [] },
      ],
    });
    expect(text("src/b.ts").split("\n")[3]).toBe(
      " *   xtask codegen --builtin function:vfs_read tracepoint:sched/sched_switch",
    );
    expect(typeErrors("src/a.ts", "src/b.ts")).toEqual([]);
  });

  test("xtask.config.ts names a kernel for each file", async () => {
    const base = baseBtf();
    project = testProject({
      "xtask.config.ts": `export default { codegen: [
  { out: "src/a.ts", builtin: true, types: ["path"] },
  { out: "src/b.ts", btf: "types/base.btf", split: "types/mine.btf", types: ["mine"] },
] };\n`,
      "types/empty": "",
    });
    writeFileSync(project.path("types/base.btf"), base);
    writeFileSync(project.path("types/mine.btf"), splitBtf(base));
    expect(await project.xtask("codegen")).toMatchObject({ code: 0, err: "" });
    expect(text("src/a.ts").split("\n")[3]).toBe(" *   xtask codegen --builtin path");
    expect(text("src/b.ts").split("\n")[3]).toBe(
      " *   xtask codegen --btf types/base.btf --split types/mine.btf mine",
    );
    expect((await project.xtask("codegen", "--check")).code).toBe(0);
    writeFileSync(
      project.path("xtask.config.ts"),
      'export default { codegen: [{ out: "src/a.ts", module: "no_such_module", types: ["path"] }] };\n',
    );
    expect(await project.xtask("codegen")).toMatchObject({
      code: 2,
      err: expect.stringContaining("--module no_such_module: "),
    });
  });

  test("unknown names are all told, and nothing is written", async () => {
    project = testProject({});
    const { code, err } = await project.xtask("codegen", "--builtin", "taks_struct", "lsm:fil_open", "path");
    expect(code).toBe(1);
    expect(err).toMatch(
      /^error\[WG4008\]: taks_struct: the types of Linux [\d.]+ have no such type\n {2}= help: did you mean task_struct\?\n\nerror\[WG4008\]: lsm:fil_open: the types of Linux [\d.]+ have no such LSM hook\n {2}= help: did you mean lsm:file_open\?\n$/,
    );
    const json = await project.xtask("codegen", "--builtin", "taks_struct", "--json");
    expect(json).toMatchObject({ code: 1, err: "" });
    expect(JSON.parse(json.out)).toMatchObject({
      ok: false,
      files: [],
      diagnostics: [{ code: "WG4008", help: "did you mean task_struct?" }],
    });
    expect(existsSync(project.path(output))).toBe(false);
  });
});

describe("files", () => {
  test("raw BTF, an ELF file with .BTF, and a module's types on a kernel's", async () => {
    const base = baseBtf();
    project = testProject({});
    writeFileSync(project.path("base.btf"), base);
    writeFileSync(project.path("mine.btf"), splitBtf(base));
    const sections = [{ name: ".BTF", flags: 0, data: base, align: 4 }];
    const elf = writeElf({ byteOrder: "little", sections, symbols: [] });
    writeFileSync(project.path("object.o"), elf);
    // No BPF object: EM_X86_64.
    new DataView(elf.buffer, elf.byteOffset).setUint16(18, 62, true);
    writeFileSync(project.path("vmlinux"), elf);
    const declaration = (label: string) => `/** 4 bytes in ${label}. */
export interface base extends KernelStruct<"base"> {
  readonly number: i32;
}
`;
    await project.xtask("codegen", "base", "--btf", "base.btf", "--out", "a.ts");
    expect(text("a.ts")).toContain(declaration("base.btf"));
    expect(await project.xtask("codegen", "base", "--btf", "vmlinux", "--out", "b.ts")).toMatchObject({
      code: 0,
      err: "",
    });
    expect(text("b.ts")).toContain(declaration("vmlinux"));
    await project.xtask("codegen", "base", "--btf", "object.o", "--out", "d.ts");
    expect(text("d.ts")).toContain(declaration("object.o"));
    await project.xtask("codegen", "mine", "--btf", "base.btf", "--split", "mine.btf", "--out", "c.ts");
    expect(text("c.ts")).toContain(`/** 16 bytes in mine.btf on base.btf. */
export interface mine extends KernelStruct<"mine"> {
  readonly number: i32;
  readonly link: KernelPtr<base>;
}
`);
    expect(text("c.ts").split("\n")[3]).toBe(" *   xtask codegen --btf base.btf --split mine.btf mine");
    expect((await project.xtask("codegen", "--check", "--out", "c.ts")).out).toMatch(/^fresh/);
  });

  test("what is no BTF gives one error that says what to give", async () => {
    project = testProject({
      "text.btf": "hello there, this is no BTF at all",
      [output]: "export const mine = 1;\n",
    });
    writeFileSync(project.path("vmlinuz"), new Uint8Array([0x1f, 0x8b, ...new Array(60).fill(0)]));
    writeFileSync(project.path("base.btf"), baseBtf());
    const errorOf = async (...args: string[]) => {
      const { code, err } = await project.xtask("codegen", ...args);
      return [code, err.replaceAll(project.folder, "")];
    };
    expect(await errorOf("base", "--btf", "text.btf")).toEqual([
      1,
      "error[WG4005]: /text.btf has no types that can be read: not BTF: it starts with 0x6568 instead of 0xeb9f\n" +
        "  = help: give a copy of /sys/kernel/btf/vmlinux, or an ELF file with a section .BTF\n",
    ]);
    expect(await errorOf("base", "--btf", "vmlinuz")).toEqual([
      1,
      "error[WG4005]: /vmlinuz has no types that can be read: not BTF: it starts with 0x8b1f instead of 0xeb9f\n" +
        "  = help: give the uncompressed kernel (vmlinux, not vmlinuz), or a copy of /sys/kernel/btf/vmlinux\n",
    ]);
    expect(await errorOf("base", "--btf", "none.btf")).toEqual([
      2,
      "error: cannot read none.btf: no such file or folder (ENOENT)\n",
    ]);
    expect(await errorOf("base", "--btf", "base.btf")).toEqual([
      1,
      "error[WG4003]: src/kernel/vmlinux.ts was not made by xtask codegen: it is left as it is\n" +
        "  = help: write elsewhere with --out, or remove the file\n",
    ]);
    expect(text()).toBe("export const mine = 1;\n");
  });

  test.each([
    [["path", "--builtin", "--btf", "x"], "--builtin excludes --btf, --split and --module"],
    [["path", "--split", "x"], "--split goes on from the types of a kernel: give those too, with --btf FILE"],
    [
      ["path", "--module", "m", "--btf", "x"],
      "--module is of the running kernel: with --btf FILE, give the module's file with --split",
    ],
    [[], "name what is to be declared, such as: xtask codegen task_struct tracepoint:sched/sched_switch"],
    [["--add"], "--add what? Name types, functions or tracepoints"],
    [["tracepoint:x"], '"tracepoint:x": a tracepoint is asked for as tracepoint:category/name'],
  ])("%j is a wrong command line", async (args, message) => {
    project = testProject({});
    expect(await project.xtask("codegen", ...args)).toEqual({ code: 2, out: "", err: `error: ${message}\n` });
  });
});

test.runIf(existsSync("/sys/kernel/btf/vmlinux"))(
  "the running kernel's types type-check and are stable",
  async () => {
    project = testProject({});
    const names =
      "task_struct file inode dentry sock sk_buff cred net_device bio request mm_struct bpf_prog".split(" ");
    expect(await project.xtask("codegen", ...names, "function:vfs_read")).toMatchObject({ code: 0, err: "" });
    expect(typeErrors(output)).toEqual([]);
    const first = text();
    expect((await project.xtask("codegen", "--check")).code).toBe(0);
    expect(first).toMatch(/^export interface task_struct extends KernelStruct<"task_struct"> \{$/m);
    expect(first).toMatch(/^ {2}readonly real_parent: KernelPtr<task_struct>;$/m);
    expect(first).toMatch(/^ {2}readonly comm: CString<16>;$/m);
    const missing = await project.xtask("codegen", "path", "--module", "no_such_module_here");
    expect(missing.code).toBe(2);
    expect(missing.err).toContain(
      "--module no_such_module_here: the running kernel has no types of such a module",
    );
  },
  30_000,
);

import { expect, test } from "vitest";
import { compile } from "../compile.js";
import { parseModule } from "../ir/parse.js";
import { generate } from "./generate.js";
import { checkTailCalls } from "./tail-calls.js";

const module = (above: number) =>
  parseModule(`module M license "GPL"
map next "program-array" entries 8
function main section "xdp" inline never {
slot s0 "x" size ${above} align 8
b0(v0: ptr):
  call sub(v0)
  return
}
function sub inline never {
b0(v0: ptr):
  v1 = map next
  v2 = const.i32 1
  helper bpf_tail_call(v0, v1, v2)
  return
}
`);

const errorsOf = (above: number) => {
  const { functions } = module(above);
  const made = functions.map((f) => generate(f, { byteOrder: "little", cpu: 3 }));
  return checkTailCalls(made, functions).map(({ code, message, notes }) => ({ code, message, notes }));
};

test("a tail call in a function needs fewer than 256 bytes in the frames above", () => {
  expect(errorsOf(224)).toEqual([]);
  expect(errorsOf(232)).toEqual([
    {
      code: "WG3002",
      message: "`sub` makes a tail call below 256 bytes of stack, and the kernel allows fewer than 256",
      notes: ["`main` counts for 256 bytes"],
    },
  ]);
});

const source = (decorator: string) => `
import { noinline, ProgramArray, type u32, xdp, XdpAction, type XdpContext } from "@waggle/kernel";
export class Stages {
  static readonly next = new ProgramArray<"xdp">({ maxEntries: 8 });
  ${decorator} static go(ctx: XdpContext, to: u32): void {
    Stages.next.call(ctx, to);
  }
  @xdp() static start(ctx: XdpContext): XdpAction {
    Stages.go(ctx, ctx.length & 7);
    return XdpAction.Pass;
  }
}`;

test.each([
  ["@noinline", "5.10", []],
  [
    "@noinline",
    "5.9",
    [
      {
        code: "WG3007",
        message:
          "`start` makes tail calls and calls functions, which kernels take together from 5.10 on, and the oldest kernel targeted is 5.9",
        line: 8,
        help: 'let the functions be put in place of their calls (without @noinline), or set target.kernel to "5.10" in xtask.config.ts (or --kernel 5.10)',
      },
    ],
  ],
  ["private", "5.9", []],
])("%s on %s", (decorator, kernel, expected) => {
  const file = new URL("tail.ts", import.meta.url).pathname;
  const { diagnostics } = compile({
    files: [file],
    overlay: new Map([[file, source(decorator)]]),
    target: { kernel },
    check: true,
  });
  expect(diagnostics).toMatchObject(expected);
  expect(diagnostics).toHaveLength(expected.length);
});

import { expect, test } from "vitest";
import { FunctionBuilder } from "./builder.js";
import { checkFunction, checkModule } from "./check.js";
import { parseFunction, parseModule } from "./parse.js";
import { printFunction } from "./print.js";

test.each([
  ["function f { b0: v0 = const.i32 1 v0 = const.i32 2 return }", "f: v0: defined twice"],
  ["function f { b0: jump b7 }", "f: b0: jumps to b7, which does not exist"],
  ["function f { b0: jump b0 }", "f: b0: jumps to the entry b0"],
  ["function f { b0: v0 = const.i32 1 v1 = neg.i64 v0 return }", "f: v1 = neg.i64 v0: v0 is i32, not i64"],
  [
    "function f { b0(v0: i32): v1 = load.u8 v0+0 stack return }",
    "f: v1 = load.u8 v0+0 stack: v0 is i32, not ptr",
  ],
  ["function f { b0: v0 = add.i32 v1, v1 return }", "f: v0 = add.i32 v1, v1: v1 is not defined"],
  ["function f { b0: v0 = slot s3 return }", "f: v0 = slot s3: s3 is not a slot of the function"],
  ["function f { b0: v0 = const.i32 1 return v0 }", "f: b0: returns i32, not nothing"],
  ["function f { b0: jump b1 b1(v0: i32): return }", "f: b0: gives b1 0 arguments, not 1"],
  ["function f { b0: v0 = const.i64 1 jump b1(v0) b1(v1: i32): return }", "f: b0: v0 is i64, v1 is i32"],
  ["function f { b0(v9: ptr): branch v9, b1, b1 b1: return }", "f: b0: branches on a pointer"],
  [
    "function f { b0: helper x() v0 = const.ptr 1 return }",
    "f: v0 = const.ptr 1: the only pointer constant is 0",
  ],
  ["function f { b0: helper.i64 x() return }", "f: helper.i64 x(): must name its result"],
  [
    "function f -> i32 { b0(v0: i32): branch v0, b1, b2 b1: v1 = const.i32 1 jump b2 b2: return v1 }",
    "f: b2: v1 is used where it is not defined",
  ],
])("%s breaks an invariant", (text, problem) => {
  expect(checkFunction(parseFunction(text))).toContain(problem);
});

test("names in a module must exist and fit", () => {
  const module = parseModule(`module M license "GPL"
    function f { b0: v0 = map m v1 = global g call h() v2 = call.i64 k(v0, v0) return }
    function k -> i32 { b0(v0: ptr): v1 = const.i32 0 return v1 }`);
  expect(checkModule(module)).toEqual([
    "f: v0 = map m: no such map",
    "f: v1 = global g: no such variable",
    "f: call h(): no such function",
    "f: v2 = call.i64 k(v0, v0): takes 1 arguments",
  ]);
});

test("the builder drops what is never reached and gives code after a return no place", () => {
  const b = new FunctionBuilder({
    name: "f",
    section: null,
    inline: "auto",
    returns: "i32",
    linkage: "static",
    loops: [],
    prototype: { params: [], returns: null },
    location: null,
  });
  const x = b.param(b.entry, "i32");
  const never = b.block();
  b.return(b.binary("add", x, b.i32(-1)));
  b.jump(never);
  b.return(b.i32(7));
  expect(b.terminated).toBe(true);
  const f = b.finish();
  expect(checkFunction(f)).toEqual([]);
  expect(printFunction(f)).toBe(
    "function f -> i32 {\nb0(v0: i32):\n  v1 = const.i32 -1\n  v2 = add.i32 v0, v1\n  return v2\n}\n",
  );
});

test("the builder refuses operands of the wrong type, with the function's text", () => {
  const b = new FunctionBuilder({
    name: "f",
    section: null,
    inline: "auto",
    returns: null,
    linkage: "static",
    loops: [],
    prototype: { params: [], returns: null },
    location: null,
  });
  expect(() => b.binary("add", b.i32(1), b.i64(1))).toThrow(/add of i32 and i64[\s\S]*v1 = const.i64 1/);
  expect(() => b.finish()).toThrow("b0 is reached but has no terminator");
});

test("a variable that programs change is not read-only", () => {
  const module = parseModule(`module M license "GPL"
data hits section ".bss" mutable: u64 = 0x0000000000000000
function f -> i32 { b0: v0 = global hits v1 = load.u32 v0+4 readonly return v1 }`);
  expect(checkModule(module)).toEqual(["f: v1 = load.u32 v0+4 readonly: the variable is mutable"]);
});

test.each([
  ["v0 = function g", "is not a static subprogram"],
  ["v0 = function none", "no such function"],
  ["v0 = kfunc.i32 none()", "no such kernel function"],
  ["v0 = kfunc.i32 known()", "takes 1 arguments"],
  ["v0 = element.key none", "no such map"],
])("%s: %s", (line, problem) => {
  const module = parseModule(`module M license "GPL"
extern known (it: *void) -> i32
function g global { b0: return }
function f { b0: ${line} return }`);
  expect(checkModule(module)).toEqual([`f: ${line}: ${problem}`]);
});

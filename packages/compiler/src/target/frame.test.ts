import { expect, test } from "vitest";
import { parseFunction, parseModule } from "../ir/parse.js";
import { checkCallChains } from "./call-chains.js";
import { generate } from "./generate.js";

const options = { byteOrder: "little", cpu: 3, check: true } as const;

test("slots are packed by alignment", () => {
  const f = parseFunction(`function f section "xdp" @0:1:1 {
slot s0 "a" size 1 align 1
slot s1 "b" size 8 align 8
slot s2 "c" size 4 align 4
b0:
  return
}`);
  expect(generate(f, options).stackBytes).toBe(16);
});

test("a frame above 512 bytes names the largest variables", () => {
  const f = parseFunction(`function big section "xdp" @0:3:5 {
slot s0 "name" size 256 align 1
slot s1 "path" size 300 align 1
b0:
  return
}`);
  expect(() => generate(f, options)).toThrow(
    expect.objectContaining({
      code: "WG3001",
      message: "`big` needs 560 bytes of stack, and the kernel allows 512",
      location: { file: 0, line: 3, column: 5 },
      notes: ["`path` takes 300 bytes", "`name` takes 256 bytes"],
    }),
  );
});

function chainErrors(text: string) {
  const module = parseModule(`module M license "GPL"\n${text}`);
  const functions = module.functions.map((f) => generate(f, options));
  return checkCallChains(functions, module.functions).map(({ code, message, notes }) => ({
    code,
    message,
    notes,
  }));
}

const withSlot = (name: string, size: number, callee: string | null, section = ""): string =>
  `function ${name} ${section} inline never {\nslot s0 "x" size ${size} align 8\nb0:\n${callee === null ? "" : `  call ${callee}()\n`}  return\n}\n`;

test("stack adds up along calls", () => {
  const text =
    withSlot("main", 256, "middle", 'section "xdp"') +
    withSlot("middle", 200, "leaf") +
    withSlot("leaf", 64, null);
  expect(chainErrors(text)).toEqual([
    {
      code: "WG3002",
      message: "`main` and what it calls need 544 bytes of stack together, and the kernel allows 512",
      notes: ["`main` counts for 256 bytes", "`middle` counts for 224 bytes", "`leaf` counts for 64 bytes"],
    },
  ]);
  expect(chainErrors(withSlot("main", 256, "leaf", 'section "xdp"') + withSlot("leaf", 256, null))).toEqual(
    [],
  );
});

test("more than 8 frames are refused", () => {
  const names = Array.from({ length: 9 }, (_, index) => `f${index}`);
  const text = names.map((name, index) =>
    withSlot(name, 8, names[index + 1] ?? null, index === 0 ? 'section "xdp"' : ""),
  );
  expect(chainErrors(text.join(""))).toMatchObject([
    { code: "WG3002", message: "`f0` nests 9 calls, and the kernel allows 8 frames" },
  ]);
});

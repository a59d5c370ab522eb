import { expect, test } from "vitest";
import { addressIn } from "./kernel-facts.js";

const symbols =
  "ffffffff81000000 T _text\nffffffff81000f00 t do_one\nffffffff81000f10 T do_one_more\nffffffffc0000000 t its\t[module]\n";

test("the address of a symbol is that of its line", () => {
  expect(addressIn(symbols, "_text")).toBe("ffffffff81000000");
  expect(addressIn(symbols, "do_one")).toBe("ffffffff81000f00");
  expect(addressIn(symbols, "do_one_more")).toBe("ffffffff81000f10");
});

test.each(["do", "one", "its", "", "T", "(", "[", ".*", "\\", "T _text\nffffffff81000f00 t do_one"])(
  "%j is no symbol, whatever it may mean in a pattern",
  (name) => expect(addressIn(symbols, name)).toBeNull(),
);

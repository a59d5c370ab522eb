/** Text made of literals: on the stack, in structs and tables, and as initial values. */
import type { ConformanceClass } from "./program.js";

export const textLiterals: ConformanceClass = {
  name: "TextLiterals",
  preamble: `import { cstring } from "@waggle/kernel";
interface Rule { id: u32; name: CString<8> }
const words: FixedArray<CString<8>, 3> = [cstring("one"), cstring("two"), cstring("")];
`,
  members: `@config static device: CString<16> = cstring("eth0");
static current: CString<16> = cstring("none");
static readonly rules: FixedArray<Rule, 2> = [{ id: 5, name: cstring("a") }, { id: 6, name: cstring("bé") }];
static readonly ids = new HashMap<CString<8>, u32>({ maxEntries: 4 });`,
  cases: [
    {
      name: "in_a_variable",
      inputs: { which: "u8" },
      outputs: { length: "u32", same: "boolean" },
      body: 'const a: CString<8> = cstring("two"); const b = cstring<8>("seven77"); io.length = a.textLength() + b.textLength(); io.same = a.equals(words[io.which & 1]);',
      runs: [
        { inputs: { which: 0n }, outputs: { length: 10n, same: 0n } },
        { inputs: { which: 1n }, outputs: { length: 10n, same: 1n } },
      ],
    },
    {
      name: "in_a_struct_and_a_table",
      outputs: { same: "boolean", id: "u32", bytes: "u32" },
      body: 'const r: Rule = { id: 7, name: cstring("bé") }; io.same = r.name.equals(TextLiterals.rules[1].name); io.id = TextLiterals.rules[0].id + r.id; io.bytes = r.name.textLength();',
      runs: [{ outputs: { same: 1n, id: 12n, bytes: 3n } }],
    },
    {
      name: "as_initial_values",
      outputs: { device: "boolean", current: "boolean", empty: "u32" },
      body: 'io.device = TextLiterals.device.equals("eth0"); io.current = TextLiterals.current.equals("none"); io.empty = words[2].textLength();',
      runs: [{ outputs: { device: 1n, current: 1n, empty: 0n } }],
    },
    {
      name: "as_a_key",
      outputs: { before: "boolean", after: "u32" },
      body: 'TextLiterals.ids.delete(cstring("k")); io.before = TextLiterals.ids.has(cstring("k")); TextLiterals.ids.set(cstring("k"), 9); io.after = TextLiterals.ids.get(cstring("k"))?.value ?? 0;',
      runs: [{ outputs: { before: 0n, after: 9n } }],
    },
  ],
};

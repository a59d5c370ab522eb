/** Programs over fixed-size text. Every expectation is read off the C strings that the bodies spell. */
import { type Case, type ConformanceClass, cpus, type Group } from "./program.js";
import { textLiterals } from "./text-literals.js";

const pair = (left: string, right: string): string =>
  `const a = zeroed<CString<${left.split(":")[0]}>>(); a.set("${left.split(":")[1]}");
   const b = zeroed<CString<${right.split(":")[0]}>>(); b.set("${right.split(":")[1]}");`;

/** Whether two texts, each `SIZE:text`, are equal. */
const compared = (name: string, left: string, right: string, equal: boolean): Case => ({
  name,
  outputs: { same: "boolean", other: "boolean" },
  body: `${pair(left, right)} io.same = a.equals(b); if (b.equals(a)) io.other = true;`,
  runs: [{ outputs: { same: equal ? 1n : 0n, other: equal ? 1n : 0n } }],
});

/** The length of a text of `size` bytes in the packet: its bytes are the inputs. */
const packetText: Case = {
  name: "lengthInPacket",
  inputs: { bytes: "be64" },
  outputs: { length: "u32" },
  body: "const text = ctx.at<Text8>(0); if (text !== null) io.length = text.text.textLength();",
  runs: [
    { inputs: { bytes: 0n }, outputs: { length: 0n } },
    { inputs: { bytes: 0x61_00_62_63_64_65_66_67n }, outputs: { length: 1n } },
    { inputs: { bytes: 0x61_62_63_64_65_66_67_00n }, outputs: { length: 7n } },
    { inputs: { bytes: 0x61_62_63_64_65_66_67_68n }, outputs: { length: 8n } },
    { inputs: { bytes: 0xff_80_01_00_ff_ff_ff_ffn }, outputs: { length: 3n } },
  ],
};

const stringCases: readonly Case[] = [
  compared("equalOfOneSize", "16:bash", "16:bash", true),
  compared("differentEnd", "16:bash", "16:basH", false),
  compared("prefixIsNotEqual", "16:bash", "16:bas", false),
  compared("equalOfTwoSizes", "8:waggle", "16:waggle", true),
  compared("longerThanTheOther", "16:waggle-waggle", "8:waggle-", false),
  compared("emptyTexts", "4:", "32:", true),
  compared("emptyAndNot", "4:", "32:x", false),
  compared(
    "largeEqual",
    "64:a text of more than thirty-two bytes, so compared in a loop",
    "48:a text of more than thirty-two bytes",
    false,
  ),
  compared(
    "largeSame",
    "64:a text of more than thirty-two bytes",
    "48:a text of more than thirty-two bytes",
    true,
  ),
  {
    name: "garbageAfterTheEnd",
    outputs: { same: "boolean", literal: "boolean" },
    body: `${pair("16:bash", "16:bash")} a[6] = 7; io.same = a.equals(b); io.literal = a.equals("bash");`,
    runs: [{ outputs: { same: 1n, literal: 1n } }],
  },
  {
    name: "withoutAnEnd",
    inputs: { bytes: "be64" },
    outputs: { eight: "boolean", nine: "boolean" },
    body: `const seen = ctx.at<Text8>(0); if (seen === null) return XdpAction.Aborted;
const longer = zeroed<CString<16>>(); longer.set("abcdefgh"); io.eight = seen.text.equals(longer);
longer.set("abcdefghi"); io.nine = seen.text.equals(longer);`,
    runs: [
      { inputs: { bytes: 0x61_62_63_64_65_66_67_68n }, outputs: { eight: 1n, nine: 0n } },
      { inputs: { bytes: 0x61_62_63_64_65_66_67_00n }, outputs: { eight: 0n, nine: 0n } },
    ],
  },
  {
    name: "literalByWords",
    inputs: { last: "u8" },
    outputs: { same: "boolean", prefix: "boolean" },
    body: `const t: Named = { id: 1n, text: zeroed<CString<32>>() }; t.text.set("eight by eight by four");
t.text[21] = io.last; io.same = t.text.equals("eight by eight by four"); io.prefix = t.text.startsWith("eight by eight by f");`,
    runs: [
      { inputs: { last: 0x72n }, outputs: { same: 1n, prefix: 1n } },
      { inputs: { last: 0x52n }, outputs: { same: 0n, prefix: 1n } },
      { inputs: { last: 0n }, outputs: { same: 0n, prefix: 1n } },
    ],
  },
  {
    name: "literalInPacket",
    inputs: { bytes: "be64" },
    outputs: { get: "boolean", whole: "boolean" },
    body: `const seen = ctx.at<Text8>(0); if (seen === null) return XdpAction.Aborted;
io.get = seen.text.startsWith("GET "); io.whole = seen.text.equals("GET /x");`,
    runs: [
      { inputs: { bytes: 0x47_45_54_20_2f_78_00_00n }, outputs: { get: 1n, whole: 1n } },
      { inputs: { bytes: 0x47_45_54_20_2f_78_79_00n }, outputs: { get: 1n, whole: 0n } },
      { inputs: { bytes: 0x50_45_54_20_2f_78_00_00n }, outputs: { get: 0n, whole: 0n } },
    ],
  },
  {
    name: "setSmaller",
    outputs: { first: "u64", same: "boolean", length: "u32" },
    body: `const from = zeroed<CString<16>>(); from.set("0123456789"); const to = zeroed<CString<8>>(); to.set(from);
io.length = to.textLength(); io.same = to.equals("0123456"); io.first = u64(to[6]) + u64(to[7]);`,
    runs: [{ outputs: { length: 7n, same: 1n, first: 0x36n } }],
  },
  {
    name: "setLarger",
    outputs: { same: "boolean", rest: "u32", length: "u32" },
    body: `const from = zeroed<CString<4>>(); from.set("abc"); const to = zeroed<CString<16>>(); to.set("0123456789abcde");
to.set(from); io.same = to.equals("abc"); io.length = to.textLength();
let rest: u32 = 0; for (let i = 3; i < 16; i++) rest += to[i]; io.rest = rest;`,
    runs: [{ outputs: { same: 1n, rest: 0n, length: 3n } }],
  },
  {
    name: "setSameSize",
    outputs: { same: "boolean", literal: "boolean" },
    body: `${pair("16:one", "16:another")} a.set(b); io.same = a.equals(b); io.literal = a.equals("another");`,
    runs: [{ outputs: { same: 1n, literal: 1n } }],
  },
  {
    name: "setFromPacket",
    inputs: { bytes: "be64" },
    outputs: { length: "u32", same: "boolean" },
    body: `const seen = ctx.at<Text8>(0); if (seen === null) return XdpAction.Aborted;
const to = zeroed<CString<12>>(); to.set(seen.text); io.length = to.textLength(); io.same = to.equals(seen.text);`,
    runs: [
      { inputs: { bytes: 0x61_62_63_64_65_66_67_68n }, outputs: { length: 8n, same: 1n } },
      { inputs: { bytes: 0x61_62_00_64_65_66_67_68n }, outputs: { length: 2n, same: 1n } },
    ],
  },
  {
    name: "textInMap",
    outputs: { same: "boolean", length: "u32", missed: "boolean" },
    body: `const entry = Strings.names.get(0); const next = Strings.names.get(1);
if (entry === null || next === null) return XdpAction.Aborted;
entry.text.set("in the map"); next.text.set(entry.text); io.same = next.text.equals(entry.text);
io.length = next.text.textLength(); io.missed = next.text.equals("in the mat");`,
    runs: [{ outputs: { same: 1n, length: 10n, missed: 0n } }],
  },
  {
    name: "lengthAsIndex",
    inputs: { more: "u8" },
    outputs: { last: "u8", length: "u32" },
    body: `const t = zeroed<CString<16>>(); t.set("abc"); t[3] = io.more; const length = t.textLength(); io.length = length;
if (length > 0) io.last = t[length - 1];`,
    runs: [
      { inputs: { more: 0n }, outputs: { last: 0x63n, length: 3n } },
      { inputs: { more: 0x7an }, outputs: { last: 0x7an, length: 4n } },
    ],
  },
  {
    name: "lengthOfLargeText",
    inputs: { cut: "u8" },
    outputs: { length: "u32" },
    body: `const t = zeroed<CString<96>>(); t.set("0123456789012345678901234567890123456789"); t[io.cut & 31] = 0; io.length = t.textLength();`,
    runs: [
      { inputs: { cut: 5n }, outputs: { length: 5n } },
      { inputs: { cut: 31n }, outputs: { length: 31n } },
    ],
  },
  {
    name: "appendAtLength",
    outputs: { same: "boolean" },
    body: `const t = zeroed<CString<16>>(); t.set("ab"); const end = t.textLength(); if (end < 15) t[end] = 0x63; io.same = t.equals("abc");`,
    runs: [{ outputs: { same: 1n } }],
  },
  packetText,
];

/** Text. */
const strings: ConformanceClass = {
  name: "Strings",
  preamble: "interface Text8 { text: CString<8> }\ninterface Named { id: u64; text: CString<32> }",
  members: "static readonly names = new ArrayMap<Named>({ maxEntries: 2 });",
  cases: stringCases,
};

export const groups: readonly Group[] = [
  { title: "text", classes: [strings, textLiterals] },
  { title: "text, other cpus", classes: [strings, textLiterals], variants: cpus },
];

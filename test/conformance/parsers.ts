/** Parsers as they are written: an offset that a byte of the packet moves on, `off += 1 + length`. */
import { type Case, type ConformanceClass, cpus, type Group } from "./program.js";

const words = 12;
const inputs = Object.fromEntries(
  Array.from({ length: words }, (_, index) => [`p${index}`, "be64" as const]),
);

/** The words of the packet, which are in network order everywhere. */
const packet = (bytes: readonly number[]): Record<string, bigint> =>
  Object.fromEntries(
    Array.from({ length: words }, (_, index) => [
      `p${index}`,
      Array.from({ length: 8 }, (_, at) => BigInt(bytes[index * 8 + at] ?? 0)).reduce(
        (sum, byte) => sum * 256n + byte,
        0n,
      ),
    ]),
  );

const text = (word: string): number[] => [...word].map((letter) => letter.charCodeAt(0));
const label = (word: string): number[] => [word.length, ...text(word)];

/** A parser that sets `io.r`; the reference reads the bytes of the packet, those of the outputs and the rest after them being 0. */
const parser = (
  name: string,
  body: string,
  reference: (byte: (at: bigint) => bigint) => bigint,
  packets: readonly (readonly number[])[],
): Case => ({
  name,
  inputs,
  outputs: { r: "u32" },
  body,
  runs: packets.map((bytes) => ({
    inputs: packet(bytes),
    outputs: { r: reference((at) => BigInt(bytes[Number(at)] ?? 0)) },
  })),
});

/** Packets end here: after the words, the output and what follows it. */
const end = BigInt(words * 8 + 8 + 16);

const cases: readonly Case[] = [
  parser(
    "ipOptions",
    `const first = ctx.at<u8>(0); if (first === null) return XdpAction.Aborted;
const headerEnd: u32 = (first.value & 15) * 4; let off: u32 = 20; let found: u32 = 0;
for (let turn = 0; turn < 10; turn++) {
  if (off >= headerEnd) break;
  const kind = ctx.at<u8>(off); if (kind === null || kind.value === 0) break;
  if (kind.value === 1) { off++; continue; }
  const length = ctx.at<u8>(off + 1); if (length === null || length.value < 2) break;
  if (kind.value === 148) found += off * 1000 + length.value;
  off += length.value;
}
io.r = found;`,
    (byte) => {
      let [off, found] = [20n, 0n];
      for (let turn = 0; turn < 10; turn++) {
        if (off >= (byte(0n) & 15n) * 4n) break;
        const kind = byte(off);
        if (kind === 0n) break;
        if (kind === 1n) {
          off += 1n;
          continue;
        }
        const length = byte(off + 1n);
        if (length < 2n) break;
        if (kind === 148n) found += off * 1000n + length;
        off += length;
      }
      return found;
    },
    [
      [0x45],
      [0x48, ...Array<number>(19).fill(0), 1, 1, 148, 4, 0, 0, 7, 3, 9, 148, 2, 0],
      [0x4f, ...Array<number>(19).fill(0), 7, 251, 0, 148, 4],
    ],
  ),
  parser(
    "tcpOptions",
    `const tcp = ctx.at<FixedArray<u8, 20>>(0); if (tcp === null) return XdpAction.Aborted;
const headerEnd: u32 = (tcp[12] >> 4) * 4; let off: u32 = 20; let mss: u32 = 0; let scale: u32 = 0;
for (let turn = 0; turn < 12; turn++) {
  if (off + 1 > headerEnd) break;
  const option = ctx.at<FixedArray<u8, 4>>(off); if (option === null) break;
  const kind = option[0]; const length = option[1];
  if (kind === 0) break;
  if (kind === 1) { off += 1; continue; }
  if (kind === 2 && length === 4) mss = (u32(option[2]) << 8) | option[3];
  if (kind === 3) scale = 1 << (option[2] & 15);
  off += length - 2 + 2;
}
io.r = mss * 100 + scale;`,
    (byte) => {
      let [off, mss, scale] = [20n, 0n, 0n];
      for (let turn = 0; turn < 12; turn++) {
        if (off + 1n > (byte(12n) >> 4n) * 4n || off + 4n > end) break;
        const [kind, length] = [byte(off), byte(off + 1n)];
        if (kind === 0n) break;
        if (kind === 1n) {
          off += 1n;
          continue;
        }
        if (kind === 2n && length === 4n) mss = (byte(off + 2n) << 8n) | byte(off + 3n);
        if (kind === 3n) scale = 1n << (byte(off + 2n) & 15n);
        off += length;
      }
      return mss * 100n + scale;
    },
    [
      [...Array<number>(12).fill(0), 0x50],
      [...Array<number>(12).fill(0), 0xa0, 0, 0, 0, 0, 0, 0, 0, 2, 4, 5, 180, 1, 3, 3, 7, 4, 2],
      [...Array<number>(12).fill(0), 0xf0, 0, 0, 0, 0, 0, 0, 0, 8, 255, 5, 180, 1, 3, 3, 7],
    ],
  ),
  parser(
    "dnsName",
    `let off: u32 = 12; let hash: u32 = 5381; let labels: u32 = 0;
for (let turn = 0; turn < 8; turn++) {
  const length = ctx.at<u8>(off); if (length === null || length.value === 0 || length.value > 63) break;
  const letter = ctx.at<u8>(off + length.value); if (letter === null) break;
  hash = hash * 33 + letter.value; labels++;
  off += 1 + length.value;
}
io.r = hash ^ (labels << 24) ^ off;`,
    (byte) => {
      let [off, hash, labels] = [12n, 5381n, 0n];
      for (let turn = 0; turn < 8; turn++) {
        const length = byte(off);
        if (length === 0n || length > 63n || off + length >= end) break;
        hash = BigInt.asUintN(32, hash * 33n + byte(off + length));
        labels += 1n;
        off += 1n + length;
      }
      return BigInt.asUintN(32, hash ^ (labels << 24n) ^ off);
    },
    [
      [],
      [...Array<number>(12).fill(0), ...label("www"), ...label("example"), ...label("org"), 0],
      [...Array<number>(12).fill(0), ...label("a"), 0xc0, 12],
      [...Array<number>(12).fill(0), 63],
    ],
  ),
  parser(
    "tlsExtensions",
    `const session = ctx.at<u8>(0); if (session === null) return XdpAction.Aborted;
let off: u32 = 1; off += session.value + 2; let name: u32 = 0;
for (let turn = 0; turn < 6; turn++) {
  const extension = ctx.at<FixedArray<be16, 2>>(off); if (extension === null) break;
  const length = u16(extension[1]);
  if (u16(extension[0]) === 0) { name = off + 4; break; }
  if (length === 0 && u16(extension[0]) === 0xffff) break;
  off += 4 + length;
}
io.r = name;`,
    (byte) => {
      let off = 1n + byte(0n) + 2n;
      const half = (at: bigint): bigint => byte(at) * 256n + byte(at + 1n);
      for (let turn = 0; turn < 6; turn++) {
        if (off + 4n > end) return 0n;
        if (half(off) === 0n) return off + 4n;
        if (half(off + 2n) === 0n && half(off) === 0xffffn) return 0n;
        off += 4n + half(off + 2n);
      }
      return 0n;
    },
    [
      [0, 0, 0, 0, 10, 0, 2, 1, 2, 0, 23, 0, 0, 0, 0, 0, 5],
      [8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 0, 3, 1, 2, 3, 0, 0],
      [254, 0, 0],
      [0, 0, 0, 0, 10, 255, 253],
    ],
  ),
  parser(
    "ipv6Extensions",
    `let off: u32 = 2; const start = ctx.at<u8>(0); if (start === null) return XdpAction.Aborted;
let next: u8 = start.value; let headers: u32 = 0;
for (let turn = 0; turn < 6; turn++) {
  if (next !== 0 && next !== 43 && next !== 60 && next !== 51) break;
  const head = ctx.at<FixedArray<u8, 2>>(off); if (head === null) break;
  off += next === 51 ? (head[1] + 2) << 2 : (head[1] + 1) << 3;
  next = head[0]; headers++;
}
io.r = off * 1000 + headers * 256 + next;`,
    (byte) => {
      let [off, next, headers] = [2n, byte(0n), 0n];
      for (let turn = 0; turn < 6; turn++) {
        if (![0n, 43n, 60n, 51n].includes(next) || off + 2n > end) break;
        const [following, length] = [byte(off), byte(off + 1n)];
        off += next === 51n ? (length + 2n) << 2n : (length + 1n) << 3n;
        next = following;
        headers += 1n;
      }
      return off * 1000n + headers * 256n + next;
    },
    [
      [6],
      [0, 0, 43, 0, 0, 0, 0, 0, 0, 0, 51, 1, ...Array<number>(14).fill(0), 17, 4],
      [60, 0, 6, 255],
      [51, 0, 6, 255],
    ],
  ),
];

const parsers: ConformanceClass = { name: "Parsers", cases };

export const groups: readonly Group[] = [
  { title: "parsers", classes: [parsers] },
  { title: "parsers, other cpus", classes: [parsers], variants: cpus },
];

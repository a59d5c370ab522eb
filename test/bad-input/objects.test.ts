import { LinkError, link } from "@waggle/linker";
import { ObjectError, readObject } from "@waggle/object";
import { BpfError, canLoad, loadObject } from "@waggle/userspace";
import { simulate, VmError } from "@waggle/vm";
import { afterAll, describe, expect, test } from "vitest";
import { makeProject, objectOf, programOf } from "./project.js";

const project = makeProject();
afterAll(() => project[Symbol.dispose]());
const object = objectOf(
  project,
  programOf(`const eth = ctx.at<EthHdr>(0);
if (eth === null || eth.protocol !== EthProto.Ipv4) return XdpAction.Pass;
const seen = Case.stats.get({ a: ctx.length, b: 1 });
if (seen !== null) seen.packets += 1n;
const r = Case.events.reserve();
if (r !== null) { r.pid = Case.limit; Case.events.submit(r); }`),
);
const packet = new Uint8Array(64);
packet.set([0x08, 0x00], 12);

const typed = [ObjectError, LinkError, VmError, BpfError] as const;
/** A typed error is an answer; anything else that is thrown is a bug of ours. */
function answers(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    if (!typed.some((known) => error instanceof known)) throw error;
  }
}
const kernel = canLoad().ok;
// biome-ignore lint/suspicious/noExplicitAny: the object says what programs and maps there are, if any
const untyped = (value: unknown): any => value;

const readers: readonly (readonly [string, (bytes: Uint8Array) => unknown])[] = [
  ["readObject", readObject],
  ["link", (bytes) => link([{ name: "case.o", bytes }])],
  [
    "simulate",
    (bytes) => {
      const { programs, maps } = untyped(simulate)(bytes);
      answers(() => programs.run?.run({ data: packet }));
      for (const name of Object.keys(maps)) answers(() => [...(maps[name].entries?.() ?? [])]);
    },
  ],
  ...(kernel ? [["loadObject", loadSmall] as const] : []),
];

/** Loads an object with maps of no more entries than fit: damage may ask for gigabytes, which the kernel takes minutes to clear. */
function loadSmall(bytes: Uint8Array): void {
  const sized = readObject(bytes).maps.filter(({ data, maxEntries }) => data === null && maxEntries > 65_536);
  loadObject(bytes, {
    maps: Object.fromEntries(sized.map(({ name }) => [name, { maxEntries: 65_536 }])),
  }).close();
}

/** xorshift32: the same damage on every run. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

describe.each(readers)("%s gives typed errors only", (_name, read) => {
  test("for the whole object it gives none", () => {
    expect(() => read(object)).not.toThrow();
  });

  test("cut off", () => {
    for (let length = 0; length < object.length; length += 1 + (length >> 4))
      answers(() => read(object.slice(0, length)));
  });

  test("with bits flipped", () => {
    const next = random(0x5eed);
    for (let round = 0; round < 400; round += 1) {
      const bytes = object.slice();
      for (let flips = 1 + next(4); flips > 0; flips -= 1) {
        const at = next(bytes.length);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << next(8));
      }
      answers(() => read(bytes));
    }
  });

  test("with bytes set to their extremes", () => {
    const next = random(0xbad);
    for (let round = 0; round < 300; round += 1) {
      const bytes = object.slice();
      const at = next(bytes.length - 4);
      bytes.fill([0, 0x7f, 0x80, 0xff][next(4)] ?? 0, at, at + 1 + next(4));
      answers(() => read(bytes));
    }
  });
});

/** Small XDP programs that see the packet as a struct `io` of 8-byte places, inputs before outputs: what a case says, and its source. */
import { env } from "node:process";
import type { ByteOrder } from "@waggle/object";

/** What a place in the packet may hold. */
export type PlaceType =
  | "u8"
  | "u16"
  | "u32"
  | "u64"
  | "i8"
  | "i16"
  | "i32"
  | "i64"
  | "be16"
  | "be32"
  | "be64"
  | "boolean";

/** One packet: what goes in, and what must come out. */
export interface Run {
  readonly inputs?: Readonly<Record<string, bigint>>;
  readonly outputs?: Readonly<Record<string, bigint>>;
  /** The program's return value; 2 (pass) when absent. */
  readonly result?: number;
  /** Cuts the packet to so many bytes; it is then not compared. */
  readonly length?: number;
}

/** A program: statements that read `io.INPUT` and assign `io.OUTPUT`. Its runs share one set of maps. */
export interface Case {
  readonly name: string;
  readonly inputs?: Readonly<Record<string, PlaceType>>;
  readonly outputs?: Readonly<Record<string, PlaceType>>;
  readonly body: string;
  readonly runs: readonly Run[];
}

/** A kernel class of such programs. */
export interface ConformanceClass {
  readonly name: string;
  /** Types, constants and functions before the class. */
  readonly preamble?: string;
  /** Static fields and methods of the class. */
  readonly members?: string;
  readonly cases: readonly Case[];
  readonly config?: Readonly<Record<string, unknown>>;
}

/** A way to compile. */
export interface Variant {
  readonly byteOrder: ByteOrder;
  readonly optimize: 0 | 1 | 2;
  readonly cpu: 1 | 2 | 3 | 4;
}

/** Classes that are compiled together, in each of some ways. */
export interface Group {
  readonly title: string;
  readonly classes: readonly ConformanceClass[];
  /** Those of `levels` when left out. */
  readonly variants?: readonly Variant[];
  /** More files, by name. */
  readonly extra?: Readonly<Record<string, string>>;
  /** The oldest kernel that the group is compiled for; the compiler's default when left out. */
  readonly kernel?: string;
}

/** Every level, both byte orders. */
export const levels: readonly Variant[] = [
  ...([0, 1, 2] as const).map((optimize) => ({ byteOrder: "little", optimize, cpu: 3 }) as const),
  ...([0, 2] as const).map((optimize) => ({ byteOrder: "big", optimize, cpu: 3 }) as const),
];

/** The other cpu versions, both byte orders. */
export const cpus: readonly Variant[] = ([1, 2, 4] as const).flatMap((cpu) => [
  { byteOrder: "little", optimize: 2, cpu } as const,
  { byteOrder: cpu === 2 ? "little" : "big", optimize: 0, cpu } as const,
]);

/**
 * Those of a group's ways in which a run compiles it: all with WAGGLE_CONFORMANCE=all, which `npm run conformance` sets, else the last
 * little-endian one, which the kernel runs too. `npm test` has to be quick, and most faults show in every way.
 */
export function waysToRun(variants: readonly Variant[], asked = env.WAGGLE_CONFORMANCE): readonly Variant[] {
  if (asked === "all") return variants;
  const last = variants.findLast(({ byteOrder }) => byteOrder === "little");
  return last === undefined ? variants : [last];
}

/** Bytes of each in memory. */
export const bytesOf: Readonly<Record<PlaceType, number>> = {
  u8: 1,
  i8: 1,
  boolean: 1,
  u16: 2,
  i16: 2,
  be16: 2,
  u32: 4,
  i32: 4,
  be32: 4,
  u64: 8,
  i64: 8,
  be64: 8,
};

const heading = `import { ArrayMap, HashMap, LruHashMap, PerCpuArrayMap, PerCpuHashMap, RingBuffer, XdpAction, atomic, be16, be32, be64, clamp, config, copyOf, elementAt, getPrandomU32, global, noinline, getSmpProcessorId, i16, i32, i64, i8, ktimeGetNs, loop, max, min, offsetof, sizeof, u16, u32, u64, u8, union, withLock, xdp, zeroed } from "@waggle/kernel";
import type { Aligned, Bits, CString, FixedArray, Packed, Ref, SpinLock, Union, XdpContext } from "@waggle/kernel";
`;

function ioOf({ name, inputs = {}, outputs = {} }: Case): string {
  const places = [...Object.entries(inputs), ...Object.entries(outputs)];
  const fields = places.map(([place, type]) => {
    const rest = 8 - bytesOf[type];
    return `${place}: ${type};${rest === 0 ? "" : ` rest_${place}: FixedArray<u8, ${rest}>;`}`;
  });
  return `interface Io_${name} { ${fields.join(" ")} end: FixedArray<u8, 16> }\n`;
}

/** The class as a TypeScript file. */
export function sourceOf({ name, preamble = "", members = "", cases }: ConformanceClass): string {
  const programs = cases.map(
    (item) =>
      `@xdp() static ${item.name}(ctx: XdpContext): XdpAction {\nconst io = ctx.at<Io_${item.name}>(0);\nif (io === null) return XdpAction.Aborted;\n${item.body}\nreturn XdpAction.Pass;\n}\n`,
  );
  return `${heading}${cases.map(ioOf).join("")}${preamble}\nexport class ${name} {\n${members}\n${programs.join("")}}\n`;
}

import { Access, regionBase } from "../memory/region.js";
import type { Helper, HelperCall } from "./call.js";

/** `MAX_TRACE_PRINTK_BUF` of kernel/trace/bpf_trace.c: no line is longer. */
const longestLine = 1024;

/** Printing (kernel/trace/bpf_trace.c): lines go to `trace` of the simulation. */
export const traceHelpers: Readonly<Record<string, Helper>> = {
  bpf_trace_printk: (call) =>
    print(
      call,
      [3, 4, 5].map((index) => call.argument(index)),
    ),
  bpf_trace_vprintk: (call) => {
    const bytes = call.input(3, call.unsigned(4));
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const { littleEndian } = call.environment;
    return print(
      call,
      Array.from({ length: bytes.length >> 3 }, (_, index) => view.getBigUint64(index * 8, littleEndian)),
    );
  },
};

function print(call: HelperCall, values: readonly bigint[]): number {
  const format = textOf(call.input(1, call.unsigned(2)));
  let next = 0;
  const line = format.replace(
    /%(%|(0?\d*)((?:ll|l|hh|h|z)?)([diuxXpcs]))/g,
    (_, whole, width, length, kind) => {
      if (whole === "%") return "%";
      const value = values[next++] ?? 0n;
      const bits = length.startsWith("l") || length === "z" ? 64 : 32;
      const text = conversions[kind]?.(value, bits, call) ?? "";
      return text.padStart(Math.min(Number(width), longestLine), String(width).startsWith("0") ? "0" : " ");
    },
  );
  call.environment.trace.push(line.replace(/\n$/, ""));
  return new TextEncoder().encode(line).length;
}

type Convert = (value: bigint, bits: number, call: HelperCall) => string;

const unsigned = (value: bigint, bits: number, radix: number) => BigInt.asUintN(bits, value).toString(radix);
const signed: Convert = (value, bits) => BigInt.asIntN(bits, value).toString();

const conversions: Readonly<Record<string, Convert>> = {
  d: signed,
  i: signed,
  u: (value, bits) => unsigned(value, bits, 10),
  x: (value, bits) => unsigned(value, bits, 16),
  X: (value, bits) => unsigned(value, bits, 16).toUpperCase(),
  p: (value) => value.toString(16).padStart(16, "0"),
  c: (value) => String.fromCharCode(Number(value & 0xffn)),
  s: (value, _, call) => stringAt(call, value),
};

function stringAt(call: HelperCall, address: bigint): string {
  const given = call.run.memory.from(address, "user") ?? call.run.memory.from(address, "kernel");
  if (given !== null) return textOf(given);
  const { space } = call.environment;
  const hi = Number(BigInt.asIntN(32, address >> 32n));
  const lo = Number(BigInt.asIntN(32, address));
  const region = space.find(hi);
  if (region === undefined) return "(fault)";
  space.locate(hi, lo, 0, 1, Access.HelperRead);
  const offset = (lo >>> 0) - regionBase;
  return textOf(region.copy(offset, Math.min(longestLine, region.end - offset)));
}

function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

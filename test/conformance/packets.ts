/** Packets for the programs: inputs put into their places, outputs taken out. */
import type { ByteOrder } from "@waggle/object";
import { bytesOf, type Case, type PlaceType, type Run } from "./program.js";

const isLittle = (type: PlaceType, byteOrder: ByteOrder): boolean =>
  byteOrder === "little" && !type.startsWith("be");

function packetOf(item: Case, run: Run, byteOrder: ByteOrder): Uint8Array {
  const inputs = Object.entries(item.inputs ?? {});
  const packet = new Uint8Array((inputs.length + Object.keys(item.outputs ?? {}).length) * 8 + 16);
  for (const [index, [name, type]] of inputs.entries()) {
    const size = bytesOf[type];
    const value = BigInt.asUintN(size * 8, run.inputs?.[name] ?? 0n);
    for (let at = 0; at < size; at++)
      packet[index * 8 + (isLittle(type, byteOrder) ? at : size - 1 - at)] = Number(
        (value >> BigInt(at * 8)) & 255n,
      );
  }
  return run.length === undefined ? packet : packet.slice(0, run.length);
}

function outputsOf(item: Case, packet: Uint8Array, byteOrder: ByteOrder): Record<string, bigint> {
  const first = Object.keys(item.inputs ?? {}).length;
  return Object.fromEntries(
    Object.entries(item.outputs ?? {}).map(([name, type], index) => {
      const size = bytesOf[type];
      const start = (first + index) * 8;
      let value = 0n;
      for (let at = 0; at < size; at++)
        value |=
          BigInt(packet[start + (isLittle(type, byteOrder) ? at : size - 1 - at)] ?? 0) << BigInt(at * 8);
      return [name, type.startsWith("i") ? BigInt.asIntN(size * 8, value) : value];
    }),
  );
}

/** Runs a program on a packet, and gives its result and the packet as it left it. */
export type Runner = (name: string, data: Uint8Array) => { result: number; data: Uint8Array };

/** What differs from what is expected, as texts that begin with the program's name. */
export function disagreements(item: Case, byteOrder: ByteOrder, runner: Runner): string[] {
  return item.runs.flatMap((run) => {
    const place = `${item.name}(${Object.entries(run.inputs ?? {}).map(([name, value]) => `${name}=${value}`)})`;
    try {
      const { result, data } = runner(item.name, packetOf(item, run, byteOrder));
      const expected = run.result ?? 2;
      if (result !== expected) return [`${place} returned ${result}, expected ${expected}`];
      if (run.length !== undefined) return [];
      const outputs = outputsOf(item, data, byteOrder);
      return Object.entries(run.outputs ?? {}).flatMap(([name, value]) =>
        outputs[name] === value ? [] : [`${place} ${name} = ${outputs[name]}, expected ${value}`],
      );
    } catch (error) {
      return [`${place} ${String(error)}`];
    }
  });
}

/** What a program must do with its packets, and what a packet holds. */
import { Evaluator } from "./evaluator.js";
import { numbersIn } from "./places.js";
import type { Action, Input, Place, ProgramTree } from "./tree.js";
import { type Order, type StructType, sizeOf, type Type } from "./types.js";
import { decode, encode, isMemory, type Memory, type Value, zero } from "./values.js";

/** The outcome of one run. */
export interface Outcome {
  readonly action: number;
  /** The numbers of `io` afterwards, in order; null when the packet is too short for it. */
  readonly numbers: readonly bigint[] | null;
}

const actionNumbers: Readonly<Record<Action, number>> = { Aborted: 0, Drop: 1, Pass: 2, Tx: 3, Redirect: 4 };

type Steps = Place["steps"];

const nameOf = (step: Steps[number] | undefined): string => {
  if (step === undefined) return "";
  if (step.kind === "field") return step.name;
  return step.index.kind === "literal" ? String(step.index.value) : "";
};

/** The memory that holds the part at the end of the steps. */
function ownerOf(memory: Memory, steps: Steps): Memory {
  let at: Value = memory;
  for (const step of steps.slice(0, -1)) at = isMemory(at) ? (at.parts.get(nameOf(step)) ?? null) : null;
  if (!isMemory(at)) throw new Error("no such memory");
  return at;
}

function numbersOf(type: StructType, memory: Memory): bigint[] {
  return numbersIn(type).map(({ steps }) => {
    const value = ownerOf(memory, steps).parts.get(nameOf(steps.at(-1)));
    return typeof value === "bigint" ? value : 0n;
  });
}

function memoryOf(type: StructType, numbers: readonly bigint[]): Memory {
  const memory = zero(type);
  if (!isMemory(memory)) throw new Error("a struct is memory");
  for (const [index, { steps }] of numbersIn(type).entries())
    ownerOf(memory, steps).parts.set(nameOf(steps.at(-1)), numbers[index] ?? 0n);
  return memory;
}

/** What the evaluator says of every packet, one after the other. */
export function expectedOutcomes(tree: ProgramTree): readonly Outcome[] {
  const evaluator = new Evaluator(tree);
  return tree.inputs.map(({ numbers, length }) => {
    const io = length < sizeOf(tree.io) ? null : memoryOf(tree.io, numbers);
    const action = evaluator.run(io, length);
    return { action: actionNumbers[action], numbers: io === null ? null : numbersOf(tree.io, io) };
  });
}

/** The bytes of an input. Padding and what is behind `io` are not zero. */
export function packetOf({ io }: ProgramTree, { numbers, length }: Input, order: Order): Uint8Array {
  const packet = new Uint8Array(Math.max(length, sizeOf(io))).map((_, index) => 0xa5 ^ index);
  encode(io, memoryOf(io, numbers), packet, 0, order);
  return packet.slice(0, length);
}

/** The numbers of `io` in a packet. */
export function numbersInPacket(io: StructType, packet: Uint8Array, order: Order): readonly bigint[] | null {
  if (packet.length < sizeOf(io)) return null;
  const memory = decode(io, packet, 0, order);
  return isMemory(memory) ? numbersOf(io, memory) : null;
}

/** Names of the numbers of a type, as they are written. */
export const numberNames = (type: Type): string[] =>
  numbersIn(type).map(({ steps }) =>
    steps
      .map((step) => (step.kind === "field" ? `.${step.name}` : `[${nameOf(step)}]`))
      .join("")
      .slice(1),
  );

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { canLoad } from "../can-load.js";
import { NativeMemory } from "./memory.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Whether the block that `make` hands over outlives a collection. A turn of the loop goes by first: a weak reference holds within its own. */
async function survives(make: () => NativeMemory): Promise<boolean> {
  const reference = new WeakRef(make());
  await new Promise((resolve) => setTimeout(resolve, 0));
  collect();
  return reference.deref() !== undefined;
}

// Addresses come from native code, which is where programs load.
const native = canLoad().reason?.includes("Linux on x64 and arm64") !== true;

test.skipIf(!native)("a block keeps what it points to, for as long as it does", async () => {
  const holder = new NativeMemory(16);
  expect(await survives(() => new NativeMemory(4))).toBe(false);
  const target = (): NativeMemory => {
    const memory = new NativeMemory(4);
    holder.setPointer(8, memory);
    return memory;
  };
  expect(await survives(target)).toBe(true);
  let address = 0;
  const kept = (): NativeMemory => {
    const memory = target();
    address = memory.address;
    return memory;
  };
  expect(await survives(kept)).toBe(true);
  expect(holder.u64(8)).toBe(BigInt(address));
  const dropped = (): NativeMemory => {
    const memory = target();
    holder.setPointer(8, null);
    return memory;
  };
  expect(await survives(dropped)).toBe(false);
  expect(holder.u64(8)).toBe(0n);
});

test.skipIf(!native)("a pointer may go into the middle of a block", () => {
  const holder = new NativeMemory(8);
  const target = new NativeMemory(16);
  holder.setPointer(0, target, 12);
  expect(holder.u64(0)).toBe(BigInt(target.address + 12));
});

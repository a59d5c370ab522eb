import { kernelSymbol } from "@waggle/userspace";

/** A number of a stack trace, and the addresses of its calls, the innermost first. */
interface Stacks {
  get(id: number): readonly bigint[] | undefined;
}

/** The kernel's functions in a stack, the outermost first; `[no stack]` when none was taken. */
export function kernelFrames(stacks: Stacks, id: number): readonly string[] {
  return addresses(stacks, id).map((address) => withoutOffset(kernelSymbol(address)) ?? hex(address));
}

/** A program's addresses in a stack, the outermost first. */
export const userFrames = (stacks: Stacks, id: number): readonly string[] => addresses(stacks, id).map(hex);

function addresses(stacks: Stacks, id: number): readonly bigint[] {
  // A negative number is an errno: the stack was not taken.
  const stack = id < 0 ? undefined : stacks.get(id);
  return (stack ?? []).filter((address) => address !== 0n).reverse();
}

const hex = (address: bigint): string => `0x${address.toString(16)}`;
const withoutOffset = (symbol: string | null): string | null => symbol?.replace(/\+0x[0-9a-f]+$/, "") ?? null;

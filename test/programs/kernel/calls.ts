/** A program that user space runs itself. */
import type { SyscallContext } from "@waggle/kernel";
import { ArrayMap, syscall, type u32, u64 } from "@waggle/kernel";

interface Sum {
  left: u32;
  right: u32;
  sum: u64;
}

export class Calls {
  static readonly unused = new ArrayMap<u64>({ maxEntries: 1 });

  @syscall()
  static add(ctx: SyscallContext<Sum>): u32 {
    const { input } = ctx;
    input.sum = u64(input.left) + u64(input.right);
    return 7;
  }
}

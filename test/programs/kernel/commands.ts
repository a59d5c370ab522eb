/** Records of user space that programs take. */
import type { XdpContext } from "@waggle/kernel";
import { ArrayMap, UserRingBuffer, type u32, u64, XdpAction, xdp } from "@waggle/kernel";

interface Command {
  index: u32;
  value: u64;
}

export class Commands {
  static readonly commands = new UserRingBuffer<Command>({ bytes: 4096 });
  static readonly numbers = new UserRingBuffer<u64>({ bytes: 4096 });
  static readonly seen = new ArrayMap<u64>({ maxEntries: 8 });
  static sum: u64 = 0n;

  private static run(command: Command): void {
    const place = Commands.seen.get(command.index);
    if (place !== null) place.value += command.value;
  }

  private static add(value: u64): void {
    Commands.sum += value;
  }

  @xdp()
  static take(_ctx: XdpContext): XdpAction {
    const count = Commands.commands.drain(Commands.run);
    const place = Commands.seen.get(7);
    if (place !== null) place.value = u64(count);
    Commands.numbers.drain(Commands.add);
    return XdpAction.Pass;
  }
}

/** Messages of programs for people, put together in user space. */
import type { CString, FixedArray } from "./arrays.js";
import type { be16, be32, be64 } from "./big-endian.js";
import type { i32, i64, u8, u32, u64 } from "./integers.js";
import { kernelOnly } from "./kernel-only.js";
import type { KernelAddress, UserAddress } from "./pointers.js";
import type { SHOWN } from "./symbols.js";

/** A value that a message shows in a way of its own. */
export interface Shown {
  readonly [SHOWN]: true;
}

/** What a message may have in its gaps: numbers, booleans, addresses, text, bytes, and what `ip4`, `hex` and the like give. */
export type Loggable =
  | number
  | bigint
  | boolean
  | be16
  | be32
  | be64
  | KernelAddress
  | UserAddress
  | CString<number>
  | FixedArray<u8, number>
  | Shown;

/** Sends a message when its level is asked for. */
export type LogMessage = (text: TemplateStringsArray, ...values: readonly Loggable[]) => void;

/**
 * Messages by level: `` log.info`opened ${path} by ${pid}` ``. Which levels are sent is decided before the programs are loaded
 * (`load({ log: { level: "debug" } })`), and those below it are cut out by the verifier. A record carries the values alone: the text, file
 * and line are in the object. What does not fit the buffer is counted (`app.logs.lost`). Kernel 5.8.
 */
export interface Log {
  /** What went wrong and needs somebody. */
  readonly error: LogMessage;
  /** What looks wrong. */
  readonly warn: LogMessage;
  /** What happens, in the large. */
  readonly info: LogMessage;
  /** What happens, in detail. */
  readonly debug: LogMessage;
  /** Everything. */
  readonly trace: LogMessage;
}

const none: LogMessage = () => kernelOnly("log");

/** Messages by level. */
export const log: Log = { error: none, warn: none, info: none, debug: none, trace: none };

/** An IPv4 address, `192.0.2.1`; of a number in host order too. */
export function ip4(_address: be32 | u32): Shown {
  return kernelOnly("ip4()");
}
/** An IPv6 address, `2001:db8::1`. */
export function ip6(_address: FixedArray<be32, 4> | FixedArray<u8, 16>): Shown {
  return kernelOnly("ip6()");
}
/** A hardware address, `02:00:5e:10:00:01`. */
export function mac(_address: FixedArray<u8, 6>): Shown {
  return kernelOnly("mac()");
}
/** A number, address or bytes in hexadecimal, `0x1f`. */
export function hex(
  _value: number | bigint | be16 | be32 | be64 | KernelAddress | UserAddress | FixedArray<u8, number>,
): Shown {
  return kernelOnly("hex()");
}
/** The function of the kernel that an address is in, `vfs_read+0x12`. */
export function symbol(_address: u64 | KernelAddress): Shown {
  return kernelOnly("symbol()");
}
/** A result with the name of its errno, `-13 (EACCES)`. */
export function errno(_result: i32 | i64): Shown {
  return kernelOnly("errno()");
}
